"""The pages of preparing: an officer fills in a list, its head finds it so, and agrees or sends it back."""

from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from tests.support.pages import Browser, browser, form_of
from tests.support.sector import FIRST, colleagues_of
from tests.support.unit_paper import Paper, waiting_paper
from workflow.clock import FixedClock

COLLEAGUES = colleagues_of(FIRST, 4)
HEAD, DEPUTY = f"{FIRST}-TT", f"{FIRST}-PT"
PEOPLE = [*COLLEAGUES, HEAD]
COMMENT = "Bổ sung biên bản họp xét."


@pytest.fixture
def paper(session: Session, database, clock: FixedClock, tmp_path: Path) -> Paper:
    """Have a unit's list wait for its head, who is on it too."""
    return waiting_paper(session, database, clock, tmp_path, PEOPLE)


@pytest.fixture
def seated(paper: Paper, database, clock: FixedClock):
    """Sign somebody of the unit in."""

    def sign_in(part: str) -> Browser:
        one = browser(database.sessions, clock)
        assert one.sign_in(f"{part}@example.vn".lower()).status_code == 303
        return one

    return sign_in


def prepared(paper: Paper, deputy: Browser) -> int:
    """Have the deputy return the first name and agree to the others; return the first."""
    first = paper.names[COLLEAGUES[0]]
    assert deputy.open(f"{paper.path}/prepare").status_code == 200
    assert deputy.send("/prepare", {f"pick-{first}": "return"}).status_code == 200
    words = {f"reason-{first}": "dossier_incomplete", f"comment-{first}": COMMENT}
    done = deputy.send("/preparations", words)
    assert done.status_code == 200, deputy.text
    return first


def test_the_head_finds_all_of_it_filled_in_and_confirms(paper: Paper, seated) -> None:
    deputy, head = seated(DEPUTY), seated(HEAD)
    assert deputy.open(paper.path).status_code == 200
    assert "Chuẩn bị ý kiến cho người quyết định (4)" in deputy.text
    first = prepared(paper, deputy)
    assert "Đã trình 4 đề xuất." in deputy.text
    assert set(paper.states().values()) == {"unit_review"}
    head.open("/")
    assert "đã chuẩn bị" in head.text
    head.open(f"{paper.path}/decide")
    assert "Đề xuất: Nhất trí đề nghị 3, Trả lại để hoàn thiện 1 (" in head.text
    chosen = {
        name: value for name, value in form_of(head.page, "/decide").items() if name.startswith("pick-")
    }
    others = [paper.names[person] for person in COLLEAGUES[1:]]
    assert chosen == {f"pick-{first}": "return", **{f"pick-{one}": "approve" for one in others}}
    assert COMMENT in head.text
    head.send("/decide")
    filled = form_of(head.page, "/decisions")
    assert filled[f"comment-{first}"] == COMMENT
    assert filled[f"reason-{first}"] == "dossier_incomplete"
    assert head.send("/decisions").status_code == 200
    assert "Đã xử lý 4 đề nghị." in head.text
    states = paper.states()
    assert [states[person] for person in COLLEAGUES] == ["draft", "reception", "reception", "reception"]
    told = paper.sector.get(HEAD, f"/nominations/{first}/events").json["items"][-1]
    assert told["prepared"]["is_changed"] is False


def test_what_is_sent_back_is_asked_for_with_a_word_and_proposes_nothing(paper: Paper, seated) -> None:
    deputy, head = seated(DEPUTY), seated(HEAD)
    first = prepared(paper, deputy)
    head.open(f"{paper.path}/decide")
    choices = {f"pick-{paper.names[person]}": "" for person in COLLEAGUES[1:]}
    head.send("/decide", {**choices, f"pick-{first}": "prepare_again"})
    assert "Hồ sơ ở nguyên chỗ; người chuẩn bị làm lại." in head.text
    assert head.send("/decisions").status_code == 422
    assert head.send("/decisions", {f"comment-{first}": "Nêu rõ văn bản nào."}).status_code == 200
    assert set(paper.states().values()) == {"unit_review"}
    deputy.open("/")
    assert "Phải chuẩn bị lại 1" in deputy.text
    assert "Nêu rõ văn bản nào." in deputy.text
    deputy.open(f"{paper.path}/prepare?only={first}")
    assert "Đã yêu cầu chuẩn bị lại: Nêu rõ văn bản nào." in deputy.text
    # What was typed before is there again.
    assert form_of(deputy.page, "/prepare")[f"pick-{first}"] == "return"
    deputy.send("/prepare")
    assert form_of(deputy.page, "/preparations")[f"comment-{first}"] == COMMENT
    [again] = paper.sector.get(DEPUTY, "/inbox/sent-back").json["items"]
    assert (again["nomination_id"], again["why"]) == (first, "Nêu rõ văn bản nào.")
    head.open(f"{paper.path}/decide")
    assert form_of(head.page, "/decide")[f"pick-{first}"] == ""
    assert deputy.send("/preparations").status_code == 200
    assert paper.sector.get(DEPUTY, "/inbox/sent-back").json["items"] == []
    head.open(f"{paper.path}/decide")
    assert form_of(head.page, "/decide")[f"pick-{first}"] == "return"


def test_what_moved_since_is_shown_as_void_and_not_chosen(paper: Paper, seated) -> None:
    deputy, head = seated(DEPUTY), seated(HEAD)
    first = prepared(paper, deputy)
    for action in ("claim", "release"):
        paper.act(HEAD, action, nominations=[first])
    head.open(f"{paper.path}/decide")
    assert "Đề xuất không còn hiệu lực vì hồ sơ đã thay đổi" in head.text
    assert form_of(head.page, "/decide")[f"pick-{first}"] == ""
    # The words stay, for whoever chooses the same.
    head.send("/decide", {f"pick-{first}": "return"})
    assert form_of(head.page, "/decisions")[f"comment-{first}"] == COMMENT


def test_a_single_nomination_is_prepared_and_decided_on_its_own_page(paper: Paper, seated) -> None:
    deputy, head = seated(DEPUTY), seated(HEAD)
    first = paper.names[COLLEAGUES[0]]
    deputy.open(f"/nominations/{first}")
    refused = deputy.send("/actions/prepare", {"comment": COMMENT})
    assert refused.status_code == 422
    assert form_of(deputy.page, "/actions/prepare")["comment"] == COMMENT
    said = {"proposes": "return", "to_step": "draft", "reason_code": "dossier_incomplete", "comment": COMMENT}
    assert deputy.send("/actions/prepare", said).status_code == 303
    head.open(f"/nominations/{first}")
    assert "Đề xuất: Trả lại để hoàn thiện (" in head.text
    filled = form_of(head.page, "/actions/return")
    assert (filled["comment"], filled["reason_code"]) == (COMMENT, "dossier_incomplete")
    assert head.send("/actions/return").status_code == 303
    head.open(f"/nominations/{first}")
    assert "Theo đề xuất của " in head.text
    # In history it is what was proposed, and no button.
    assert "Đề xuất: trả lại để hoàn thiện" in head.text


def test_who_has_nothing_to_prepare_is_told_so(paper: Paper, seated) -> None:
    officer = seated(f"{FIRST}-CB")
    assert officer.open(f"{paper.path}/prepare").status_code == 200
    assert "Không có đề nghị nào trong danh sách này để bạn chuẩn bị." in officer.text
    officer.open(paper.path)
    assert "Chuẩn bị ý kiến" not in officer.text
