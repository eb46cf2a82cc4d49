"""Names by papers: what each name lacks, and several papers taken in one form, without scripts."""

import re
from io import BytesIO

import pytest
from sqlalchemy import func, select, update
from werkzeug.datastructures import MultiDict

from tests.support.office import AG, ROUND, furnish
from tests.support.pages import BASE, browser, fields_of_forms, form_of, give_passwords
from tests.support.papers import minimal_pdf
from workflow.store.attachments import Attachment
from workflow.store.awards import AwardEdition
from workflow.store.history import Event

EMAILS = {
    "nominator": "nv01@example.vn",
    "reviewer": "nv02@example.vn",
    "other_nominator": "nv11@example.vn",
    "supervisor": "nv23@example.vn",
}
PAGE = f"/rounds/{ROUND}/papers"
REPORT, CERTIFICATE = "achievement_report", "initiative_certificate"


@pytest.fixture
def office(session, clock):
    office = furnish(session, now=clock.now())
    session.execute(update(AwardEdition).values(papers=[REPORT, CERTIFICATE]))
    give_passwords(session)
    return office


@pytest.fixture
def names(office, clock):
    """Draft two names of the unit; give their numbers."""
    return [office.draft(clock.now(), person_code=code).nomination_id for code in ("NV04", "NV05")]


@pytest.fixture
def desk(database, clock, office, tmp_path):
    """Return a function that signs somebody in on a browser of their own."""

    def sit(part, **settings):
        seated = browser(database.sessions, clock, data_dir=tmp_path, **settings)
        assert seated.sign_in(EMAILS[part]).status_code == 303
        return seated

    return sit


def cell(name, kind, root="nomination"):
    return f"file-{root}-{name}-{kind}"


def pdf(text):
    return BytesIO(minimal_pdf(text)), f"{text}.pdf"


def sheet_of(page):
    """Return the fields of the one form that takes papers."""
    [found] = [one for one in fields_of_forms(page) if one[""].partition("?")[0].endswith("/papers")]
    return found


def bring(seated, files, page=PAGE, **changes):
    """Open the page and send its form with these files, by the name of their field."""
    if page is not None:
        assert seated.open(page).status_code == 200
    fields = sheet_of(seated.page)
    path = fields.pop("") or seated.page.request.full_path.rstrip("?")
    said = {**fields, "confirms_not_secret": "true", **changes}
    data = MultiDict((key, value) for key, value in said.items() if value is not None and key not in files)
    for name, file in files.items():
        for one in file if isinstance(file, list) else [file]:
            data.add(name, one)
    return seated.post(path, data, content_type="multipart/form-data")


def lying(session):
    session.expire_all()
    rows = select(Attachment.nomination_id, Attachment.kind).where(Attachment.removed_at.is_(None))
    return sorted(tuple(row) for row in session.execute(rows))


def test_papers_of_several_names_are_taken_in_one_form(desk, names, session):
    nominator = desk("nominator")
    nominator.open(PAGE)
    assert "Còn thiếu 4 tài liệu." in nominator.text
    files = {cell(name, kind): pdf(f"{name} {kind}") for name in names for kind in (REPORT, CERTIFICATE)}
    assert bring(nominator, files).status_code == 303
    nominator.follow()
    assert "Đã nhận 4 tài liệu." in nominator.text
    assert "Đã đủ tài liệu." in nominator.text
    assert "Chọn tệp ngay tại ô còn thiếu" not in nominator.text
    assert lying(session) == sorted((name, kind) for name in names for kind in (REPORT, CERTIFICATE))


def test_what_fails_keeps_the_rest_and_says_why_at_its_cell(desk, names, session):
    nominator = desk("nominator")
    first, second = names
    files = {
        cell(first, REPORT): pdf("một"),
        cell(second, REPORT): (BytesIO(b"<script>alert(1)</script>"), "xấu.pdf"),
        cell(987654, REPORT): pdf("của ai"),
    }
    assert bring(nominator, files).status_code == 200
    assert "Đã nhận 1 tài liệu" in nominator.text
    assert "2 tài liệu không nhận được" in nominator.text
    html = nominator.page.get_data(as_text=True)
    beside = re.search(rf'id="{cell(second, REPORT)}-error">(.*?)</div>', html, re.DOTALL)[1]
    assert "xấu.pdf" in beside
    assert "không phải PDF" in beside
    assert lying(session) == [(first, REPORT)]
    # The page has an address of its own, where it is as it was, and its form goes where it went before.
    said = nominator.text
    nominator.open(nominator.page.request.path)
    assert nominator.text == said
    assert bring(nominator, {cell(second, REPORT): pdf("hai")}, page=None).status_code == 303
    assert lying(session) == sorted([(first, REPORT), (second, REPORT)])


def test_nothing_taken_at_all_is_a_refusal(desk, names, session):
    nominator = desk("nominator")
    assert bring(nominator, {cell(names[0], REPORT): (BytesIO(b"nothing"), "a.pdf")}).status_code == 422
    assert bring(nominator, {}).status_code == 422
    assert "Hãy chọn ít nhất một tệp." in nominator.text
    assert lying(session) == []


@pytest.mark.parametrize("asks", [True, False])
def test_one_tick_confirms_for_all_and_history_keeps_it(desk, names, session, asks):
    nominator = desk("nominator", ask_state_secrets=asks)
    files = {cell(names[0], REPORT): pdf("một"), cell(names[1], REPORT): pdf("hai")}
    answer = bring(nominator, files, confirms_not_secret=None)
    assert answer.status_code == (422 if asks else 303)
    assert ("Hãy xác nhận" in nominator.text) is asks
    if asks:
        assert lying(session) == []
        assert bring(nominator, {name: pdf(name) for name in files}).status_code == 303
    said = session.scalars(select(Event.data["not_secret"].astext).where(Event.action == "attach")).all()
    assert said == ["true" if asks else None] * 2
    nominator.open(f"/nominations/{names[0]}")
    assert ("Đã xác nhận không chứa bí mật nhà nước." in nominator.text) is asks


def test_one_file_lies_with_several_names_and_is_kept_once(desk, names, session):
    nominator = desk("nominator")
    said = {"shared_kind": CERTIFICATE}
    assert bring(nominator, {"shared": pdf("chung")}, **said).status_code == 422
    assert "Hãy chọn ít nhất một tên." in nominator.text
    files = {"shared": pdf("chung"), "shared_names": [str(name) for name in names]}
    assert bring(nominator, files, **said).status_code == 303
    assert lying(session) == [(name, CERTIFICATE) for name in names]
    assert session.scalar(select(func.count(Attachment.storage_name.distinct()))) == 1


def test_the_same_form_sent_twice_takes_its_papers_once_and_answers_alike(desk, names, session):
    nominator = desk("nominator")
    first = nominator.open(PAGE)
    answers = []
    for _ in range(2):
        nominator.page = first
        files = {
            cell(names[0], REPORT): pdf("một"),
            cell(names[1], REPORT): (BytesIO(b"no paper"), "xấu.pdf"),
        }
        answers.append((bring(nominator, files, page=None).status_code, "1 tài liệu không" in nominator.text))
    assert answers == [(200, True)] * 2
    assert lying(session) == [(names[0], REPORT)]


def test_several_papers_of_one_cell_and_of_one_name_come_together(desk, names, session):
    nominator = desk("nominator")
    files = {cell(names[0], REPORT): [pdf("trang 1"), pdf("trang 2")], cell(names[0], CERTIFICATE): pdf("ba")}
    assert bring(nominator, files).status_code == 303
    assert lying(session) == [(names[0], REPORT)] * 2 + [(names[0], CERTIFICATE)]


def test_another_unit_sees_none_of_it_and_may_put_nothing_there(desk, names, session):
    other = desk("other_nominator")
    other.open(PAGE)
    assert "Không có tên nào" in other.text
    assert "Đặng Quốc Dũng" not in other.text
    token = form_of(other.open("/nominations/new"), "/nominations/new")["csrf_token"]
    data = {"csrf_token": token, "confirms_not_secret": "true", "key": "k" * 32}
    data[cell(names[0], REPORT)] = pdf("lạ")
    other.post(PAGE, data, content_type="multipart/form-data")
    assert other.page.status_code == 422
    assert "1 tài liệu không nhận được" in other.text
    assert lying(session) == []


def test_a_name_that_was_sent_on_leaves_the_page_and_comes_back_when_it_is_asked(desk, names, office, clock):
    nominator = desk("nominator")
    bring(nominator, {cell(names[0], kind): pdf(kind) for kind in (REPORT, CERTIFICATE)})
    office.act("nominator", names[0], "submit", clock.now())
    nominator.open(PAGE)
    assert "Đặng Quốc Dũng" in nominator.text
    office.act("reviewer", names[0], "approve", clock.now())
    nominator.open(PAGE)
    assert "Đặng Quốc Dũng" not in nominator.text
    assert "Huỳnh Tấn Phát" in nominator.text
    office.act("secretary", names[0], "request_info", clock.now(), comment="Bổ sung báo cáo.")
    assert bring(nominator, {cell(names[0], REPORT): pdf("bổ sung")}).status_code == 303


def test_unreadable_fields_are_refused_by_name(desk, names, session):
    nominator = desk("nominator")
    for name in ("file-nomination-x-report", f"file-nomination-{names[0]}-diary", "file"):
        assert bring(nominator, {name: pdf("một")}).status_code == 422
    assert lying(session) == []


def test_more_bytes_than_one_form_takes_say_how_many_there_may_be(desk, names, session):
    nominator = desk("nominator", attachment_megabytes=1)
    big = minimal_pdf() + b" " * (1024 * 1024 - 2000)
    files = {cell(names[0], REPORT): [(BytesIO(big + b"\n" * n), f"{n}.pdf") for n in range(6)]}
    answer = bring(nominator, files)
    assert answer.status_code == 413
    assert "tối đa 5 MB tổng cộng" in nominator.text
    assert lying(session) == []
    one = {cell(names[0], REPORT): (BytesIO(big + b" " * 4000), "to.pdf"), cell(names[1], REPORT): pdf("nhỏ")}
    assert bring(nominator, one).status_code == 200
    assert "Tệp lớn hơn 1 MB" in nominator.text
    assert lying(session) == [(names[1], REPORT)]


def test_the_page_reads_in_english(desk, names):
    nominator = desk("nominator")
    nominator.open(PAGE)
    nominator.send("/language", {"locale": "en"})
    nominator.open(f"{PAGE}?unit={AG}")
    assert "4 papers are missing." in nominator.text
    assert "Papers of all nominations" in nominator.text
    nominator.open(f"{PAGE}?submission=5")
    assert "No nomination of your unit" in nominator.text


def test_the_script_is_answered_without_a_page_and_no_other_page_may_run_one(desk, names, session):
    nominator = desk("nominator")
    policy = nominator.open(PAGE).headers["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert "script-src 'none'" in nominator.open("/").headers["Content-Security-Policy"]
    fields = sheet_of(nominator.open(PAGE))

    def sent_alone(file, **changes):
        data = {**fields, "confirms_not_secret": "true", cell(names[0], REPORT): file, **changes}
        data = {key: value for key, value in data.items() if key and value is not None}
        return nominator.client.post(
            PAGE,
            data=data,
            base_url=BASE,
            content_type="multipart/form-data",
            headers={"Accept": "application/json"},
        )

    bad = sent_alone((BytesIO(b"no paper"), "a.pdf"), key="k" * 32)
    assert (bad.status_code, bad.json["taken"]) == (422, False)
    assert "không phải PDF" in bad.json["why"]
    unsure = sent_alone(pdf("một"), confirms_not_secret=None)
    assert (unsure.status_code, unsure.json["taken"]) == (422, False)
    assert "bí mật nhà nước" in unsure.json["why"]
    for _ in range(2):
        assert sent_alone(pdf("một")).json == {"taken": True, "why": ""}
    assert lying(session) == [(names[0], REPORT)]
