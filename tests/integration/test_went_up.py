"""What was submitted upward is given when whoever decides awarded it, and no earlier."""

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tests.integration.test_annual import CARRIED, UPPER, row, to_the_council
from tests.support.office import AG, PAPER
from tests.support.yearly import furnish_yearly, round_and_unit
from workflow.clock import FixedClock
from workflow.queries.rounds.summary import award_summary
from workflow.store.awards import Round
from workflow.store.eligibility import counts_of_award
from workflow.store.given import given_to
from workflow.store.organisation import Person


def test_what_went_up_counts_as_given_only_once_somebody_above_awarded_it(
    session: Session, clock: FixedClock
) -> None:
    office = furnish_yearly(session, now=clock.now())
    managing = round_and_unit(session, AG)[1]
    session.execute(update(Person).where(Person.code == "NV05").values(managed_by_unit_id=managing))
    session.commit()
    number = office.draft(clock.now(), person_code="NV05").nomination_id
    to_the_council(office, number, clock)
    office.act("secretary", number, "approve", clock.now(), vote=CARRIED)
    office.act("head", number, "approve", clock.now(), decision=PAPER)
    person_id = session.scalars(select(Person.id).where(Person.code == "NV05")).one()

    def count() -> int:
        return len(session.execute(select(given_to([person_id]))).all())

    def before_who_decides() -> int:
        round_id = row(session, number).round_id
        return counts_of_award(session, "CSTDCS", round_id=round_id, decider=f"unit:{AG}")

    def summed_up() -> tuple[int, int]:
        head = office.actor("supervisor", clock.now())
        code = session.get_one(Round, row(session, number).round_id).code
        total = award_summary(session, actor=head, round_code=code, now=clock.now()).total
        return total.count, total.approved

    assert (count(), before_who_decides()) == (0, 1), "the answer has not come: it is proposed there"
    assert summed_up() == (1, 0)
    office.act("appraiser", number, "record_outcome", clock.now(), outcome="not_awarded")
    assert (count(), before_who_decides(), summed_up()) == (0, 0, (1, 0))
    office.act(
        "appraiser", number, "record_outcome", clock.now(), outcome="awarded", decision=UPPER, comment="x"
    )
    assert (count(), summed_up()) == (1, (1, 1))
