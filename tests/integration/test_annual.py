"""The yearly route on a real database: reception, appraisal, a vote, and who signs what."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tests.support.office import AG, DT, PAPER, TOP, Office
from tests.support.yearly import (
    OF_THE_NAME,
    attach,
    collective_draft,
    complete,
    furnish_yearly,
    list_in_paper,
    round_and_unit,
)
from workflow.clock import FixedClock
from workflow.domain.errors import Conflict, Forbidden, InvalidField, MoveNotOpen, RequirementsMissing
from workflow.domain.facts import SignedDocument, VoteEntry
from workflow.store.awards import Award, RoundAward
from workflow.store.history import Event
from workflow.store.nominations import Decision, Nomination, WorkItem
from workflow.store.organisation import Person
from workflow.store.submissions import ExpectedReturn

CARRIED = VoteEntry(members=9, in_favour=6, against=2, blank=1)
UPPER = SignedDocument("77/QĐ-TTg", date(2026, 3, 2), "Thủ tướng")


def row(session: Session, nomination_id: int) -> Nomination:
    return session.get_one(Nomination, nomination_id, populate_existing=True)


def last_event(session: Session, nomination_id: int) -> Event:
    stream = f"nomination:{nomination_id}"
    return session.scalars(select(Event).where(Event.stream == stream).order_by(Event.seq.desc())).first()


def codes(refused: pytest.ExceptionInfo[RequirementsMissing]) -> list[str]:
    return [reason.code for reason in refused.value.reasons]


def to_the_council(
    office: Office, nomination_id: int, clock: FixedClock, *, through_cluster: bool = False
) -> None:
    """Carry a complete nomination from draft to the council's table."""
    now = clock.now()
    complete(office, nomination_id, now)
    steps = [("nominator", "submit"), ("reviewer", "approve")]
    steps += [("cluster_head", "approve")] if through_cluster else []
    for part, action in [*steps, ("appraiser", "approve"), ("appraiser", "approve")]:
        office.act(part, nomination_id, action, now)


@pytest.fixture
def office(session: Session, clock: FixedClock) -> Office:
    return furnish_yearly(session, now=clock.now())


def test_an_individuals_title_is_received_appraised_voted_on_and_decided_here(office, session, clock):
    now, nomination_id = clock.now(), office.draft(clock.now()).nomination_id
    to_the_council(office, nomination_id, clock)
    office.act("secretary", nomination_id, "approve", now, vote=CARRIED)
    voted = row(session, nomination_id)
    assert (voted.state, voted.decider, voted.recommendation) == ("decision", f"unit:{TOP}", "passed")
    assert voted.vote == {"members": 9, "in_favour": 6, "against": 2, "blank": 1, "percent": None}
    assert voted.voted_on == date(2026, 3, 2)
    event = last_event(session, nomination_id)
    assert event.data["vote"] == voted.vote | {"result": "passed", "voted_on": "2026-03-02"}
    office.act("head", nomination_id, "approve", now, decision=PAPER)
    done = row(session, nomination_id)
    assert (done.state, done.stage) == ("approved", "approved")
    assert session.get_one(Decision, done.decision_id).kind == "decision"
    with pytest.raises(MoveNotOpen):
        office.act("head", nomination_id, "record_outcome", now, outcome="awarded", decision=UPPER)


def test_a_flag_of_the_government_is_submitted_upward_and_its_outcome_entered_later(office, session, clock):
    nomination_id = collective_draft(office, "CTDCP", clock.now())
    to_the_council(office, nomination_id, clock, through_cluster=True)
    office.act("secretary", nomination_id, "approve", clock.now(), vote=CARRIED)
    office.act("head", nomination_id, "approve", clock.now(), decision=PAPER)
    sent = row(session, nomination_id)
    assert (sent.state, sent.stage, sent.decider) == ("submitted_upward", "approved", "state")
    assert session.get_one(Decision, sent.decision_id).kind == "submission_upward"
    version, closed_at = sent.version, sent.closed_at
    now = clock.now() + timedelta(days=90)
    outcome = {"outcome": "awarded", "decision": UPPER}
    for part in ("nominator", "cluster_head"):
        with pytest.raises(Forbidden):
            office.act(part, nomination_id, "record_outcome", now, **outcome)
        session.rollback()
    with pytest.raises(RequirementsMissing) as refused:
        office.act("appraiser", nomination_id, "record_outcome", now, outcome="awarded")
    assert codes(refused) == ["decision_missing"]
    session.rollback()
    office.act("appraiser", nomination_id, "record_outcome", now, **outcome)
    known = row(session, nomination_id)
    assert (known.state, known.version, known.upper_outcome) == ("submitted_upward", version + 1, "awarded")
    assert known.closed_at == closed_at
    paper = session.get_one(Decision, known.upper_decision_id)
    assert (paper.kind, paper.body, paper.number) == ("upper_decision", "state", "77/QĐ-TTg")
    with pytest.raises(RequirementsMissing) as refused:
        office.act("secretary", nomination_id, "record_outcome", now, outcome="not_awarded")
    assert codes(refused) == ["outcome_recorded_already"]
    session.rollback()
    office.act("secretary", nomination_id, "record_outcome", now, outcome="not_awarded", comment="Nhập nhầm.")
    corrected = row(session, nomination_id)
    assert (corrected.upper_outcome, corrected.upper_decision_id) == ("not_awarded", None)
    assert last_event(session, nomination_id).data["corrects"] == "awarded"


def test_a_tie_is_the_councils_result_and_the_head_closes_it(office, session, clock):
    now, nomination_id = clock.now(), office.draft(clock.now()).nomination_id
    to_the_council(office, nomination_id, clock)
    tie = VoteEntry(8, 4, 4)
    with pytest.raises(RequirementsMissing) as refused:
        office.act("secretary", nomination_id, "approve", now, vote=tie)
    assert codes(refused) == ["vote_is_below"]
    session.rollback()
    office.act("secretary", nomination_id, "not_passed", now, vote=tie)
    assert (row(session, nomination_id).state, row(session, nomination_id).recommendation) == (
        "decision",
        "tied",
    )
    with pytest.raises(RequirementsMissing) as refused:
        office.act("head", nomination_id, "approve", now, decision=PAPER)
    assert codes(refused) == ["council_tied"]
    session.rollback()
    words = {"reason_code": "standard_not_met", "comment": "Hội đồng không đề nghị."}
    office.act("head", nomination_id, "reject", now, **words)
    assert row(session, nomination_id).stage == "rejected"


def test_the_sectors_title_asks_for_nine_of_ten_of_all_members(office, session, clock):
    now, nomination_id = clock.now(), office.draft(clock.now(), award_code="CSTD_NGANH").nomination_id
    to_the_council(office, nomination_id, clock)
    with pytest.raises(RequirementsMissing):
        office.act("secretary", nomination_id, "approve", now, vote=VoteEntry(20, 17, 0))
    session.rollback()
    with pytest.raises(InvalidField) as refused:
        office.act("secretary", nomination_id, "approve", now, vote=VoteEntry(20, 18, 3))
    assert [error.field for error in refused.value.errors] == ["decision.counts.members"]
    session.rollback()
    with pytest.raises(InvalidField):
        office.act("appraiser", nomination_id, "return", now, vote=CARRIED, to_step="draft")
    session.rollback()
    office.act("secretary", nomination_id, "approve", now, vote=VoteEntry(20, 18, 2))
    assert row(session, nomination_id).recommendation == "passed"


def test_a_decision_dated_before_its_vote_is_refused(office, session, clock):
    now, nomination_id = clock.now(), office.draft(clock.now()).nomination_id
    to_the_council(office, nomination_id, clock)
    office.act("secretary", nomination_id, "approve", now, vote=CARRIED)
    early = SignedDocument("1/QĐ", date(2026, 3, 1), "Viện trưởng")
    with pytest.raises(RequirementsMissing) as refused:
        office.act("head", nomination_id, "approve", now, decision=early)
    assert codes(refused) == ["decision_before_vote"]


def test_who_manages_a_person_decides_on_them(office, session, clock):
    managing = round_and_unit(session, AG)[1]
    session.execute(update(Person).where(Person.code == "NV05").values(managed_by_unit_id=managing))
    session.commit()
    deciders = [
        row(session, office.draft(clock.now(), person_code=code).nomination_id).decider
        for code in ("NV05", "NV01")
    ]
    assert deciders == [f"unit:{AG}", f"unit:{TOP}"]


def test_a_draft_names_an_award_of_the_round(office, session, clock):
    round_id, _ = round_and_unit(session, AG)
    flag = session.scalar(select(Award.id).where(Award.code == "CTDCP"))
    session.add(RoundAward(round_id=round_id, award_id=flag))
    session.commit()
    with pytest.raises(InvalidField) as refused:
        office.draft(clock.now())
    assert [error.field for error in refused.value.errors] == ["award"]


def test_every_missing_paper_is_named_where_it_is_asked_for(office, session, clock):
    now, nomination_id = clock.now(), office.draft(clock.now()).nomination_id
    with pytest.raises(RequirementsMissing) as refused:
        office.act("nominator", nomination_id, "submit", now)
    named = [reason.params["kind"] for reason in refused.value.reasons]
    assert sorted(named) == ["achievement_report", "initiative_certificate"]
    session.rollback()
    attach(office, now, *OF_THE_NAME, nomination_id=nomination_id)
    office.act("nominator", nomination_id, "submit", now)
    with pytest.raises(RequirementsMissing) as refused:
        office.act("reviewer", nomination_id, "approve", now)
    assert codes(refused) == ["submission_missing"]
    session.rollback()
    submission_id = list_in_paper(office, nomination_id, now, papers=())
    with pytest.raises(RequirementsMissing) as refused:
        office.act("reviewer", nomination_id, "approve", now)
    assert codes(refused) == ["paper_missing", "paper_missing"]
    session.rollback()
    attach(office, now, "proposal", "meeting_minutes", submission_id=submission_id)
    office.act("reviewer", nomination_id, "approve", now)
    assert row(session, nomination_id).state == "reception"


def test_a_clusters_head_does_not_judge_their_own_unit(office, session, clock):
    now, nomination_id = clock.now(), collective_draft(office, "TTLDXS", clock.now(), unit=DT)
    complete(office, nomination_id, now)
    office.act("other_nominator", nomination_id, "submit", now)
    office.act("other_reviewer", nomination_id, "approve", now)
    keys = session.scalars(
        select(WorkItem.owner_key).where(
            WorkItem.nomination_id == nomination_id, WorkItem.closed_at.is_(None)
        )
    )
    assert [key.partition("@")[0] for key in keys] == ["cluster_deputy"]
    with pytest.raises(Forbidden):
        office.act("cluster_head", nomination_id, "approve", now)
    session.rollback()
    office.act("cluster_deputy", nomination_id, "approve", now)
    assert row(session, nomination_id).state == "reception"


def test_where_nobody_else_sits_in_the_cluster_the_guard_is_the_last_refusal(office, session, clock):
    now, nomination_id = clock.now(), collective_draft(office, "CTDCP", clock.now(), unit=DT)
    complete(office, nomination_id, now)
    office.act("other_nominator", nomination_id, "submit", now)
    session.execute(
        update(Person).where(Person.code == "NV06").values(unit_id=round_and_unit(session, DT)[1])
    )
    session.commit()
    office.act("other_reviewer", nomination_id, "approve", now)
    with pytest.raises(RequirementsMissing) as refused:
        office.act("cluster_head", nomination_id, "approve", now)
    assert codes(refused) == ["own_unit"]


def test_after_the_units_deadline_nothing_leaves_it_but_what_was_sent_before(office, session, clock):
    now = clock.now()
    late, back = office.draft(now).nomination_id, office.draft(now, person_code="NV05").nomination_id
    for nomination_id in (late, back):
        complete(office, nomination_id, now)
        office.act("nominator", nomination_id, "submit", now)
    round_id, unit_id = round_and_unit(session, AG)
    owed = select(ExpectedReturn).where(
        ExpectedReturn.round_id == round_id, ExpectedReturn.unit_id == unit_id
    )
    owes = session.scalars(owed).one_or_none() or ExpectedReturn(round_id=round_id, unit_id=unit_id)
    owes.due_on = now.date()
    session.add(owes)
    session.commit()
    office.act("reviewer", back, "approve", now)
    words = {"to_step": "unit_review", "reason_code": "dossier_incomplete", "comment": "Bổ sung."}
    office.act("appraiser", back, "return", now, **words)
    tomorrow = now + timedelta(days=1)
    office.act("reviewer", back, "approve", tomorrow)
    with pytest.raises(RequirementsMissing) as refused:
        office.act("reviewer", late, "approve", tomorrow)
    assert codes(refused) == ["unit_deadline_passed"]
    assert refused.value.reasons[0].params == {"day": "02/03/2026", "unit": TOP}


def test_one_number_is_one_decision(office, session, clock):
    now = clock.now()
    ids = [office.draft(now, person_code=code).nomination_id for code in ("NV04", "NV05")]
    for nomination_id in ids:
        to_the_council(office, nomination_id, clock)
        office.act("secretary", nomination_id, "approve", now, vote=CARRIED)
    office.act("head", ids[0], "approve", now, decision=PAPER)
    other = SignedDocument(PAPER.number, PAPER.signed_on, "Người khác")
    with pytest.raises(Conflict):
        office.act("head", ids[1], "approve", now, decision=other)
    session.rollback()
    office.act("head", ids[1], "approve", now, decision=PAPER)
    assert row(session, ids[0]).decision_id == row(session, ids[1]).decision_id
