"""A round that is open is mended: its title, awards it forgot, units it did not ask. Nothing goes."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support.office import AG, DT, Office, furnish
from tests.support.rounds import NEXT, opened, returns_of
from workflow.clock import FixedClock
from workflow.domain.errors import Conflict, Forbidden, InvalidField, NotFound
from workflow.domain.vocabulary import RoundDate, Via
from workflow.operations.rounds.amend import Amendment, amend_round
from workflow.operations.rounds.rounds import close_round
from workflow.queries.history.audit import verify_chains
from workflow.queries.rounds.views import get_round
from workflow.store.history import Event
from workflow.store.mail import Outbox
from workflow.store.nominations import Rung, WorkItem


@pytest.fixture
def office(session: Session, clock: FixedClock) -> Office:
    return furnish(session, now=clock.now())


def amend(session: Session, clock: FixedClock, *, by: Any = None, code: str = NEXT, **what: Any) -> None:
    amend_round(session, actor=by, amend=Amendment(code, **what), via=Via.CLI, now=clock.now())


def events(session: Session) -> list[Any]:
    return list(session.scalars(select(Event.data).where(Event.action == "amend").order_by(Event.id)))


def left_by(session: Session, return_id: int) -> list[list[tuple[object, ...]]]:
    """Return the work, reminders and mails of what a unit owes."""
    statements = (
        select(WorkItem.owner_key, WorkItem.kind, WorkItem.due_at).where(
            WorkItem.expected_return_id == return_id
        ),
        select(Rung.kind, Rung.fire_at)
        .where(Rung.expected_return_id == return_id)
        .order_by(Rung.fire_at, Rung.kind),
        select(Outbox.notice, Outbox.account_id)
        .where(Outbox.expected_return_id == return_id)
        .order_by(Outbox.account_id),
    )
    return [[tuple(row) for row in session.execute(one)] for one in statements]


def test_a_forgotten_unit_is_asked_as_all_others_were(
    session: Session, office: Office, clock: FixedClock
) -> None:
    opened(session, clock.now(), unit_codes=(AG,), asks_all_units=False)
    before = returns_of(session, NEXT)[AG]
    amend(session, clock, unit_codes=[DT, AG])
    asked = returns_of(session, NEXT)
    assert set(asked) == {AG, DT}
    assert asked[DT].due_on == before.due_on
    opened(session, clock.now(), code="TWIN", unit_codes=(DT,), asks_all_units=False)
    twin = returns_of(session, "TWIN")[DT]
    assert left_by(session, asked[DT].id) == left_by(session, twin.id)
    assert [one["units"] for one in events(session)] == [[DT]]
    assert not verify_chains(session).problems


def test_a_title_and_an_award_are_put_right_and_the_second_time_changes_nothing(
    session: Session, office: Office, clock: FixedClock
) -> None:
    opened(session, clock.now(), award_codes=("CSTDCS",))
    for _ in range(2):
        amend(session, clock, title="Đợt xét năm 2026 (bổ sung)", award_codes=("LDTT", "CSTDCS"))
    found = get_round(session, code=NEXT, now=clock.now())
    assert (found.title, found.awards) == ("Đợt xét năm 2026 (bổ sung)", ("CSTDCS", "LDTT"))
    [told] = events(session)
    assert (told["awards"], told["title"]) == (["LDTT"], "Đợt xét năm 2026 (bổ sung)")
    assert "units" not in told


def test_what_cannot_join_is_named_and_nothing_is_written(
    session: Session, office: Office, clock: FixedClock
) -> None:
    opened(session, clock.now(), unit_codes=(AG,), asks_all_units=False)
    with pytest.raises(InvalidField, match="covers every award already"):
        amend(session, clock, title="Khác", award_codes=("LDTT",))
    session.rollback()
    with pytest.raises(InvalidField, match="title: is required"):
        amend(session, clock, title=" ", unit_codes=(DT,))
    session.rollback()
    with pytest.raises(InvalidField, match="unknown: NIRGENDS"):
        amend(session, clock, unit_codes=("NIRGENDS",))
    session.rollback()
    with pytest.raises(NotFound):
        amend(session, clock, code="NIE")
    session.rollback()
    with pytest.raises(Forbidden):
        amend(session, clock, by=office.actor("reviewer", clock.now()), title="Khác")
    session.rollback()
    assert not events(session)


def test_no_unit_joins_when_the_day_to_owe_by_is_over_or_was_never_set(
    session: Session, office: Office, clock: FixedClock
) -> None:
    opened(session, clock.now(), dates={}, proposes_dates=False)
    with pytest.raises(InvalidField, match="extend it first"):
        amend(session, clock, unit_codes=(DT,))
    session.rollback()
    soon = {RoundDate.UNIT_DEADLINE: date(2026, 3, 10)}
    opened(
        session,
        clock.now(),
        code="SOON",
        dates=soon,
        proposes_dates=False,
        unit_codes=(AG,),
        asks_all_units=False,
    )
    clock.advance(by=date(2026, 3, 12) - date(2026, 3, 2))
    with pytest.raises(InvalidField, match="extend it first"):
        amend(session, clock, code="SOON", unit_codes=(DT,))


def test_a_closed_round_stays_as_it_is(session: Session, office: Office, clock: FixedClock) -> None:
    opened(session, clock.now())
    close_round(session, actor=None, code=NEXT, via=Via.CLI, now=clock.now())
    with pytest.raises(Conflict, match="is closed already"):
        amend(session, clock, title="Khác")
