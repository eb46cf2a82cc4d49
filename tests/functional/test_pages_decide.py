"""A list decided in one pass: a choice at each name, one sheet, one confirmation, an answer for each."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from tests.support.pages import Browser, browser, form_of
from tests.support.sector import FIRST, colleagues_of
from tests.support.unit_paper import Paper, waiting_paper
from workflow.clock import FixedClock

COLLEAGUES = colleagues_of(FIRST, 5)
HEAD = f"{FIRST}-TT"
PEOPLE = [*COLLEAGUES, HEAD]


@pytest.fixture
def paper(session: Session, database, clock: FixedClock, tmp_path: Path) -> Paper:
    """Have a unit's list wait for its head, who is on it too."""
    return waiting_paper(session, database, clock, tmp_path, PEOPLE)


@pytest.fixture
def head(paper: Paper, database, clock: FixedClock) -> Browser:
    seated = browser(database.sessions, clock)
    assert seated.sign_in(f"{HEAD}@example.vn".lower()).status_code == 303
    return seated


def picked(page: Browser, action: str) -> dict[str, str]:
    """Return what the page has chosen by itself for each name."""
    assert page.page is not None
    return {name: value for name, value in form_of(page.page, action).items() if name.startswith("pick-")}


def chosen(paper: Paper, choices: Mapping[str, str]) -> dict[str, str]:
    return {f"pick-{paper.names[person]}": action for person, action in choices.items()}


def test_clean_names_are_agreed_to_unless_somebody_chooses_otherwise(paper: Paper, head: Browser) -> None:
    assert head.open(f"{paper.path}/decide").status_code == 200
    own = paper.names[HEAD]
    expected = {f"pick-{number}": "approve" for number in paper.names.values() if number != own}
    assert picked(head, "/decide") == expected
    assert "của chính bạn được để riêng" in head.text
    assert f"pick-{own}" not in head.page.get_data(as_text=True)


def test_several_actions_go_with_one_confirmation_and_each_name_is_answered(
    paper: Paper, head: Browser
) -> None:
    first, second, third, *_ = COLLEAGUES
    head.open(f"{paper.path}/decide")
    choices = chosen(paper, {first: "return", second: "reject", third: ""})
    assert head.send("/decide", choices).status_code == 200
    for words in ("Trả lại để hoàn thiện 1", "Không đủ điều kiện, không đề nghị 1", "Nhất trí đề nghị 2"):
        assert words in head.text
    assert "Sau đó hồ sơ sẽ ở: Tiếp nhận, kiểm tra thành phần hồ sơ" in head.text
    assert "Bạn để sau hoặc chưa chọn: Người số 3 của DV01" in head.text
    told = {
        f"{part}-{paper.names[person]}": words
        for person in (first, second)
        for part, words in (("reason", "dossier_incomplete"), ("comment", f"Ghi cho {person}."))
    }
    done = head.send("/decisions", told)
    assert done.status_code == 200, head.text
    assert "Đã xử lý 4 đề nghị." in head.text
    assert "Còn 1 đề nghị chờ bạn" in head.text
    assert [paper.states()[person] for person in PEOPLE] == [
        "draft",
        "rejected",
        "unit_review",
        "reception",
        "reception",
        "unit_review",
    ]


def test_a_return_without_words_carries_out_nothing_and_keeps_what_was_typed(
    paper: Paper, head: Browser
) -> None:
    first, second = (paper.names[person] for person in COLLEAGUES[:2])
    head.open(f"{paper.path}/decide")
    head.send("/decide", {f"pick-{first}": "return", f"pick-{second}": "return"})
    refused = head.send("/decisions", {f"comment-{first}": "Bổ sung minh chứng."})
    assert refused.status_code == 422
    html = refused.get_data(as_text=True)
    assert f'data-wrong="reason-{first}"' in html
    assert f'data-wrong="comment-{second}"' in html
    assert f'data-wrong="comment-{first}"' not in html
    assert 'aria-hidden="true">Lý do</p>' in html, "what the choices below are of is said to the eye too"
    assert form_of(refused, "/decisions")[f"comment-{first}"] == "Bổ sung minh chứng."
    assert set(paper.states().values()) == {"unit_review"}
    # The second is told the same as the first, as its tick says.
    changes = {f"reason-{first}": "dossier_incomplete", f"same-{second}": "1"}
    assert head.send("/decisions", changes).status_code == 200
    assert [paper.states()[person] for person in COLLEAGUES[:3]] == ["draft", "draft", "reception"]
    events = paper.sector.get("QT", f"/nominations/{second}/events").json["items"]
    assert "Bổ sung minh chứng." in str(events)


def test_the_same_confirmation_twice_is_done_once(paper: Paper, head: Browser) -> None:
    head.open(f"{paper.path}/decide")
    sheet = head.send("/decide")
    first = head.send("/decisions")
    head.page = sheet
    again = head.send("/decisions")
    assert (first.status_code, again.status_code) == (200, 200)
    assert "Việc này đã được ghi nhận trước đó" in head.text
    assert "Đã xử lý 5 đề nghị." in head.text


def test_a_name_that_somebody_moved_on_stays_and_says_who_and_the_others_go(
    paper: Paper, head: Browser
) -> None:
    first, second = (paper.names[person] for person in COLLEAGUES[:2])
    head.open(f"{paper.path}/decide")
    sheet = head.send("/decide")
    paper.act(HEAD, "hold", nominations=[first], comment="Có đơn thư.")
    assert sheet.status_code == 200
    assert head.send("/decisions").status_code == 200
    assert "Đã xử lý 4 đề nghị. 1 đề nghị không xử lý được" in head.text
    # Whoever did it in another window is told so, and where the name stands now.
    assert "Chính bạn đã thay đổi hồ sơ lúc" in head.text
    assert "Nay ở: Bình xét tại đơn vị" in head.text
    # What changed before the sheet was asked for is left on it already.
    paper.act(HEAD, "recall", nominations=[second])
    head.open(f"{paper.path}/decide")
    assert picked(head, "/decide") == {f"pick-{second}": "approve"}
    shown = head.page
    paper.act(HEAD, "hold", nominations=[second], comment="Có đơn thư.")
    head.page = shown
    head.send("/decide")
    assert "Không còn đề nghị nào xử lý được như đã chọn" in head.text
    assert "Chính bạn đã thay đổi hồ sơ lúc" in head.text


def test_a_list_decided_in_two_windows_is_answered_once_for_all_names_with_what_was_written(
    paper: Paper, head: Browser
) -> None:
    first = paper.names[COLLEAGUES[0]]
    head.open(f"{paper.path}/decide")
    sheet = head.send("/decide", {f"pick-{first}": "return"})
    told = {f"reason-{first}": "dossier_incomplete", f"comment-{first}": "Bổ sung biên bản."}
    assert head.send("/decisions", told).status_code == 200
    head.page = sheet
    # Another window has another key; the words are those that were to be sent with it.
    again = head.send(
        "/decisions", {**told, "key": "another-window-000001", f"comment-{first}": "Bổ sung lần hai."}
    )
    assert again.status_code == 200
    assert "Đã xử lý 0 đề nghị. 5 đề nghị không xử lý được" in head.text
    assert head.text.count("Chính bạn đã thay đổi hồ sơ lúc") == 1
    assert "Bổ sung lần hai." in head.text
    assert "dài hơn mức giữ lại được" not in head.text


def test_what_wants_a_look_stands_apart_with_nothing_chosen(paper: Paper, head: Browser) -> None:
    first, second = (paper.names[person] for person in COLLEAGUES[:2])
    paper.act(HEAD, "return", nominations=[first], comment="Bổ sung.", reason_code="dossier_incomplete")
    paper.act(f"{FIRST}-CB", "submit", nominations=[first])
    paper.act(HEAD, "hold", nominations=[second], comment="Có đơn thư.")
    head.open(f"{paper.path}/decide")
    chosen_by_itself = picked(head, "/decide")
    assert chosen_by_itself[f"pick-{first}"] == ""
    assert f"pick-{second}" not in chosen_by_itself
    assert sorted(chosen_by_itself.values()) == ["", "approve", "approve", "approve"]
    assert "Cần xem kỹ 2" in head.text
    assert "Đã từng bị trả lại" in head.text
    assert "Đang tạm dừng xét." in head.text


def test_names_just_decided_are_taken_back_from_the_answer(paper: Paper, head: Browser) -> None:
    first = paper.names[COLLEAGUES[0]]
    head.open(f"{paper.path}/decide")
    head.send("/decide")
    head.send("/decisions")
    assert head.send("/decide", {f"pick-{first}": "recall"}).status_code == 200
    assert "Lấy lại để sửa 1" in head.text
    assert head.send("/decisions").status_code == 200
    assert paper.states()[COLLEAGUES[0]] == "unit_review"
    assert list(paper.states().values()).count("reception") == 4


def test_nothing_chosen_is_said_and_somebody_for_whom_nothing_waits_is_told_so(
    paper: Paper, head: Browser, database, clock: FixedClock
) -> None:
    head.open(f"{paper.path}/decide")
    nobody = dict.fromkeys(picked(head, "/decide"), "")
    assert head.send("/decide", nobody).status_code == 422
    assert "Hãy chọn cách xử lý cho ít nhất một đề nghị." in head.text
    office = browser(database.sessions, clock)
    office.sign_in("td@example.vn")
    assert office.open(f"{paper.path}/decide").status_code == 404
    nominator = browser(database.sessions, clock)
    nominator.sign_in(f"{FIRST}-cb@example.vn".lower())
    assert nominator.open(f"{paper.path}/decide").status_code == 200
    assert "Không có đề nghị nào trong danh sách này chờ bạn." in nominator.text


def test_the_nominee_cannot_decide_on_their_own_name_by_writing_the_form_themselves(
    paper: Paper, head: Browser
) -> None:
    own = paper.names[HEAD]
    head.open(f"{paper.path}/decide")
    head.send("/decide", {f"pick-{own}": "approve"})
    assert "Người khác" not in head.text
    version = paper.sector.get("QT", f"/nominations/{own}").json["version"]
    seen = form_of(head.page, "/decisions")["seen"]
    answer = head.send("/decisions", {f"pick-{own}": "approve", "seen": f"{seen},{own}.{version}"})
    assert answer.status_code == 200
    assert "1 đề nghị không xử lý được" in head.text
    assert paper.states()[HEAD] == "unit_review"


def test_the_sheet_has_an_address_that_the_language_buttons_lead_back_to(paper: Paper, head: Browser) -> None:
    first = paper.names[COLLEAGUES[0]]
    head.open(f"{paper.path}/decide")
    head.send("/decide", {f"pick-{first}": "return"})
    head.send("/decisions", {f"comment-{first}": "Ghi dở."})
    assert head.page.status_code == 422
    head.send("/language", {"locale": "en"})
    head.follow()
    assert "Review and confirm" in head.text
    assert "Something has to be corrected below." in head.text
    assert form_of(head.page, "/decisions")[f"comment-{first}"].strip() == "Ghi dở."
    assert head.page.request.path.startswith(f"{paper.path}/decide/seen/")


def test_only_some_names_are_shown_where_an_address_asks_for_them(paper: Paper, head: Browser) -> None:
    first, second, *_ = (paper.names[person] for person in COLLEAGUES)
    head.open(f"{paper.path}/decide?only={first}-{second}")
    assert set(picked(head, "/decide")) == {f"pick-{first}", f"pick-{second}"}
    assert "Xem cả 3 đề nghị khác của danh sách đang chờ bạn" in head.text
    head.open(f"{paper.path}/decide?after={first}")
    assert len(picked(head, "/decide")) == 4
    assert head.open(f"{paper.path}/decide?only=x").status_code == 422
