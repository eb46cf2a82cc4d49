"""`commendo import` as people and scripts meet it: what it says, how it ends, and the way back."""

import io
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from openpyxl import Workbook

from api.cli import commendo
from tests.conftest import Database
from tests.support.office import AG, ROUND, TOP, furnish
from workflow.clock import FixedClock
from workflow.domain.vocabulary import InstallationKind
from workflow.imports.reading.columns import ImportKind
from workflow.operations.setup.installation import mark_installation

Run = Callable[..., Result]
UNITS = f"mã;tên;cấp trên\r\nKV1;VKSND khu vực 1;{AG}\r\n{AG};VKSND tỉnh An Giang mới;{TOP}\r\n"


@pytest.fixture
def run(database: Database, clock: FixedClock, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Call the command line on this test's own database, where the small sector is set up."""
    with database.sessions() as session:
        furnish(session, now=clock.now())
    for name in [name for name in os.environ if name.startswith("COMMENDO_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("COMMENDO_ENV", "development")
    monkeypatch.setenv("COMMENDO_DATABASE_URL", database.url)
    monkeypatch.setenv("COMMENDO_DATA_DIR", str(tmp_path / "data"))
    return lambda *words: CliRunner().invoke(commendo, ("import", *words), prog_name="commendo")


@pytest.fixture
def units(tmp_path: Path) -> str:
    path = tmp_path / "units.csv"
    path.write_bytes(UNITS.encode("utf-8-sig"))
    return str(path)


def said(result: Result) -> list[str]:
    assert (result.exit_code, result.stderr) == (0, "")
    return result.stdout.splitlines()


def problems(result: Result) -> list[str]:
    assert (result.exit_code, result.stdout) == (1, "")
    return result.stderr.splitlines()


def test_a_file_is_looked_at_imported_listed_and_taken_back(run: Run, units: str) -> None:
    form = "units.csv: 2 rows, UTF-8 with a byte-order mark, separated by semicolons."
    change = f"    changed {AG}: name: VKSND tỉnh An Giang -> VKSND tỉnh An Giang mới"
    looked = said(run("org", units, "--dry-run"))
    assert looked[:4] == [
        form,
        "Would be: new 1, changed 1, unchanged 0. Nothing was written.",
        "    new KV1",
        change,
    ]
    assert said(run("list")) == ["Nothing was imported yet."]
    done = said(run("org", units))
    assert done[:3] == [form, "Imported as number 1: new 1, changed 1, unchanged 0.", change]
    assert done[-1].endswith("commendo import undo")
    assert said(run("org", units))[1] == "Nothing changes: new 0, changed 0, unchanged 2."
    [listed] = json.loads(run("list", "--json").stdout)
    assert (listed["kind"], listed["row_count"], listed["undone_at"]) == ("org", 2, None)
    undo = "import 1 (org, units.csv): 3 rows removed, 1 set back."
    assert said(run("undo", "--dry-run")) == [f"Could be undone: {undo}"]
    assert said(run("undo")) == [f"Undone: {undo}"]
    [line] = problems(run("undo"))
    assert line.startswith("The last import, number 1 (org, units.csv), was undone on ")
    assert ", undone " in said(run("list"))[0]


def test_a_workbook_is_taken_like_text_and_the_result_is_json_in_full(run: Run, tmp_path: Path) -> None:
    book = Workbook()
    book.active.append(["Mã cán bộ", "Họ và tên", "Đơn vị"])
    for number in range(30):
        book.active.append([f"M{number:02}", "Nguyễn Văn Mới", "VKSND tỉnh An Giang"])
    stream = io.BytesIO()
    book.save(stream)
    path = tmp_path / "people.xlsx"
    path.write_bytes(stream.getvalue())
    looked = said(run("people", str(path), "--dry-run"))
    assert len([line for line in looked if line.startswith("    new ")]) == 20
    assert "    ... and 10 more; --json lists them all" in looked
    done = json.loads(run("people", str(path), "--json").stdout)
    assert (len(done["new"]), done["changed"], done["is_dry_run"], done["batch_id"]) == (30, [], False, 1)


def test_every_bad_cell_is_a_line_of_its_own_and_nothing_is_written(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "bad.csv"
    path.write_text("code,name,parent,valid_from\nX,,Nơi khác,31/02/2026\nX,Y,,\n", encoding="utf-8")
    assert sorted(problems(run("org", str(path)))) == [
        "line 2, name: is required",
        "line 2, parent 'Nơi khác': no unit has this code or exact name",
        "line 2, valid_from '31/02/2026': there is no such day; days are written 31/12/2026 or 2026-12-31",
        "line 3, code 'X': is there twice; the first is in line 2",
    ]
    path.write_text("kode,name\n", encoding="utf-8")
    assert problems(run("org", str(path)))[0].startswith(
        "line 1, column 1 'kode': an unknown column; did you"
    )
    assert said(run("list")) == ["Nothing was imported yet."]


def test_submissions_are_imported_in_somebodys_name(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text(f"round,unit,person,awards\n{ROUND},{AG},NV04,LDTT\n", encoding="utf-8")
    assert run("submission", str(path)).exit_code == 2
    assert problems(run("submission", str(path), "--as", "nobody@example.vn")) == [
        "There is no account nobody@example.vn, or it is disabled."
    ]
    [line] = problems(run("submission", str(path), "--as", "nv12@example.vn"))
    assert line.startswith(f"line 2, unit '{AG}': ")
    done = said(run("submission", str(path), "--as", "nv01@example.vn"))
    assert done[1] == "Imported as number 1: new 1, changed 0, unchanged 0."
    assert said(run("undo")) == ["Undone: import 1 (submission, list.csv): 1 drafts withdrawn."]


@pytest.mark.parametrize(
    ("locale", "words", "header"),
    [
        ("en", (), "code,name,unit,position,born_on,managed_by,left_on"),
        ("vi", (), "mã cán bộ,họ và tên,đơn vị,chức vụ,ngày sinh,đơn vị quản lý,thôi công tác từ"),
        ("vi", ("en",), "code,name,unit,position,born_on,managed_by,left_on"),
    ],
)
def test_the_header_is_in_the_language_of_the_installation(
    monkeypatch: pytest.MonkeyPatch, locale: str, words: tuple[str, ...], header: str
) -> None:
    monkeypatch.setenv("COMMENDO_LOCALE", locale)
    result = CliRunner().invoke(commendo, ("import", "people", "--template", *words), prog_name="commendo")
    assert result.output == f"{header}\n"


@pytest.mark.parametrize("kind", list(ImportKind))
def test_the_header_of_each_kind_of_file_is_printed_without_a_database(kind: ImportKind) -> None:
    for words in (("--template",), ("--template", "en")):
        result = CliRunner().invoke(commendo, ("import", kind, *words), prog_name="commendo")
        assert result.exit_code == 0
        assert "," in result.stdout
    assert CliRunner().invoke(commendo, ("import", kind), prog_name="commendo").exit_code == 2


def test_a_demo_takes_no_file_and_the_way_out_is_named(
    run: Run, units: str, database: Database, clock: FixedClock
) -> None:
    with database.sessions() as session:
        mark_installation(session, InstallationKind.DEMO, now=clock.now())
        session.commit()
    for words in (("org", units), ("org", units, "--dry-run"), ("undo",)):
        [line] = problems(run(*words))
        assert line.startswith("This database holds the demo, which takes no imports. To start afresh: ")
        assert line.endswith("commendo up --no-demo")
