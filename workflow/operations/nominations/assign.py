"""Who works on it: claim, release, reassign, take over. Each moves the version, so no two hands hold it.

And what others prepare for them, which moves neither nomination nor version: nobody's screen is stale by it,
and nobody is kept from deciding.
"""

from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from workflow.domain.callers import UNANSWERED, Caller
from workflow.domain.errors import AlreadyClaimed, FieldError, InvalidField, Reason, RequirementsMissing
from workflow.domain.moves.built_ins import heir_keys, heirs
from workflow.domain.moves.proposing import demand_proposal
from workflow.domain.rights.preparing import preparing_keys
from workflow.domain.vocabulary import NoticeKind
from workflow.operations.deadlines.claim_days import claimed_until
from workflow.operations.history.record import Change, Recorded, append_changes
from workflow.operations.mail.notify import PromisedMail, write_notices
from workflow.operations.mail.withheld import tell_again
from workflow.operations.nominations.commands import Attempt, write_attempt
from workflow.store.database import local_day
from workflow.store.nominations import Rung, WorkItem
from workflow.store.people import load_holders
from workflow.store.preparations import Preparation


def claim(session: Session, attempt: Attempt, *, now: datetime) -> Recorded:
    """Take the open work into one's own hands, or into those of the person one stands in for.

    Raises `AlreadyClaimed` when it is in somebody's.
    """
    return _take(session, attempt, now)


def take_over(session: Session, attempt: Attempt, *, now: datetime) -> Recorded:
    """Take the open work out of somebody's hands into one's own, with a reason; who had it gets a mail.

    Raises `RequirementsMissing` without a comment.
    """
    if not attempt.command.request.comment:
        reason = Reason("comment_missing", "Say why you take it over.")
        raise RequirementsMissing(reason.message, reasons=[reason])
    before, recorded = attempt.locked.facts.assignee_id, _take(session, attempt, now)
    if before is not None and before != attempt.actor.account_id:
        write_notices(session, [_notice(attempt, NoticeKind.WORK_GONE, before, recorded, now)])
    return recorded


def release(session: Session, attempt: Attempt, *, now: datetime) -> Recorded:
    """Give the work back to its group; who was not told of it because it was taken is told now.

    Raises `MoveNotOpen` when nobody holds it.
    """
    recorded = _hand_to(session, attempt, None, now)
    tell_again(session, attempt.locked, now=now)
    return recorded


def reassign(session: Session, attempt: Attempt, *, now: datetime) -> Recorded:
    """Hand the work to somebody of the same seat or a stand-in of it, who gets a mail, as who had it does.

    Raises `InvalidField` when the person does not sit there or is the one nominated.
    """
    target, before = attempt.command.assignee_id, attempt.locked.facts.assignee_id
    if target is None:
        raise InvalidField("Say who should do it.", errors=[FieldError("assignee_id", "is required")])
    if target == before:
        raise AlreadyClaimed("They already work on it.")
    _demand_eligible(session, attempt, target, now)
    recorded = _hand_to(session, attempt, target, now)
    given = _notice(attempt, NoticeKind.WORK_OPENED, target, recorded, now)
    is_told = before not in {None, attempt.actor.account_id}
    gone = replace(given, kind=NoticeKind.WORK_GONE, account_id=before or 0)
    write_notices(session, [given, gone] if is_told else [given])
    return recorded


def _notice(
    attempt: Attempt, kind: NoticeKind, account_id: int, recorded: Recorded, now: datetime
) -> PromisedMail:
    return PromisedMail(
        kind=kind,
        account_id=account_id,
        cause=recorded.event_id,
        nomination_id=attempt.locked.facts.nomination_id,
        at=now,
        work_item_id=attempt.locked.work_item_id,
        event_id=recorded.event_id,
    )


def _demand_eligible(session: Session, attempt: Attempt, target: int, now: datetime) -> None:
    facts = attempt.locked.facts
    keys = heir_keys(str(attempt.definition.step(facts.state).owner), facts)
    holders = load_holders(session, keys, today=local_day(session, now))
    if target not in heirs(facts, holders):
        raise InvalidField(
            "They cannot take this over.",
            errors=[
                FieldError(
                    "assignee_id",
                    f"account {target} does not sit where this work is done, or is the one nominated",
                )
            ],
        )


def _take(session: Session, attempt: Attempt, now: datetime) -> Recorded:
    """Take it for some working days: who does nothing with it by then gives it back without a word."""
    taker = attempt.actor.hand or attempt.actor.account_id
    owner_key = attempt.locked.facts.owner_key
    until = claimed_until(session, attempt.definition.calendar, owner_key, now=now)
    return _hand_to(session, attempt, taker, now, until=until)


def _hand_to(
    session: Session, attempt: Attempt, account_id: int | None, now: datetime, *, until: date | None = None
) -> Recorded:
    recorded = write_attempt(session, attempt, now=now, data={"assignee": account_id})
    taken_at = now if account_id is not None else None
    values: dict[str, object] = {"assignee_id": account_id, "taken_at": taken_at, "claimed_until": until}
    if account_id is not None:
        values["first_claimed_at"] = func.coalesce(WorkItem.first_claimed_at, now)
    session.execute(update(WorkItem).where(WorkItem.id == attempt.locked.work_item_id).values(values))
    if account_id is not None and attempt.locked.question is not None:
        # Whoever has the work now waits for the answer, in the place of who asked.
        waits = Caller(account_id, attempt.locked.facts.owner_key or "")
        promised = (Rung.ordinal == UNANSWERED, Rung.fired_at.is_(None))
        session.execute(
            update(Rung)
            .where(Rung.work_item_id == attempt.locked.question.work_item_id, *promised)
            .values(recipient=str(waits))
        )
    return recorded


def prepare(session: Session, attempt: Attempt, *, now: datetime) -> Recorded:
    """Fill in a decision for whoever takes it; what was prepared in this stay before gives way.

    Raises `InvalidField`, `UnknownStep` and `RequirementsMissing` where it could not be agreed to as it is.
    """
    locked, request = attempt.locked, attempt.command.request
    demand_proposal(attempt.definition, locked.facts, request)
    facts = locked.facts
    data: dict[str, object] = {
        "proposes": request.proposes,
        "to_step": request.to_step,
        "version": facts.version,
        "for": facts.owner_key,
        "seat": min(preparing_keys(facts.owner_key) & attempt.actor.keys, default=None),
    }
    recorded = _append(session, attempt, data, now)
    fresh = {
        "event_id": recorded.event_id,
        "version": facts.version,
        "prepared_by": attempt.actor.account_id,
        "again_id": None,
    }
    session.execute(
        insert(Preparation)
        .values(visit_id=_stay(attempt), **fresh)
        .on_conflict_do_update(index_elements=[Preparation.visit_id], set_=fresh)
    )
    return recorded


def prepare_again(session: Session, attempt: Attempt, *, now: datetime) -> Recorded:
    """Send what was prepared back to whoever did, with a word; nothing is proposed until they did so again.

    They get a mail. Raises `RequirementsMissing` without a comment.
    """
    if not attempt.command.request.comment:
        reason = Reason("comment_missing", "Write what has to be done or why.")
        raise RequirementsMissing(reason.message, reasons=[reason])
    prepared = attempt.locked.facts.prepared
    if prepared is None:
        raise RuntimeError("what nobody prepared is sent back")
    data: dict[str, object] = {"for": attempt.locked.facts.owner_key, "key": prepared.seat}
    recorded = _append(session, attempt, data, now)
    session.execute(
        update(Preparation).where(Preparation.visit_id == _stay(attempt)).values(again_id=recorded.event_id)
    )
    if prepared.by != attempt.actor.account_id:
        # What one reader hears of on one day goes out as one mail.
        again = _notice(attempt, NoticeKind.PREPARE_AGAIN, prepared.by, recorded, now)
        write_notices(session, [replace(again, slot=local_day(session, now).isoformat())])
    return recorded


def _append(session: Session, attempt: Attempt, data: dict[str, object], now: datetime) -> Recorded:
    command = attempt.command
    change = Change(attempt.locked, command.request, attempt.actor, command.via, now, data=data)
    return append_changes(session, [change])[0]


def _stay(attempt: Attempt) -> UUID:
    if attempt.locked.visit_id is None:
        raise RuntimeError("a nomination that is open stands in no step")
    return attempt.locked.visit_id
