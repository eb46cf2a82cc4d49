"""Open work with which nobody could make any move, and what waits for a council that has no date.

Who could make one depends on the step, the seats and the branch: nominations that share these are asked
together. Those of nominees who sit somewhere, and those in somebody's hands, are asked one by one.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, Select, and_, exists, func, or_, select, true, tuple_
from sqlalchemy.orm import Session, aliased

from workflow.domain.facts import Facts, Seats
from workflow.domain.moves.movers import awaits_council, mover_keys, movers
from workflow.domain.rights.routing import Holder
from workflow.domain.route.definition import Definition
from workflow.domain.vocabulary import RoundDate, SubjectKind, WorkKind
from workflow.operations.obstacles.parts import Part, waits
from workflow.operations.obstacles.places import seats_of
from workflow.store.access import Account
from workflow.store.awards import Round
from workflow.store.conditions import is_active
from workflow.store.definitions import shown_definition
from workflow.store.nominations import Nomination, WorkItem
from workflow.store.organisation import Person
from workflow.store.people import load_holders
from workflow.store.reads import end_read

_KEPT: Final = (
    Nomination.definition_id,
    Nomination.state,
    Nomination.subject_kind,
    Nomination.decider,
    Nomination.unit_id,
    Nomination.round_id,
    WorkItem.owner_key,
)
_AT_ONCE: Final = 500
_UNIT: Final = _KEPT.index(Nomination.unit_id)
_ROUND: Final = _KEPT.index(Nomination.round_id)


@dataclass(frozen=True, slots=True)
class AlikeWork:
    """Open work that shares its step, its branch and its seats, and how much of it there is."""

    definition_id: int
    round_id: int
    facts: Facts
    work_count: int

    @property
    def key(self) -> tuple[object, ...]:
        """What its nominations have in common, in the order of the columns that are grouped by."""
        facts = self.facts
        kind = str(facts.subject_kind)
        common = (self.definition_id, facts.state, kind, facts.decider, facts.unit_id)
        return (*common, self.round_id, facts.owner_key)


def load_waiting(session: Session, parts: Sequence[Part], *, today: date) -> list[AlikeWork]:
    """Return all work on nominations that waits for a move of somebody, counted where all is in common."""
    counts = Counter[tuple[Any, ...]]()
    for part in parts:
        for row in session.execute(_groups(part)):
            counts[tuple(row[: len(_KEPT)])] += row.work_count
    seats = seats_of(session, {(key[_UNIT], key[_ROUND]) for key in counts}, today=today)
    # What follows is reckoned here, and the server ends a transaction that stands still for long.
    end_read(session)
    return [_waiting(key, count, seats[key[_UNIT], key[_ROUND]]) for key, count in counts.items()]


def without_mover(
    session: Session, waiting: Sequence[AlikeWork], parts: Sequence[Part], *, today: date
) -> Iterator[UUID]:
    """Yield the work with which nobody could make a move today."""
    for number in {one.definition_id for one in waiting}:
        shown_definition(session, number)
    # As above: of a hundred thousand open the groups are many, and each is asked of the policy here.
    end_read(session)
    wanted = {key for one in waiting for key in mover_keys(_definition(session, one), one.facts)}
    holders = load_holders(session, wanted, today=today)
    end_read(session)
    groups = {one.key: one for one in waiting}
    stuck = [one for one in waiting if not movers(_definition(session, one), one.facts, holders, taker=None)]
    singled = [row for part in parts for row in session.execute(_singled_out(part))]
    apart = {row.id for row in singled}
    ids = [
        one
        for first in range(0, len(stuck), _AT_ONCE)
        for one in session.scalars(_work_of(stuck[first : first + _AT_ONCE], true()))
    ]
    end_read(session)
    yield from (one for one in ids if one not in apart)
    sitting = frozenset(holder.person_id for people in holders.values() for holder in people)
    # Of thousands that people have in hand most are alike: nobody among them is nominated, or of the unit.
    answers: dict[tuple[object, ...], bool] = {}
    for row in singled:
        group = groups.get(tuple(row[: len(_KEPT)]))
        if group is None:
            continue
        alike = (group.key, _kind_of_taker(group, row), row.person_id if row.person_id in sitting else None)
        if alike not in answers:
            answers[alike] = _has_mover(session, group, row, holders)
        if not answers[alike]:
            yield row.id


def rounds_without_session(session: Session, waiting: Sequence[AlikeWork], *, today: date) -> dict[int, int]:
    """Return by round how much is ready for a vote of its council, where no day of a meeting lies ahead."""
    ready: dict[int, int] = {}
    for one in waiting:
        if awaits_council(_definition(session, one), one.facts.state):
            ready[one.round_id] = ready.get(one.round_id, 0) + one.work_count
    if not ready:
        return {}
    day = Round.dates[RoundDate.COUNCIL_DATE].astext
    planned = set(session.scalars(select(Round.id).where(Round.id.in_(ready), day >= today.isoformat())))
    return {number: count for number, count in ready.items() if number not in planned}


def _groups(part: Part) -> Select[*tuple[Any, ...]]:
    return (
        select(*_KEPT, func.count().label("work_count"))
        .join(Nomination, Nomination.id == WorkItem.nomination_id)
        # A question waits for no move: whether anybody can answer is asked of its seat.
        .where(*waits(part), WorkItem.kind != WorkKind.ANSWER)
        .group_by(*_KEPT)
    )


def _singled_out(part: Part) -> Select[*tuple[Any, ...]]:
    """Return waiting work that somebody took, and that on nominees who can sign in, with who they are."""
    nominee, taker, person = aliased(Account), aliased(Account), aliased(Person)
    can_sign_in = exists().where(nominee.person_id == Nomination.person_id, is_active(nominee))
    return (
        select(
            *_KEPT,
            WorkItem.id,
            Nomination.person_id,
            taker.id.label("taker_id"),
            taker.person_id.label("taker_person_id"),
            person.unit_id.label("taker_unit_id"),
        )
        .join(Nomination, Nomination.id == WorkItem.nomination_id)
        .outerjoin(taker, and_(taker.id == WorkItem.assignee_id, is_active(taker)))
        .outerjoin(person, person.id == taker.person_id)
        .where(*waits(part), or_(WorkItem.assignee_id.is_not(None), can_sign_in))
    )


def _kind_of_taker(group: AlikeWork, row: Row[Any]) -> tuple[bool, bool, bool]:
    """Return what of whoever took the work a move may ask: whether there is one, nominated, of the unit."""
    is_nominee = row.taker_person_id is not None and row.taker_person_id == row.person_id
    return row.taker_id is not None, is_nominee, row.taker_unit_id == group.facts.unit_id


def _has_mover(
    session: Session, group: AlikeWork, row: Row[Any], holders: Mapping[str, Sequence[Holder]]
) -> bool:
    facts = replace(group.facts, subject_person_id=row.person_id)
    taker = (
        Holder("", row.taker_id, row.taker_person_id, row.taker_unit_id) if row.taker_id is not None else None
    )
    return bool(movers(_definition(session, group), facts, holders, taker=taker))


def _work_of(groups: Sequence[AlikeWork], part: Part) -> Select[UUID]:
    return (
        select(WorkItem.id)
        .join(Nomination, Nomination.id == WorkItem.nomination_id)
        .where(*waits(part), tuple_(*_KEPT).in_([group.key for group in groups]))
    )


def _definition(session: Session, waiting: AlikeWork) -> Definition:
    return shown_definition(session, waiting.definition_id)


def _waiting(key: tuple[Any, ...], work_count: int, seats: Seats) -> AlikeWork:
    """Return one kind of waiting work; what no move asks about is left blank in its facts."""
    definition_id, state, kind, decider, unit_id, round_id, owner_key = key
    facts = Facts(
        nomination_id=0,
        state=state,
        version=0,
        is_held=False,
        is_closed=False,
        seats=seats,
        unit_id=unit_id,
        audience=frozenset(),
        created_by=0,
        subject_kind=SubjectKind(kind),
        subject_person_id=None,
        has_subject=True,
        has_award=True,
        has_achievement=True,
        has_proposer=True,
        owner_key=owner_key,
        assignee_id=None,
        actor_is_subject=False,
        decider=decider,
    )
    return AlikeWork(definition_id, round_id, facts, work_count)
