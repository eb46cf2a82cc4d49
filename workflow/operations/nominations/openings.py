"""The work that moves open: in which seat, for whom, and who hears of it where nobody can take it.

Who sent a nomination there, and from which step; what was taken back came as before. A unit's first name that
leaves it closes what the unit was asked for. Never commits.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import select, tuple_, update
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from workflow.domain.history.chain import return_stream
from workflow.domain.rights.routing import Holder, candidate_keys, route, set_aside_of
from workflow.domain.vocabulary import Stage
from workflow.operations.deadlines.empty_seats import EmptySeat, staffed_above
from workflow.operations.deadlines.recipients import RungRecipients
from workflow.operations.history.streams import append_event
from workflow.operations.nominations.plans import MovePlan
from workflow.operations.rounds.returns import SENT, close_work, lock_returns
from workflow.store.base import table_of
from workflow.store.database import local_day
from workflow.store.ids import uuid7
from workflow.store.nominations import Visit
from workflow.store.people import load_holders
from workflow.store.submissions import ExpectedReturn

_RETURN = table_of(ExpectedReturn)
_IN_THE_UNIT: Final = frozenset({Stage.DRAFT, Stage.UNIT_REVIEW})
_NOT_SENT: Final = _IN_THE_UNIT | {Stage.REJECTED, Stage.WITHDRAWN}


@dataclass(frozen=True, slots=True)
class Sent:
    """The sending that a stay begins with; `has_begun` where it lies with whoever took it back."""

    by: int
    source: str | None
    has_begun: bool = False


def sendings(session: Session, plans: Sequence[MovePlan]) -> Mapping[int, Sent]:
    """Return how each nomination comes to its plan's step, by its id.

    A return is not undone by sending it on and taking it back: the stay is of a returned nomination again,
    with the date and reminders of one, and nobody takes it back once more.
    """
    back = [plan for plan in plans if plan.is_taken_back]
    before = _stays_before(session, back) if back else {}
    return {plan.locked.facts.nomination_id: _sending(plan, before) for plan in plans}


def _sending(plan: MovePlan, before: Mapping[int, Sent]) -> Sent:
    if not plan.is_taken_back:
        return Sent(plan.actor.account_id, plan.locked.facts.state if plan.direction else None)
    nowhere = Sent(plan.actor.account_id, None, has_begun=True)
    return before.get(plan.locked.facts.nomination_id, nowhere)


def _stays_before(session: Session, plans: Sequence[MovePlan]) -> Mapping[int, Sent]:
    """Return the last sending of each nomination to the step that it goes back to, where there was one."""
    stays = [(plan.locked.facts.nomination_id, plan.dest) for plan in plans]
    rows = session.execute(
        select(Visit.nomination_id, Visit.sent_by, Visit.sent_from)
        .ext(distinct_on(Visit.nomination_id))
        .where(
            tuple_(Visit.nomination_id, Visit.step).in_(stays),
            Visit.sent_from.is_not(None),
            Visit.voided_at.is_(None),
        )
        .order_by(Visit.nomination_id, Visit.ordinal.desc())
    )
    return {row.nomination_id: Sent(row.sent_by, row.sent_from, has_begun=True) for row in rows}


def mark_sent(session: Session, plans: Sequence[MovePlan]) -> None:
    """Note that a unit's first name leaves it with these moves, which closes what the unit was asked for.

    It was sent when the step took place, by its document where it was done offline. A unit that had answered
    that it proposes nothing has now proposed somebody: the answer is withdrawn. Their nominations are locked
    by the caller. Costs nothing where nothing is owed.
    """
    leaving: dict[int, MovePlan] = {}
    for plan in plans:
        return_id = plan.locked.open_return_id
        if return_id is not None and _leaves_the_unit(plan):
            leaving.setdefault(return_id, plan)
    if not leaving:
        return
    lock_returns(session, leaving)
    for return_id, plan in sorted(leaving.items()):
        if not _close_as_sent(session, return_id, at=plan.took_place_at):
            continue
        append_event(
            session,
            return_stream(return_id),
            SENT,
            actor=plan.actor,
            via=plan.via,
            now=plan.at,
            data={"nomination": plan.locked.facts.nomination_id},
        )


def _close_as_sent(session: Session, return_id: int, *, at: datetime) -> bool:
    """Close a locked return as sent then; return whether it was open."""
    sent = session.scalar(
        update(_RETURN)
        .where(_RETURN.c.id == return_id, _RETURN.c.sent_at.is_(None))
        .values(
            sent_at=at,
            answered_at=None,
            answered_by=None,
            nothing_number=None,
            nothing_on=None,
            nothing_signer=None,
        )
        .returning(_RETURN.c.id)
    )
    if sent is None:
        return False
    close_work(session, [return_id], outcome=SENT, now=at)
    return True


def _leaves_the_unit(plan: MovePlan) -> bool:
    source = plan.definition.stage_of(plan.locked.facts.state)
    return source in _IN_THE_UNIT and plan.definition.stage_of(plan.dest) not in _NOT_SENT


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
