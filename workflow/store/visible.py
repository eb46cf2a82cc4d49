"""A scope rendered to SQL: the twin of `scope.sees`, proved equal by a property test."""

from collections.abc import Iterable
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    CollectionAggregate,
    ColumnElement,
    Select,
    Text,
    and_,
    any_,
    bindparam,
    false,
    func,
    not_,
    or_,
    select,
    true,
    tuple_,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import InstrumentedAttribute, aliased

from workflow.domain.rights.policy import Actor, may_administer
from workflow.domain.rights.scope import Depth, Scope
from workflow.store.awards import Round
from workflow.store.base import among, switch
from workflow.store.mail import Outbox
from workflow.store.nominations import Nomination
from workflow.store.organisation import Council, Unit

_UNITS: Final = bindparam("seen_units", type_=ARRAY(BigInteger))
_SEATS: Final = bindparam("seen_seats", type_=ARRAY(Text))
_OWN: Final = bindparam("seen_own", type_=BigInteger())
_COUNTED: Final = bindparam("seen_counted", type_=ARRAY(BigInteger))
_EVERYTHING: Final = switch("sees_everything")
_COUNTS_EVERYTHING: Final = bindparam("counts_everything", type_=Boolean())

_own = aliased(Unit, name="own_unit")
_owner = aliased(Unit, name="round_owner")
_adviser = aliased(Unit, name="round_adviser")


def visible(scope: Scope, depth: Depth = Depth.NAME, *, in_own_rounds: bool = True) -> ColumnElement[bool]:
    """Return the condition that holds for exactly the nominations the scope sees, looked at so closely.

    Unless counting is asked for, it is naming: whoever forgets to say shows too little and never too much.
    Who reads only rounds that the scope does not run need not ask who runs them (`in_own_rounds`).
    """
    if scope.is_everything:
        return true()
    named = or_(
        false(),
        among(Nomination.unit_id, scope.units) if scope.units else false(),
        Nomination.audience.overlap(sorted(scope.seats)) if scope.seats else false(),
        Nomination.created_by == scope.own if scope.own is not None else false(),
    )
    overseen = _is_overseen(scope)
    if depth is Depth.NAME:
        return or_(named, overseen & _was_sent())
    return or_(named, overseen, _is_of_own_round(scope) if in_own_rounds else false())


def visible_to_any(depth: Depth = Depth.NAME) -> ColumnElement[bool]:
    """Return the condition of what a scope sees that is told when the statement runs, by `scope_values`.

    One text for everybody, for a statement that is written once and walks an index of its own: the planner
    cannot look anything up by this.
    """
    overseen = or_(_COUNTS_EVERYTHING, Nomination.unit_id == any_(_COUNTED))
    named = (
        _EVERYTHING,
        Nomination.audience.overlap(_SEATS),
        Nomination.unit_id == any_(_UNITS),
        Nomination.created_by == _OWN,
    )
    if depth is Depth.NAME:
        return or_(*named, overseen & _was_sent())
    return or_(*named, overseen, Nomination.round_id.in_(_run_by(any_(_SEATS))))


def asked_of_each(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return a condition that the planner asks of each row it has, and looks nothing up by.

    For rows that another index finds: few of one person or list, or a stretch of a list. By what is seen the
    planner would read all of an audience, or several indexes at once, for each of them.
    """
    return func.coalesce(condition, false())


def watched_by_any(unit_id: ColumnElement[int] | InstrumentedAttribute[int]) -> ColumnElement[bool]:
    """Return the condition of units that such a scope sees or counts, beside a round that it may run."""
    return or_(unit_id == any_(_UNITS), unit_id == any_(_COUNTED), is_run_by_any())


def is_run_by_any() -> ColumnElement[bool]:
    """Return the condition of rounds that such a scope runs."""
    return Round.id.in_(_run_by(any_(_SEATS)))


def units_seen_by_any() -> ColumnElement[bool]:
    """Return the condition that such a scope sees all there is, or all of a unit: beneath it, or its seat."""
    seat: ColumnElement[str] = func.concat("unit:", Unit.code)
    return or_(_EVERYTHING, Unit.id == any_(_UNITS), seat == any_(_SEATS))


def counts_all() -> ColumnElement[bool]:
    """Return the condition that such a scope sees or counts everything."""
    return or_(_EVERYTHING, _COUNTS_EVERYTHING)


def scope_values(scope: Scope) -> dict[str, object]:
    """Return what `visible_to_any` is told of a scope."""
    return {
        _UNITS.key: sorted(scope.units),
        _SEATS.key: sorted(scope.seats),
        _OWN.key: scope.own,
        _COUNTED.key: sorted(scope.counted),
        _EVERYTHING.key: scope.is_everything,
        _COUNTS_EVERYTHING.key: scope.counts_everything,
    }


def mails_seen(actor: Actor | None) -> ColumnElement[bool]:
    """Return the condition of mails about nominations the actor sees; join nominations outside.

    One about nothing is an administrator's. Without an actor the command line speaks for them.
    """
    if actor is None:
        return true()
    about = and_(Outbox.nomination_id.is_not(None), visible(actor.scope))
    return or_(about, Outbox.nomination_id.is_(None)) if may_administer(actor) else about


def _is_overseen(scope: Scope) -> ColumnElement[bool]:
    if scope.counts_everything:
        return true()
    return among(Nomination.unit_id, scope.counted) if scope.counted else false()


def _was_sent() -> ColumnElement[bool]:
    """Return the condition of nominations that have reached a seat beyond their own unit.

    An audience holds each seat once, so those that have not are told by the whole array: it is looked up in
    one hash of all units. Asking each nomination for its unit's code made a board count four times as long.
    """
    at_home = select(_own.id, func.array_agg(func.concat("unit:", _own.code))).group_by(_own.id)
    is_home: ColumnElement[bool] = tuple_(Nomination.unit_id, Nomination.audience).in_(at_home)
    return and_(func.cardinality(Nomination.audience) > 0, not_(is_home))


def _is_of_own_round(scope: Scope) -> ColumnElement[bool]:
    return Nomination.round_id.in_(rounds_run_by(scope.seats)) if scope.seats else false()


def rounds_run_by(seats: Iterable[str]) -> Select[int]:
    """Return the ids of the rounds that these seats run: those of the owning unit, or of its council."""
    return _run_by(any_(bindparam(None, sorted(seats), type_=ARRAY(Text), unique=True)))


def _run_by(mine: CollectionAggregate[Any]) -> Select[int]:
    return (
        select(Round.id)
        .join(_owner, _owner.id == Round.owner_unit_id)
        .outerjoin(Council, Council.id == Round.council_id)
        .outerjoin(_adviser, _adviser.id == Council.unit_id)
        .where(or_(func.concat("unit:", _owner.code) == mine, func.concat("council:", _adviser.code) == mine))
    )
