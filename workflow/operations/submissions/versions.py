"""The submission as a root: taken in hand at the version somebody saw, and its version moved on."""

from typing import Final

from sqlalchemy import exists, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from workflow.domain.errors import Conflict, Reason, StaleSubmission
from workflow.domain.rights.policy import Actor
from workflow.domain.rights.submission_rights import no_submission, sees_submission
from workflow.store.access import Account
from workflow.store.conditions import is_open
from workflow.store.history import Event
from workflow.store.locked_submissions import LockedSubmission, lock_submissions
from workflow.store.nominations import Nomination
from workflow.store.submissions import Submission

_NUMBER_TAKEN: Final = "uq_submission_number"


def take_submission(
    session: Session, submission_id: int, version: int, *, actor: Actor, with_names: bool = False
) -> LockedSubmission:
    """Lock a submission the actor sees, at the version they saw. Raises `NotFound`, `StaleSubmission`.

    `with_names` locks its list too: then `has_left` stays as it is until the transaction ends.
    """
    found = lock_submissions(session, [submission_id], scope=actor.scope, with_names=with_names)
    return demand_taken(session, found.get(submission_id), submission_id, version, actor=actor)


def demand_taken(
    session: Session, taken: LockedSubmission | None, submission_id: int, version: int, *, actor: Actor
) -> LockedSubmission:
    """Return a locked submission seen at that version. Raises `NotFound`, `StaleSubmission`."""
    if taken is None or not sees_submission(
        actor.scope, unit_id=taken.unit_id, unit_code=taken.unit_code, names_any=taken.names_any
    ):
        raise no_submission(submission_id)
    if taken.version != version:
        raise stale_list(session, taken.id, seen=version, now_at=taken.version, actor=actor)
    return taken


def bump(session: Session, submission_id: int) -> int:
    """Move a locked submission's version on and return it."""
    moved = (
        update(Submission)
        .where(Submission.id == submission_id)
        .values(version=Submission.version + 1)
        .returning(Submission.version)
    )
    return session.execute(moved).scalar_one()


def number_taken(number: str) -> Conflict:
    """Return the refusal of a number that the unit has used in this round."""
    message = f"The unit has used the number {number} on another paper of this round."
    return Conflict(message, reasons=[Reason("number_taken", message, {"number": number})])


def is_number_taken(problem: IntegrityError) -> bool:
    """Return whether a broken rule is that a unit uses a number once in a round."""
    return getattr(getattr(problem.orig, "diag", None), "constraint_name", None) == _NUMBER_TAKEN


def stale_list(
    session: Session, submission_id: int, *, seen: int, now_at: int, actor: Actor
) -> StaleSubmission:
    """Return the refusal of a list whose version is not the one seen, saying who changed it and when."""
    change = session.execute(
        select(Account.name, Event.recorded_at, Event.actor_id)
        .select_from(Event)
        .outerjoin(Account, Account.id == Event.actor_id)
        .where(Event.stream == f"submission:{submission_id}")
        .order_by(Event.seq.desc())
        .limit(1)
    ).one_or_none()
    # Who is nominated on it learns the reviewers' names with the result, not by being slow.
    hides = _is_nominated(session, submission_id, actor)
    who = "" if hides else (change and change.name) or ""
    is_own = change is not None and change.actor_id == actor.account_id
    said = "you" if is_own else who or ("somebody" if hides else "the system")
    at = change.recorded_at.isoformat(timespec="seconds") if change else "an unknown time"
    return StaleSubmission(
        f"You saw version {seen} of the list; {said} changed it to version {now_at} at {at}. "
        "Look again before you act.",
        version=str(now_at),
        changed_by=who,
        changed_at=at,
        changed_by_you=str(is_own).lower(),
    )


def _is_nominated(session: Session, submission_id: int, actor: Actor) -> bool:
    if actor.person_id is None:
        return False
    is_own = (Nomination.submission_id == submission_id, Nomination.person_id == actor.person_id)
    return session.scalar(select(exists().where(*is_own, is_open(Nomination)))) or False
