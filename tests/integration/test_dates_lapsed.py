"""Whoever asked for another date hears on its morning that nobody answered; once it was answered, nothing."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from alembic import command
from sqlalchemy import create_engine, select, update
from sqlalchemy.orm import Session

from tests.conftest import Database
from tests.support.absences import go_away, staffed
from tests.support.dates import DAY, LATER, WHY, asking, giving, refusing
from tests.support.foretold import Watched, as_mails, foretold
from tests.support.mail import MailServer, Scene, mail_server, text_of
from tests.support.office import AG
from tests.support.rounds import NEXT, opened
from tests.support.waiting import add_account, submitted
from workflow.clock import FixedClock
from workflow.domain.mails.preferences import USUAL
from workflow.domain.vocabulary import Via
from workflow.operations.rounds.unit_dates import ProposeUnitDate, propose_unit_date
from workflow.store.base import table_of
from workflow.store.mail import Outbox
from workflow.store.proposals import DateProposal
from workflow.store.schema import _config, role_of, upgrade

MORNING = datetime(2026, 3, 12, 0, 0, tzinfo=UTC)
"""07:00 in Hà Nội on the day that was asked for."""

REVIEWER = "nv02@example.vn"


@pytest.fixture
def scene(session: Session, clock: FixedClock, database: Database) -> Iterator[Scene]:
    with mail_server() as server:
        office = staffed(session, clock)
        yield Scene(office, session, database.sessions, clock, server, USUAL)


def lapsed(session: Session) -> list[tuple[int, str, str | None]]:
    session.rollback()
    rows = select(Outbox.account_id, Outbox.state, Outbox.state_reason)
    found = session.execute(rows.where(Outbox.notice == "date_lapsed").order_by(Outbox.created_at, Outbox.id))
    return [(row.account_id, row.state, row.state_reason) for row in found]


def told_of(server: MailServer, address: str) -> list[str]:
    return [text for mail in server.inbox.of(address) if "Chưa ai trả lời" in (text := text_of(mail))]


def watched(scene: Scene, days: int = 12) -> None:
    """Let the days pass, and compare what was foretold on the first with what the server then took."""
    foreseen, seen = as_mails(foretold(scene, days)), Watched(scene)
    seen.run(days)
    assert sorted(seen.mails) == foreseen


def test_whoever_asked_hears_on_that_morning_that_nobody_answered(scene: Scene) -> None:
    office, number = scene.office, submitted(scene.office, scene.clock.now())
    asking(office, scene.clock)(number)
    watched(scene)
    assert lapsed(scene.session) == [(office.ids["reviewer"], "sent", None)]
    [text] = told_of(scene.server, REVIEWER)
    assert "12/3/2026" in text
    row = scene.session.scalars(select(Outbox).where(Outbox.notice == "date_lapsed")).one()
    assert row.sent_at == MORNING + timedelta(minutes=30), "with the one letter of that morning"
    assert not told_of(scene.server, "head-ag@example.vn")


def test_whoever_wants_each_letter_at_once_gets_it_by_itself_with_the_reason_that_was_given(
    scene: Scene,
) -> None:
    scene = Scene(scene.office, scene.session, scene.sessions, scene.clock, scene.server)
    number = submitted(scene.office, scene.clock.now())
    asking(scene.office, scene.clock)(number)
    watched(scene)
    [text] = told_of(scene.server, REVIEWER)
    assert "Chưa ai trả lời đề nghị lùi hạn đến thứ Năm, ngày 12/3/2026" in text
    assert WHY in text
    assert "Hạn hiện nay: 17:00 thứ Hai, ngày 9/3/2026" in text


@pytest.mark.parametrize("outcome", ["granted", "another", "refused", "done", "held", "anothers"])
def test_what_was_answered_or_is_moot_is_told_to_nobody(scene: Scene, outcome: str) -> None:
    office, clock = scene.office, scene.clock
    number = submitted(office, clock.now())
    asking(office, clock)(number)
    if outcome == "granted":
        giving(office, clock)(number)
    elif outcome == "another":
        giving(office, clock)(number, day=LATER, reason="Ngày này thì được")
    elif outcome == "refused":
        refusing(office, clock)(number)
    elif outcome == "done":
        office.act("reviewer", number, "approve", clock.now())
    elif outcome == "held":
        office.act("reviewer", number, "hold", clock.now(), comment="Chờ xác minh")
        clock.advance(timedelta(days=1))
        office.act("reviewer", number, "release_hold", clock.now())
    else:
        office.ids["other"] = add_account(
            scene.session, "b@example.vn", f"unit_reviewer@unit:{AG}", clock.now()
        )
        office.act("other", number, "claim", clock.now())
    watched(scene)
    [(account, state, reason)] = lapsed(scene.session)
    assert (account, state) == (office.ids["reviewer"], "cancelled")
    assert reason == ("work_done" if outcome == "done" else "answered")
    assert not told_of(scene.server, REVIEWER)


def test_of_a_day_that_was_replaced_only_the_later_one_is_told(scene: Scene) -> None:
    number = submitted(scene.office, scene.clock.now())
    for day in (DAY, LATER):
        asking(scene.office, scene.clock)(number, day=day)
        # Ids of one instant are in no order.
        scene.clock.advance(timedelta(seconds=1))
    watched(scene)
    assert [(state, reason) for _, state, reason in lapsed(scene.session)] == [
        ("cancelled", "answered"),
        ("sent", None),
    ]
    [text] = told_of(scene.server, REVIEWER)
    assert "13/3/2026" in text


def test_what_was_asked_in_somebody_s_place_is_told_to_whoever_stands_in_then_or_to_them(
    scene: Scene,
) -> None:
    office, clock = scene.office, scene.clock
    number = submitted(office, clock.now())
    office.act("reviewer", number, "claim", clock.now())
    go_away(office, clock, "reviewer", "deputy", days=5)
    asking(office, clock)(number, "deputy")
    watched(scene)
    assert lapsed(scene.session) == [(office.ids["reviewer"], "sent", None)], "they are back by then"


def test_that_it_is_refused_is_told_to_whom_it_was_asked_for_and_not_to_who_stood_in(scene: Scene) -> None:
    office, clock = scene.office, scene.clock
    number = submitted(office, clock.now())
    office.act("reviewer", number, "claim", clock.now())
    go_away(office, clock, "reviewer", "second", days=2)
    asking(office, clock)(number, "second")
    clock.advance(timedelta(days=2))
    refusing(office, clock)(number)
    watched(scene, 4)
    scene.session.rollback()
    refused = select(Outbox.account_id, Outbox.state).where(Outbox.notice == "date_refused")
    assert scene.session.execute(refused).all() == [(office.ids["reviewer"], "sent")]


def test_while_they_are_away_who_stands_in_for_them_is_told(scene: Scene) -> None:
    office, clock = scene.office, scene.clock
    number = submitted(office, clock.now())
    office.act("reviewer", number, "claim", clock.now())
    go_away(office, clock, "reviewer", "deputy", days=20)
    asking(office, clock)(number, "deputy")
    watched(scene)
    assert lapsed(scene.session) == [
        (office.ids["reviewer"], "cancelled", "away"),
        (office.ids["deputy"], "sent", None),
    ]


def test_the_head_of_a_unit_hears_that_nobody_answered_what_they_asked_for_a_round(
    session: Session, clock: FixedClock, database: Database
) -> None:
    with mail_server() as server:
        office = staffed(session, clock)
        scene = Scene(office, session, database.sessions, clock, server, USUAL)
        opened(session, clock.now(), unit_codes=(AG,), asks_all_units=False)
        head = office.actor("ag_head", clock.now())
        wanted = ProposeUnitDate(NEXT, AG, date(2026, 4, 20), WHY)
        propose_unit_date(session, actor=head, wanted=wanted, via=Via.WEB, now=clock.now())
        watched(scene, 60)
        assert lapsed(session) == [(office.ids["ag_head"], "sent", None)]
        [text] = told_of(server, "head-ag@example.vn")
        assert "20/4/2026" in text


def test_what_waits_when_a_release_comes_is_promised_then(
    session: Session, clock: FixedClock, database: Database
) -> None:
    office = staffed(session, clock)
    asking(office, clock)(submitted(office, clock.now()))
    # The upgrade asks the real clock what lies ahead.
    far = datetime(2126, 3, 12, 10, tzinfo=UTC)
    session.execute(update(DateProposal).values(day=far.date(), until_at=far))
    session.commit()
    promised = select(Outbox).where(Outbox.notice == "date_lapsed")
    before = shape(session.scalars(promised).one())
    session.rollback()
    engine = create_engine(database.migration_url)
    with engine.connect() as connection:
        command.downgrade(_config(connection), "0056")
        connection.commit()
    engine.dispose()
    upgrade(database.migration_url, application_role=role_of(database.url))
    with database.sessions() as fresh:
        after = fresh.scalars(promised).one()
        assert shape(after) == {
            **before,
            "fold_key": f"date_lapsed:{office.ids['reviewer']}:2126-03-12",
            "not_before": far - timedelta(hours=10),
            "put_off_until": far - timedelta(hours=10),
        }


def shape(row: Outbox) -> dict[str, object]:
    return {
        name: getattr(row, name) for name in (column.name for column in table_of(Outbox).c) if name != "id"
    }
