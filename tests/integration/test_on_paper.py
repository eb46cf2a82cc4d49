"""Steps done on paper: entered by whoever keeps the records, with a scan, counted from the paper's day."""

from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tests.support.office import AG, TOP, Office
from tests.support.yearly import attach, complete, furnish_yearly, round_and_unit
from workflow.clock import FixedClock
from workflow.domain.errors import Forbidden, InvalidField, NotFound, RequirementsMissing
from workflow.domain.facts import OfflineStep, SignedDocument, VoteEntry
from workflow.store.attachments import Attachment
from workflow.store.history import Event
from workflow.store.nominations import Decision, Nomination, Visit
from workflow.store.submissions import ExpectedReturn

REVIEWER = f"unit_reviewer@unit:{AG}"
HEAD = f"head@unit:{TOP}"


def on_paper(scan: UUID, day: date, *, of: str = REVIEWER, number: str = "05/BB-AG") -> OfflineStep:
    return OfflineStep(of, SignedDocument(number, day, "Phạm Thị Hoa"), scan)


@pytest.fixture
def office(session: Session, clock: FixedClock) -> Office:
    return furnish_yearly(session, now=clock.now())


@pytest.fixture
def submitted(office: Office, clock: FixedClock) -> int:
    nomination_id = office.draft(clock.now()).nomination_id
    complete(office, nomination_id, clock.now())
    office.act("nominator", nomination_id, "submit", clock.now())
    return nomination_id


def owes_by(session: Session, day: date) -> ExpectedReturn:
    """Ask the unit for its paper by a day."""
    round_id, unit_id = round_and_unit(session, AG)
    owed = select(ExpectedReturn).where(
        ExpectedReturn.round_id == round_id, ExpectedReturn.unit_id == unit_id
    )
    owes = session.scalars(owed).one_or_none() or ExpectedReturn(round_id=round_id, unit_id=unit_id)
    owes.due_on = day
    session.add(owes)
    session.commit()
    return owes


def test_clocks_count_from_the_day_on_the_paper_and_the_chain_from_its_entry(
    office, session, clock, submitted
):
    [scan] = attach(office, clock.now(), "other", nomination_id=submitted)
    entered = clock.now() + timedelta(days=8)
    signed_on = date(2026, 3, 4)
    office.act("nominator", submitted, "approve", entered, on_paper=on_paper(scan, signed_on))
    visits = session.scalars(
        select(Visit).where(Visit.nomination_id == submitted).order_by(Visit.ordinal)
    ).all()
    left, there = visits[1], visits[2]
    assert left.left_at == there.entered_at
    assert there.entered_at.isoformat() == "2026-03-04T10:00:00+00:00"
    assert there.due_at.date() == date(2026, 3, 11)
    event = session.scalars(
        select(Event).where(Event.stream == f"nomination:{submitted}").order_by(Event.seq.desc())
    ).first()
    assert (event.via, event.on_behalf_of, event.occurred_on) == ("paper", REVIEWER, signed_on)
    assert (event.recorded_at, event.actor_id) == (entered, office.ids["nominator"])
    assert event.data["paper"] == {
        "number": "05/BB-AG",
        "signed_on": "2026-03-04",
        "signer": "Phạm Thị Hoa",
        "scan": str(scan),
    }


def test_a_paper_older_than_the_stay_counts_from_its_beginning(office, session, clock, submitted):
    [scan] = attach(office, clock.now(), "other", nomination_id=submitted)
    office.act("nominator", submitted, "approve", clock.now(), on_paper=on_paper(scan, date(2026, 2, 20)))
    entered = session.scalars(
        select(Visit.entered_at).where(Visit.nomination_id == submitted).order_by(Visit.ordinal)
    ).all()
    assert entered[-1] == clock.now()


def test_only_whoever_keeps_the_records_enters_it_and_only_for_the_seat_whose_step_it_is(
    office, session, clock, submitted
):
    [scan] = attach(office, clock.now(), "other", nomination_id=submitted)
    step = on_paper(scan, date(2026, 3, 2))
    for part, refusal in (("reviewer", Forbidden), ("deputy", Forbidden), ("appraiser", NotFound)):
        with pytest.raises(refusal):
            office.act(part, submitted, "approve", clock.now(), on_paper=step)
        session.rollback()
    with pytest.raises(Forbidden) as refused:
        office.act(
            "nominator", submitted, "approve", clock.now(), on_paper=on_paper(scan, date(2026, 3, 2), of=HEAD)
        )
    assert [reason.code for reason in refused.value.reasons] == ["paper_of_another_seat"]
    session.rollback()
    with pytest.raises(Forbidden):
        office.act("nominator", submitted, "approve", clock.now())


def test_the_scan_lies_among_the_papers_of_the_name_or_of_its_list(office, session, clock, submitted):
    now = clock.now()
    other = office.draft(now, person_code="NV05").nomination_id
    [elsewhere] = attach(office, now, "other", nomination_id=other)
    [removed] = attach(office, now, "other", nomination_id=submitted)
    session.execute(update(Attachment).where(Attachment.id == removed).values(removed_at=now))
    session.commit()
    for scan in (elsewhere, removed, uuid4()):
        with pytest.raises(InvalidField) as refused:
            office.act("nominator", submitted, "approve", now, on_paper=on_paper(scan, date(2026, 3, 2)))
        assert [error.field for error in refused.value.errors] == ["on_paper.scan"]
        session.rollback()
    submission_id = session.scalar(select(Nomination.submission_id).where(Nomination.id == submitted))
    [of_the_list] = attach(office, now, "meeting_minutes", submission_id=submission_id)
    office.act("nominator", submitted, "approve", now, on_paper=on_paper(of_the_list, date(2026, 3, 2)))


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"day": date(2026, 3, 3)}, "on_paper.signed_on"), ({"number": " "}, "on_paper.number")],
)
def test_a_paper_of_tomorrow_or_without_a_number_is_none(office, clock, submitted, wrong, field):
    [scan] = attach(office, clock.now(), "other", nomination_id=submitted)
    step = on_paper(scan, **{"day": date(2026, 3, 2)} | wrong)
    with pytest.raises(InvalidField) as refused:
        office.act("nominator", submitted, "approve", clock.now(), on_paper=step)
    assert field in [error.field for error in refused.value.errors]


def test_what_was_signed_in_time_may_be_entered_late(office, session, clock, submitted):
    owes_by(session, date(2026, 3, 3))
    [scan] = attach(office, clock.now(), "other", nomination_id=submitted)
    later = clock.now() + timedelta(days=4)
    with pytest.raises(RequirementsMissing) as refused:
        office.act("nominator", submitted, "approve", later, on_paper=on_paper(scan, date(2026, 3, 5)))
    assert [reason.code for reason in refused.value.reasons] == ["unit_deadline_passed"]
    session.rollback()
    office.act("nominator", submitted, "approve", later, on_paper=on_paper(scan, date(2026, 3, 3)))


def test_a_head_signs_on_paper_and_the_office_enters_the_decision(office, session, clock, submitted):
    now = clock.now()
    office.act("reviewer", submitted, "approve", now)
    for action in ("approve", "approve"):
        office.act("appraiser", submitted, action, now)
    office.act("secretary", submitted, "approve", now, vote=VoteEntry(9, 9, 0))
    [scan] = attach(office, now, "decision", nomination_id=submitted)
    step = on_paper(scan, date(2026, 3, 2), of=HEAD, number="99/QĐ")
    office.act("secretary", submitted, "approve", now, on_paper=step)
    done = session.get_one(Nomination, submitted, populate_existing=True)
    paper = session.get_one(Decision, done.decision_id)
    assert (done.state, paper.number, paper.body, paper.signer) == (
        "approved",
        "99/QĐ",
        f"unit:{TOP}",
        "Phạm Thị Hoa",
    )


def test_a_paper_signed_too_late_is_late_whatever_day_is_said(office, session, clock, submitted):
    owes_by(session, date(2026, 3, 3))
    [scan] = attach(office, clock.now(), "other", nomination_id=submitted)
    step = {"on_paper": on_paper(scan, date(2026, 3, 5)), "occurred_on": date(2026, 3, 3)}
    with pytest.raises(RequirementsMissing) as refused:
        office.act("nominator", submitted, "approve", clock.now() + timedelta(days=4), **step)
    assert [reason.code for reason in refused.value.reasons] == ["unit_deadline_passed"]


def test_a_unit_has_sent_on_the_day_of_its_paper(office, session, clock, submitted):
    owes = owes_by(session, date(2026, 3, 3))
    [scan] = attach(office, clock.now(), "other", nomination_id=submitted)
    step = on_paper(scan, date(2026, 3, 3))
    office.act("nominator", submitted, "approve", clock.now() + timedelta(days=4), on_paper=step)
    session.refresh(owes)
    assert owes.sent_at is not None
    assert owes.sent_at.date() == date(2026, 3, 3)
