"""Files become units, people, accounts and awards: all of a file or nothing, twice the same, and back."""

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
from workflow.operations.setup.installation import mark_installation
from workflow.queries.history.audit import verify_chains
from workflow.queries.imports import list_imports
from workflow.store.access import Account, Grant
from workflow.store.awards import AwardEdition
from workflow.store.organisation import Council, Person, Unit, UnitEdition
from workflow.store.seats import known_roles, unknown_role

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
    return list(rows.tuples())


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
    assert done.notes == ("1 units get a council; a round that is open already stays without it.",)
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
        "line 6, valid_from '31/02/2026': there is no such day",
        "line 7, parent 'Trùng tên': 2 units have this name; say which by its code: A, B",
        f"line 8, valid_from '2019-01-01': the edition in force began on 2020-01-01; {LATER}",
    ]


LATER = "what changes it begins then or later"


def test_people_are_added_and_move_and_are_moved_back(session: Session, desk: Desk) -> None:
    before = everything(session)
    done = desk.take(
        "people",
        f"mã cán bộ,họ và tên,đơn vị,chức vụ,quản lý bởi\n"
        f"NV90,Đỗ Thị Mới,VKSND tỉnh Đồng Tháp,Kiểm sát viên,{TOP}\n"
        f"NV04,Đặng Quốc Dũng,{DT},Kiểm sát viên,\n"
        f"NV05,Huỳnh Tấn Phát,{AG},Kiểm sát viên,\n",
    )
    assert (done.new, done.unchanged_count) == (("NV90",), 1)
    assert [(one.name, [(f.field, f.old, f.new) for f in one.fields]) for one in done.changed] == [
        ("NV04", [("unit", AG, DT)])
    ]
    assert "1 people change their unit" in done.notes[0]
    new = session.scalars(select(Person).where(Person.code == "NV90")).one()
    assert (new.name_search, new.position) == ("do thi moi", "Kiểm sát viên")
    desk.undo()
    session.expire_all()
    assert everything(session) == before
    assert desk.bad("people", f"code,name,unit\nNV91,,{AG}\nNV92,An,Nơi khác\n") == [
        "line 2, name: is required",
        "line 3, unit 'Nơi khác': no unit has this code or exact name",
    ]


def test_an_account_reads_its_language_out_of_the_file_or_has_the_installations(
    session: Session, desk: Desk
) -> None:
    session.info["locale"] = "en"
    rows = ("a@example.ac.uk,A,", "b@example.ac.uk,B,vi", "c@example.ac.uk,C,Tiếng Anh")
    desk.take("accounts", "email,name,locale\n" + "\n".join(rows) + "\n")

    def kept() -> list[str]:
        found = select(Account.locale).where(Account.email.like("%.ac.uk")).order_by(Account.email)
        return list(session.scalars(found))

    assert kept() == ["en", "vi", "en"]
    done = desk.take("accounts", "email,name,ngôn ngữ\na@example.ac.uk,A,vi\n")
    assert [(one.name, one.fields[0].field) for one in done.changed] == [("a@example.ac.uk", "locale")]
    # A file without the column, or with an empty cell, leaves what is there.
    assert desk.take("accounts", "email,name\na@example.ac.uk,A\n").batch_id is None
    assert kept() == ["vi", "vi", "en"]
    [bad] = desk.bad("accounts", "email,name,locale\na@example.ac.uk,A,fr\n")
    assert "must be one of vi, en" in bad


def test_an_unknown_role_in_a_file_says_how_one_comes_to_be(desk: Desk) -> None:
    [bad] = desk.bad("accounts", f"email,name,grants\na@example.ac.uk,A,panel_chair@unit:{AG}\n")
    assert "publish the definition that declares it first" in bad


def test_accounts_get_what_they_lack_and_no_secret(session: Session, desk: Desk) -> None:
    before = everything(session)
    text = (
        "email,name,person,grants\n"
        f"Moi@example.vn,Đặng Quốc Dũng,NV04,nominator@unit:{AG};;unit_deputy@unit:{AG}\n"
        f"nv02@example.vn,reviewer NV02,NV02,unit_reviewer@unit:{AG};;unit_deputy@unit:{AG}\n"
    )
    done = desk.take("accounts", text)
    assert done.new == ("moi@example.vn",)
    assert [(f.field, f.new) for f in done.changed[0].fields] == [("new grants", f"unit_deputy@unit:{AG}")]
    assert done.notes[0].startswith("1 links to set a password are to be sent")
    new = session.scalars(select(Account).where(Account.email == "moi@example.vn")).one()
    assert new.password_hash is None
    assert desk.take("accounts", text).batch_id is None
    desk.undo()
    session.expire_all()
    assert everything(session) == before
    assert verify_chains(session).is_whole
    assert desk.bad(
        "accounts",
        "email,name,person,grants\n"
        "no address,A,,\n"
        "b@example.vn,B,NV02,boss@all\n"
        "c@example.vn,C,NV99,head@unit:Z;;head\n"
        "C@example.vn,C,,\n",
    ) == [
        "line 2, email 'no address': is not one e-mail address, as in an@example.org",
        "line 3, person 'NV02': has an account already, nv02@example.vn",
        f"line 3, grants 'boss@all': {unknown_role('boss', known_roles(session))}",
        "line 4, person 'NV99': nobody has this code",
        "line 4, grants 'head@unit:Z': there is no 'unit:Z'",
        "line 4, grants 'head': must look like unit_reviewer@unit:CODE or admin@all",
        "line 5, email 'C@example.vn': is there twice; the first is in line 4",
    ]


AWARDS = """code,vi,en,kind,level,workflow,papers,vote_percent,regime,valid_from,valid_to
GK,Giấy khen,Certificate,cá nhân,cơ sở,standard,achievement_report; meeting_minutes,,R1,01/01/2026,31/12/2026
"""


def test_an_award_that_changes_is_a_new_edition_and_changed_back_another(
    session: Session, desk: Desk
) -> None:
    assert desk.take("awards", AWARDS).new == ("GK R1 2026-01-01",)
    [first] = session.scalars(select(AwardEdition).where(AwardEdition.name_vi == "Giấy khen")).all()
    assert (first.papers, first.valid_to) == (["achievement_report", "meeting_minutes"], date(2027, 1, 1))
    done = desk.take("awards", AWARDS.replace(",,R1", ",90,R1"))
    assert [(f.field, f.old, f.new) for f in done.changed[0].fields] == [("vote_percent", "", "90")]
    assert len(desk.take("awards", AWARDS).changed) == 1
    assert desk.take("awards", AWARDS).batch_id is None
    hashes = session.scalars(select(AwardEdition.content_hash).where(AwardEdition.name_vi == "Giấy khen"))
    assert len(set(hashes)) == 3
    desk.undo()
    assert len(desk.take("awards", AWARDS).changed) == 1
    wrong = (
        AWARDS.replace("standard", "stand").replace("meeting", "meating").replace("31/12/2026", "1/1/2025")
    )
    assert [line.split(": ")[0] for line in desk.bad("awards", wrong)] == [
        "line 2, workflow 'stand'",
        "line 2, papers 'meating_minutes'",
        "line 2, valid_to '1/1/2025'",
    ]


def test_an_award_needs_no_regime_and_no_level(session: Session, desk: Desk) -> None:
    bare = "code,vi,en,kind,workflow,valid_from\nSPOT,Spot award,Spot award,individual,{},2026-01-01\n"
    assert desk.take("awards", bare.format("simplified")).new == ("SPOT 2026-01-01",)
    [edition] = session.scalars(select(AwardEdition).where(AwardEdition.name_en == "Spot award"))
    assert (edition.regime, edition.level) == ("", "base")
    assert desk.take("awards", bare.format("simplified")).batch_id is None
    [bad] = desk.bad("awards", bare.format("simplifed"))
    assert "did you mean 'simplified'?" in bad
    [bad] = desk.bad("awards", bare.format("fellowship"))
    assert "commendo workflow publish" in bad


def test_a_file_that_is_silent_about_the_level_keeps_it(session: Session, desk: Desk) -> None:
    full = "code,vi,en,kind,level,workflow,valid_from\nSPOT,A,A,individual,sector,standard,2026-01-01\n"
    desk.take("awards", full)
    done = desk.take("awards", full.replace(",level", "").replace(",sector", "").replace("A,A", "A,B"))
    assert [field.field for field in done.changed[0].fields] == ["name_en"]
    found = select(AwardEdition.level).where(AwardEdition.name_vi == "A")
    assert list(session.scalars(found)) == ["sector", "sector"]


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

    def slow(*args: Any) -> object:
        planned = plan(*args)
        with database.sessions() as other:
            other.execute(update(Person).where(Person.code == "NV04").values(position="Khác"))
            other.commit()
        return planned

    monkeypatch.setattr(run, "plan_people", slow)
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
