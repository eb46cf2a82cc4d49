"""Names taken off a list, or put on another of the same unit and round: splitting a list by hand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeAlias

from sqlalchemy import insert
from sqlalchemy.orm import Session

from workflow.domain.errors import Conflict, NotFound, Reason, Refusal, SubmissionSent
from workflow.domain.rights.policy import Actor, demand_sight
from workflow.domain.rights.submission_rights import WITH_THE_UNIT, demand_composer
from workflow.domain.vocabulary import Via
from workflow.operations.history.streams import append_event
from workflow.operations.keys import Claim, claim_key, settle_key
from workflow.operations.nominations.answers import ItemResult, ListOutcome, RefusedItem
from workflow.operations.nominations.decide_many import demand_size
from workflow.operations.submissions.proposals import Hand, write_place
from workflow.operations.submissions.versions import bump, demand_taken
from workflow.store.locked import Locked, lock_nominations
from workflow.store.locked_submissions import LockedSubmission, lock_submissions
from workflow.store.submissions import Submission

A_NEW_SUBMISSION: Final = 0


@dataclass(frozen=True, slots=True)
class Transfer:
    """Names to take off a list. `to` is the submission they go on, 0 a new one, None no submission at all."""

    submission_id: int
    version: int
    nominations: Sequence[int]
    to: int | None
    via: Via
    claim: Claim | None = None


# The submission the names are on, and the one they go on, None for a new one or none.
_Pair: TypeAlias = tuple[LockedSubmission, LockedSubmission | None]


def transfer_names(session: Session, *, actor: Actor, transfer: Transfer, now: datetime) -> ListOutcome:
    """Take names off a list, or put them on another of the same unit and round; commit and answer each.

    Only names that lie with the unit can be moved. Raises `NotFound`, `Forbidden`, `StaleSubmission`,
    `Conflict` for a submission of another unit or round, `SubmissionSent` for a submission that was sent.
    """
    answered = claim_key(session, transfer.claim, actor=actor, now=now)
    if answered is not None:
        return ListOutcome.again(answered)
    demand_size(len(transfer.nominations))
    source, dest = _take_both(session, transfer, actor)
    actor = demand_composer(actor, source.unit_code)
    locked = lock_nominations(session, transfer.nominations, actor=actor, now=now)
    refusals = {
        name: refused
        for name in dict.fromkeys(transfer.nominations)
        if (refused := _refuse(actor, (source, dest), locked.get(name))) is not None
    }
    moving = [one for name, one in locked.items() if name not in refusals]
    if moving:
        _move(
            session,
            Hand(actor, transfer.via, now),
            (source, dest),
            moving,
            is_listed=transfer.to is not None,
        )
    outcome = ListOutcome(
        tuple(_answer(name, locked, refusals.get(name)) for name in dict.fromkeys(transfer.nominations))
    )
    settle_key(session, transfer.claim, actor=actor, result=outcome.as_result())
    session.commit()
    return outcome


def _take_both(session: Session, transfer: Transfer, actor: Actor) -> _Pair:
    """Lock the submissions the names are on and go on, with lists, in order of id; check that they fit."""
    wanted = {transfer.submission_id} | ({transfer.to} if transfer.to else set())
    locked = lock_submissions(session, wanted, scope=actor.scope, with_names=True)
    source = demand_taken(
        session, locked.get(transfer.submission_id), transfer.submission_id, transfer.version, actor=actor
    )
    if transfer.to is None or transfer.to == A_NEW_SUBMISSION:
        return source, None
    found = locked.get(transfer.to)
    dest = demand_taken(session, found, transfer.to, found.version if found else 0, actor=actor)
    if dest.id == source.id or (dest.round_id, dest.unit_id) != (source.round_id, source.unit_id):
        raise Conflict("Names go on another paper of the same unit and round only.")
    if dest.has_left:
        raise SubmissionSent("That paper was sent with its list; put the names on a new one.")
    return source, dest


def _refuse(actor: Actor, papers: _Pair, locked: Locked | None) -> Refusal | None:
    """Return why a name cannot leave this list for that submission, None when it can."""
    source, dest = papers
    if locked is None or locked.submission_id != source.id:
        message = "This nomination is not on the list."
        return NotFound(message, reasons=[Reason("not_on_this_list", message)])
    try:
        demand_sight(actor, locked.facts)
    except NotFound as refused:
        return refused
    if locked.facts.is_closed or locked.stage not in WITH_THE_UNIT:
        message = "It no longer lies with the unit, so it stays on the list."
        return SubmissionSent(message, reasons=[Reason("not_with_the_unit", message)])
    if dest is not None and dest.decider != locked.facts.decider:
        message = "Another body decides on it, so it needs a paper of its own."
        return Conflict(message, reasons=[Reason("other_decider", message)])
    return None


def _move(session: Session, hand: Hand, papers: _Pair, moving: Sequence[Locked], *, is_listed: bool) -> None:
    """Write the names' new place, an event of each name and one of each submission, and the new versions."""
    source, dest = papers
    to = dest.id if dest else _new_paper(session, hand, source) if is_listed else None
    write_place(session, hand, moving, to)
    names = [one.facts.nomination_id for one in moving]
    _note(session, source.id, "take_off", hand, {"nominations": names, "to": to})
    bump(session, source.id)
    if to is not None:
        action = "add" if dest is not None else "create"
        _note(session, to, action, hand, {"nominations": names, "from": source.id})
    if dest is not None:
        bump(session, dest.id)


def _new_paper(session: Session, hand: Hand, source: LockedSubmission) -> int:
    values = {
        "round_id": source.round_id,
        "unit_id": source.unit_id,
        "decider": source.decider,
        "version": 1,
        "created_by": hand.actor.account_id,
        "created_at": hand.now,
    }
    return session.execute(insert(Submission).returning(Submission.id), values).scalar_one()


def _note(session: Session, submission_id: int, action: str, hand: Hand, data: Mapping[str, object]) -> None:
    stream = f"submission:{submission_id}"
    append_event(session, stream, action, actor=hand.actor, via=hand.via, now=hand.now, data=data)


def _answer(name: int, locked: Mapping[int, Locked], refusal: Refusal | None) -> ItemResult:
    one = locked.get(name)
    if refusal is not None or one is None:
        is_hidden = one is None or isinstance(refusal, NotFound)
        version = None if is_hidden or one is None else one.facts.version
        state = None if is_hidden or one is None else one.facts.state
        return ItemResult(name, version, state, RefusedItem.of(refusal) if refusal else None)
    return ItemResult(name, one.facts.version + 1, one.facts.state)
