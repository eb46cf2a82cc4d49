"""A list in the form of an office: kept in versions, tried before, fetched by who sees the whole list."""

import io
from collections.abc import Callable

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from tests.functional.test_inbox_narrowed import email_of
from tests.support.forms import cells_in, sheet_form, text_form, words_in
from tests.support.lists import add_colleagues, compose, row
from tests.support.office import AG, DT, ROUND, TOP, Office
from tests.support.pages import BASE, Browser, form_of, text_of
from workflow.clock import FixedClock
from workflow.domain.facts import MoveRequest, SignedDocument
from workflow.domain.papers.office_forms import FIELDS, FormPurpose, fields_of
from workflow.domain.vocabulary import Via
from workflow.operations.setup.organise import NewPerson, add_people
from workflow.operations.submissions.compose import NewSubmission, create_submission
from workflow.operations.submissions.names import ListOrder, act_on_submission
from workflow.queries.submissions import annex as annex_query
from workflow.store.history import Event
from workflow.store.nominations import Nomination
from workflow.store.office_forms import UnitForm

OWN = text_form("Mẫu riêng của chúng tôi: {{ don_vi }}, tờ trình {{ so_to_trinh }} ngày {{ ngay_ky }}")
OTHER = sheet_form(["Bảng riêng: {{ so_luong }}"], ["{{ dong.stt }}", "{{ dong.ho_ten }}"])
Desk = Callable[..., Browser]


@pytest.fixture
def paper(office: Office, session: Session, clock: FixedClock) -> int:
    """Compose a list of three names, one of which begins like a formula."""
    people = add_colleagues(session, 2)
    add_people(session, [NewPerson("EVIL", "=1+1", AG)])
    session.commit()
    signed = SignedDocument("12/TTr-VKS", clock.now().date(), "Trần Thị Bích")
    rows = [row(person) for person in (*people, "EVIL")]
    [made] = compose(office, rows, clock.now(), paper=signed).submissions
    return made.submission_id


@pytest.fixture
def supervisor(office: Office, desk: Desk) -> Browser:
    return desk(email_of(office, "supervisor"))


def send(browser: Browser, content: bytes, name: str = "mẫu.docx", **said: str) -> TestResponse:
    """Choose a file on the page of forms and press one of its buttons."""
    fields = form_of(browser.open("/forms"), "/forms")
    data = {**fields, "what": "keep", "unit": TOP, "purpose": "list_annex", **said}
    data.pop("")
    sent = {**data, "file": (io.BytesIO(content), name)}
    return browser.post("/forms", sent, content_type="multipart/form-data")


def annex(browser: Browser, paper: int, kind: str = "docx") -> TestResponse:
    return browser.open(f"/submissions/{paper}/annex.{kind}")


def test_without_a_form_of_its_own_an_office_gets_a_plain_one_in_its_language(
    office: Office, desk: Desk, paper: int
) -> None:
    nominator = desk(email_of(office, "nominator"))
    page = nominator.open(f"/submissions/{paper}")
    for kind in ("docx", "xlsx"):
        assert f'href="/submissions/{paper}/annex.{kind}"' in page.text
    answer = annex(nominator, paper)
    assert answer.content_type.endswith("wordprocessingml.document")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="annex-{paper}-2026-03-02.docx"'
    words = words_in(answer.data)
    assert words[0] == "DANH SÁCH ĐỀ NGHỊ KHEN THƯỞNG"
    assert "Tờ trình số: 12/TTr-VKS" in words
    assert "Ngày ký: 02/03/2026" in words
    assert {"=1+1", "Cán bộ DS0001", "Cán bộ DS0002", "Kiểm sát viên"} <= set(words)
    rows = cells_in(annex(nominator, paper, "xlsx").data)
    assert sorted(cells[1] for cells in rows[-3:]) == ["=1+1", "Cán bộ DS0001", "Cán bộ DS0002"]


def test_a_form_is_in_force_from_then_on_for_its_unit_and_those_below(
    office: Office, session: Session, desk: Desk, supervisor: Browser, paper: int
) -> None:
    assert send(supervisor, OWN).status_code == 303
    nominator = desk(email_of(office, "nominator"))
    assert words_in(annex(nominator, paper).data)[0].startswith("Mẫu riêng của chúng tôi: ")
    assert cells_in(annex(nominator, paper, "xlsx").data)[0] == ["DANH SÁCH ĐỀ NGHỊ KHEN THƯỞNG"]
    # The unit gets one of its own, which goes before its superior's; who reads from above keeps theirs.
    nearer = text_form("Mẫu của tỉnh")
    assert send(supervisor, nearer, unit=AG).status_code == 303
    assert words_in(annex(nominator, paper).data)[0] == "Mẫu của tỉnh"
    admin = desk(email_of(office, "admin"))
    assert words_in(annex(admin, paper).data)[0].startswith("Mẫu riêng của chúng tôi")
    assert send(supervisor, OTHER, "Bảng.XLSX", unit=AG).status_code == 303
    assert cells_in(annex(nominator, paper, "xlsx").data)[0] == ["Bảng riêng: 3"]


def test_versions_follow_each_other_and_none_is_lost(
    office: Office, session: Session, desk: Desk, supervisor: Browser, paper: int
) -> None:
    second = text_form("bản hai {{ don_vi }}")
    for content in (OWN, second, second):
        assert send(supervisor, content).status_code == 303
    send(supervisor, supervisor.open("/forms/1/file").data)
    kept = session.execute(select(UnitForm.version, UnitForm.ended_at.is_(None)).order_by(UnitForm.id)).all()
    assert [tuple(one) for one in kept] == [(1, False), (2, False), (3, True)]
    page = text_of(supervisor.open("/forms"))
    assert "Danh sách kèm tờ trình, Word, bản 3" in page
    assert "Danh sách kèm tờ trình, Word, bản 1" in page
    assert supervisor.open("/forms/1/file").data == OWN
    newest = session.scalar(select(func.max(UnitForm.id)))
    supervisor.open("/forms")
    assert supervisor.send(f"/forms/{newest}/end").status_code == 303
    admin = desk(email_of(office, "admin"))
    assert words_in(annex(admin, paper).data)[0] == "DANH SÁCH ĐỀ NGHỊ KHEN THƯỞNG"
    events = session.scalars(select(Event.action).where(Event.action.like("%_form")).order_by(Event.seq))
    assert list(events) == ["keep_form"] * 3 + ["end_form"]


def test_the_same_file_again_changes_nothing_and_a_form_ends_once(
    session: Session, supervisor: Browser
) -> None:
    send(supervisor, OWN)
    send(supervisor, OWN)
    assert session.scalar(select(func.count()).select_from(UnitForm)) == 1
    form_id = session.scalar(select(UnitForm.id))
    fields = form_of(supervisor.open("/forms"), f"/forms/{form_id}/end")
    for _ in range(2):
        supervisor.open("/forms")
        supervisor.client.post(f"/forms/{form_id}/end", data=fields, base_url=BASE)
    ended = select(func.count()).select_from(Event).where(Event.action == "end_form")
    assert session.scalar(ended) == 1


def test_a_form_is_tried_with_invented_names_before_anybody_gets_it(
    session: Session, supervisor: Browser
) -> None:
    answer = send(supervisor, OWN, what="sample")
    assert answer.status_code == 200
    words = words_in(answer.data)
    assert words[0].startswith("Mẫu riêng của chúng tôi: Đơn vị giả định, tờ trình 00/TTr-MẪU")
    assert "Nguyễn Văn Mẫu" in words
    assert session.scalar(select(func.count()).select_from(UnitForm)) == 0
    send(supervisor, OTHER, "bảng.xlsx")
    form_id = session.scalar(select(UnitForm.id))
    assert cells_in(supervisor.open(f"/forms/{form_id}/sample").data)[0] == ["Bảng riêng: 3"]


def test_a_wrong_field_is_named_in_words_and_nothing_is_kept(session: Session, supervisor: Browser) -> None:
    for what in ("keep", "sample"):
        page = send(supervisor, text_form("{{ don_vii }}"), what=what, unit=AG)
        assert page.status_code == 422
        assert "Không có trường “don_vii”; gần giống nhất: don_vi" in text_of(page)
        assert f'<option value="{AG}" selected>' in page.text
    for content, name, said in (
        (b"x" * (2 * 2**20 + 1), "a.docx", "Biểu mẫu lớn hơn 2 MB."),
        (b"x", "a.docx", "Không đọc được tệp"),
        (OWN, "a.doc", "Biểu mẫu phải là tệp .docx hoặc .xlsx."),
        (b"", "a.docx", "Hãy chọn tệp biểu mẫu."),
    ):
        page = send(supervisor, content, name)
        assert (page.status_code, said in text_of(page)) == (422, True), name
    assert session.scalar(select(func.count()).select_from(UnitForm)) == 0


def test_forms_are_kept_by_who_supervises_the_unit_and_by_nobody_else(
    office: Office, session: Session, desk: Desk, supervisor: Browser
) -> None:
    send(supervisor, OWN)
    form_id = session.scalar(select(UnitForm.id))
    for part in ("nominator", "reviewer", "head", "secretary", "stranger"):
        outsider = desk(email_of(office, part))
        for path in ("/forms", f"/forms/{form_id}/file", f"/forms/{form_id}/sample"):
            assert outsider.open(path).status_code == 404, (part, path)
        assert 'href="/forms"' not in outsider.open("/").text
    assert 'href="/forms"' in supervisor.open("/").text
    page = send(supervisor, OWN, unit="NO-UNIT")
    assert page.status_code == 422
    assert session.scalar(select(func.count()).select_from(UnitForm)) == 1


def test_every_field_has_words_and_every_link_of_the_page_answers(supervisor: Browser) -> None:
    page = supervisor.open("/forms")
    for purpose in FormPurpose:
        for _, field in fields_of(purpose):
            assert field.vi in text_of(page)
        for kind in ("docx", "xlsx"):
            plain = supervisor.open(f"/forms/plain/{purpose}.{kind}").data
            assert send(supervisor, plain, f"mẫu.{kind}", purpose=purpose, what="sample").status_code == 200
    for path in ("/forms/plain/other.docx", "/forms/plain/list_annex.pdf"):
        assert supervisor.open(path).status_code == 404
    # A name leads to one thing in both languages: no English one is a Vietnamese one of another field.
    for purpose in FormPurpose:
        for fields in (FIELDS[purpose], *(one.inside for one in FIELDS[purpose])):
            names = [name for one in fields for name in (one.name, one.vi)]
            assert len(set(names)) == len(names)


def test_names_that_are_not_put_forward_are_left_out_and_none_is_missing(  # noqa: PLR0917 - fixtures
    office: Office,
    session: Session,
    desk: Desk,
    paper: int,
    clock: FixedClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    order = ListOrder(paper, 1, MoveRequest("submit"), Via.API)
    act_on_submission(session, actor=office.actor("nominator", clock.now()), order=order, now=clock.now())
    reviewer = desk(email_of(office, "reviewer"))
    assert len(cells_in(annex(reviewer, paper, "xlsx").data)) == 10
    gone = session.scalar(select(Nomination.id).where(Nomination.subject_name == "=1+1"))
    office.act("nominator", gone, "withdraw", clock.now())
    assert "=1+1" not in words_in(annex(reviewer, paper).data)
    stranger = desk(email_of(office, "stranger"))
    assert annex(stranger, paper).status_code == 404
    monkeypatch.setattr(annex_query, "MOST_FORM_ROWS", 1)
    assert annex(reviewer, paper).status_code == 422


def test_the_awards_of_a_round_are_counted_by_unit_in_the_form_of_the_office(  # noqa: PLR0917 - fixtures
    office: Office, session: Session, desk: Desk, supervisor: Browser, paper: int, clock: FixedClock
) -> None:
    add_people(session, [NewPerson("DT9", "Người Đồng Tháp", DT)])
    session.commit()
    new = NewSubmission(ROUND, DT, [row("DT9", "LDTT", "CSTDCS")])
    create_submission(
        session, actor=office.actor("other_nominator", clock.now()), new=new, via=Via.API, now=clock.now()
    )
    page = supervisor.open(f"/rounds/{ROUND}")
    assert f'href="/rounds/{ROUND}/award-summary.docx"' in page.text
    content = supervisor.open(f"/rounds/{ROUND}/award-summary.xlsx").data
    found = {cells[1]: cells[2:] for cells in cells_in(content)[-4:]}
    titles = found["Đơn vị"][1:]
    places = {title: place for place, title in enumerate(titles, 1)}
    first, other = places["Chiến sĩ thi đua cơ sở"], places["Lao động tiên tiến"]
    there = found["VKSND tỉnh Đồng Tháp"]
    assert (there[0], there[first], there[other]) == ("2", "1", "1")
    here = found["VKSND tỉnh An Giang"]
    assert (here[0], here[first], here[other]) == ("3", "3", "0")
    assert found[""][0] == "5"
    # Who counts one unit's names is told of that unit alone, who counts none of nobody's.
    nominator = desk(email_of(office, "nominator"))
    cells = cells_in(nominator.open(f"/rounds/{ROUND}/award-summary.xlsx").data)
    assert "VKSND tỉnh Đồng Tháp" not in {word for line in cells for word in line}
    assert desk(email_of(office, "head")).open(f"/rounds/{ROUND}/award-summary.xlsx").status_code in {
        200,
        422,
    }
    assert nominator.open("/rounds/NIX/award-summary.docx").status_code == 404
    send(
        supervisor,
        text_form("Mẫu: {{ ten_dot_xet }}", columns=["{{ dong.don_vi }}"]),
        purpose="award_summary",
    )
    words = words_in(supervisor.open(f"/rounds/{ROUND}/award-summary.docx").data)
    assert words[1:] == ["VKSND tỉnh An Giang", "VKSND tỉnh Đồng Tháp"]
    # A form for one purpose is none for another.
    assert words_in(annex(nominator, paper).data)[0] == "DANH SÁCH ĐỀ NGHỊ KHEN THƯỞNG"
