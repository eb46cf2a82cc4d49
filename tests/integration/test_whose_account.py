"""Work in the hands of whom it turns out to be about goes back to its group."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support.importing import Desk
from tests.support.office import AG, Office, furnish
from workflow.clock import FixedClock
from workflow.domain.vocabulary import Via
from workflow.operations.people.accounts import NewAccount, add_account
from workflow.operations.people.addresses import change_person
from workflow.store.history import Event
from workflow.store.mail import Outbox
from workflow.store.nominations import WorkItem

REVIEWER = f"unit_reviewer@unit:{AG}"


def test_what_the_nominee_has_in_hand_goes_back_and_the_others_are_told(
    session: Session, clock: FixedClock
) -> None:
    office: Office = furnish(session, now=clock.now())
    new = NewAccount("second@example.vn", "Trần Thị Bích", None, (REVIEWER,))
    second = add_account(session, actor=None, new=new, via=Via.CLI, now=clock.now()).account_id
    theirs = office.draft(clock.now(), person_code="NV05").nomination_id
    other = office.draft(clock.now(), person_code="NV04").nomination_id
    for number in (theirs, other):
        office.act("nominator", number, "submit", clock.now())
        office.act("reviewer", number, "claim", clock.now())
    told = session.scalars(select(Outbox.id)).all()
    change_person(
        session, actor=None, email="nv02@example.vn", person_code="NV05", via=Via.CLI, now=clock.now()
    )
    session.expire_all()
    work = {
        one.nomination_id: one
        for one in session.scalars(select(WorkItem).where(WorkItem.closed_at.is_(None)))
    }
    assert (work[theirs].assignee_id, work[theirs].taken_at) == (None, None)
    assert work[other].assignee_id == office.ids["reviewer"]
    letters = session.scalars(select(Outbox).where(Outbox.id.not_in(told))).all()
    assert [(one.account_id, one.nomination_id) for one in letters] == [(second, theirs)]
    last = select(Event.action).where(Event.stream == f"nomination:{theirs}").order_by(Event.seq.desc())
    assert session.scalars(last.limit(1)).one() == "release"


def test_what_a_cluster_head_has_in_hand_of_the_unit_they_move_to_goes_back(
    session: Session, clock: FixedClock
) -> None:
    office: Office = furnish(session, now=clock.now())
    number = office.draft(clock.now(), award_code="TTLDXS", person_code=None).nomination_id
    office.act("nominator", number, "submit", clock.now())
    office.act("reviewer", number, "approve", clock.now())
    office.act("cluster_head", number, "claim", clock.now())

    def holder() -> int | None:
        session.rollback()
        return session.scalars(
            select(WorkItem.assignee_id).where(WorkItem.nomination_id == number, WorkItem.closed_at.is_(None))
        ).one()

    desk = Desk(session, clock.now())
    desk.take("people", "code,name,unit,position\nNV13,cluster_head NV13,VKS-DT,Trưởng phòng\n")
    assert holder() == office.ids["cluster_head"], "who stays where they were keeps it"
    desk.take("people", f"code,name,unit\nNV13,cluster_head NV13,{AG}\n")
    assert holder() is None
