"""The work that moves open: in which seat, for whom, and who hears of it where nobody can take it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy.orm import Session

from workflow.domain.rights.routing import Holder, candidate_keys, route, set_aside_of
from workflow.domain.vocabulary import Stage
from workflow.operations.deadlines.empty_seats import EmptySeat, staffed_above
from workflow.operations.deadlines.recipients import RungRecipients
from workflow.operations.nominations.plans import MovePlan
from workflow.operations.nominations.sendings import Sent, sendings
from workflow.store.database import local_day
from workflow.store.ids import uuid7
from workflow.store.people import load_holders


@dataclass(frozen=True, slots=True)
class Opening:
    """The work a move opens: for whom, as which rows; `above` is who hears that nobody can take it."""

    plan: MovePlan
    sent: Sent
    owner_key: str
    first_choice: str
    assignee_id: int | None
    recipients: tuple[int, ...]
    visit_id: UUID
    work_item_id: UUID
    above: RungRecipients | None = None


def plan_openings(session: Session, plans: Sequence[MovePlan]) -> dict[int, Opening]:
    """Return the work that each plan opens, by its nomination; a move to the end opens none."""
    moving = [plan for plan in plans if not plan.definition.is_final(plan.dest)]
    if not moving:
        return {}
    wanted = {
        key
        for plan in moving
        for key in candidate_keys(str(plan.definition.step(plan.dest).owner), plan.locked.facts.seats)
    }
    holders = load_holders(session, wanted, today=local_day(session, moving[0].at))
    sent = sendings(session, moving)
    openings = {
        plan.locked.facts.nomination_id: _plan_opening(plan, sent[plan.locked.facts.nomination_id], holders)
        for plan in moving
    }
    empty = {
        nomination_id: EmptySeat(opening.owner_key, set_aside_of(opening.plan.locked.facts))
        for nomination_id, opening in openings.items()
        if not opening.recipients
    }
    told = staffed_above(session, empty, today=local_day(session, moving[0].at))
    return openings | {root: replace(openings[root], above=one) for root, one in told.items()}


def _plan_opening(plan: MovePlan, sent: Sent, holders: Mapping[str, Sequence[Holder]]) -> Opening:
    """Choose the seat the work opens for; a draft goes back into the hands of whoever began it."""
    facts = plan.locked.facts
    owner, aside = str(plan.definition.step(plan.dest).owner), set_aside_of(facts)
    key = route(owner, facts.seats, set_aside=aside, holders=holders)
    seated = {(one.absent or one).account_id for one in holders.get(key, ())}
    free = [one for one in holders.get(key, ()) if not aside.takes_in(one)]
    is_draft = plan.definition.stage_of(plan.dest) is Stage.DRAFT
    assignee_id = plan.locked.created_by if is_draft and plan.locked.created_by in seated else None
    # Of an author who is away, whoever stands in for them.
    theirs = [one for one in free if assignee_id in {None, (one.absent or one).account_id}]
    people = [one.account_id for one in theirs]
    if assignee_id in {one.account_id for one in holders.get(key, ()) if one.absent is None}:
        people = [plan.locked.created_by]
    return Opening(
        plan=plan,
        sent=sent,
        owner_key=key,
        first_choice=candidate_keys(owner, facts.seats)[0],
        assignee_id=assignee_id,
        recipients=tuple(dict.fromkeys(people)),
        visit_id=uuid7(plan.at),
        work_item_id=uuid7(plan.at),
    )
