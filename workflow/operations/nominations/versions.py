"""The nomination as a root: taken in hand by who may see it, at the version they saw."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from workflow.domain.errors import NotFound, StaleNomination
from workflow.domain.rights.policy import Actor, demand_sight
from workflow.store.locked import LastChange, Locked, last_changes, lock_nominations


def take_nomination(
    session: Session, nomination_id: int, version: int | None, *, actor: Actor, now: datetime
) -> Locked:
    """Lock a nomination the actor sees, at the version they saw; None takes it at whichever it has.

    Raises `NotFound`, `StaleNomination`.
    """
    locked = lock_nominations(session, [nomination_id], actor=actor, now=now)
    late = late_changes(session, {nomination_id: version}, locked)
    return demand_taken(nomination_id, version, locked, late, actor=actor)


def late_changes(
    session: Session, seen: Mapping[int, int | None], locked: Mapping[int, Locked]
) -> Mapping[int, LastChange]:
    """Return who changed what somebody saw in another version, in one look-up for all of them."""
    late = [
        nomination_id
        for nomination_id, version in seen.items()
        if nomination_id in locked and version not in {None, locked[nomination_id].facts.version}
    ]
    return last_changes(session, late) if late else {}


def demand_taken(
    nomination_id: int,
    version: int | None,
    locked: Mapping[int, Locked],
    late: Mapping[int, LastChange],
    *,
    actor: Actor,
) -> Locked:
    """Return a nomination among those locked, if the actor sees it at the version they saw.

    Raises `NotFound`, and `StaleNomination` saying who changed it and when.
    """
    found = locked.get(nomination_id)
    if found is None:
        raise NotFound(f"There is no nomination {nomination_id} among those you may see.")
    demand_sight(actor, found.facts)
    if version is not None and version != found.facts.version:
        raise _stale(found, version, late.get(nomination_id), actor)
    return found


def as_of_now(actor: Actor, locked: Locked) -> Actor:
    """Return the actor without the keys that ended while they waited for the lock; not the lent ones."""
    if actor.keys <= locked.actor_keys:
        return actor
    return replace(actor, keys=actor.keys & locked.actor_keys)


def _stale(locked: Locked, version: int, change: LastChange | None, actor: Actor) -> StaleNomination:
    # Who is nominated learns the reviewers' names with the result, not by being slow.
    hides = locked.facts.actor_is_subject and not locked.facts.is_closed
    who = "" if hides else (change and change.by) or ""
    at = change.at.isoformat(timespec="seconds") if change else "an unknown time"
    is_own = change is not None and change.account_id == actor.account_id
    said = "you" if is_own else who or ("somebody" if hides else "the system")
    return StaleNomination(
        f"You saw version {version}; {said} changed it to version "
        f"{locked.facts.version} at {at}. Look again before you act.",
        version=str(locked.facts.version),
        changed_by=who,
        changed_at=at,
        changed_by_you=str(is_own).lower(),
    )
