"""What forms offer to choose from: for a new draft, and to narrow a list."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final, TypeVar

from sqlalchemy import ColumnElement, ScalarSelect, func, or_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from workflow.domain.rights.policy import Actor
from workflow.domain.rights.roles_held import has_a_role_of_its_own, nominating_units
from workflow.domain.rights.scope import Depth, Scope
from workflow.domain.vocabulary import Role, SubjectKind
from workflow.queries.shapes import Named, Titled, Words, words_of
from workflow.store.awards import Award, AwardEdition, Round, RoundAward, WorkflowDefinition
from workflow.store.base import among
from workflow.store.conditions import edition_of_unit, is_in_force, named_edition
from workflow.store.definitions import shown_definition
from workflow.store.drafts import load_awards, takes_drafts
from workflow.store.organisation import Person, Unit, UnitEdition
from workflow.store.seats import known_starters
from workflow.store.sightings import SightingKind, is_seen, keys_of

T = TypeVar("T")

MOST_CHOICES: Final = 500
# A unit's whole staff fits into a list that a browser can still search; a larger one takes the code by hand.
MOST_PEOPLE: Final = 2000


@dataclass(frozen=True, slots=True)
class PersonChoice:
    """Somebody who can be nominated, with the code of their unit."""

    code: str
    name: str
    position: str
    unit: str
    id: int


@dataclass(frozen=True, slots=True)
class AwardOption:
    """An award in force and whom it honours."""

    code: str
    title: Words
    kind: SubjectKind


@dataclass(frozen=True, slots=True)
class DraftChoices:
    """What a nominator can put into a new draft.

    `cut` names those (`round`, `award`, `unit`, `person`) of which there are more than are offered; `covered`
    holds the awards of the rounds that are not held for every award.
    """

    rounds: tuple[Named, ...]
    awards: tuple[AwardOption, ...]
    units: tuple[Named, ...]
    people: tuple[PersonChoice, ...]
    cut: frozenset[str]
    covered: Mapping[str, frozenset[str]]

    def awards_in(self, *round_codes: str) -> tuple[AwardOption, ...]:
        """Return the awards that one of these rounds is held for."""
        named = [self.covered.get(code) for code in round_codes]
        return tuple(one for one in self.awards if any(codes is None or one.code in codes for codes in named))


@dataclass(frozen=True, slots=True)
class FilterChoices:
    """What the list of nominations can be narrowed to, out of what its reader sees.

    `cut` names those (`round`, `award`, `unit`) of which there are more than are offered.
    """

    rounds: tuple[Named, ...]
    awards: tuple[Titled, ...]
    units: tuple[Named, ...]
    cut: frozenset[str]


@dataclass(slots=True)
class _Cut:
    """Cuts lists of which one more was read than may be offered, and remembers which."""

    names: set[str] = field(default_factory=set)

    def to(self, most: int, name: str, found: Sequence[T]) -> tuple[T, ...]:
        if len(found) > most:
            self.names.add(name)
        return tuple(found[:most])


def draft_choices(session: Session, *, actor: Actor, today: date) -> DraftChoices:
    """Return rounds that take drafts, awards in force, and the units and people the actor may draft for."""
    codes = sorted(drafting_units(session, actor))
    rounds = session.execute(
        select(Round.code, Round.title, _awards_of_round())
        .where(takes_drafts(codes, today))
        .order_by(Round.opened_at.desc(), Round.id.desc())
        .limit(MOST_CHOICES + 1)
    ).all()
    people = session.execute(
        select(Person.code, Person.name, Person.position, Unit.code, Person.id)
        .join(Unit, Unit.id == Person.unit_id)
        .where(among(Unit.code, codes), or_(Person.left_on.is_(None), Person.left_on > today))
        .order_by(Unit.code_sort, Person.name_sort, Person.code)
        .limit(MOST_PEOPLE + 1)
    )
    startable, cut = _startable(session, actor, today), _Cut()
    return DraftChoices(
        rounds=cut.to(MOST_CHOICES, "round", [Named(code, title) for code, title, _ in rounds]),
        awards=cut.to(
            MOST_CHOICES, "award", [one for one in _awards(session, today) if one.code in startable]
        ),
        units=cut.to(MOST_CHOICES, "unit", _units(session, among(Unit.code, codes), edition_of_unit(today))),
        people=cut.to(MOST_PEOPLE, "person", [PersonChoice(*row) for row in people]),
        cut=frozenset(cut.names),
        covered={code: frozenset(awards) for code, _, awards in rounds if awards is not None},
    )


def _awards_of_round() -> ScalarSelect[Sequence[str] | None]:
    """Return the codes of the awards that a round is held for, null where it is held for every one."""
    return (
        select(func.array_agg(Award.code))
        .join(RoundAward, RoundAward.award_id == Award.id)
        .where(RoundAward.round_id == Round.id)
        .correlate(Round)
        .scalar_subquery()
    )


def drafting_units(session: Session, actor: Actor) -> frozenset[str]:
    """Return the units for which the actor may draft in any role that starts a published route.

    Only whoever holds a role that a definition declares has the definitions read.
    """
    if not has_a_role_of_its_own(actor):
        return nominating_units(actor)
    return nominating_units(actor, {Role.NOMINATOR, *known_starters(session)})


def _startable(session: Session, actor: Actor, today: date) -> frozenset[str]:
    """Return the awards whose route begins with a role that the actor holds somewhere."""
    awards = load_awards(session, [one.code for one in _awards(session, today)], today=today)
    held = {key.partition("@")[0] for key in actor.keys}
    found = set()
    for code, award in awards.items():
        if award.definition_id is None:
            continue
        starter = shown_definition(session, award.definition_id).starter
        if starter is not None and starter.role in held:
            found.add(code)
    return frozenset(found)


def filter_choices(
    session: Session, *, scope: Scope, today: date, depth: Depth = Depth.NAME
) -> FilterChoices:
    """Return the rounds, awards and units of the nominations that the scope names, or counts."""
    keys = keys_of(session, scope, depth)
    rounds = session.execute(
        select(Round.code, Round.title)
        .where(is_seen(SightingKind.ROUND, Round.id, keys))
        .order_by(Round.opened_at.desc(), Round.id.desc())
        .limit(MOST_CHOICES + 1)
    )
    awards = session.execute(
        select(Award.code, AwardEdition.name_vi, AwardEdition.name_en)
        .join(AwardEdition, AwardEdition.award_id == Award.id)
        .where(is_seen(SightingKind.AWARD_EDITION, AwardEdition.id, keys))
        .ext(distinct_on(Award.code))
        .order_by(Award.code, AwardEdition.valid_from.desc())
        .limit(MOST_CHOICES + 1)
    )
    seen_units = is_seen(SightingKind.UNIT, Unit.id, keys)
    cut = _Cut()
    return FilterChoices(
        rounds=cut.to(MOST_CHOICES, "round", [Named(*row) for row in rounds]),
        awards=cut.to(
            MOST_CHOICES, "award", [Titled(row.code, Words(row.name_vi, row.name_en)) for row in awards]
        ),
        units=cut.to(MOST_CHOICES, "unit", _units(session, seen_units, named_edition(today))),
        cut=frozenset(cut.names),
    )


def route_choices(session: Session) -> tuple[Titled, ...]:
    """Return every published route by its key, titled as in its newest version."""
    newest = select(func.max(WorkflowDefinition.id)).group_by(WorkflowDefinition.key)
    found = session.scalars(newest.order_by(WorkflowDefinition.key))
    routes = [shown_definition(session, definition_id) for definition_id in found]
    return tuple(Titled(one.key, words_of(one.title)) for one in routes)


def _awards(session: Session, today: date) -> tuple[AwardOption, ...]:
    newest = (
        select(Award.id, Award.code, AwardEdition.name_vi, AwardEdition.name_en, AwardEdition.subject_kind)
        .join(AwardEdition, AwardEdition.award_id == Award.id)
        .where(
            is_in_force(AwardEdition, today),
        )
        .ext(distinct_on(Award.code))
        .order_by(Award.code, AwardEdition.valid_from.desc(), AwardEdition.id.desc())
        .subquery()
    )
    # In the order of the catalogue, which puts the titles people give most often first.
    rows = session.execute(select(newest).order_by(newest.c.id))
    return tuple(
        AwardOption(row.code, Words(row.name_vi, row.name_en), SubjectKind(row.subject_kind)) for row in rows
    )


def _units(session: Session, which: ColumnElement[bool], edition: ColumnElement[bool]) -> tuple[Named, ...]:
    rows = session.execute(
        select(Unit.code, UnitEdition.name)
        .join(UnitEdition, edition)
        .where(which)
        .order_by(UnitEdition.name_sort, Unit.code_sort)
        .limit(MOST_CHOICES + 1)
    )
    return tuple(Named(*row) for row in rows)
