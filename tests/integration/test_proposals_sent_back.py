"""Whoever prepared a decision is written to when it is sent back, while they still have to prepare it."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tests.conftest import Database
from tests.support.absences import go_away, staffed
from tests.support.dates import wrong_histories
from tests.support.foretold import Watched, as_mails, foretold
from tests.support.mail import Scene, mail_server, text_of
from tests.support.office import AG
from tests.support.waiting import submitted
from workflow.clock import FixedClock
from workflow.domain.mails.preferences import UNFOLDED, USUAL
from workflow.domain.vocabulary import Via
from workflow.operations.people.grants import revoke_role
from workflow.store.access import Account
from workflow.store.mail import Outbox

DEPUTY, HEAD = "nv03@example.vn", "nv22@example.vn"
WHY = "Nêu rõ số văn bản"


@pytest.fixture
def scene(session: Session, clock: FixedClock, database: Database) -> Iterator[Scene]:
    with mail_server() as server:
        office = staffed(session, clock)
        yield Scene(office, session, database.sessions, clock, server, USUAL)


def prepared(scene: Scene, number: int, part: str = "deputy") -> None:
    scene.office.act(part, number, "prepare", scene.clock.now(), proposes="approve")


def sent_back(scene: Scene) -> int:
    number = submitted(scene.office, scene.clock.now())
    prepared(scene, number)
    scene.office.act("reviewer", number, "prepare_again", scene.clock.now(), comment=WHY)
    return number


def told(session: Session) -> list[tuple[int, str, str | None]]:
    session.rollback()
    rows = select(Outbox.account_id, Outbox.state, Outbox.state_reason)
    rows = rows.where(Outbox.notice == "prepare_again").order_by(Outbox.created_at, Outbox.account_id)
    return [(row.account_id, row.state, row.state_reason) for row in session.execute(rows)]


def watched(scene: Scene, days: int = 3) -> None:
    """Let the days pass, and compare what was foretold on the first with what the server then took."""
    foreseen, seen = as_mails(foretold(scene, days)), Watched(scene)
    seen.run(days)
    assert sorted(seen.mails) == foreseen


def test_whoever_prepared_it_reads_in_the_letter_of_the_morning_why_it_came_back(scene: Scene) -> None:
    sent_back(scene)
    watched(scene)
    assert told(scene.session) == [(scene.office.ids["deputy"], "sent", None)]
    [text] = [text_of(mail) for mail in scene.server.inbox.of(DEPUTY)]
    assert "Đề nghị Ông/Bà chuẩn bị lại ý kiến xử lý" in text
    assert WHY in text
    assert wrong_histories(scene.session) == []


@pytest.mark.parametrize(
    ("locale", "subject", "button"),
    [
        ("vi", "Chuẩn bị lại ý kiến xử lý trước 17:00 ", "Chuẩn bị lại: "),
        ("en", "Please prepare again before ", "Prepare it again: "),
    ],
)
def test_by_itself_it_says_what_to_do_and_until_when(
    scene: Scene, locale: str, subject: str, button: str
) -> None:
    scene.preferences = UNFOLDED
    scene.session.execute(update(Account).where(Account.email == DEPUTY).values(locale=locale))
    scene.session.commit()
    number = sent_back(scene)
    watched(scene)
    [mail] = scene.server.inbox.of(DEPUTY)
    assert subject in str(mail["Subject"])
    text = text_of(mail)
    assert f"{button}https://khen.example.vn/nominations/{number}" in text
    assert WHY in text


@pytest.mark.parametrize("then", ["prepared", "by another", "decided", "asked", "left"])
def test_once_there_is_nothing_to_prepare_nobody_is_told(scene: Scene, then: str) -> None:
    office, now, number = scene.office, scene.clock.now(), sent_back(scene)
    if then == "prepared":
        prepared(scene, number)
    elif then == "by another":
        prepared(scene, number, "second")
    elif then == "decided":
        office.act("reviewer", number, "approve", now)
    elif then == "asked":
        office.act("reviewer", number, "request_info", now, comment="Số quyết định nào?")
    else:
        key = f"unit_deputy@unit:{AG}"
        revoke_role(scene.session, actor=None, email=DEPUTY, key=key, via=Via.CLI, now=now)
    watched(scene)
    [(account, state, reason)] = told(scene.session)
    why = {"decided": "work_done", "asked": "work_done", "left": "no_longer_entitled"}.get(then, "answered")
    assert (account, state, reason) == (office.ids["deputy"], "cancelled", why)
    assert scene.server.inbox.of(DEPUTY) == []


def test_on_hold_it_waits_and_is_told_when_that_is_over(scene: Scene) -> None:
    number = sent_back(scene)
    scene.office.act("reviewer", number, "hold", scene.clock.now(), comment="Chờ xác minh")
    watched(scene)
    assert [state for _, state, _ in told(scene.session)] == ["cancelled"]
    scene.session.rollback()
    scene.office.act("reviewer", number, "release_hold", scene.clock.now())
    watched(scene)
    assert [state for _, state, _ in told(scene.session)] == ["sent"]


def test_of_several_names_one_letter_tells(scene: Scene) -> None:
    office, now = scene.office, scene.clock.now()
    numbers = [submitted(office, now, person=person) for person in ("NV04", "NV05")]
    for number in numbers:
        prepared(scene, number)
        office.act("reviewer", number, "prepare_again", now, comment=WHY)
    scene.preferences = UNFOLDED
    watched(scene)
    [mail] = scene.server.inbox.of(DEPUTY)
    assert "Chuẩn bị lại ý kiến xử lý, hạn sớm nhất" in str(mail["Subject"])
    assert "2 hồ sơ" in text_of(mail)


def test_while_they_are_away_who_stands_in_for_them_is_told(scene: Scene) -> None:
    office, clock = scene.office, scene.clock
    sent_back(scene)
    go_away(office, clock, "deputy", "head", days=20)
    watched(scene)
    assert told(scene.session) == [
        (office.ids["deputy"], "cancelled", "away"),
        (office.ids["head"], "sent", None),
    ]
    [text] = [said for mail in scene.server.inbox.of(HEAD) if WHY in (said := text_of(mail))]
    assert "người xử lý thay deputy" in text


@pytest.mark.parametrize(("days", "fate"), [(0, ("sent", None)), (1, ("cancelled", "no_longer_entitled"))])
def test_who_prepared_it_in_somebody_s_place_is_told_as_long_as_they_stand_in(
    scene: Scene, days: int, fate: tuple[str, str | None]
) -> None:
    office, clock = scene.office, scene.clock
    go_away(office, clock, "deputy", "head", days=1)
    number = submitted(office, clock.now())
    prepared(scene, number, "head")
    clock.advance(timedelta(days=days))
    office.act("reviewer", number, "prepare_again", clock.now(), comment=WHY)
    watched(scene)
    assert told(scene.session) == [(office.ids["head"], *fate)]
