"""Who may read of what is to come: their own mails everybody, those of a scope who watches over it."""

from datetime import date
from typing import Final

from sqlalchemy import ColumnElement, Text, and_, case, func, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute, Session

from workflow.domain.rights.policy import Actor
from workflow.domain.rights.routing import CLUSTER_SEAT, split_key, unit_of
from workflow.domain.rights.scope import EVERYWHERE, Depth, codes_below
from workflow.domain.vocabulary import Recipient, Role
from workflow.store.absences import Absence, Substitute
from workflow.store.access import Grant
from workflow.store.base import among
from workflow.store.conditions import outlasts
from workflow.store.mail import Outbox
from workflow.store.nominations import Nomination, Rung, WorkItem
from workflow.store.people import load_tree
from workflow.store.sightings import counts_all
from workflow.store.submissions import ExpectedReturn
from workflow.store.visible import rounds_run_by, visible

_WATCHERS: Final = (Role.SUPERVISOR, Role.ADMIN, Role.AUDITOR, Role.COUNCIL_SECRETARY)
_COUNCIL: Final = "council:"


def watches(actor: Actor) -> bool:
    """Return whether coming mails of others are the actor's business: who oversees, and a round's office."""
    return any(actor.holds(role) for role in _WATCHERS)


def watched(actor: Actor) -> ColumnElement[bool]:
    """Return the condition of what an actor watches over; join nominations and returns outside.

    As a board counts it. Of their own nomination nobody reads whom it waits for.
    """
    scope = actor.scope
    is_own = Nomination.person_id == actor.person_id if actor.person_id is not None else None
    named: ColumnElement[bool] = visible(scope, Depth.COUNT)
    if is_own is not None:
        named = and_(named, is_own.is_not(True))
    if scope.is_everything or scope.counts_everything:
        owed: ColumnElement[bool] = true()
    else:
        owed = or_(
            among(ExpectedReturn.unit_id, scope.units | scope.counted),
            ExpectedReturn.round_id.in_(rounds_run_by(scope.seats)),
        )
    return or_(and_(Nomination.id.is_not(None), named), and_(ExpectedReturn.id.is_not(None), owed))


def watched_of(session: Session, actor: Actor, promise: type[Rung | Outbox]) -> ColumnElement[bool]:
    """Return the condition of rungs, or of mails, that an actor watches over; join nominations and returns.

    For who counts all there is nothing is asked of any nomination but whether it is their own.
    """
    if not counts_all(session, actor.scope):
        return watched(actor)
    if actor.person_id is None:
        return true()
    own = select(Nomination.id).where(Nomination.person_id == actor.person_id)
    return or_(promise.nomination_id.is_(None), promise.nomination_id.not_in(own))


def could_tell(session: Session, actor: Actor, *, today: date, last: date) -> ColumnElement[bool]:
    """Return the condition of rungs that may mean the actor when they fire; join their work outside.

    What they hold or sit for on any of the days, and all that could come to them from below: whom a rung
    means is only known when it is asked (`foresee_rungs`).
    """
    own = select(Grant.key).where(Grant.account_id == actor.account_id)
    keys = set(session.scalars(own.where(outlasts(Grant, today), Grant.valid_from <= last)))
    absent = _absences_to_cover(session, actor, today=today, last=last)
    keys |= {key for _, key in absent if key is not None}
    seats = [split_key(key)[1] for key in keys]
    if EVERYWHERE in seats:
        return true()
    tree = load_tree(session, today=today)
    below = {code for seat in seats for code in codes_below(unit_of(seat) or "", tree)}
    in_council = any(seat.startswith(_COUNCIL) for seat in seats)
    return or_(
        among(WorkItem.assignee_id, {actor.account_id, *(account_id for account_id, _ in absent)}),
        among(WorkItem.owner_key, keys),
        among(_unit_of(WorkItem.owner_key), below),
        *([Rung.recipient == Recipient.STANDING_BODY] if in_council else []),
    )


def _absences_to_cover(
    session: Session, actor: Actor, *, today: date, last: date
) -> set[tuple[int, str | None]]:
    """Return whom the actor stands in for on any of the days, with each key that they hold there."""
    rows = session.execute(
        select(Absence.account_id, func.coalesce(Absence.key, Grant.key))
        .join(Substitute, Substitute.absence_id == Absence.id)
        .outerjoin(Grant, Grant.account_id == Absence.account_id)
        .where(
            Substitute.account_id == actor.account_id,
            Absence.ended_at.is_(None),
            outlasts(Absence, today),
            Absence.valid_from <= last,
        )
    )
    return {(account_id, key) for account_id, key in rows}


def _unit_of(key: InstrumentedAttribute[str]) -> ColumnElement[str]:
    """Return the code of the unit that answers for the seat of an owner key: the twin of `unit_of`."""
    seat = func.split_part(key, "@", 2, type_=Text())
    name = func.substr(seat, func.strpos(seat, ":") + 1, type_=Text())
    return case((seat.startswith(CLUSTER_SEAT), func.split_part(name, "/", 2, type_=Text())), else_=name)
