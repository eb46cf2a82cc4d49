"""Files as people's programs leave them, through `commendo import`: taken as they are seen, or named."""

import os
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from openpyxl import Workbook
from sqlalchemy import select

from api.cli import commendo
from tests.conftest import Database
from tests.support.office import AG, DT, ROUND, TOP, furnish
from tests.support.workbooks import book, packed, saved
from workflow.clock import FixedClock
from workflow.store.nominations import Nomination
from workflow.store.organisation import Person, Unit, UnitEdition
from workflow.store.submissions import Submission

Take = Callable[..., Result]
UNITS = ["mã đơn vị", "tên đơn vị", "đơn vị cấp trên", "cán bộ phụ trách", "điện thoại"]
PEOPLE = ["mã cán bộ", "họ và tên", "đơn vị", "chức vụ", "đơn vị quản lý"]
LIST = ["đợt xét", "đơn vị", "số tờ trình", "ngày ký", "người ký", "mã cán bộ", "danh hiệu", "thành tích"]


@pytest.fixture
def take(database: Database, clock: FixedClock, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Take:
    """Import a file's bytes from the command line into this test's own database."""
    with database.sessions() as session:
        furnish(session, now=clock.now())
    for name in [name for name in os.environ if name.startswith("COMMENDO_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("COMMENDO_ENV", "development")
    monkeypatch.setenv("COMMENDO_DATABASE_URL", database.url)
    monkeypatch.setenv("COMMENDO_DATA_DIR", str(tmp_path / "data"))

    def taken(kind: str, content: bytes, *words: str, name: str = "list.xlsx") -> Result:
        path = tmp_path / name
        path.write_bytes(content)
        return CliRunner().invoke(commendo, ("import", kind, str(path), *words), prog_name="commendo")

    return taken


def told(result: Result) -> list[str]:
    """Return the lines of a refusal: on stderr, without a traceback, exit code 1."""
    assert (result.exit_code, result.stdout) == (1, "")
    assert not result.exc_info or result.exc_info[0] is SystemExit
    return result.stderr.splitlines()


def merged(*areas: str):
    def change(sheet) -> None:
        for area in areas:
            sheet.merge_cells(area)

    return change


def formatted(**places: str):
    def change(sheet) -> None:
        for place, code in places.items():
            sheet[place].number_format = code

    return change


def parents(database: Database) -> dict[str, str | None]:
    with database.sessions() as session:
        codes = dict(session.execute(select(Unit.id, Unit.code)).all())
        rows = session.execute(
            select(UnitEdition.unit_id, UnitEdition.parent_id).where(UnitEdition.valid_to.is_(None))
        )
        return {codes[unit]: codes.get(parent) for unit, parent in rows}


def test_units_under_a_merged_parent_stay_in_the_tree(take: Take, database: Database) -> None:
    rows = [[f"VKS-P{n}", f"Phòng {n}", AG if n == 1 else None] for n in (1, 2, 3)]
    assert take("org", book(UNITS, *rows, then=merged("C2:C4"))).exit_code == 0
    assert {parents(database)[f"VKS-P{n}"] for n in (1, 2, 3)} == {AG}


def test_units_that_are_there_keep_the_parent_that_is_merged(take: Take) -> None:
    made = book(
        UNITS[:3], [AG, "VKSND tỉnh An Giang", TOP], [DT, "VKSND tỉnh Đồng Tháp", None], then=merged("C2:C3")
    )
    assert take("org", made, "--dry-run").stdout.splitlines()[1].startswith("Nothing changes")


def test_a_paper_merged_over_its_names_is_one_paper(take: Take, database: Database) -> None:
    head = [ROUND, AG, "12/TTr-VKS", date(2026, 1, 5), "Nguyễn Văn An"]
    rows: list[list[object]] = [
        [*head, "NV04", "LDTT", "Tốt"],
        [ROUND, AG, None, None, None, "NV05", "LDTT", "Tốt"],
    ]
    made = book(LIST, *rows, then=merged("C2:C3", "D2:D3", "E2:E3"))
    done = take("submission", made, "--as", "nv01@example.vn")
    assert done.exit_code == 0, done.stderr
    with database.sessions() as session:
        [paper] = session.execute(select(Submission.number, Submission.signed_on, Submission.signer)).all()
        assert tuple(paper) == ("12/TTr-VKS", date(2026, 1, 5), "Nguyễn Văn An")
        assert len(session.scalars(select(Nomination.id)).all()) == 2


def test_who_manages_people_is_read_from_a_merged_cell(take: Take, database: Database) -> None:
    rows = [["NV61", "Lê A", AG, "KSV", TOP], ["NV62", "Lê B", None, None, None]]
    assert take("people", book(PEOPLE, *rows, then=merged("C2:C3", "D2:D3", "E2:E3"))).exit_code == 0
    with database.sessions() as session:
        found = session.execute(
            select(Person.unit_id, Person.position, Person.managed_by_unit_id).where(
                Person.code.in_(["NV61", "NV62"])
            )
        ).all()
        assert len(found) == 2
        assert len(set(found)) == 1


def test_codes_and_telephones_are_stored_as_they_are_shown(take: Take, database: Database) -> None:
    assert take("people", book(PEOPLE[:3], [42, "Lê A", AG], then=formatted(A2="00000"))).exit_code == 0
    made = book(UNITS, ["KV1", "Khu vực 1", AG, "Phạm Thị Hoa", 912345678], then=formatted(E2="0000 000 000"))
    assert take("org", made).exit_code == 0
    with database.sessions() as session:
        assert session.scalar(select(Person.code).where(Person.name == "Lê A")) == "00042"
        telephone = select(UnitEdition.officer_telephone).where(UnitEdition.name == "Khu vực 1")
        assert session.scalar(telephone) == "0912 345 678"


def test_the_address_of_an_officer_is_read_and_one_that_is_none_is_named(
    take: Take, database: Database
) -> None:
    heads, unit = [*UNITS, "thư điện tử"], ["KV1", "Khu vực 1", AG, "Phạm Thị Hoa", "0912 345 678"]
    refused = take("org", book(heads, [*unit, "hoa@vks, hung@vks"]))
    assert refused.exit_code != 0
    assert "is not one e-mail address" in refused.stderr
    assert take("org", book(heads, [*unit, "Hoa@VKSAG.example"])).exit_code == 0
    with database.sessions() as session:
        email = select(UnitEdition.officer_email).where(UnitEdition.name == "Khu vực 1")
        assert session.scalar(email) == "hoa@vksag.example"


def test_a_number_that_became_a_date_is_named_and_nothing_is_written(take: Take) -> None:
    row = [ROUND, AG, datetime(2026, 3, 12), date(2026, 1, 5), "Nguyễn Văn An", "NV04", "LDTT", "Tốt"]  # noqa: DTZ001 - a cell has no zone
    made = book(LIST, row, then=formatted(C2=r"d\-mmm"))
    [line] = told(take("submission", made, "--as", "nv01@example.vn"))
    assert line.startswith("line 2, số tờ trình '2026-03-12': a date or time and not text (shown as d-mmm)")


def test_twins_by_a_no_break_space_are_one_and_named(take: Take) -> None:
    head = [ROUND, AG, "12/TTr-VKS", date(2026, 1, 5), "Nguyễn Văn An"]
    rows = [["NV 21", "Lê A", AG]]
    assert take("people", book(PEOPLE[:3], *rows)).exit_code == 0
    assert (
        take("people", book(PEOPLE[:3], ["NV\u00a021", "Lê A", AG]))
        .stdout.splitlines()[1]
        .startswith("Nothing")
    )
    made = book(LIST, [*head, "NV 21", "LDTT", "Tốt"], [*head, "NV\u00a021", "LDTT", "Tốt"])
    [line] = told(take("submission", made, "--as", "nv01@example.vn"))
    assert line == "line 3, danh hiệu 'LDTT': Row 1 of this list proposes the same for 'LDTT'."
    made = book(LIST, [*head, "NV\u00ad04", "LDTT", "Tốt"])
    [line] = told(take("submission", made, "--as", "nv01@example.vn"))
    assert "U+00AD SOFT HYPHEN" in line


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (packed({"[Content_Types].xml": "<Types/>", "word/document.xml": "<w/>"}), "save it as XLSX"),
        (packed({"[Content_Types].xml": "<Types/>", "xl/workbook.bin": "x"}), "save it as XLSX"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 4096, "save it as XLSX without a password"),
        (b"", "it is empty"),
    ],
)
def test_what_is_no_workbook_is_one_line(take: Take, content: bytes, says: str) -> None:
    [line] = told(take("people", content))
    assert line.startswith("file: ")
    assert says in line


def test_the_hint_of_a_separator_is_no_row(take: Take) -> None:
    text = f"\ufeffsep=;\r\nmã cán bộ;họ và tên;đơn vị\r\nNV41;Nguyễn Văn An;{AG}\r\n"
    looked = take("people", text.encode(), "--dry-run", name="list.csv")
    assert looked.exit_code == 0, looked.stderr
    assert "    new NV41" in looked.stdout.splitlines()


def test_the_sheet_that_is_meant_can_be_named(take: Take) -> None:

    made = Workbook()
    for title in ("Quý 1", "Quý 2"):
        sheet = made.create_sheet(title)
        sheet.append(PEOPLE[:3])
        sheet.append([f"NV {title}", "Lê A", AG])
    [line] = told(take("people", saved(made), "--dry-run"))
    assert "the sheets 'Quý 1', 'Quý 2' all hold such rows; say with --sheet which one is meant" in line
    looked = take("people", saved(made), "--dry-run", "--sheet", "quý 2").stdout.splitlines()
    assert looked[0].endswith("a workbook, sheet 'Quý 2'.")
    assert "    new NV Quý 2" in looked
    [line] = told(take("people", saved(made), "--sheet", "Quý 3"))
    assert line == "file: it has no sheet 'Quý 3'; its sheets are 'Sheet', 'Quý 1', 'Quý 2'"
