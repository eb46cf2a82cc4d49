"""One person stays one, however their code and name were typed; what was probably meant is said."""

import importlib

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import create_engine, select, update
from sqlalchemy.orm import Session

from tests.conftest import MONDAY, Database
from tests.support.importing import Desk
from tests.support.office import AG, ROUND, Office, furnish
from tests.support.servers import connect
from workflow.domain.errors import InvalidField, InvalidImport
from workflow.domain.vocabulary import Via
from workflow.operations.people.accounts import NewAccount, add_account
from workflow.operations.submissions.compose import NewSubmission, create_submission
from workflow.operations.submissions.rows import ListRow
from workflow.queries.nominations.filters import NominationFilters
from workflow.queries.nominations.nominations import list_nominations
from workflow.store.nominations import Nomination
from workflow.store.organisation import Person, UnitEdition

HEADER = "mã cán bộ,họ và tên,đơn vị\n"


@pytest.fixture
def office(session: Session) -> Office:
    return furnish(session, now=MONDAY)


@pytest.fixture
def desk(session: Session, office: Office) -> Desk:
    return Desk(session, MONDAY)


def people(session: Session, name: str) -> list[str]:
    return list(session.scalars(select(Person.code).where(Person.name == name).order_by(Person.code)))


@pytest.mark.parametrize("code", ["NV\u00a021A", "nv 21a", "NV\u2003\u202f21A", "ＮＶ 21A", " NV  21A "])
def test_the_second_file_changes_nothing(session: Session, desk: Desk, code: str) -> None:
    assert desk.take("people", f"{HEADER}NV 21A,Lê Văn Cường,{AG}\n").new == ("NV 21A",)
    again = desk.take("people", f"{HEADER}{code},Lê\u00a0Văn  Cường,{AG}\n")
    assert (again.new, again.changed, again.unchanged_count) == ((), (), 1)
    assert people(session, "Lê Văn Cường") == ["NV 21A"]


@pytest.mark.parametrize(
    "sign",
    "\u00ad\u034f\u061c\u115f\u1160\u180e\u200b\u200c\u200d\u2060\u2061\u206a\u2800\u3164\ufe00\ufe0f\uffa0\U000e0001",
)
def test_what_cannot_be_seen_is_refused_in_code_and_name_by_its_number(desk: Desk, sign: str) -> None:
    bad = desk.bad("people", f"{HEADER}NV{sign}13A,Nguyễn Văn Ba,{AG}\nNV13A,Nguyễn Văn{sign} Ba,{AG}\n")
    assert len(bad) == 2
    for line in bad:
        assert f"U+{ord(sign):04X}" in line


def test_a_letter_of_another_alphabet_makes_no_second_person(session: Session, desk: Desk) -> None:
    [line] = desk.bad("people", f"{HEADER}NВ13A,Nguyễn Văn Ba,{AG}\n")
    assert "U+0412 CYRILLIC CAPITAL LETTER VE" in line
    desk.take("people", f"{HEADER}HB-21,Nguyễn Văn Ba,{AG}\n")
    # Wholly in the other alphabet it is a code of its own kind, and reads the same all the same.
    assert desk.take("people", f"{HEADER}НВ-21,Nguyễn Văn Ba,{AG}\n").new == ()
    assert people(session, "Nguyễn Văn Ba") == ["HB-21"]


def test_two_rows_of_one_file_that_read_the_same_are_one_twice(desk: Desk) -> None:
    [line] = desk.bad("people", f"{HEADER}NV\u00a021A,Lê Văn A,{AG}\nnv 21a,Lê Văn A,{AG}\n")
    assert "is there twice; the first is in line 2" in line


def test_a_new_code_that_differs_in_blanks_alone_is_pointed_out(desk: Desk) -> None:
    desk.take("people", f"{HEADER}NV21A,Lê Văn A,{AG}\n")
    done = desk.look("people", f"{HEADER}NV-21A,Lê Văn A,{AG}\n")
    assert "'NV-21A' is new beside 'NV21A': is it somebody else?" in done.notes


@pytest.mark.parametrize("unit", ["vks-ag", "VKS\u2011AG", "VKSND tỉnh\u00a0An Giang", "vksnd TỈNH an giang"])
def test_a_unit_is_found_by_what_reads_the_same(session: Session, desk: Desk, unit: str) -> None:
    assert desk.take("people", f"{HEADER}NV90,Lê Văn A,{unit}\n").new == ("NV90",)


def test_unknown_codes_are_answered_with_what_was_meant(session: Session, desk: Desk, office: Office) -> None:
    assert "did you mean 'VKS-AG'?" in desk.bad("people", f"{HEADER}NV90,Lê Văn A,VKSAG\n")[0]
    accounts = "email,name,person,grants\na@example.vn,A,NV-04,unit_reviewer@unit:VKS-AC\n"
    bad = "\n".join(desk.bad("accounts", accounts))
    assert "nobody has this code; did you mean 'NV04'?" in bad
    assert "did you mean 'unit:VKS-AG'?" in bad
    with pytest.raises(InvalidField) as refused:
        add_account(
            session, actor=None, new=NewAccount("b@example.vn", "B", "NV 04"), via=Via.CLI, now=MONDAY
        )
    assert "did you mean 'NV04'?" in refused.value.errors[0].message


def test_an_account_is_for_the_person_whose_code_reads_the_same(session: Session, desk: Desk) -> None:
    done = desk.take("accounts", "email,name,person\nc@example.vn,C,nv04\n")
    assert done.new == ("c@example.vn",)


def test_the_same_man_twice_on_one_paper_is_seen(session: Session, desk: Desk, office: Office) -> None:
    desk.actor = office.actor("nominator", MONDAY)
    header = "đợt xét,đơn vị,số tờ trình,ngày ký,người ký,mã cán bộ,danh hiệu\n"
    paper = f"{ROUND},{AG},1/TTr,02/03/2026,Trần Thị Bích"
    twice = f"{header}{paper},NV04,CSTDCS\n{paper},nv\u00a004,CSTDCS\n"
    assert "Did you mean 'NV04'?" in " ".join(desk.bad("submission", twice))
    twice = f"{header}{paper},NV04,CSTDCS\n{paper},nv04,CSTDCS\n"
    assert "proposes the same" in " ".join(desk.bad("submission", twice))
    made = create_submission(
        session,
        actor=desk.actor,
        new=NewSubmission(ROUND, AG, [ListRow("NV04", ("CSTDCS",)), ListRow("nv04", ("CSTDCS",))]),
        via=Via.API,
        now=MONDAY,
    )
    assert [[problem.reason.code for problem in row.problems] for row in made.rows] == [[], ["row_twice"]]


def test_a_search_finds_a_name_however_it_is_typed(
    session: Session, database: Database, office: Office
) -> None:
    office.draft(MONDAY)
    as_owner(database, "UPDATE nomination SET name_search = 'nguyen van duc'")
    actor = office.actor("nominator", MONDAY)
    for q in ("Nguyễn\u00a0Văn Đức", "nguyen  van duc", "NGUYỄN VĂN ĐỨC", "Văn\u00ad Đức", "vаn duc"):
        filters = NominationFilters(q=q)
        page = list_nominations(session, actor=actor, filters=filters, limit=5, cursor=None, now=MONDAY)
        assert len(page.items) == 1, q


def test_what_is_stored_already_is_brought_to_the_one_spelling(
    session: Session, database: Database, office: Office
) -> None:
    office.draft(MONDAY)
    names = {"NV05": "Nguyễn\u00a0Văn\u00ad Ba", "NV11": "Lê Văn Tư"}
    for code, name in names.items():
        session.execute(update(Person).where(Person.code == code).values(name=name, name_search="?"))
    session.execute(update(Person).where(Person.code == "NV11").values(code="NV\u00ad05"))
    session.execute(update(UnitEdition).values(name=UnitEdition.name + "\u200b", name_search="?"))
    session.commit()
    as_owner(database, "UPDATE nomination SET name_search = '?'")
    migration = importlib.import_module("workflow.migrations.versions.0004_one_spelling")
    engine = create_engine(database.migration_url)
    with engine.begin() as owner, Operations.context(MigrationContext.configure(owner)):
        migration.upgrade()
    engine.dispose()
    found = dict(
        session.execute(
            select(Person.name, Person.code).where(Person.name.in_(["Nguyễn Văn Ba", "Lê Văn Tư"]))
        ).all()
    )
    assert found == {"Nguyễn Văn Ba": "NV05", "Lê Văn Tư": "NV05~2"}
    assert session.scalar(select(Person.name_search).where(Person.code == "NV05")) == "nguyen van ba"
    assert "?" not in session.scalars(select(Nomination.name_search)).all()
    assert not any("\u200b" in name for name in session.scalars(select(UnitEdition.name)))


def test_a_name_nobody_can_tell_from_another_is_refused_everywhere(session: Session, desk: Desk) -> None:
    with pytest.raises(InvalidImport):
        desk.take("org", "mã,tên\nVKS-X,VKSND\u200b tỉnh X\n")


def as_owner(database: Database, statement: str) -> None:
    """Change what the application itself may not."""
    with connect(database.migration_url) as connection:
        connection.execute(statement)
