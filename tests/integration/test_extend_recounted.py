"""An extension between a change of the calendar and the counting anew comes to the same as after it."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tests.conftest import Database
from tests.support.definitions import text_of
from tests.support.importing import Desk
from tests.support.office import Office, furnish
from tests.support.recount import count_anew, import_days
from tests.support.rounds import NEXT, opened
from workflow.clock import FixedClock
from workflow.domain.vocabulary import RoundDate, Via
from workflow.operations.rounds.extend import Extend, extend_round
from workflow.operations.setup.publish import publish_definition
from workflow.store.awards import AwardEdition
from workflow.store.nominations import Rung, Visit, WorkItem

OF_REVIEW = "    owner: unit_reviewer@subject.unit\n    due: 5 working_days"
HOME = ZoneInfo("Asia/Ho_Chi_Minh")
OFF = "ngày,loại,tên,căn cứ\n03/03/2026,nghỉ,Bão,CĐ 7\n"


@pytest.fixture
def office(session: Session, clock: FixedClock) -> Office:
    """Open a round whose unit review is due within thirty days, and by the unit's deadline at the latest."""
    office = furnish(session, now=clock.now())
    both = OF_REVIEW.replace("5 working_days", "earlier(round.unit_deadline, 30 working_days)")
    text = text_of("standard").replace(OF_REVIEW, both, 1).replace("key: standard", "key: both", 1)
    publish_definition(session, text=text, filename="both.yaml", actor=None, via=Via.CLI, now=clock.now())
    session.execute(update(AwardEdition).values(workflow_key="both"))
    session.commit()
    opened(session, clock.now(), dates={RoundDate.UNIT_DEADLINE: date(2026, 3, 20)}, proposes_dates=False)
    return office


@pytest.mark.parametrize("is_extended_first", [True, False])
def test_a_day_that_is_worked_after_all_counts_whichever_comes_first(
    office: Office, session: Session, clock: FixedClock, database: Database, *, is_extended_first: bool
) -> None:
    import_days(session, clock, OFF)
    number = office.draft(clock.now(), round_code=NEXT).nomination_id
    office.act("nominator", number, "submit", clock.now())
    clock.advance(timedelta(hours=1))
    Desk(session, clock.now()).undo()
    extend = Extend(NEXT, RoundDate.UNIT_DEADLINE, date(2026, 5, 29), "Bão số 3")
    if not is_extended_first:
        count_anew(database, clock)
    extend_round(session, actor=None, extend=extend, via=Via.CLI, now=clock.now())
    count_anew(database, clock)
    session.rollback()
    stay = session.scalars(select(Visit).where(Visit.nomination_id == number, Visit.left_at.is_(None))).one()
    assert stay.clock_started_at is not None
    assert f"{stay.clock_started_at:%m-%d}" == "03-03", "the clock runs from the day after it came"
    assert f"{stay.due_at:%m-%d}" == "04-13", "thirty working days, the last of them"
    rungs = session.scalars(
        select(Rung.fire_at).where(Rung.nomination_id == number, Rung.fire_at.is_not(None))
    )
    assert max(f"{at:%m-%d}" for at in rungs) == "04-16"


def test_a_date_that_moves_while_who_nominates_is_asked_counts_from_the_answer_on(
    office: Office, session: Session, clock: FixedClock
) -> None:
    """Due by the round's 20 March: while it is asked nothing moves; the answer plans by the day of then."""
    number = office.draft(clock.now(), round_code=NEXT).nomination_id
    office.act("nominator", number, "submit", clock.now())
    office.act("reviewer", number, "request_info", clock.now(), comment="Theo quyết định nào?")
    open_work = select(WorkItem.due_at).where(WorkItem.nomination_id == number, WorkItem.closed_at.is_(None))
    asked = session.scalar(open_work)
    extend = Extend(NEXT, RoundDate.UNIT_DEADLINE, date(2026, 3, 27), "Bão số 3")
    extend_round(session, actor=None, extend=extend, via=Via.CLI, now=clock.now())
    assert session.scalar(open_work) == asked
    clock.advance(timedelta(days=1))
    office.act("nominator", number, "answer_info", clock.now(), comment="Quyết định số 12.")
    due_at = session.scalar(open_work)
    assert due_at is not None
    assert due_at.astimezone(HOME) == datetime(2026, 3, 27, 17, tzinfo=HOME)
    waiting = (Rung.nomination_id == number, Rung.fire_at.is_not(None), Rung.fired_at.is_(None))
    found = session.execute(select(Rung.kind, Rung.recipient, Rung.fire_at).where(*waiting)).all()
    assert {f"{row.fire_at.astimezone(HOME):%d/%m} {row.kind} {row.recipient}" for row in found} == {
        "25/03 remind holder",
        "27/03 remind holder",
        "30/03 escalate head",
        "31/03 remind holder",
        "01/04 escalate next_level",
    }
