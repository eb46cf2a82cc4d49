"""What a round has of a unit already: what cannot be proposed again, what is on no list and may come on one.

Drafted by itself or taken off a list, a name could else never come to its unit's paper: a second nomination
of the same subject for the same award is refused, and its own step asks for the paper.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from workflow.domain.errors import Conflict
from workflow.domain.facts import MoveRequest
from workflow.domain.rights.policy import Actor
from workflow.domain.rights.submission_rights import WITH_THE_UNIT
from workflow.domain.vocabulary import BuiltIn, SubjectKind, Via
from workflow.operations.history.record import Change, write_changes
from workflow.store.awards import Award, AwardEdition
from workflow.store.drafts import Roster
from workflow.store.locked import Locked, lock_nominations
from workflow.store.nominations import Nomination
from workflow.store.proposed import is_on_no_list, is_proposed
from workflow.store.visible import visible

# An award's code and the person's id, None for the unit itself.
Proposal: TypeAlias = tuple[str, int | None]


@dataclass(frozen=True, slots=True)
class LooseName:
    """A nomination on no list, on which route it runs and who decides on it."""

    nomination_id: int
    definition_id: int
    decider: str


@dataclass(frozen=True, slots=True)
class Hand:
    """Who moves names between lists, how and when."""

    actor: Actor
    via: Via
    now: datetime


def proposed_already(session: Session, roster: Roster) -> list[Proposal]:
    """Return which of the awards are proposed in the round already, for whom; None is the unit itself.

    Of the unit's own people alone: what another unit prepares for its people is nobody's to find out.
    """
    people = [person.id for person in roster.people.values() if person.unit_id == roster.unit_id]
    rows = session.execute(
        select(Award.code, Nomination.person_id)
        .join(AwardEdition, AwardEdition.id == Nomination.award_edition_id)
        .join(Award, Award.id == AwardEdition.award_id)
        .where(
            Nomination.round_id == roster.round_id,
            is_proposed(),
            Award.code.in_(sorted(roster.awards)),
            or_(
                Nomination.person_id.in_(people),
                (Nomination.subject_kind == SubjectKind.COLLECTIVE) & (Nomination.unit_id == roster.unit_id),
            ),
        )
    )
    return [(row.code, row.person_id) for row in rows]


def loose_names(session: Session, roster: Roster, *, actor: Actor) -> Mapping[Proposal, LooseName]:
    """Return the unit's nominations in the round that a list may take, as far as the actor sees them."""
    rows = session.execute(
        select(
            Award.code,
            Nomination.person_id,
            Nomination.id,
            Nomination.definition_id,
            Nomination.decider,
        )
        .join(AwardEdition, AwardEdition.id == Nomination.award_edition_id)
        .join(Award, Award.id == AwardEdition.award_id)
        .where(
            Nomination.round_id == roster.round_id,
            Nomination.unit_id == roster.unit_id,
            Award.code.in_(sorted(roster.awards)),
            is_on_no_list(),
            visible(actor.scope),
        )
    )
    return {
        (row.code, row.person_id): LooseName(row.id, row.definition_id, row.decider or "") for row in rows
    }


def lock_loose(
    session: Session, names: Sequence[int], *, actor: Actor, now: datetime
) -> Mapping[int, Locked]:
    """Lock names that are to come on a list. Raises `Conflict` where one went on or on another meanwhile."""
    locked = lock_nominations(session, names, actor=actor, now=now) if names else {}
    for name in names:
        one = locked.get(name)
        is_loose = one is not None and one.submission_id is None and not one.facts.is_closed
        if one is None or not is_loose or one.stage not in WITH_THE_UNIT:
            raise Conflict("A name that was on no list moved on in this moment.")
    return locked


def write_place(session: Session, hand: Hand, names: Sequence[Locked], to: int | None) -> None:
    """Write on which submission locked names are from now on, None for none, with an event of each."""
    write_changes(session, [_change(hand, one, to) for one in names])
    ids = [one.facts.nomination_id for one in names]
    session.execute(update(Nomination).where(Nomination.id.in_(ids)).values(submission_id=to))


def _change(hand: Hand, locked: Locked, to: int | None) -> Change:
    data = {"fields": ["submission"], "submission": to}
    return Change(locked, MoveRequest(BuiltIn.EDIT), hand.actor, hand.via, hand.now, data=data)
