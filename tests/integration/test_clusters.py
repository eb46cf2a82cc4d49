"""Clusters of a year: who is in them, who heads, which grants follow."""

from datetime import date, timedelta

import pytest
from sqlalchemy import delete, func, select, update

from tests.support.office import AG, CLUSTER, DT, TOP, furnish
from workflow.domain.clusters.officers import ClusterKind, Headed, Officers
from workflow.domain.errors import Conflict, Forbidden, InvalidField, KeyReused, NotFound, RequirementsMissing
from workflow.domain.vocabulary import Via
from workflow.operations.clusters.clusters import (
    ClusterChanges,
    NewCluster,
    NewOfficers,
    change_cluster,
    create_cluster,
    set_officers,
)
from workflow.operations.clusters.grants import follow_unit_heads
from workflow.operations.clusters.year import NewYear, bar_unit, open_year, unbar_unit
from workflow.operations.keys import Claim
from workflow.operations.people.accounts import NewAccount, add_account
from workflow.operations.setup.organise import NewUnit, add_units
from workflow.queries.clusters.choices import barrable_units
from workflow.store.access import Account, Grant
from workflow.store.history import Event
from workflow.store.nominations import WorkItem
from workflow.store.organisation import Cluster

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


def cluster_id(session, code=CLUSTER):
    return session.scalar(select(Cluster.id).where(Cluster.code == code))


def holders(session, key, day):
    """Return the addresses of those who hold a key on a day."""
    rows = session.execute(
        select(Account.email, Grant.valid_from, Grant.valid_to)
        .join(Grant, Grant.account_id == Account.id)
        .where(Grant.key == key)
        .order_by(Account.email)
    )
    return [email for email, since, until in rows if since <= day and (until is None or until > day)]


def let_head(session, part, office, unit, clock):
    session.add(Grant(account_id=office.ids[part], key=f"head@unit:{unit}", valid_from=date(2020, 1, 1)))
    session.commit()


def officers(head, deputy=None, **given):
    return NewOfficers(Officers(head, deputy), given.pop("how", Headed.APPOINTED), **given)


def test_the_heads_of_head_and_deputy_unit_hold_the_seats_and_the_former_lose_them(
    session, office, play, clock
):
    let_head(session, "other_reviewer", office, DT, clock)
    number, today = cluster_id(session), clock.now().date()
    head_key, deputy_key = f"cluster_head@cluster:{CLUSTER}", f"cluster_deputy@cluster:{CLUSTER}"
    assert holders(session, head_key, today) == ["nv13@example.vn"]
    play(set_officers, cluster_id=number, new=officers(AG, DT, since=today))
    assert holders(session, head_key, today) == ["nv02@example.vn"]
    assert holders(session, deputy_key, today) == ["nv12@example.vn"]
    later = today + timedelta(days=30)
    play(set_officers, cluster_id=number, new=officers(DT, AG, since=later))
    assert holders(session, head_key, later - timedelta(days=1)) == ["nv02@example.vn"]
    assert holders(session, head_key, later) == ["nv12@example.vn"]
    assert holders(session, deputy_key, later) == ["nv02@example.vn"]
    events = session.scalars(
        select(Event.action).where(Event.stream == f"cluster:{number}").order_by(Event.seq)
    ).all()
    assert events == ["create", "set_officers", "set_officers"]


def test_nobody_loses_yesterday_and_a_change_of_mind_on_the_same_day_holds(session, office, play, clock):
    let_head(session, "other_reviewer", office, DT, clock)
    number, today, key = cluster_id(session), clock.now().date(), f"cluster_head@cluster:{CLUSTER}"
    play(set_officers, cluster_id=number, new=officers(DT, AG, since=date(2026, 1, 1)))
    yesterday = today - timedelta(days=1)
    assert holders(session, key, yesterday) == ["nv13@example.vn"]
    for head, holder in ((AG, "nv02"), (DT, "nv12"), (AG, "nv02")):
        play(set_officers, cluster_id=number, new=officers(head, since=date(2026, 1, 1)))
        assert holders(session, key, today) == [f"{holder}@example.vn"]
    assert holders(session, key, yesterday) == ["nv13@example.vn"]


def test_when_a_unit_gets_another_head_the_seat_follows(session, office, play, clock):
    number, today, key = cluster_id(session), clock.now().date(), f"cluster_head@cluster:{CLUSTER}"
    play(set_officers, cluster_id=number, new=officers(DT, since=today))
    assert holders(session, key, today) == []
    new = NewAccount("dt-head@example.vn", "Viện trưởng", grants=(f"head@unit:{DT}",))
    add_account(session, actor=None, new=new, via=Via.CLI, now=clock.now())
    assert holders(session, key, today) == ["dt-head@example.vn"]
    tomorrow = today + timedelta(days=1)
    session.execute(update(Grant).where(Grant.key == f"head@unit:{DT}").values(valid_to=tomorrow))
    followed = follow_unit_heads(session, unit_codes=[DT], actor=None, via=Via.CLI, now=clock.now())
    assert (followed, holders(session, key, tomorrow)) == (1, [])
    again = follow_unit_heads(session, unit_codes=[DT], actor=None, via=Via.CLI, now=clock.now())
    assert again == 0


def test_work_that_waits_for_a_cluster_waits_for_its_new_head(session, office, play, clock):
    draft = office.draft(clock.now(), award_code="TTLDXS", person_code=None)
    office.act("nominator", draft.nomination_id, "submit", clock.now())
    office.act("reviewer", draft.nomination_id, "approve", clock.now())
    waiting = select(WorkItem.owner_key).where(WorkItem.closed_at.is_(None))
    key = session.scalar(waiting)
    assert key == f"cluster_head@cluster:{CLUSTER}"
    let_head(session, "other_reviewer", office, DT, clock)
    play(set_officers, cluster_id=cluster_id(session), new=officers(DT))
    assert session.scalar(waiting) == key
    office.act("other_reviewer", draft.nomination_id, "approve", clock.now())
    assert session.scalar(waiting) != key


def test_a_member_with_files_before_the_cluster_or_in_office_cannot_leave(session, office, play, clock):
    number = cluster_id(session)
    draft = office.draft(clock.now(), award_code="TTLDXS", person_code=None)
    office.act("nominator", draft.nomination_id, "submit", clock.now())
    office.act("reviewer", draft.nomination_id, "approve", clock.now())
    play(set_officers, cluster_id=number, new=officers(DT))
    with pytest.raises(Conflict) as refused:
        play(change_cluster, cluster_id=number, changes=ClusterChanges(member_codes=["VKS-CM"]))
    assert [(reason.code, reason.params["unit"]) for reason in refused.value.reasons] == [
        ("member_in_office", DT),
        ("member_has_files", AG),
    ]
    session.rollback()
    changes = ClusterChanges(name="Cụm số Một", kind=ClusterKind.BLOCK, member_codes=[DT, AG, "VKS-CM"])
    play(change_cluster, cluster_id=number, changes=changes)
    row = session.get(Cluster, number)
    assert (row.name, row.kind) == ("Cụm số Một", "block")


@pytest.mark.parametrize(
    ("head", "deputy", "codes"),
    [
        (AG, AG, ["officers_same"]),
        ("VKS-CM", "VKS-NONE", ["officer_not_member", "officer_not_member"]),
        (AG, DT, ["unit_barred"]),
        (DT, None, ["unit_barred"]),
    ],
)
def test_officers_who_may_not_be_are_refused_with_every_reason(session, play, head, deputy, codes):
    play(bar_unit, unit_code=DT, year=2025, reason="Có công chức bị kỷ luật.")
    with pytest.raises(RequirementsMissing) as refused:
        play(set_officers, cluster_id=cluster_id(session), new=officers(head, deputy))
    assert [reason.code for reason in refused.value.reasons] == codes


def test_a_bar_of_another_year_or_taken_back_stands_in_nobodys_way(session, play):
    play(bar_unit, unit_code=DT, year=2024, reason="Không đăng ký thi đua.")
    play(set_officers, cluster_id=cluster_id(session), new=officers(DT))
    play(bar_unit, unit_code=AG, year=2025, reason="Không đăng ký thi đua.")
    with pytest.raises(Conflict):
        play(bar_unit, unit_code=AG, year=2025, reason="Lần nữa.")
    session.rollback()
    play(unbar_unit, unit_code=AG, year=2025)
    play(set_officers, cluster_id=cluster_id(session), new=officers(AG, DT))
    with pytest.raises(NotFound):
        play(unbar_unit, unit_code=AG, year=2025)
    session.rollback()
    with pytest.raises(InvalidField):
        play(bar_unit, unit_code=AG, year=2025, reason="  ")


@pytest.mark.parametrize(
    ("part", "how", "may"),
    [
        ("supervisor", Headed.APPOINTED, True),
        ("admin", Headed.ELECTED, True),
        ("head", Headed.APPOINTED, True),
        ("cluster_head", Headed.ELECTED, True),
        ("cluster_head", Headed.APPOINTED, False),
        ("unit_head", Headed.ELECTED, False),
        ("stranger", Headed.ELECTED, False),
    ],
)
def test_the_owner_appoints_and_a_vote_is_recorded_by_the_clusters_head_too(session, play, part, how, may):
    new = officers(AG, DT, how=how)
    if may:
        play(set_officers, part, cluster_id=cluster_id(session), new=new)
        assert session.get(Cluster, cluster_id(session)).headed_how == how
    else:
        with pytest.raises(Forbidden):
            play(set_officers, part, cluster_id=cluster_id(session), new=new)


def test_only_who_runs_the_owner_makes_clusters_bars_units_and_opens_years(play):
    cluster = NewCluster(2026, TOP, 2, "Cụm số 2", UNITS)
    for operation, given in (
        (create_cluster, {"new": cluster}),
        (open_year, {"new": NewYear(TOP, 2027)}),
        (bar_unit, {"unit_code": AG, "year": 2025, "reason": "Lý do"}),
    ):
        with pytest.raises(Forbidden):
            play(operation, "head", **given)


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"number": 1}, Conflict),
        ({"member_codes": [AG, "VKS-CM"]}, Conflict),
        ({"member_codes": ["NONE"]}, InvalidField),
        ({"member_codes": []}, InvalidField),
        ({"year": 1999}, InvalidField),
        ({"number": 0}, InvalidField),
        ({"name": " "}, InvalidField),
        ({"owner_code": "NONE"}, InvalidField),
    ],
)
def test_a_cluster_that_cannot_be_is_refused_and_nothing_is_left(session, play, changes, refusal):
    given = {"year": 2026, "owner_code": TOP, "number": 2, "name": "Cụm 2", "member_codes": UNITS, **changes}
    with pytest.raises(refusal):
        play(create_cluster, new=NewCluster(**given))
    session.rollback()
    assert session.scalar(select(func.count()).select_from(Cluster)) == 1


def test_the_same_key_makes_one_cluster(session, play):
    claim, new = Claim("k" * 20, "POST /clusters", b"same"), NewCluster(2026, TOP, 2, "Cụm số 2", UNITS)
    first = play(create_cluster, new=new, claim=claim)
    again = play(create_cluster, new=new, claim=claim)
    assert (again.cluster_id, again.was_answered_before) == (first.cluster_id, True)
    session.rollback()
    with pytest.raises(KeyReused):
        play(create_cluster, new=new, claim=Claim("k" * 20, "POST /clusters", b"other"))


@pytest.mark.parametrize("role", ["admin", "supervisor"])
def test_who_oversees_a_unit_from_a_seat_of_its_own_neither_bars_nor_spares_it(session, clock, role):
    office, now = furnish(session, now=clock.now()), clock.now()
    session.execute(delete(Grant).where(Grant.account_id == office.ids["stranger"]))
    session.add(
        Grant(account_id=office.ids["stranger"], key=f"{role}@unit:{AG}", valid_from=date(2020, 1, 1))
    )
    session.commit()
    own, above = office.actor("stranger", now), office.actor("supervisor", now)
    why = {"unit_code": AG, "year": 2025, "via": Via.API, "now": now}
    with pytest.raises(Forbidden, match="level above"):
        bar_unit(session, actor=own, reason="Kỷ luật", **why)
    session.rollback()
    bar_unit(session, actor=above, reason="Kỷ luật", **why)
    with pytest.raises(Forbidden, match="level above"):
        unbar_unit(session, actor=own, **why)
    session.rollback()
    assert [unit.code for unit in barrable_units(session, actor=own, now=now)] == []
    assert AG in {unit.code for unit in barrable_units(session, actor=above, now=now)}
    # The root has nobody above it: its own seat does not bar it, the whole installation's does.
    root = {**why, "unit_code": TOP}
    with pytest.raises(Forbidden):
        bar_unit(session, actor=above, reason="Kỷ luật", **root)
    session.rollback()
    bar_unit(session, actor=office.actor("admin", now), reason="Kỷ luật", **root)
    unbar_unit(session, actor=above, **why)
