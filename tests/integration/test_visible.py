"""Whoever the policy lets see a nomination finds it in every list and count, and nobody else does."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from tests.support.bulk import add_nominations, add_round
from workflow.clock import FixedClock
from workflow.domain.rights.scope import Depth, Place, sees
from workflow.store import sightings
from workflow.store.access import Account, Grant
from workflow.store.awards import AwardEdition, Round
from workflow.store.nominations import Nomination
from workflow.store.organisation import Council, Unit, UnitEdition
from workflow.store.people import load_actor
from workflow.store.sightings import SightingKind, is_seen, keys_of
from workflow.store.visible import scope_values, visible, visible_to_any

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
    """A tree (each unit's parent by number, None at a root), one account's grants, who runs the round, files.

    `runs` is the round's owner and the unit whose council advises it (None without a council).
    """

    parents: tuple[int | None, ...]
    grants: frozenset[str]
    runs: tuple[int, int | None]
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
        draw(st.tuples(st.integers(0, 2), st.one_of(st.none(), st.integers(0, 1)))),
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
    councils: list[int]


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
    councils = [Council(unit_id=units[number], name=f"Hội đồng {number}") for number in range(2)]
    session.add_all(councils)
    session.flush()
    session.commit()
    return Ground(session, units, people[0].id, people[1].id, round_id, [council.id for council in councils])


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
    owner, adviser = world.runs
    session.execute(
        update(Round).values(
            owner_unit_id=ground.units[owner],
            council_id=None if adviser is None else ground.councils[adviser],
        )
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


def place(ground: Ground, world: World, row: Nomination) -> Place:
    """Say where a nomination stands, as the rules are told it."""
    owner, adviser = world.runs
    runs = {f"unit:{CODES[owner]}"} | ({f"council:{CODES[adviser]}"} if adviser is not None else set())
    return Place(
        unit_id=row.unit_id,
        unit=CODES[ground.units.index(row.unit_id)],
        audience=frozenset(row.audience),
        created_by=row.created_by,
        round_seats=frozenset(runs),
    )


@pytest.mark.parametrize("depth", list(Depth))
@given(world=worlds())
@settings(deadline=None, max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_policy_and_the_database_see_the_same(
    ground: Ground, clock: FixedClock, depth: Depth, world: World
) -> None:
    with made_up(ground, world, clock):
        actor = load_actor(ground.session, ground.me, today=clock.now().date())
        assert actor is not None
        every = ground.session.scalars(select(Nomination)).all()
        by_rule = {row.id for row in every if sees(actor.scope, depth, place(ground, world, row))}
        by_sql = set(ground.session.scalars(select(Nomination.id).where(visible(actor.scope, depth))))
        told = select(Nomination.id).where(visible_to_any(depth))
        by_told = set(ground.session.scalars(told, scope_values(actor.scope)))
        ground.session.expunge_all()
    assert by_sql == by_rule
    assert by_told == by_rule
    assert len(every) == len(world.nominations)


@pytest.mark.parametrize("depth", list(Depth))
@given(world=worlds(), few_keys=st.sampled_from([0, 20]))
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_lists_offer_what_is_in_them_whenever_it_came_to_be_seen(
    ground: Ground, clock: FixedClock, depth: Depth, world: World, few_keys: int
) -> None:
    """Half of the nominations reach their seats at once, the others later and one seat after the other.

    What few keys see is read at once, of what many see each is asked: both are held to the same.
    """
    at_once = tuple(
        (unit, seats if n % 2 else frozenset(), mine)
        for n, (unit, seats, mine) in enumerate(world.nominations)
    )
    with made_up(ground, replace(world, nominations=at_once), clock):
        rows = ground.session.scalars(select(Nomination).order_by(Nomination.id)).all()
        for row, (_, seats, _) in zip(rows, world.nominations, strict=True):
            for seat in sorted(seats - set(row.audience)):
                row.audience = [*row.audience, seat]
                ground.session.flush()
        actor = load_actor(ground.session, ground.me, today=clock.now().date())
        assert actor is not None
        for kind, target, column in (
            (SightingKind.ROUND, Round.id, Nomination.round_id),
            (SightingKind.AWARD_EDITION, AwardEdition.id, Nomination.award_edition_id),
            (SightingKind.UNIT, Unit.id, Nomination.unit_id),
        ):
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(sightings, "_FEW_KEYS", few_keys)
                offered = is_seen(kind, target, keys_of(ground.session, actor.scope, depth))
            in_them = select(column).where(visible(actor.scope, depth))
            assert set(ground.session.scalars(select(target).where(offered))) == set(
                ground.session.scalars(in_them)
            )
        ground.session.expunge_all()


@given(world=worlds())
@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whoever_may_name_may_count(ground: Ground, clock: FixedClock, world: World) -> None:
    with made_up(ground, world, clock):
        actor = load_actor(ground.session, ground.me, today=clock.now().date())
        assert actor is not None
        named, counted = (
            set(ground.session.scalars(select(Nomination.id).where(visible(actor.scope, depth))))
            for depth in (Depth.NAME, Depth.COUNT)
        )
        unsaid = set(ground.session.scalars(select(Nomination.id).where(visible(actor.scope))))
    assert named <= counted
    assert unsaid == named


@given(world=worlds())
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_seen_is_what_the_grants_say(ground: Ground, clock: FixedClock, world: World) -> None:
    """Count by hand, from the words of the rule.

    Seats match exactly, admin and auditor name their subtree, a supervisor names its own unit and what was
    sent and counts the rest, the office counts its round, authors name their own.
    """

    def below(number: int) -> set[int]:
        found, grown = {number}, {number}
        while grown:
            grown = {n for n, parent in enumerate(world.parents) if parent in found and n not in found}
            found |= grown
        return found

    named_units: set[int] = set()
    watched: set[int] = set()
    seats: set[str] = set()
    names_all = False
    for key in world.grants:
        role, _, seat = key.partition("@")
        code = seat.rpartition(":")[2].split("/")[1] if "/" in seat else seat.rpartition(":")[2]
        number = CODES.index(code) if code in CODES else None
        if role in {"admin", "auditor"}:
            names_all |= seat == "all"
            named_units |= below(number) if number is not None else set()
            continue
        seats.add(seat)
        if role == "supervisor":
            watched |= set(range(UNITS)) if seat == "all" else below(number) if number is not None else set()
            named_units |= {number} if number is not None else set()
    owner, adviser = world.runs
    runs = {f"unit:U{owner}"} | ({f"council:U{adviser}"} if adviser is not None else set())
    expected = []
    for unit, audience, is_mine in world.nominations:
        was_sent = any(seat != f"unit:U{unit}" for seat in audience)
        names = names_all or is_mine or unit in named_units or bool(seats & audience)
        names |= unit in watched and was_sent
        expected.append((names, names or unit in watched or bool(seats & runs)))
    with made_up(ground, world, clock):
        actor = load_actor(ground.session, ground.me, today=clock.now().date())
        assert actor is not None
        named, counted = (
            set(ground.session.scalars(select(Nomination.id).where(visible(actor.scope, depth))))
            for depth in (Depth.NAME, Depth.COUNT)
        )
        ids = list(ground.session.scalars(select(Nomination.id).order_by(Nomination.id)))
    assert [(one in named, one in counted) for one in ids] == expected
