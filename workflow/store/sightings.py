"""What lists offer and how names are found, kept beside the nominations as triggers of theirs write it.

Rows are only ever added: an audience grows, and neither round, award, unit nor name of a nomination changes.
None is unique, so that two transactions that write the first of a kind never wait for each other.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    CollectionAggregate,
    ColumnElement,
    Index,
    Select,
    Text,
    and_,
    any_,
    bindparam,
    column,
    func,
    literal_column,
    not_,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import InstrumentedAttribute, Mapped, Session

from workflow.domain.rights.scope import Depth, Scope
from workflow.store.awards import Round
from workflow.store.base import Base, BigKey, among, known
from workflow.store.nominations import Nomination
from workflow.store.organisation import Unit
from workflow.store.visible import rounds_run_by

_OF: Final = "#of:"
_SENT: Final = "#sent:"
_ROUND: Final = "#round:"


class SightingKind(StrEnum):
    """What a list of nominations can be narrowed to."""

    ROUND = "round"
    AWARD_EDITION = "award_edition"
    UNIT = "unit"


_OWN: Final[Mapping[SightingKind, Sequence[str]]] = {
    SightingKind.ROUND: (_ROUND,),
    SightingKind.AWARD_EDITION: (),
    SightingKind.UNIT: (_OF, _SENT),
}


class Sighting(Base):
    """Whoever holds the key sees at least one nomination of that round, award edition or unit.

    A key is a seat of an audience, or what else lets somebody see: `#of:` a unit by id, `#sent:` a unit whose
    nomination reached a seat beyond it (`#sent` any unit's), `#by:` its author, `#round:` the round it is in.
    """

    __tablename__ = "sighting"
    __table_args__ = (
        known("kind", SightingKind),
        Index("ix_sighting_seen", "kind", "target_id", "key"),
        Index("ix_sighting_key", "kind", "key", "target_id"),
    )

    id: Mapped[BigKey]
    key: Mapped[str]
    kind: Mapped[str]
    target_id: Mapped[int]


class SearchedName(Base):
    """A name, folded, that some nomination is for."""

    __tablename__ = "searched_name"
    __table_args__ = (
        Index("ix_searched_name_name", "name"),
        Index("ix_searched_name_trigrams", func.trigrams(literal_column("name")), postgresql_using="gin"),
    )

    id: Mapped[BigKey]
    name: Mapped[str]


# So many names are looked up in their index; what fits more of them is met soon by walking down the list.
_MOST_NAMES: Final = 200
_SHORTEST: Final = 3
_MOST_UNITS: Final = 20
# All that so many see is read at once; of more, who oversee hundreds of units, each is asked up to the first.
_FEW_KEYS: Final = 20


def keys_of(session: Session, scope: Scope, depth: Depth = Depth.NAME) -> Collection[str] | None:
    """Return the keys by which a scope sees, None for one that sees all there is."""
    if scope.is_everything or (scope.counts_everything and depth is Depth.COUNT):
        return None
    return _named_by(scope) if depth is Depth.NAME else _counted_by(session, scope)


def is_seen(
    kind: SightingKind, target: InstrumentedAttribute[int], keys: Collection[str] | None
) -> ColumnElement[bool]:
    """Return the condition of the rounds, award editions or units of which the keys see a nomination.

    It is what `visible` says of each nomination, asked of all of them together.
    """
    if keys is None:
        # One is looked up for each row: joined, all pairs there are would be read.
        return _is_met(kind, target)
    if len(keys) <= _FEW_KEYS:
        return target == _any_of_keys(kind, keys)
    # Of the keys that name a unit or a round, one that is told of it is its own.
    own = {word: {int(key.removeprefix(word)) for key in keys if key.startswith(word)} for word in _OWN[kind]}
    return or_(
        *(
            and_(among(target, ids), _is_met(kind, target, Sighting.key == func.concat(word, target)))
            for word, ids in own.items()
        ),
        _is_met_by_any(kind, target, {key for key in keys if not key.startswith(tuple(own))}),
    )


def _is_met(
    kind: SightingKind, target: InstrumentedAttribute[int], *conditions: ColumnElement[bool]
) -> ColumnElement[bool]:
    found = select(true()).where(Sighting.kind == kind, Sighting.target_id == target, *conditions)
    # The target may be named two queries up: without a word its table would be read anew.
    return found.limit(1).correlate_except(Sighting).scalar_subquery().is_not(None)


def _any_of_keys(kind: SightingKind, keys: Iterable[str]) -> CollectionAggregate[Any]:
    """Return any of what the keys see, all of it read once."""
    return any_(func.array(_seen_by(kind, keys).distinct().scalar_subquery(), type_=ARRAY(BigInteger)))


def _is_met_by_any(
    kind: SightingKind, target: InstrumentedAttribute[int], keys: Iterable[str]
) -> ColumnElement[bool]:
    """Return the condition that one of the keys sees the target, looked up key by key up to the first.

    Who oversees 400 units has a key for each, and most see most: together they would be read 400 times.
    What nobody sees is asked of no key.
    """
    words = bindparam(None, sorted(keys), type_=ARRAY(Text), unique=True)
    held = func.unnest(words).table_valued(column("key", Text())).render_derived(name="held_key")
    found = select(true()).select_from(held).where(_is_met(kind, target, Sighting.key == held.c.key))
    return and_(_is_met(kind, target), found.limit(1).correlate_except(held).scalar_subquery().is_not(None))


def few_units(session: Session, scope: Scope, depth: Depth = Depth.NAME) -> ColumnElement[bool]:
    """Return what holds of every nomination that the scope sees: it is of one of few units, if they are few.

    `visible` says all there is to say. This tells the planner how little it is, and which index walks it.
    """
    if scope.is_everything or scope.counts_everything:
        return true()
    keys = _named_by(scope) if depth is Depth.NAME else _counted_by(session, scope)
    found = session.scalars(_units_of(keys).distinct().limit(_MOST_UNITS + 1)).all()
    return among(Nomination.unit_id, found) if len(found) <= _MOST_UNITS else true()


def counts_all(session: Session, scope: Scope) -> bool:
    """Return whether none lies outside a scope: of a unit it does not cover, in a round it does not run."""
    if scope.is_everything or scope.counts_everything:
        return True
    others = session.scalars(select(Round.id).where(Round.id.not_in(rounds_run_by(scope.seats)))).all()
    keys = _any_of(f"{_ROUND}{number}" for number in others)
    found = select(true()).where(
        Sighting.kind == SightingKind.UNIT, Sighting.target_id == Unit.id, Sighting.key == keys
    )
    # One unit outside is enough, and is mostly the first that is looked at.
    outside = select(Unit.id).where(
        not_(among(Unit.id, scope.units | scope.counted)), found.limit(1).scalar_subquery().is_not(None)
    )
    return session.scalar(outside.limit(1)) is None


def units_named(scope: Scope) -> Select[int]:
    """Return the ids of the units of which the scope names a nomination."""
    return _units_of(_named_by(scope))


def _units_of(keys: Iterable[str]) -> Select[int]:
    return _seen_by(SightingKind.UNIT, keys)


def _seen_by(kind: SightingKind, keys: Iterable[str]) -> Select[int]:
    return select(Sighting.target_id).where(Sighting.kind == kind, Sighting.key == _any_of(keys))


def _any_of(words: Iterable[str]) -> CollectionAggregate[bool]:
    return any_(bindparam(None, sorted(words), type_=ARRAY(Text), unique=True))


def _named_by(scope: Scope) -> set[str]:
    keys = {*scope.seats, *(f"{_OF}{unit}" for unit in scope.units)}
    if scope.own is not None:
        keys.add(f"#by:{scope.own}")
    return keys | ({"#sent"} if scope.counts_everything else {f"{_SENT}{unit}" for unit in scope.counted})


def _counted_by(session: Session, scope: Scope) -> set[str]:
    keys = _named_by(scope) | {f"{_OF}{unit}" for unit in scope.counted}
    if scope.seats:
        keys |= {f"{_ROUND}{number}" for number in session.scalars(rounds_run_by(scope.seats))}
    return keys


def is_called(session: Session, folded: str) -> ColumnElement[bool]:
    """Return the condition of the nominations in whose name the folded text stands."""
    found = few_names(session, folded)
    if found is not None:
        return Nomination.name_search == _any_of(found)
    return Nomination.name_search.contains(folded, autoescape=True)


def few_names(session: Session, folded: str) -> frozenset[str] | None:
    """Return the names in which the folded text stands, None where they are too many to be looked up."""
    found = session.scalars(_names_with(folded).limit(_MOST_NAMES + 1)).all()
    return frozenset(found) if len(found) <= _MOST_NAMES else None


def _names_with(folded: str) -> Select[str]:
    statement = select(SearchedName.name).where(SearchedName.name.contains(folded, autoescape=True))
    if len(folded) < _SHORTEST:
        return statement
    index = func.trigrams(SearchedName.name, type_=ARRAY(Text))
    return statement.where(index.contains(func.trigrams(folded, type_=ARRAY(Text))))
