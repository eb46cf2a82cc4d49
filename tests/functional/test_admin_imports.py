"""Files imported in the browser: looked at, confirmed once, taken back; and whoever has no business there."""

import io
from collections.abc import Callable

import pytest
from openpyxl import Workbook
from sqlalchemy import func, select, update
from werkzeug.test import TestResponse

from tests.conftest import Database
from tests.support.importing import everything
from tests.support.office import AG, TOP, Office
from tests.support.pages import Browser, form_of, forms_of, text_of
from workflow.clock import FixedClock
from workflow.domain.vocabulary import InstallationKind
from workflow.imports.reading.columns import ImportKind
from workflow.operations.setup.installation import mark_installation
from workflow.store.history import Event
from workflow.store.imports import ImportBatch, ImportUpload
from workflow.store.organisation import Person, Unit

ADMIN = "nv24@example.vn"
PEOPLE = f"mã cán bộ,họ và tên,đơn vị\nA1,Đỗ Thị Lan,{AG}\nA2,Lê Văn Sáu,{AG}\n"
Desk = Callable[..., Browser]


@pytest.fixture
def admin(desk: Desk) -> Browser:
    seated = desk(ADMIN)
    seated.open("/admin/imports")
    return seated


def look(
    browser: Browser, content: str | bytes, kind: str = "people", name: str = "cán bộ.csv", **more: str
) -> TestResponse:
    """Choose a file on the page that is open and look at what it would change."""
    browser.open("/admin/imports")
    fields = form_of(browser.page, "/admin/imports/look")
    data = {**fields, "kind": kind, **more}
    data.pop("")
    raw = content.encode() if isinstance(content, str) else content
    sent = {**data, "file": (io.BytesIO(raw), name)}
    return browser.post("/admin/imports/look", sent, content_type="multipart/form-data")


def counted(database: Database, model: type) -> int:
    with database.sessions() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


def test_a_file_is_looked_at_confirmed_once_and_taken_back(admin: Browser, database: Database) -> None:
    before = counted(database, Person)
    page = look(admin, PEOPLE)
    assert page.status_code == 200
    assert "A1, A2" in admin.text
    assert counted(database, Person) == before, "a look writes nobody"
    form = form_of(page, "/admin/imports")
    done = admin.send("/admin/imports")
    assert done.status_code == 303
    assert counted(database, Person) == before + 2
    assert counted(database, ImportUpload) == 0, "what was imported waits no longer"
    admin.follow()
    assert "Đã nhập" in admin.text
    # Whoever goes back to the look is told what came of it.
    assert admin.open(page.request.path).location == "/admin/imports"
    admin.follow()
    assert "Đã nhập" in admin.text
    # The same form again, as from a browser that goes back, and one with a key of its own.
    path = form.pop("")
    for key in (form["key"], "x" * 43):
        again = admin.answer_to(path, {**form, "key": key})
        assert again.status_code == 303
    assert (counted(database, ImportBatch), counted(database, Person)) == (1, before + 2)
    admin.open("/admin/imports")
    assert admin.send("/undo/look").status_code == 200
    look_at_undo = admin.page.request.path
    assert admin.send("/undo").status_code == 303
    assert counted(database, Person) == before
    admin.follow()
    assert "hoàn lại" in admin.text
    assert admin.open(look_at_undo).status_code == 409
    stale = admin.answer_to(path, form)
    assert stale.status_code == 409, "what was taken back is not brought in by an old page"
    assert counted(database, Person) == before


def test_who_imported_in_the_browser_stands_on_record(
    admin: Browser, database: Database, office: Office
) -> None:
    look(admin, PEOPLE)
    admin.send("/admin/imports")
    with database.sessions() as session:
        event = session.scalars(select(Event).where(Event.stream == "import:1")).one()
        batch = session.scalars(select(ImportBatch)).one()
        assert (event.via, event.actor_id) == ("web", batch.imported_by)
        assert batch.filename == "cán bộ.csv"


def test_what_changed_since_the_look_is_not_imported_unseen(admin: Browser, database: Database) -> None:
    look(admin, f"mã;tên;cấp trên\nKV9;VKSND khu vực 9;{AG}\n{AG};VKSND tỉnh An Giang mới;{TOP}\n", "org")
    shown = form_of(admin.page, "/admin/imports")
    path = shown.pop("")
    with database.sessions() as session:
        session.add(Unit(code="KV9"))
        session.commit()
    refused = admin.answer_to(path, shown)
    assert refused.status_code == 409
    assert counted(database, ImportBatch) == 0
    assert counted(database, ImportUpload) == 1, "the file waits to be looked at again"


def test_bad_cells_are_named_by_line_column_value_and_reason(admin: Browser, database: Database) -> None:
    page = look(admin, f"mã cán bộ,họ và tên,đơn vị\nB1,Ai Đó,KHONG-CO\nB2,,{AG}\n")
    assert page.status_code == 422
    text = text_of(page)
    assert "có 2 ô không nhận được" in text
    assert "Dòng 2 đơn vị KHONG-CO không có đơn vị nào mang mã hoặc đúng tên này" in text
    assert "Dòng 3 họ và tên – bắt buộc phải có" in text
    assert not forms_of(page, "/admin/imports"), "there is nothing to confirm"
    # Its page is seen again as it was: back and reload ask for no file.
    assert text_of(admin.open(page.request.path)) == text


def test_what_is_no_such_file_is_refused_with_words(admin: Browser, database: Database) -> None:
    for content, kind, said in (
        (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "people", "XLS"),
        (b"", "people", "Tệp trống"),
        (b"PK\x03\x04 no workbook", "people", "Không đọc được"),
        (PEOPLE.encode(), "nonsense", "danh sách"),
        (b"a" * (8 * 2**20 + 1), "people", "8 MB"),
    ):
        page = look(admin, content, kind, "x.xlsx")
        assert page.status_code == 422
        assert said in text_of(page)
        assert "1 ô" not in text_of(page), "a file that cannot be read has no cell"
        assert "<table" not in page.get_data(as_text=True).partition('id="bad"')[2].partition("</section>")[0]
    page = admin.send("/admin/imports/look", {"kind": "people"})
    assert page.status_code == 422
    assert "Hãy chọn tệp" in text_of(page)


def test_a_file_with_a_header_alone_is_not_said_to_be_there_already(admin: Browser) -> None:
    page = look(admin, PEOPLE.splitlines()[0])
    assert page.status_code == 200
    assert "Dưới dòng tiêu đề không có dòng nào" in text_of(page)
    assert "đã có sẵn" not in text_of(page)


def test_a_second_file_takes_the_place_of_the_first(admin: Browser, database: Database) -> None:
    look(admin, PEOPLE)
    first = form_of(admin.page, "/admin/imports")
    look(admin, PEOPLE.replace("A1", "C1"))
    path = first.pop("")
    assert admin.answer_to(path, first).status_code == 409
    assert counted(database, ImportUpload) == 1
    assert counted(database, ImportBatch) == 0


def test_what_was_built_on_keeps_an_import(admin: Browser, database: Database) -> None:
    look(admin, PEOPLE)
    admin.send("/admin/imports")
    with database.sessions() as session:
        session.execute(update(Person).where(Person.code == "A1").values(position="Viện trưởng"))
        session.commit()
    admin.open("/admin/imports")
    refused = admin.send("/undo/look")
    assert refused.status_code == 409
    assert "A1" in text_of(refused)


def test_only_the_last_import_goes_back(admin: Browser, database: Database) -> None:
    for code in ("D1", "D2"):
        look(admin, PEOPLE.replace("A1", code))
        admin.send("/admin/imports")
    admin.open("/admin/imports")
    form = form_of(admin.page, "/admin/imports/2/undo/look")
    form.pop("")
    for path in ("/admin/imports/1/undo/look", "/admin/imports/1/undo"):
        assert admin.post(path, form).status_code == 409
    assert admin.answer_to("/admin/imports/99/undo", form).status_code == 409
    assert counted(database, ImportBatch) == 2


PATHS = ("/admin", "/admin/imports", "/admin/imports/template/people")
POSTS = ("/admin/imports/look", "/admin/imports", "/admin/imports/1/undo/look", "/admin/imports/1/undo")


def test_for_everybody_else_there_is_no_such_page(desk: Desk, database: Database) -> None:
    with database.sessions() as session:
        before = everything(session)
    for who in ("nv23", "nv01", "nv22"):
        seated = desk(f"{who}@example.vn")
        for path in PATHS:
            assert seated.open(path).status_code == 404
        token = form_of(seated.open("/"), "/sign-out")["csrf_token"]
        for path in POSTS:
            assert seated.answer_to(path, {"csrf_token": token}).status_code == 404
        assert "/admin" not in seated.page.get_data(as_text=True)
    with database.sessions() as session:
        after = everything(session)
    changed = {name for name in after if after[name] != before[name]}
    # What they sent is kept for them, to be seen again with why it was refused.
    assert changed <= {"web_session", "sign_in_attempt", "sent_form"}


def test_a_form_that_is_not_ours_does_nothing(admin: Browser) -> None:
    for path in POSTS:
        assert admin.answer_to(path, {"kind": "people"}).status_code == 400


def test_a_demo_takes_no_file(admin: Browser, database: Database, clock: FixedClock) -> None:
    with database.sessions() as session:
        mark_installation(session, InstallationKind.DEMO, now=clock.now())
        session.commit()
    page = look(admin, PEOPLE)
    assert page.status_code == 409
    assert counted(database, ImportUpload) == 0


def test_each_kind_has_an_empty_file_to_fill_in(admin: Browser) -> None:
    for kind in ImportKind:
        page = admin.open(f"/admin/imports/template/{kind}")
        assert page.status_code == 200
        text = page.get_data(as_text=True)
        assert text.startswith("\ufeff")
        assert "," in text
        assert look(admin, text, str(kind)).status_code == 200
        assert "Dưới dòng tiêu đề không có dòng nào" in admin.text
    assert admin.open("/admin/imports/template/nothing").status_code == 404


def workbook(rows: int, bad: dict[int, tuple[int, str]]) -> bytes:
    """Return a workbook of so many people under a title merged over the columns, some cells of it bad."""
    made = Workbook()
    sheet = made.active
    sheet.append(["DANH SÁCH CÁN BỘ, KIỂM SÁT VIÊN"])
    sheet.merge_cells("A1:E1")
    sheet.append(["(kèm theo công văn số 12/VKS-TCCB)"])
    sheet.merge_cells("A2:E2")
    sheet.append([])
    sheet.append(["STT", "Mã cán bộ", "Họ và tên", "Đơn vị", "Chức vụ"])
    for number in range(rows):
        row: list[object] = [number + 1, f"NV{number:05}", f"Nguyễn Văn {number:05}", AG, "Kiểm sát viên"]
        if number in bad:
            column, word = bad[number]
            row[column] = word or None
        sheet.append(row)
    stream = io.BytesIO()
    made.save(stream)
    return stream.getvalue()


def test_five_thousand_people_with_twelve_bad_cells_go_in_out_and_in_again(
    admin: Browser, database: Database
) -> None:
    """Twelve are named, then all go in, out and in again; nobody is there twice."""
    bad = {
        7: (3, "VKS-KHONG-CO"), 99: (2, ""), 100: (1, ""), 512: (3, "Viện không tên"), 1000: (1, "NV00999"),
        1500: (2, "Nguyễn\nVăn"), 2000: (3, ""), 2500: (2, "x" * 400), 3000: (1, "NV\u200b1"), 3500: (3, "?"),
        4000: (2, ""), 4999: (1, ""),
    }  # fmt: skip
    start = counted(database, Person)
    page = look(admin, workbook(5000, bad), name="can bo.xlsx")
    assert page.status_code == 422
    html = page.get_data(as_text=True)
    assert "có 12 ô không nhận được" in text_of(page)
    # The header stands in line 4, so that the first person stands in line 5.
    for number in bad:
        assert f"Dòng {number + 5}</th>" in html, number
    assert counted(database, Person) == start
    whole = workbook(5000, {})
    for is_first in (True, False):
        assert look(admin, whole, name="can bo.xlsx").status_code == 200
        assert '<dd id="count-new">5.000</dd>' in admin.page.get_data(as_text=True)
        assert admin.send("/admin/imports").status_code == 303
        assert counted(database, Person) == start + 5000
        admin.open("/admin/imports")
        if is_first:
            assert admin.send("/undo/look").status_code == 200
            assert admin.send("/undo").status_code == 303
            assert counted(database, Person) == start
    with database.sessions() as session:
        codes = session.scalars(select(Person.code).where(Person.code.like("NV0____"))).all()
    assert len(codes) == len(set(codes)) == 5000
    look(admin, whole, name="can bo.xlsx")
    assert '<dd id="count-unchanged">5.000</dd>' in admin.page.get_data(as_text=True)
    assert "Tệp không thay đổi gì" in admin.text
