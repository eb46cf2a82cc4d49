"""A call is noted in the ledger: with whom, what was promised, and when whoever called asks again."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.conftest import Database
from tests.support.office import AG, TOP, Office, furnish
from tests.support.rounds import NEXT, opened
from tests.support.waiting import DUE_DAY, events, is_chained, submitted
from workflow.clock import FixedClock
from workflow.domain.errors import Forbidden, InvalidField, MoveNotOpen, NotFound
from workflow.domain.vocabulary import Via
from workflow.operations.escalations.telephone import Call, note_call
from workflow.operations.sweep.escalate import fire_due
from workflow.queries.history.audit import verify_chains
from workflow.queries.nudges.nudges import last_reminders
from workflow.store.access import Grant
from workflow.store.history import EventText
from workflow.store.mail import Outbox
from workflow.store.nominations import Rung, WorkItem

TODAY = date(2026, 3, 2)


@pytest.fixture
def office(session: Session, clock: FixedClock) -> Office:
    return furnish(session, now=clock.now())


@pytest.fixture
def note(office: Office, clock: FixedClock) -> Callable[..., None]:
    def noted(part: str = "supervisor", **changes: Any) -> None:
        office.session.rollback()
        said = {"called_on": TODAY, "spoke_with": "Chị Hoa, văn phòng", "promised": "Gửi trước thứ Sáu"}
        actor = office.actor(part, clock.now())
        call = Call(**{**said, **changes})
        note_call(office.session, actor=actor, call=call, via=Via.WEB, now=clock.now())

    return noted


def through(clock: FixedClock, database: Database, when: datetime) -> None:
    while clock.now() < when:
        clock.advance(min(timedelta(hours=12), when - clock.now()))
        fire_due(database.sessions, clock=clock)


def test_a_call_stands_in_the_ledger_with_its_words_and_asks_again_on_its_day(
    office: Office, session: Session, clock: FixedClock, database: Database, note: Callable[..., None]
) -> None:
    number = submitted(office, clock.now())
    note("nominator", nomination_id=number, follow_up_on=date(2026, 3, 6))
    session.rollback()
    said = events(session, number)[-1]
    words = session.scalar(select(EventText.text).where(EventText.event_id == said.id))
    assert (said.action, words) == ("telephone", "Chị Hoa, văn phòng: Gửi trước thứ Sáu")
    assert said.data["follow_up_on"] == "2026-03-06"
    ledger = session.scalars(select(Rung.kind).where(Rung.fired_at.is_not(None))).all()
    assert ledger == ["telephone"]
    through(clock, database, DUE_DAY - timedelta(days=1))
    session.rollback()
    asked = select(Outbox.account_id).where(Outbox.notice == "reminder").order_by(Outbox.created_at)
    assert session.scalars(asked).all() == [office.ids["reviewer"], office.ids["nominator"]]
    [reminders] = last_reminders(session, session.scalars(select(WorkItem.id)).all()).values()
    assert len(reminders) == 1, "whoever called was reminded, and not who holds the work"
    assert is_chained(events(session, number))
    assert verify_chains(session).problems == ()


def test_what_is_done_or_planned_anew_does_not_lose_or_keep_the_follow_up(
    office: Office, session: Session, clock: FixedClock, database: Database, note: Callable[..., None]
) -> None:
    number = submitted(office, clock.now())
    note("nominator", nomination_id=number, follow_up_on=date(2026, 3, 6))
    note("nominator", nomination_id=number)
    office.act("reviewer", number, "approve", clock.now())
    through(clock, database, DUE_DAY)
    session.rollback()
    follow_ups = session.scalars(select(Rung.fired_at).where(Rung.recipient.startswith("account:"))).all()
    assert follow_ups == [None], "nobody asks after what is done"


@pytest.mark.parametrize("released_after", [1, 7])
def test_a_pause_of_the_nomination_does_not_lose_the_follow_up(
    office: Office,
    clock: FixedClock,
    database: Database,
    note: Callable[..., None],
    released_after: int,
) -> None:
    """Asked for 6 March, a Friday: it comes on that day, or on the first morning after a longer pause."""
    number = submitted(office, clock.now())
    note("nominator", nomination_id=number, follow_up_on=date(2026, 3, 6))
    office.act("reviewer", number, "hold", clock.now(), comment="Chờ xác minh")
    through(clock, database, clock.now() + timedelta(days=released_after))
    office.act("reviewer", number, "release_hold", clock.now())
    office.session.rollback()
    asked = select(Rung.fire_at).where(Rung.recipient.startswith("account:"), Rung.fired_at.is_(None))
    comes_at = office.session.scalars(asked).one()
    assert comes_at is not None
    day = comes_at.astimezone(ZoneInfo("Asia/Ho_Chi_Minh")).date()
    assert day == (date(2026, 3, 6) if released_after == 1 else date(2026, 3, 10))


def test_an_office_notes_a_call_to_a_silent_unit_and_a_stranger_does_not(
    office: Office, session: Session, clock: FixedClock, note: Callable[..., None]
) -> None:
    opened(session, clock.now())
    note(round_code=NEXT, unit_code=AG, follow_up_on=date(2026, 3, 10))
    session.rollback()
    assert session.scalars(select(Rung.recipient).where(Rung.kind == "telephone")).all() == ["holder"]
    for part in ("stranger", "other_reviewer", "nominator"):
        with pytest.raises(NotFound):
            note(part, round_code=NEXT, unit_code=AG)
    with pytest.raises(NotFound):
        note(round_code=NEXT, unit_code=TOP)


def test_what_a_call_cannot_say_is_refused_by_name(
    office: Office, clock: FixedClock, note: Callable[..., None]
) -> None:
    number = submitted(office, clock.now())
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"called_on": date(2026, 3, 3)}, "called_on"),
        ({"called_on": date(2026, 1, 2)}, "called_on"),
        ({"spoke_with": " "}, "spoke_with"),
        ({"promised": ""}, "promised"),
        ({"follow_up_on": TODAY}, "follow_up_on"),
        ({"follow_up_on": date(2026, 3, 7)}, "follow_up_on"),
        ({"follow_up_on": date(2026, 3, 10)}, "follow_up_on"),
    ]
    for changes, field in wrong:
        with pytest.raises(InvalidField) as refused:
            note("nominator", nomination_id=number, **changes)
        assert [error.field for error in refused.value.errors] == [field]


def test_whose_work_it_is_a_stranger_and_what_is_over_are_refused(
    office: Office, clock: FixedClock, note: Callable[..., None]
) -> None:
    number = submitted(office, clock.now())
    office.act("reviewer", number, "claim", clock.now())
    with pytest.raises(Forbidden):
        note("reviewer", nomination_id=number)
    with pytest.raises(NotFound):
        note("stranger", nomination_id=number)
    office.act("reviewer", number, "reject", clock.now(), comment="Chưa đủ", reason_code="standard_not_met")
    with pytest.raises(MoveNotOpen):
        note("nominator", nomination_id=number)


def test_who_asks_again_is_reminded_by_the_seat_that_lets_them_ask(
    office: Office, session: Session, clock: FixedClock, note: Callable[..., None]
) -> None:
    """And not by another they hold: who leaves that seat hears no more of whom it nominates."""
    number = submitted(office, clock.now())
    caller = office.ids["nominator"]
    session.add(Grant(account_id=caller, key=f"council_member@council:{TOP}", valid_from=TODAY))
    session.commit()
    note("nominator", nomination_id=number, follow_up_on=date(2026, 3, 6))
    meant = select(Rung.recipient).where(Rung.recipient.startswith("account:"))
    assert session.scalars(meant).all() == [f"account:{caller}:nominator@unit:{AG}"]
