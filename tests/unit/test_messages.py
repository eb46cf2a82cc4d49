"""Letters say the right thing in both languages, and only what they should say."""

import re
from dataclasses import replace
from datetime import date, datetime, timedelta
from html.parser import HTMLParser
from zoneinfo import ZoneInfo

import pytest

from workflow.domain.notices import NOTICES
from workflow.domain.vocabulary import MailClass, NoticeKind
from workflow.messages.compose import LISTED_ITEMS, LOCALES, Letter, LetterFacts, LetterItem, compose
from workflow.messages.standing_in import StandingIn

DUE = datetime(2026, 6, 11, 17, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
ITEM = LetterItem(
    nomination_id=123,
    subject_name="Nguyễn Văn A",
    award_name="Chiến sĩ thi đua cơ sở",
    unit_name="VKSND tỉnh An Giang",
    step_label="Bình xét tại đơn vị",
    url="https://khen.example.vn/nominations/123",
    due_at=DUE,
    working_days_left=2,
    reason_label="Hồ sơ chưa đầy đủ",
    comment="Thiếu biên bản họp.\nĐề nghị bổ sung.",
    actor_name="Trần Thị B",
    holder_name="Lê Văn C",
    decision_number="123/QĐ-VKSTC",
    decided_on=date(2026, 6, 1),
    signer="Phạm Văn D",
    stands_in=StandingIn(date(2026, 6, 8), date(2026, 6, 19), is_whole=False, before=("Đinh Thị E",)),
)
FACTS = LetterFacts(
    recipient_name="Lê Thị Hoa",
    items=(ITEM,),
    office_name="Phòng Thi đua - Khen thưởng",
    officer_name="Đỗ Minh Châu",
    officer_telephone="024 3825 5058",
    base_url="https://khen.example.vn/",
)
ABOUT_DOSSIERS = [notice for notice in NoticeKind if notice is not NoticeKind.OBSTACLES]
EVERY_LETTER = [(notice, locale) for notice in ABOUT_DOSSIERS for locale in LOCALES]
# Of one absence the newest word alone is told, so that its letter never tells of several.
FOLDING = [notice for notice in NoticeKind if NOTICES[notice].folds and notice is not NoticeKind.SUBSTITUTION]


class Page(HTMLParser):
    """Collects what a reader sees and what a mail program would fetch or follow."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.words: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_data(self, data):
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def several(*days_left: int | None) -> LetterFacts:
    items = tuple(
        replace(
            ITEM,
            nomination_id=number,
            subject_name=f"Người thứ {number}",
            url=f"https://khen.example.vn/nominations/{number}",
            working_days_left=left,
            due_at=None if left is None else DUE + timedelta(days=left),
        )
        for number, left in enumerate(days_left, start=1)
    )
    return replace(FACTS, items=items)


def letter(notice: NoticeKind, locale: str = "vi", facts: LetterFacts = FACTS) -> Letter:
    return compose(notice, locale, facts)


@pytest.mark.parametrize(("notice", "locale"), EVERY_LETTER)
def test_no_markup_of_the_workshop_is_left_in_a_letter(notice, locale):
    written = letter(notice, locale)
    for part in (written.subject, written.text, Page(written.html).text):
        assert not re.search(r"\{\{|\}\}|\{%|%\}|None|Undefined|<[a-z/]|&[a-z]+;|[ ]{2,}[.,:]", part)
    assert "\n\n\n" not in written.text
    assert written.subject.startswith("[TĐKT] ")
    assert "\n" not in written.subject


@pytest.mark.parametrize(("notice", "locale"), EVERY_LETTER)
def test_a_subject_begins_with_the_tag_of_the_office_or_with_none(notice, locale):
    tagged, bare = letter(notice, locale), letter(notice, locale, replace(FACTS, subject_tag=""))
    own = letter(notice, locale, replace(FACTS, subject_tag="Awards"))
    assert tagged.subject == f"[TĐKT] {bare.subject}"
    assert own.subject == f"[Awards] {bare.subject}"
    assert not bare.subject.startswith("[")


@pytest.mark.parametrize(("notice", "locale"), EVERY_LETTER)
def test_text_and_page_end_with_the_officer_and_the_telephone(notice, locale):
    written = letter(notice, locale)
    telephone = "điện thoại" if locale == "vi" else "telephone"
    assert written.text.endswith(f"Đỗ Minh Châu, {telephone} 024 3825 5058\n")
    assert Page(written.html).text.endswith(f"Đỗ Minh Châu , {telephone} 024 3825 5058")


@pytest.mark.parametrize(("notice", "locale"), EVERY_LETTER)
def test_the_text_alone_says_all_that_the_page_says(notice, locale):
    written = letter(notice, locale)
    in_text = set(re.findall(r"\w+", written.text))
    assert set(re.findall(r"\w+", Page(written.html).text)) - in_text <= set(
        re.findall(r"\w+", written.subject)
    )
    for href in [value for name, value in Page(written.html).attributes if name == "href"]:
        assert href in written.text


@pytest.mark.parametrize(("notice", "locale"), EVERY_LETTER)
def test_a_page_fetches_nothing_and_names_its_language(notice, locale):
    page = Page(letter(notice, locale).html)
    assert not {"img", "script", "link", "style", "iframe", "object", "form"} & set(page.tags)
    assert not [
        name
        for name, _ in page.attributes
        if name in {"src", "srcset", "background"} or name.startswith("on")
    ]
    assert "url(" not in "".join(value for name, value in page.attributes if name == "style")
    assert ("lang", locale) in page.attributes
    assert ("content", "light dark") in page.attributes


@pytest.mark.parametrize(("notice", "locale"), EVERY_LETTER)
def test_a_demo_says_so_before_anything_else(notice, locale):
    written = letter(notice, locale, replace(FACTS, is_demo=True))
    assert written.text.startswith(("DỮ LIỆU MINH HỌA", "DEMONSTRATION DATA"))
    assert written.text.split("\n")[0] in Page(written.html).text
    assert "MINH HỌA" not in letter(notice, "vi").text


@pytest.mark.parametrize(("notice", "locale"), EVERY_LETTER)
def test_a_letter_of_a_bare_nomination_still_reads_well(notice, locale):
    bare = LetterItem(
        5, "Đội 2", "Tập thể lao động tiên tiến", "VKSND An Giang", "Đang lập hồ sơ", "https://a.vn/5",
        stands_in=StandingIn(date(2026, 6, 8), date(2026, 6, 19), is_whole=True),
    )  # fmt: skip
    facts = replace(FACTS, items=(bare,), officer_name="", officer_telephone="")
    written = letter(notice, locale, facts)
    assert "None" not in written.text + written.subject + written.html
    assert written.text.endswith("Phòng Thi đua - Khen thưởng\n")


def test_the_body_comes_in_the_order_a_busy_reader_needs():
    text = letter(NoticeKind.RETURNED).text
    order = [
        "Đề nghị Ông/Bà hoàn thiện",
        "trước 17:00 thứ Năm, ngày 11/6/2026 (còn 2 ngày làm việc)",
        "Đang chờ kết quả: VKSND tỉnh An Giang",
        "https://khen.example.vn/nominations/123",
        "Hồ sơ số 123",
        "Lý do: Hồ sơ chưa đầy đủ",
        "> Thiếu biên bản họp.",
        "Ông/Bà nhận thư này vì",
        "Chuyển người xử lý",
        "Đỗ Minh Châu",
    ]
    places = [text.index(words) for words in order]
    assert places == sorted(places)


def test_a_decision_carries_its_number_date_and_signer():
    assert (
        "Quyết định số 123/QĐ-VKSTC ký thứ Hai, ngày 1/6/2026, người ký: Phạm Văn D."
        in letter(NoticeKind.APPROVED).text
    )
    assert (
        "Decision No. 123/QĐ-VKSTC of Monday, 1 June 2026, signed by Phạm Văn D."
        in letter(NoticeKind.APPROVED, "en").text
    )


@pytest.mark.parametrize("notice", FOLDING)
@pytest.mark.parametrize("locale", LOCALES)
def test_many_items_are_listed_latest_first_and_the_rest_are_counted(notice, locale):
    written = letter(notice, locale, several(*[3] * LISTED_ITEMS, -4, None))
    late = f"Người thứ {LISTED_ITEMS + 1} "
    assert written.text.index(late) < written.text.index("Người thứ 1 ")
    assert f"Người thứ {LISTED_ITEMS + 2} " not in written.text
    assert re.search(r"\.\.\. (và 2 việc khác|and 2 more)", written.text)
    assert re.search(r"\.\.\. (và 2 việc khác|and 2 more)", written.html)
    assert Page(written.html).tags.count("table") == 1
    assert Page(written.html).attributes.count(("scope", "row")) == LISTED_ITEMS
    assert "https://khen.example.vn/\n" in written.text


@pytest.mark.parametrize(("notice", "locale"), [pair for pair in EVERY_LETTER if pair[0] in FOLDING])
def test_a_list_says_the_same_in_text_and_page(notice, locale):
    written = letter(notice, locale, several(2, -1, 0, None))
    assert set(re.findall(r"\w+", Page(written.html).text)) <= set(
        re.findall(r"\w+", written.text + written.subject)
    )
    assert "None" not in written.text


def test_a_letter_about_nothing_is_refused():
    with pytest.raises(ValueError, match="at least one"):
        letter(NoticeKind.REMINDER, "vi", replace(FACTS, items=()))
    with pytest.raises(ValueError, match="'fr'"):
        letter(NoticeKind.REMINDER, "fr")


def test_every_notice_has_its_class_and_what_comes_in_numbers_folds():
    assert set(NOTICES) == set(NoticeKind)
    of_rounds = {kind for kind in NoticeKind if kind.startswith("return_") or kind is NoticeKind.DATES_MOVED}
    assert set(FOLDING) >= {NoticeKind.REMINDER, NoticeKind.ESCALATION} | of_rounds
    assert NOTICES[NoticeKind.ESCALATION].mail_class is MailClass.ESCALATION
