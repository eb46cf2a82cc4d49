"""Whoever the policy lets see a nomination finds it in every list, and nobody else does."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from tests.support.bulk import add_nominations, add_round
from workflow.clock import FixedClock
from workflow.domain.policy import sees
from workflow.store.access import Account, Grant
from workflow.store.nominations import Nomination
from workflow.store.organisation import Unit, UnitEdition
from workflow.store.people import load_actor
from workflow.store.visible import visible

UNITS = 7
CODES = [f"U{number}" for number in range(UNITS)]
SEATS = [
    *(f"unit:{code}" for code in CODES),
    *(f"cluster:2026/{code}/1" for code in CODES[:3]),
    *(f"council:{code}" for code in CODES[:2]),
    "all",
]
ROLES = ["nominator", "unit_reviewer", "cluster_head", "council_secretary", "head", "supervisor", "auditor"]
FIRST_DAY = date(2020, 1, 1)


@dataclass(frozen=True)
class World:
    """A tree (each unit's parent by number, None at a root), one account's grants, and nominations."""

    parents: tuple[int | None, ...]
    grants: frozenset[str]
    nominations: tuple[tuple[int, frozenset[str], bool], ...]


@st.composite
def worlds(draw: st.DrawFn) -> World:
    parents = tuple(
        draw(st.one_of(st.none(), st.integers(0, number - 1))) if number else None for number in range(UNITS)
    )
    keys = st.builds("{}@{}".format, st.sampled_from(ROLES), st.sampled_from(SEATS))
    rare = st.sampled_from(["admin@all", "supervisor@all", "supervisor@unit:NOWHERE", "admin@unit:U1"])
    nomination = st.tuples(
        st.integers(0, UNITS - 1), st.frozensets(st.sampled_from(SEATS), max_size=3), st.booleans()
    )
    return World(
        parents,
        frozenset(draw(st.lists(st.one_of(keys, keys, keys, rare), max_size=4))),
        tuple(draw(st.lists(nomination, min_size=1, max_size=12))),
    )


@dataclass(frozen=True)
class Ground:
    """The rows that every example stands on."""

    session: Session
    units: list[int]
    me: int
    other: int
    round_id: int


@pytest.fixture
def ground(session: Session, clock: FixedClock) -> Ground:
    units = list(
        session.scalars(
            insert(Unit).returning(Unit.id, sort_by_parameter_order=True), [{"code": code} for code in CODES]
        )
    )
    people = [
        Account(email=f"{name}@example.vn", name=name, created_at=clock.now()) for name in ("me", "other")
    ]
    session.add_all(people)
    session.flush()
    round_id = add_round(session, units[0], clock.now())
    session.commit()
    return Ground(session, units, people[0].id, people[1].id, round_id)


@contextmanager
def made_up(ground: Ground, world: World, clock: FixedClock) -> Iterator[None]:
    """Write one example and take it back afterwards."""
    session = ground.session
    session.execute(
        insert(UnitEdition),
        [
            {
                "unit_id": unit_id,
                "name": "Đơn vị",
                "name_search": "don vi",
                "parent_id": None if parent is None else ground.units[parent],
                "valid_from": FIRST_DAY,
            }
            for unit_id, parent in zip(ground.units, world.parents, strict=True)
        ],
    )
    session.execute(delete(Grant))
    if world.grants:
        rows = [
            {"account_id": ground.me, "key": key, "valid_from": FIRST_DAY} for key in sorted(world.grants)
        ]
        session.execute(insert(Grant), rows)
    add_nominations(
        session,
        [
            {
                "unit_id": ground.units[unit],
                "audience": sorted(audience),
                "created_by": ground.me if is_mine else ground.other,
            }
            for unit, audience, is_mine in world.nominations
        ],
        round_id=ground.round_id,
        now=clock.now(),
    )
    try:
        yield
    finally:
        session.rollback()


@given(world=worlds())
@settings(deadline=None, max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_policy_and_the_database_see_the_same(ground: Ground, clock: FixedClock, world: World) -> None:
    with made_up(ground, world, clock):
        actor = load_actor(ground.session, ground.me, today=clock.now().date())
        assert actor is not None
        every = ground.session.scalars(select(Nomination)).all()
        by_rule = {
            row.id
            for row in every
            if sees(
                actor.scope, unit_id=row.unit_id, audience=frozenset(row.audience), created_by=row.created_by
            )
        }
        by_sql = set(ground.session.scalars(select(Nomination.id).where(visible(actor.scope))))
        ground.session.expunge_all()
    assert by_sql == by_rule
    assert len(every) == len(world.nominations)


@given(world=worlds())
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_seen_is_what_the_grants_say(ground: Ground, clock: FixedClock, world: World) -> None:
    """Count by hand: seats match exactly, supervisors cover their subtree, authors see their own."""

    def below(number: int) -> set[int]:
        found, grown = {number}, {number}
        while grown:
            grown = {n for n, parent in enumerate(world.parents) if parent in found and n not in found}
            found |= grown
        return found

    covered: set[int] = set()
    seats: set[str] = set()
    sees_all = False
    for key in world.grants:
        role, _, seat = key.partition("@")
        if role in {"supervisor", "admin", "auditor"}:
            sees_all |= seat == "all"
            code = seat.rpartition(":")[2].split("/")[1] if "/" in seat else seat.rpartition(":")[2]
            covered |= below(CODES.index(code)) if code in CODES else set()
        elif seat != "all":
            seats.add(seat)
    expected = [
        sees_all or is_mine or unit in covered or bool(seats & audience)
        for unit, audience, is_mine in world.nominations
    ]
    with made_up(ground, world, clock):
        actor = load_actor(ground.session, ground.me, today=clock.now().date())
        assert actor is not None
        found = set(ground.session.scalars(select(Nomination.id).where(visible(actor.scope))))
        ids = list(ground.session.scalars(select(Nomination.id).order_by(Nomination.id)))
    assert [nomination_id in found for nomination_id in ids] == expected
