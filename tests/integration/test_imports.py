"""Files become units of the sector: all of a file or nothing, twice the same, and back."""

import csv
import gzip
import io
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session, aliased

from tests.conftest import MONDAY, Database
from tests.support.importing import Desk, everything
from tests.support.office import AG, DT, TOP, Office, furnish
from tests.support.patience import PATIENCE
from workflow.domain.errors import Conflict, Forbidden, NotFound
from workflow.domain.vocabulary import InstallationKind
from workflow.imports.kinds.people import plan_people
from workflow.imports.reading.columns import ImportKind
from workflow.operations.setup.installation import mark_installation
from workflow.queries.history.audit import verify_chains
from workflow.queries.imports import list_imports
from workflow.store.access import Grant
from workflow.store.organisation import Council, Person, Unit, UnitEdition

SHARED = Path(__file__).parents[3] / "shared" / "data"
TODAY = MONDAY.date()


@pytest.fixture
def office(session: Session) -> Office:
    return furnish(session, now=MONDAY)


@pytest.fixture
def desk(session: Session, office: Office) -> Desk:
    return Desk(session, MONDAY)


def editions(session: Session, code: str) -> list[tuple[str, str | None, date, date | None]]:
    parent = aliased(Unit)
    rows = session.execute(
        select(UnitEdition.name, parent.code, UnitEdition.valid_from, UnitEdition.valid_to)
        .join(Unit, Unit.id == UnitEdition.unit_id)
        .outerjoin(parent, parent.id == UnitEdition.parent_id)
        .where(Unit.code == code)
        .order_by(UnitEdition.valid_from)
    )
    return list(rows)


UNITS = f"""mã,tên,cấp trên,cán bộ phụ trách,điện thoại,từ ngày
KV1,VKSND khu vực 1,VKS-MOI,Lê Thị Hạnh,0296 111,1/7/2025
VKS-MOI,VKSND tỉnh Mới,Viện kiểm sát nhân dân tối cao,,,1/7/2025
{AG},VKSND tỉnh An Giang (mới),{TOP},Phạm Thị Hoa,0296 385 2345,1/7/2025
{DT},VKSND tỉnh Đồng Tháp,{TOP},,,1/7/2025
"""


def test_units_come_with_parents_further_down_and_what_changed_is_a_new_edition(
    session: Session, desk: Desk
) -> None:
    done = desk.take("org", UNITS)
    assert (done.new, done.unchanged_count) == (("KV1", "VKS-MOI"), 1)
    [changed] = done.changed
    assert changed.name == AG
    assert [(one.field, one.old, one.new) for one in changed.fields] == [
        ("name", "VKSND tỉnh An Giang", "VKSND tỉnh An Giang (mới)"),
        ("valid_from", "2020-01-01", "2025-07-01"),
    ]
    since = date(2025, 7, 1)
    assert editions(session, "KV1") == [("VKSND khu vực 1", "VKS-MOI", since, None)]
    assert editions(session, AG) == [
        ("VKSND tỉnh An Giang", TOP, date(2020, 1, 1), since),
        ("VKSND tỉnh An Giang (mới)", TOP, since, None),
    ]


def test_a_column_of_units_makes_councils_names_them_anew_and_goes_back(session: Session, desk: Desk) -> None:
    names = select(Council.name).order_by(Council.id)
    before = session.scalars(names).all()
    text = f"mã,tên,cấp trên,hội đồng\n{AG},VKSND tỉnh An Giang,{TOP},{{}}\n"
    done = desk.take("org", text.format("Hội đồng tỉnh"))
    assert [(one.field, one.old, one.new) for one in done.changed[0].fields] == [
        ("council", "", "Hội đồng tỉnh")
    ]
    assert done.notes == ("Units that get a council: 1; a round that is open already stays without it.",)
    assert desk.take("org", text.format("Hội đồng tỉnh")).batch_id is None
    assert desk.take("org", text.format("")).batch_id is None
    assert desk.take("org", text.format("Hội đồng mới")).changed[0].fields[0].old == "Hội đồng tỉnh"
    [bad] = desk.bad("org", text.format("x" * 301))
    assert "301 characters" in bad
    desk.undo()
    assert session.scalars(names).all() == [*before, "Hội đồng tỉnh"]


def test_the_same_file_again_changes_nothing_and_leaves_no_trace(session: Session, desk: Desk) -> None:
    first = desk.take("org", UNITS)
    before = everything(session)
    again = desk.take("org", UNITS)
    assert (again.batch_id, again.new, again.changed, again.unchanged_count) == (None, (), (), 4)
    assert everything(session) == before
    assert [one.id for one in list_imports(session, limit=5)] == [first.batch_id]


def test_a_look_changes_nothing_and_says_what_the_import_then_does(session: Session, desk: Desk) -> None:
    before = everything(session)
    looked = desk.look("org", UNITS)
    assert looked.is_dry_run
    assert everything(session) == before
    done = desk.take("org", UNITS)
    assert (looked.new, looked.changed, looked.notes) == (done.new, done.changed, done.notes)


def test_an_import_is_undone_to_the_last_row_once(session: Session, desk: Desk) -> None:
    before = everything(session)
    done = desk.take("org", UNITS)
    undone = desk.undo()
    assert (undone.batch_id, undone.removed_count, undone.restored_count) == (done.batch_id, 5, 1)
    assert everything(session) == before
    with pytest.raises(Conflict, match=r"was undone on 2026-03-02 02:02 UTC"):
        desk.undo()
    session.rollback()
    assert verify_chains(session).is_whole
    assert desk.take("org", UNITS).new == ("KV1", "VKS-MOI")


def test_nothing_to_undo_is_said(desk: Desk) -> None:
    with pytest.raises(NotFound, match="Nothing was imported yet"):
        desk.undo()


def test_an_import_that_others_built_on_stays_and_they_are_named(session: Session, desk: Desk) -> None:
    desk.take("org", UNITS)
    kv1 = session.scalar(select(Unit.id).where(Unit.code == "KV1"))
    session.execute(update(Person).where(Person.code == "NV04").values(unit_id=kv1))
    session.add(Grant(account_id=1, key="head@unit:VKS-MOI", valid_from=TODAY))
    named = update(UnitEdition).where(UnitEdition.unit_id == kv1).values(officer_name="Khác")
    session.execute(named)
    session.commit()
    before = everything(session)
    with pytest.raises(Conflict) as refused:
        desk.undo()
    session.rollback()
    assert [reason.message for reason in refused.value.reasons] == [
        "unit_edition VKSND khu vực 1: officer_name was changed since",
        "person NV04 refers to unit KV1",
        "grant head@unit:VKS-MOI names unit",
    ]
    assert everything(session) == before


def test_every_bad_cell_of_an_organisation_is_named_and_nothing_is_written(desk: Desk) -> None:
    twins = "code,name,parent\nA,Trùng tên,\nB,Trùng tên,\n"
    desk.take("org", twins)
    assert desk.bad(
        "org",
        f"""code,name,parent,valid_from
X,Đơn vị X,Y,
Y,Đơn vị Y,Z,
Z,Đơn vị Z,X,
X,Đơn vị X lần nữa,,
U,Đơn vị U,nơi nào đó,31/02/2026
V,Đơn vị V,Trùng tên,
{AG},Tên khác,{TOP},1/1/2019
""",
    ) == [
        "line 2, parent 'Y': 'X' would be above itself",
        "line 3, parent 'Z': 'Y' would be above itself",
        "line 4, parent 'X': 'Z' would be above itself",
        "line 5, code 'X': is there twice; the first is in line 2",
        "line 6, parent 'nơi nào đó': no unit has this code or exact name",
        "line 6, valid_from '31/02/2026': there is no such day; days are written 31/12/2026 or 2026-12-31",
        "line 7, parent 'Trùng tên': 2 units have this name; say which by its code: A, B",
        f"line 8, valid_from '2019-01-01': the edition in force began on 2020-01-01; {LATER}",
    ]


LATER = "what changes it begins then or later"


def test_a_demo_takes_no_file_and_only_an_administrator_imports(session: Session, office: Office) -> None:
    desk = Desk(session, MONDAY, office.actor("reviewer", MONDAY))
    with pytest.raises(Forbidden):
        desk.take("org", UNITS)
    session.rollback()
    desk.actor = office.actor("admin", MONDAY)
    assert desk.take("org", UNITS).new
    mark_installation(session, InstallationKind.DEMO, now=MONDAY)
    session.commit()
    for act in (lambda: desk.take("org", UNITS), desk.undo):
        with pytest.raises(Conflict, match="those of a demo"):
            act()
        session.rollback()


def test_rows_that_somebody_changes_meanwhile_leave_nothing_half_written(
    session: Session, desk: Desk, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    from workflow.imports import run  # noqa: PLC0415 - patched here alone

    plan = plan_people

    def slow(*args: Any, **named: Any) -> object:
        planned = plan(*args, **named)
        with database.sessions() as other:
            other.execute(update(Person).where(Person.code == "NV04").values(position="Khác"))
            other.commit()
        return planned

    monkeypatch.setitem(run._BY_DAY, ImportKind.PEOPLE, slow)
    with pytest.raises(Conflict, match="meanwhile"):
        desk.take(
            "people", f"code,name,unit,position\nNV90,Mới,{AG},\nNV04,Đặng Quốc Dũng,{AG},Trưởng phòng\n"
        )
    session.rollback()
    assert session.scalar(select(Person.position).where(Person.code == "NV04")) == "Khác"
    assert session.scalar(select(Person.id).where(Person.code == "NV90")) is None


def provinces() -> str:
    """Turn the real list of provinces into a file of units of the sector."""
    path = SHARED / "geo" / "vn_units_34_2025-08.csv.gz"
    if not path.exists():
        pytest.skip(f"the real list of provinces is not here: {path}")
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        rows = [row for row in csv.DictReader(lines) if row["level"] == "province"]
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["code", "name", "parent", "valid_from"])
    for row in rows:
        writer.writerow([f"VKS-{row['code']}", f"VKSND {row['full_name']}", TOP, "01/07/2025"])
    return out.getvalue()


def test_the_thirty_four_provinces_become_units_of_the_sector(session: Session, desk: Desk) -> None:
    done = desk.take("org", provinces())
    assert (len(done.new), done.unchanged_count) == (34, 0)
    assert editions(session, "VKS-01") == [("VKSND Thành phố Hà Nội", TOP, date(2025, 7, 1), None)]
    assert desk.take("org", provinces()).unchanged_count == 34


def test_of_two_who_import_the_same_file_at_once_one_writes_and_one_finds_it_there(
    session: Session, desk: Desk, database: Database
) -> None:
    start = Barrier(2)

    def take() -> int | None:
        with database.sessions() as own:
            start.wait(timeout=PATIENCE)
            return Desk(own, MONDAY).take("org", UNITS).batch_id

    with ThreadPoolExecutor(2) as pool:
        written = [done.result(timeout=PATIENCE) for done in [pool.submit(take), pool.submit(take)]]
    assert sorted(batch is None for batch in written) == [False, True]
    assert len(list_imports(session, limit=5)) == 1
