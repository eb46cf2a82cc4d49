"""Units are reminded of what they owe by the ladder that their round was opened with."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.conftest import Database
from tests.support.definitions import text_of
from tests.support.office import AG, Office, furnish
from tests.support.recount import count_anew, import_days
from tests.support.rounds import NEXT, opened
from workflow.clock import FixedClock
from workflow.domain.errors import InvalidField
from workflow.domain.facts import SignedDocument
from workflow.domain.vocabulary import RoundDate, Via
from workflow.operations.rounds.answers import answer_nothing, reopen_answer
from workflow.operations.rounds.extend import Extend, extend_round, preview_extension
from workflow.operations.setup.publish import publish_definition
from workflow.queries.rounds.views import get_round
from workflow.store.awards import AwardEdition
from workflow.store.nominations import Rung
from workflow.store.organisation import Unit
from workflow.store.submissions import ExpectedReturn

DUE = date(2026, 3, 20)
SHORT = """owed:
  ladder:
    - {at: -3 working_days, do: remind, to: group}
    - {at: +2 working_days, do: escalate, to: head}
"""
SHORT_DAYS = ["remind 17/03", "remind 23/03", "escalate 24/03"]


@pytest.fixture
def office(session: Session, clock: FixedClock) -> Office:
    return furnish(session, now=clock.now())


def publish(session: Session, now: datetime, key: str, owed: str, *, version: int = 1, of: str = "") -> None:
    """Publish a copy of the standard route that says how units are reminded, and give it to some awards."""
    text = text_of("standard").replace("key: standard", f"key: {key}", 1)
    text = text.replace("version: 3", f"version: {version}", 1) + f"\n{owed}\n"
    publish_definition(session, text=text, filename="d.yaml", actor=None, via=Via.CLI, now=now)
    for edition in session.scalars(select(AwardEdition)):
        if of and edition.workflow_key in {of, key}:
            edition.workflow_key = key
    session.commit()


def open_one(session: Session, clock: FixedClock, **more: Any) -> int:
    dates = {RoundDate.UNIT_DEADLINE: DUE, RoundDate.UPPER_DEADLINE: date(2026, 12, 31)}
    return opened(session, clock.now(), dates=dates, proposes_dates=False, **more)


def mornings(session: Session, unit: str = AG) -> list[str]:
    """List what is promised to a unit, by the Vietnamese day on which it fires."""
    session.rollback()
    rows = session.scalars(
        select(Rung)
        .join(ExpectedReturn, ExpectedReturn.id == Rung.expected_return_id)
        .join(Unit, Unit.id == ExpectedReturn.unit_id)
        .where(Unit.code == unit, Rung.fired_at.is_(None), Rung.fire_at.is_not(None))
        .order_by(Rung.fire_at)
    )
    return [f"{one.kind} {one.fire_at + timedelta(hours=7):%d/%m}" for one in rows if one.fire_at is not None]


def test_a_round_takes_the_ladder_of_the_route_that_is_named(
    office: Office, session: Session, clock: FixedClock
) -> None:
    publish(session, clock.now(), "brief", SHORT)
    open_one(session, clock, reminders="brief")
    assert mornings(session) == SHORT_DAYS
    assert get_round(session, code=NEXT, now=clock.now()).reminders == "brief@1"


def test_without_a_word_it_is_the_ladder_of_the_routes_of_its_awards(
    office: Office, session: Session, clock: FixedClock
) -> None:
    publish(session, clock.now(), "brief", SHORT, of="standard")
    open_one(session, clock)
    assert mornings(session) == SHORT_DAYS


def test_where_no_route_says_anything_it_is_the_usual_one(
    office: Office, session: Session, clock: FixedClock
) -> None:
    publish(session, clock.now(), "brief", SHORT)
    open_one(session, clock)
    # The first of the six, ten working days before, was before the round was opened.
    assert mornings(session) == [
        "remind 06/03", "remind 13/03", "remind 19/03", "remind 20/03",
        "escalate 23/03", "remind 24/03", "escalate 25/03",
    ]  # fmt: skip
    assert get_round(session, code=NEXT, now=clock.now()).reminders is None


def test_what_was_published_later_changes_no_open_round(
    office: Office, session: Session, clock: FixedClock, database: Database
) -> None:
    publish(session, clock.now(), "brief", SHORT)
    open_one(session, clock, reminders="brief")
    publish(session, clock.now(), "brief", "owed: {ladder: []}", version=2)
    actor = office.actor("supervisor", clock.now())
    moved = Extend(NEXT, RoundDate.UNIT_DEADLINE, date(2026, 3, 27), "Bão số 3", (AG,))
    shown = preview_extension(session, actor=actor, extend=moved, now=clock.now())
    assert shown.mails
    session.rollback()
    extend_round(session, actor=actor, extend=moved, via=Via.WEB, now=clock.now())
    assert mornings(session) == ["remind 24/03", "remind 30/03", "escalate 31/03"]
    import_days(session, clock, "day,kind,name\n2026-03-25,off,Bão\n2026-03-30,off,Bão\n")
    count_anew(database, clock)
    assert mornings(session) == ["remind 23/03", "remind 31/03", "escalate 01/04"]


def test_an_answer_that_is_taken_back_is_chased_by_the_same_ladder(
    office: Office, session: Session, clock: FixedClock
) -> None:
    publish(session, clock.now(), "brief", SHORT)
    open_one(session, clock, reminders="brief")
    head = office.actor("unit_head", clock.now())
    paper = SignedDocument("1/CV", clock.now().date(), "Thủ trưởng")
    said: dict[str, Any] = {"round_code": NEXT, "unit_code": AG, "via": Via.WEB, "now": clock.now()}
    answer_nothing(session, actor=head, paper=paper, **said)
    assert mornings(session) == []
    reopen_answer(session, actor=head, **said)
    assert mornings(session) == SHORT_DAYS


@pytest.mark.parametrize("key", ["nosuch", "standard"])
def test_a_route_that_is_not_there_or_says_nothing_of_it_is_refused(
    office: Office, session: Session, clock: FixedClock, key: str
) -> None:
    with pytest.raises(InvalidField) as refused:
        open_one(session, clock, reminders=key)
    assert [one.field for one in refused.value.errors] == ["reminders"]


def test_routes_of_awards_that_differ_are_chosen_between_by_whoever_opens_it(
    office: Office, session: Session, clock: FixedClock
) -> None:
    publish(session, clock.now(), "brief", SHORT, of="standard")
    publish(session, clock.now(), "short", "owed: {ladder: owed}", of="simplified")
    editions = session.scalars(select(AwardEdition.workflow_key).distinct()).all()
    if {"brief", "short"} - set(editions):
        session.scalars(select(AwardEdition)).first().workflow_key = "short"
        session.commit()
    with pytest.raises(InvalidField, match="brief, short remind units differently"):
        open_one(session, clock)
    session.rollback()
    open_one(session, clock, reminders="brief")
    assert mornings(session) == SHORT_DAYS
