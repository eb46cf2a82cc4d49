"""Who runs a round and is nominated in it steers no date of the unit that nominates them; others do."""

from datetime import date

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tests.support.office import AG, DT, Office, furnish
from tests.support.rounds import BODY_DEADLINE, NEXT, opened, returns_of
from workflow.clock import FixedClock
from workflow.domain.errors import Forbidden
from workflow.domain.vocabulary import RoundDate, Via
from workflow.operations.escalations.hold_back import HoldBack, hold_escalation
from workflow.operations.rounds.extend import Extend, extend_round, preview_extension
from workflow.operations.rounds.extension import Extension
from workflow.queries.escalations.coming import coming_escalations
from workflow.queries.escalations.open_to import units_to_call
from workflow.queries.rounds.late import get_late_return
from workflow.store.access import Account
from workflow.store.nominations import Nomination, Rung
from workflow.store.submissions import ExpectedReturn

LATER = date(2026, 4, 24)


@pytest.fixture
def office(session: Session, clock: FixedClock) -> Office:
    """Nominate the supervisor, who runs the round, in a unit of it."""
    office = furnish(session, now=clock.now())
    opened(session, clock.now())
    number = office.draft(clock.now(), round_code=NEXT).nomination_id
    nominee = select(Nomination.person_id).where(Nomination.id == number).scalar_subquery()
    session.execute(update(Account).where(Account.id == office.ids["supervisor"]).values(person_id=nominee))
    session.commit()
    return office


def extension(*units: str) -> Extend:
    return Extend(NEXT, RoundDate.UNIT_DEADLINE, LATER, "Bão số 3", units)


def extended(office: Office, clock: FixedClock, part: str, *units: str) -> Extension | None:
    office.session.rollback()
    actor = office.actor(part, clock.now())
    shown = preview_extension(office.session, actor=actor, extend=extension(*units), now=clock.now())
    done = extend_round(
        office.session, actor=actor, extend=extension(*units), via=Via.WEB, now=clock.now()
    ).extension
    assert done is not None
    assert (shown.unit_codes, shown.warnings) == (done.unit_codes, done.warnings), "shown as it was done"
    return done


def test_of_named_units_their_own_is_passed_over_and_the_others_move(
    office: Office, session: Session, clock: FixedClock
) -> None:
    done = extended(office, clock, "supervisor", AG, DT)
    assert done is not None
    assert done.unit_codes == (DT,)
    assert next((one.code, one.params) for one in done.warnings) == ("own_unit", {"unit": AG})
    session.rollback()
    days = {code: row.due_on for code, row in returns_of(session, NEXT).items()}
    assert (days[AG], days[DT]) == (BODY_DEADLINE, LATER)


def test_their_own_unit_alone_is_refused_and_somebody_else_moves_it(
    office: Office, session: Session, clock: FixedClock
) -> None:
    with pytest.raises(Forbidden, match="nominated by this unit"):
        extended(office, clock, "supervisor", AG)
    session.rollback()
    extended(office, clock, "admin", AG)
    session.rollback()
    assert returns_of(session, NEXT)[AG].due_on == LATER


def test_a_date_of_all_moves_for_all(office: Office, session: Session, clock: FixedClock) -> None:
    extended(office, clock, "supervisor")
    session.rollback()
    assert {row.due_on for row in returns_of(session, NEXT).values()} == {LATER}


def test_once_it_is_over_with_their_nomination_they_may(
    office: Office, session: Session, clock: FixedClock
) -> None:
    number = session.scalars(select(Nomination.id)).one()
    office.act("nominator", number, "withdraw", clock.now())
    extended(office, clock, "supervisor", AG)
    session.rollback()
    assert returns_of(session, NEXT)[AG].due_on == LATER


def test_pages_offer_what_would_be_done(office: Office, session: Session, clock: FixedClock) -> None:
    for part, may in (("supervisor", False), ("admin", True)):
        actor, now = office.actor(part, clock.now()), clock.now()
        late = get_late_return(session, actor=actor, round_code=NEXT, unit_code=AG, now=now)
        assert late.may_extend is may
        units = units_to_call(session, actor=actor, round_code=NEXT, now=now)
        assert (AG in units, DT in units) == (may, True)


def test_a_report_of_their_unit_is_held_back_by_somebody_else(
    office: Office, session: Session, clock: FixedClock
) -> None:
    reports = (
        select(Rung.id)
        .join(ExpectedReturn, ExpectedReturn.id == Rung.expected_return_id)
        .where(Rung.kind == "escalate", ExpectedReturn.id == returns_of(session, NEXT)[AG].id)
    )
    rung = session.scalars(reports).first()
    assert rung is not None
    actor, now = office.actor("supervisor", clock.now()), clock.now()
    page = coming_escalations(session, actor=actor, days=60, now=now, limit=50, cursor=None)
    assert {one.unit.code: one.refusal for one in page.items} == {AG: "own_subject", DT: None}
    hold = HoldBack(rung, 1, "Chờ")
    with pytest.raises(Forbidden, match="nominee"):
        hold_escalation(session, actor=actor, hold=hold, via=Via.WEB, now=now)
    session.rollback()
    hold_escalation(session, actor=office.actor("admin", now), hold=hold, via=Via.WEB, now=now)
