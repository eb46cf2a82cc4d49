"""The turn of a cluster's year: opened once and whole, the deputy heads next, everybody has a turn."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from sqlalchemy import func, select, update

from tests.integration.test_clusters import cluster_id, holders, officers
from tests.support.office import AG, CLUSTER, DT, TOP, furnish
from workflow.domain.clusters.officers import Headed, Officers
from workflow.domain.errors import Conflict, InvalidField, RequirementsMissing
from workflow.domain.vocabulary import Via
from workflow.operations.clusters.clusters import (
    ClusterChanges,
    NewCluster,
    change_cluster,
    create_cluster,
    set_officers,
)
from workflow.operations.clusters.year import NewYear, bar_unit, open_year, propose_rotation
from workflow.operations.setup.organise import NewUnit, add_units
from workflow.store.organisation import Cluster, UnitEdition

UNITS = ("VKS-CM", "VKS-KG", "VKS-ST")


@pytest.fixture
def office(session, clock):
    office = furnish(session, now=clock.now())
    add_units(session, [NewUnit(code, f"VKSND {code}", TOP) for code in UNITS], valid_from=date(2020, 1, 1))
    session.commit()
    return office


@pytest.fixture
def play(session, office, clock):
    """Return what somebody does at the clock's time, by the name of the operation."""

    def act(operation, part="supervisor", **given):
        actor = office.actor(part, clock.now())
        return operation(session, actor=actor, via=Via.API, now=clock.now(), **given)

    return act


def test_two_who_open_the_same_year_at_once_open_it_once(session, office, clock, database):
    actor, now = office.actor("supervisor", clock.now()), clock.now()
    session.rollback()

    def opened(_):
        with database.sessions() as own:
            try:
                open_year(own, actor=actor, new=NewYear(TOP, 2027), via=Via.API, now=now)
            except Conflict:
                return False
            return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(opened, range(2))) == [False, True]
    assert session.scalar(select(func.count()).where(Cluster.year == 2027)) == 1


def turn(session, year, clock):
    (proposal,) = propose_rotation(session, owner_code=TOP, year=year, now=clock.now())
    return proposal


def test_over_three_years_the_deputy_heads_next_unless_barred_and_everybody_has_a_turn(
    session, office, play, clock
):
    number = cluster_id(session)
    members = [AG, DT, "VKS-CM", "VKS-KG"]
    play(change_cluster, cluster_id=number, changes=ClusterChanges(member_codes=members))
    play(set_officers, cluster_id=number, new=officers(DT, AG))
    proposal = turn(session, 2027, clock)
    assert (proposal.head.unit, proposal.deputy.unit) == (AG, "VKS-CM")
    assert [reason.code for reason in proposal.head.reasons] == ["rotation_was_deputy"]
    assert [reason.code for reason in proposal.deputy.reasons] == ["rotation_never_headed"]
    play(open_year, new=NewYear(TOP, 2027))
    play(bar_unit, unit_code="VKS-CM", year=2027, reason="Có vi phạm.")
    proposal = turn(session, 2028, clock)
    assert (proposal.head.unit, proposal.deputy.unit) == ("VKS-KG", DT)
    assert [reason.code for reason in proposal.head.reasons] == ["rotation_barred", "rotation_never_headed"]
    assert [reason.code for reason in proposal.deputy.reasons] == ["rotation_barred", "rotation_longest_ago"]
    play(open_year, new=NewYear(TOP, 2028))
    session.execute(
        update(UnitEdition).where(UnitEdition.name == "VKSND VKS-KG").values(valid_to=clock.now().date())
    )
    session.commit()
    proposal = turn(session, 2029, clock)
    assert proposal.members == (AG, "VKS-CM", DT)
    assert [reason.params["unit"] for reason in proposal.left_out] == ["VKS-KG"]
    assert (proposal.head.unit, proposal.deputy.unit) == (DT, "VKS-CM")


def test_opening_a_year_takes_chosen_officers_and_leaves_the_old_year_alone(session, office, play, clock):
    today, key = clock.now().date(), f"cluster_head@cluster:{CLUSTER}"
    new = NewYear(TOP, 2027, {1: Officers(AG, DT)}, Headed.ELECTED)
    (number,) = play(open_year, new=new).cluster_ids
    row = session.get(Cluster, number)
    assert (row.code, row.headed_how, row.officers_from) == ("2027/VKSTC/1", "elected", date(2027, 1, 1))
    assert holders(session, "cluster_head@cluster:2027/VKSTC/1", today) == []
    assert holders(session, "cluster_head@cluster:2027/VKSTC/1", date(2027, 1, 1)) == ["nv02@example.vn"]
    assert holders(session, key, date(2027, 1, 1)) == ["nv13@example.vn"]
    for refused in (new, NewYear(TOP, 2031), NewYear(AG, 2027)):
        with pytest.raises(Conflict):
            play(open_year, new=refused)
        session.rollback()


def test_a_year_with_one_wrong_officer_is_not_opened_at_all(session, play):
    play(create_cluster, new=NewCluster(2026, TOP, 2, "Cụm số 2", UNITS))
    with pytest.raises(RequirementsMissing):
        play(open_year, new=NewYear(TOP, 2027, {2: Officers(AG)}))
    session.rollback()
    with pytest.raises(InvalidField):
        play(open_year, new=NewYear(TOP, 2027, {7: Officers(AG)}))
    session.rollback()
    assert session.scalar(select(func.count()).where(Cluster.year == 2027)) == 0
