"""Papers by the pages: what is missing in words, forms without scripts, files that are saved, not shown."""

import re
from io import BytesIO

import pytest
from sqlalchemy import update

from tests.support.office import furnish
from tests.support.pages import BASE, browser, form_of, give_passwords, text_of
from tests.support.papers import minimal_pdf
from workflow.store.awards import AwardEdition

EMAILS = {"nominator": "nv01@example.vn", "reviewer": "nv02@example.vn", "stranger": "nv14@example.vn"}


@pytest.fixture
def office(session, clock):
    office = furnish(session, now=clock.now())
    session.execute(update(AwardEdition).values(papers=["achievement_report", "meeting_minutes"]))
    give_passwords(session)
    return office


@pytest.fixture
def desk(database, clock, office, tmp_path):
    """Return a function that signs somebody in on a browser of their own."""

    def sit(part, **settings):
        seated = browser(database.sessions, clock, data_dir=tmp_path, **settings)
        assert seated.sign_in(EMAILS[part]).status_code == 303
        return seated

    return sit


@pytest.fixture
def page(office, clock):
    return f"/nominations/{office.draft(clock.now()).nomination_id}"


def upload(seated, form, content, name="báo cáo.pdf", **changes):
    """Send one of the page's upload forms with a file."""
    fields = form_of(seated.page, f"?as={form}")
    path = fields.pop("")
    data = {**fields, "confirms_not_secret": "true", **changes}
    data = {key: value for key, value in data.items() if value is not None}
    if content is not None:
        data["file"] = (BytesIO(content), name)
    seated.post(path, data, content_type="multipart/form-data")
    return seated.page


def test_a_missing_paper_is_named_attached_by_its_own_form_and_saved_by_its_reader(desk, page):
    nominator = desk("nominator")
    nominator.open(page)
    assert "Còn thiếu: Báo cáo thành tích" in nominator.text
    assert "Còn thiếu: Biên bản họp bình xét" in nominator.text
    content = minimal_pdf()
    assert upload(nominator, "achievement_report", content).location == f"{page}#papers"
    nominator.follow()
    assert "Đã gắn tài liệu vào hồ sơ." in nominator.text
    assert "Đã có: Báo cáo thành tích" in nominator.text
    reader = desk("reviewer")
    reader.open(page)
    (link,) = re.findall(r'href="(/attachments/[^"/]+)"', reader.page.get_data(as_text=True))
    got = reader.open(link)
    assert got.data == content
    assert got.headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in got.headers["Content-Security-Policy"]
    stranger = desk("stranger")
    assert stranger.open(link).status_code == 404
    assert "báo cáo" not in text_of(stranger.page)


def test_a_paper_of_the_list_is_said_to_belong_there_until_it_is_there(desk, page):
    nominator = desk("nominator")
    nominator.open(page)
    assert nominator.text.count("Gắn ở trang tờ trình và danh sách của đơn vị.") == 1
    upload(nominator, "meeting_minutes", minimal_pdf())
    nominator.follow()
    assert "Đã có: Biên bản họp bình xét" in nominator.text
    assert "Gắn ở trang tờ trình" not in nominator.text


def test_the_same_form_sent_twice_attaches_once(desk, page):
    nominator = desk("nominator")
    first = nominator.open(page)
    for _ in range(2):
        nominator.page = first
        assert upload(nominator, "any", minimal_pdf(), kind="other").status_code == 303
    nominator.follow()
    assert len(re.findall(r'href="/attachments/[^"/]+"', nominator.page.get_data(as_text=True))) == 1


@pytest.mark.parametrize(
    ("content", "changes", "words"),
    [
        (b"<script>alert(1)</script>", {}, "Tệp này không phải PDF, PNG, JPEG hay TIFF nguyên vẹn"),
        (None, {}, "Hãy chọn một tệp."),
        (minimal_pdf(), {"confirms_not_secret": None}, "Hãy xác nhận tệp không chứa bí mật nhà nước."),
        (minimal_pdf(), {"kind": "answer"}, "Loại tài liệu này không thuộc chỗ này."),
        (minimal_pdf(), {"kind": "diary"}, "Hãy chọn một mục trong danh sách."),
        (minimal_pdf(), {"kind": ""}, "Hãy chọn một mục trong danh sách."),
    ],
)
def test_what_is_not_taken_is_said_beside_its_form(desk, page, content, changes, words):
    nominator = desk("nominator")
    nominator.open(page)
    answer = upload(nominator, "any", content, **{"kind": "other", **changes})
    assert answer.status_code == 422
    assert words in nominator.text
    assert 'id="paper-any-error"' in answer.get_data(as_text=True)


def test_a_secret_paper_is_recorded_by_number_and_place_alone(desk, page):
    nominator = desk("nominator")
    nominator.open(page)
    half = {"kind": "other", "secret_number": "12/M", "confirms_not_secret": None}
    assert upload(nominator, "stub", None, **half).status_code == 422
    assert form_of(nominator.page, "?as=stub")["secret_number"] == "12/M"
    upload(nominator, "stub", None, **half, secret_place="Tủ mật, phòng 3")
    nominator.follow()
    assert "Tài liệu mật số 12/M, lưu tại: Tủ mật, phòng 3" in nominator.text


def test_a_paper_is_taken_away_and_stays_listed(desk, page):
    nominator = desk("nominator")
    nominator.open(page)
    upload(nominator, "any", minimal_pdf(), kind="other")
    nominator.follow()
    assert nominator.send("/remove", {"reason": "Nhầm tệp"}).status_code == 303
    nominator.follow()
    assert "Tài liệu đã gỡ" in nominator.text
    assert "Nhầm tệp" in nominator.text
    assert 'href="/attachments/' not in nominator.page.get_data(as_text=True)


def test_a_form_of_another_site_is_refused(desk, page):
    nominator = desk("nominator")
    nominator.open(page)
    assert upload(nominator, "any", minimal_pdf(), kind="other", csrf_token="x").status_code == 400


def test_the_page_reads_in_english_too(desk, page):
    nominator = desk("nominator")
    nominator.open(page)
    nominator.send("/language", {"locale": "en"})
    nominator.open(page)
    assert "Missing: Achievement report" in nominator.text


@pytest.mark.parametrize("asks", [True, False])
def test_the_question_about_state_secrets_is_the_offices(desk, page, asks):
    seated = desk("nominator", ask_state_secrets=asks)
    seated.open(page)
    assert ("bí mật nhà nước" in seated.text) is asks
    upload(seated, "achievement_report", minimal_pdf(), confirms_not_secret=None)
    assert seated.page.status_code == (422 if asks else 303)


@pytest.mark.parametrize(
    ("locale", "words"), [("vi", "khôi phục từ bản sao lưu"), ("en", "come back from a backup")]
)
def test_a_paper_whose_file_is_gone_says_what_to_do(desk, page, tmp_path, locale, words):
    nominator = desk("nominator")
    nominator.open(page)
    upload(nominator, "achievement_report", minimal_pdf())
    address = re.search(r"/attachments/[0-9a-f-]{36}", nominator.follow().get_data(as_text=True)).group()
    for file in (tmp_path / "attachments").rglob("*"):
        if file.is_file():
            file.unlink()
    assert (
        nominator.client.post(
            "/language", data={**form_of(nominator.page, "/language"), "locale": locale}, base_url=BASE
        ).status_code
        == 303
    )
    answer = nominator.open(address)
    assert answer.status_code == 404
    assert words in nominator.text


def test_another_file_by_the_same_form_is_said_as_of_a_form_and_not_as_of_a_key(desk, page):
    nominator = desk("nominator")
    first = nominator.open(page)
    assert upload(nominator, "any", minimal_pdf(), kind="other").status_code == 303
    nominator.page = first
    assert upload(nominator, "any", minimal_pdf("Tờ khác"), kind="other").status_code == 422
    assert "Biểu mẫu này đã được gửi một lần với nội dung khác." in nominator.text
    assert "khóa" not in nominator.text.casefold()
