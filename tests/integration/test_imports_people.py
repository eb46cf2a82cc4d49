"""People, accounts and awards from files: added, moved, given what they lack, by edition, and back."""

from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.conftest import MONDAY
from tests.support.importing import Desk, everything
from tests.support.office import AG, DT, TOP, Office, furnish
from workflow.queries.history.audit import verify_chains
from workflow.store.access import Account
from workflow.store.awards import AwardEdition
from workflow.store.organisation import Person
from workflow.store.seats import known_roles, unknown_role


@pytest.fixture
def office(session: Session) -> Office:
    return furnish(session, now=MONDAY)


@pytest.fixture
def desk(session: Session, office: Office) -> Desk:
    return Desk(session, MONDAY)


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
    assert "People who change their unit: 1" in done.notes[0]
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
    assert done.notes[0].startswith("Links to set a password that are to be sent: 1;")
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
    longer = desk.look("awards", AWARDS.replace("31/12/2026", "30/6/2027"))
    assert [(f.field, f.old, f.new) for f in longer.changed[0].fields] == [
        ("valid_to", "2026-12-31", "2027-06-30")
    ], "the last day, as a file names it"
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
