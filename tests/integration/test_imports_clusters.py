"""Clusters out of files: heads, deputies, rotation, the seats that follow; and the real ones of 2020 on."""

from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.conftest import MONDAY
from tests.support.importing import Desk, everything
from tests.support.office import AG, DT, TOP, furnish
from tests.support.real_clusters import code_of, real_clusters
from workflow.domain.clusters.rotation import propose
from workflow.queries.history.audit import verify_chains
from workflow.store.access import Grant
from workflow.store.clusters import load_rotation, members_of
from workflow.store.organisation import BarredUnit, Cluster, Unit

HEADER = "year,owner,number,name,kind,unit,role,how\n"
BOTH = (
    HEADER
    + f"2026,{TOP},1,,,{AG},head,elected\n"
    + "2026,Viện kiểm sát nhân dân tối cao,1,,,VKSND tỉnh Đồng Tháp,cụm phó,\n"
    + f"2026,{TOP},2,Khối thi đua số 2,khối,{TOP},,\n"
)


@pytest.fixture
def desk(session: Session) -> Desk:
    furnish(session, now=MONDAY)
    return Desk(session, MONDAY)


def heads(session: Session, code: str) -> list[tuple[int, date | None]]:
    """Return who was given the seat of a cluster's head by key, with the end of it."""
    rows = session.execute(
        select(Grant.account_id, Grant.valid_to)
        .where(Grant.key == f"cluster_head@cluster:{code}")
        .order_by(Grant.id)
    )
    return list(rows)


def test_a_cluster_gets_its_officers_and_its_seat_goes_to_whoever_heads_the_unit(
    session: Session, desk: Desk
) -> None:
    before = everything(session)
    [(by_hand, _)] = heads(session, f"2026/{TOP}/1")
    done = desk.take("clusters", BOTH)
    assert done.new == (f"2026/{TOP}/2",)
    assert [(f.field, f.old, f.new) for f in done.changed[0].fields] == [
        ("head", "", AG),
        ("deputy", "", DT),
        ("how", "", "elected"),
    ]
    cluster = session.scalars(select(Cluster).where(Cluster.number == 2)).one()
    assert (cluster.kind, cluster.name) == ("block", "Khối thi đua số 2")
    (first, ended), (second, until) = heads(session, f"2026/{TOP}/1")
    assert (first, ended, until) == (by_hand, MONDAY.date(), None)
    assert second != first
    assert desk.take("clusters", BOTH).batch_id is None
    desk.undo()
    session.expire_all()
    assert everything(session) == before
    assert verify_chains(session).is_whole


def test_a_cluster_is_afterwards_as_the_file_lists_it(session: Session, desk: Desk) -> None:
    desk.take("clusters", BOTH)
    moved = BOTH.replace(f"2026,{TOP},1,,,{AG},head,elected\n", f"2026,{TOP},2,,,{AG},,\n")
    moved = moved.replace("cụm phó", "cụm trưởng")
    done = desk.take("clusters", moved)
    members = {one.name: [(f.old, f.new) for f in one.fields if f.field == "members"] for one in done.changed}
    assert members == {f"2026/{TOP}/1": [(f"-{AG}", "")], f"2026/{TOP}/2": [("", f"+{AG}")]}
    ids = {row.number: row.id for row in session.execute(select(Cluster.number, Cluster.id))}
    assert members_of(session, ids.values()) == {ids[1]: (DT,), ids[2]: (AG, TOP)}
    desk.undo()
    assert members_of(session, ids.values()) == {ids[1]: (AG, DT), ids[2]: (TOP,)}


def test_every_cluster_that_cannot_be_is_named_by_its_cell(session: Session, desk: Desk) -> None:
    barred = session.scalar(select(Unit.id).where(Unit.code == AG))
    session.add(BarredUnit(unit_id=barred, year=2026, reason="Có vi phạm", entered_at=MONDAY))
    session.commit()
    text = (
        HEADER
        + f"2027,{TOP},1,Cụm 1,cụm,{AG},cụm trưởng,bầu\n"
        + f"2027,{TOP},1,Cụm một,cụm,{DT},cụm trưởng,phân công\n"
        + f"2027,{TOP},2,,chùm,{DT},cụm phó,\n"
        + f"2027,{TOP},2,,,{TOP},cụm phó,\n"
        + f"26,{TOP},x,,,{TOP},trưởng ban,\n"
        + f"2026,{TOP},9,Cụm 9,,{DT},,\n"
    )
    assert desk.bad("clusters", text) == [
        f"line 2, role 'cụm trưởng': {AG} {BARRED}",
        f"line 3, name 'Cụm một': another line says 'Cụm 1' for cluster 2027/{TOP}/1",
        f"line 3, unit '{DT}': is in cluster 2027/{TOP}/2 too, in line 4",
        f"line 3, role 'cụm trưởng': cluster 2027/{TOP}/1 has one already, in line 2",
        f"line 3, how 'phân công': another line says 'elected' for cluster 2027/{TOP}/1",
        "line 4, name: a new cluster has a name",
        "line 4, kind 'chùm': must be one of cum, cụm, cluster, khoi, khối, block",
        f"line 4, unit '{DT}': is in cluster 2027/{TOP}/1 too, in line 3",
        f"line 4, role 'cụm phó': cluster 2027/{TOP}/2 has a deputy and no head",
        f"line 5, role 'cụm phó': cluster 2027/{TOP}/2 has one already, in line 4",
        "line 6, year '26': must be a whole number from 2000 to 2100",
        "line 6, number 'x': must be a whole number from 1 to 999",
        f"line 6, role 'trưởng ban': must be one of {ROLES}",
        f"line 7, unit '{DT}': is in cluster 2026/{TOP}/1 of this year, which the file does not name",
    ]


BARRED = "was not considered for emulation in 2026, so it may not head in 2027."
ROLES = "head, cụm trưởng, khối trưởng, trưởng, deputy, cụm phó, khối phó, phó, member, thành viên"


def test_whoever_is_imported_as_head_of_a_heading_unit_gets_the_clusters_seat(
    session: Session, desk: Desk
) -> None:
    desk.take("clusters", HEADER + f"2026,{TOP},1,,,{DT},head,\n2026,{TOP},1,,,{AG},,\n")
    before = everything(session)
    done = desk.take("accounts", f"email,name,grants\nthu@example.vn,Thu,head@unit:{DT}\n")
    assert done.notes[-1] == "Seats of clusters that follow who heads their units: 1."
    assert heads(session, f"2026/{TOP}/1")[-1][1] is None
    desk.undo()
    session.expire_all()
    assert everything(session) == before


def test_the_real_clusters_come_with_head_and_deputy_and_the_next_year_turns_by_rotation(
    session: Session, desk: Desk
) -> None:
    units, clusters = real_clusters()
    desk.take("org", units)
    done = desk.take("clusters", clusters)
    assert len(done.new) == 5
    found = session.scalars(select(Cluster).where(Cluster.code == f"2023/{TOP}/7")).one()
    codes = {row.id: row.code for row in session.execute(select(Unit.id, Unit.code))}
    gia_lai, kon_tum = code_of("VKSND tỉnh Gia Lai"), code_of("VKSND tỉnh Kon Tum")
    assert (codes[found.head_unit_id], codes[found.deputy_unit_id]) == (gia_lai, kon_tum)
    assert len(members_of(session, [found.id])[found.id]) == 5
    facts = load_rotation(session, owner_unit_id=found.owner_unit_id, year=2024, today=MONDAY.date())
    [turn] = propose(facts.clusters, year=2024, alive=facts.alive, barred=facts.barred, headed=facts.headed)
    assert turn.head.unit == kon_tum
    assert facts.headed[code_of("VKSND tỉnh Lâm Đồng")] == 2020
    assert desk.take("clusters", clusters).batch_id is None
