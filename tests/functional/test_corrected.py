"""What was corrected since a nomination came back: words before and after on its page and over JSON."""

from typing import Any

import pytest
from sqlalchemy.event import listen, remove
from sqlalchemy.orm import Session

from api.pages.views.time.corrected import side_by_side
from api.wsgi import create_app
from tests.conftest import Database
from tests.support.interface import DRAFT, Interface, settings_for_tests
from tests.support.office import furnish
from tests.support.pages import Browser, browser, give_passwords
from tests.support.papers import sent
from workflow.clock import FixedClock
from workflow.queries.nominations.diff import RewrittenText, rewritten_since

OLD, NEW = "Hoàn thành nhiệm vụ 2025, có sáng kiến.", "Hoàn thành tốt nhiệm vụ 2026, có sáng kiến."


@pytest.fixture
def desk(session: Session, database: Database, clock: FixedClock, tmp_path: Any) -> Interface:
    office = furnish(session, now=clock.now())
    give_passwords(session)
    app = create_app(settings_for_tests(tmp_path), sessions=database.sessions, clock=clock, wake=lambda: None)
    return Interface(app, office, clock)


@pytest.fixture
def number(desk: Interface) -> int:
    """Have a nomination come back to its nominator."""
    made = desk.post("nominator", "/nominations", {**DRAFT, "achievement": OLD})
    number = int(made.json["id"])
    desk.act("nominator", number, "submit")
    back = desk.act("reviewer", number, "return", reason_code="dossier_incomplete", comment="Sửa năm.")
    assert back.status_code == 200, back.text
    return number


def reworded(desk: Interface, number: int, achievement: str) -> None:
    version = desk.get("nominator", f"/nominations/{number}").json["version"]
    said = {"achievement": achievement, "version": version}
    answer = desk.call("nominator", "PATCH", f"/nominations/{number}", json=said)
    assert answer.status_code == 200, answer.text


def page_of(database: Database, clock: FixedClock, number: int, locale: str = "vi") -> Browser:
    seated = browser(database.sessions, clock)
    seated.sign_in("nv02@example.vn")
    seated.open("/")
    seated.send("/language", {"locale": locale})
    seated.open(f"/nominations/{number}")
    return seated


def test_words_of_a_return_stand_beside_those_of_now_with_what_changed_marked(
    desk: Interface, number: int, database: Database, clock: FixedClock
) -> None:
    reworded(desk, number, "Đang viết lại.")
    reworded(desk, number, NEW)
    sent(desk, "nominator", f"/nominations/{number}/attachments", kind="other", name="mới.pdf")
    desk.act("nominator", number, "submit")
    page = page_of(database, clock, number)
    html = page.page.get_data(as_text=True)
    assert "Đã sửa sau khi trả lại" in page.text
    assert "Sửa năm." in page.text
    assert '<del><span class="visually-hidden">[bỏ: </span>2025,' in html
    assert '<ins><span class="visually-hidden">[thêm: </span>2026,' in html
    assert "Đang viết lại." not in page.text, "what stood in between was sent to nobody"
    assert "Tài liệu mới: Tài liệu khác mới.pdf" in page.text
    assert "Corrected since it was returned" in page_of(database, clock, number, "en").text
    events = desk.get("reviewer", f"/nominations/{number}/events").json["items"]
    assert [event["text"] for event in events if event["action"] == "edit"] == [None, None]
    since = next(event["seq"] for event in events if event["action"] == "return")
    query = {"since": since}
    found = desk.get("reviewer", f"/nominations/{number}/diff", query_string=query).json
    assert found["texts"] == [{"field": "achievement", "before": OLD, "after": NEW}]


def test_nothing_is_shown_before_a_word_is_changed_nor_once_it_reads_as_before(
    desk: Interface, number: int, database: Database, clock: FixedClock
) -> None:
    assert "Đã sửa sau khi trả lại" not in page_of(database, clock, number).text
    reworded(desk, number, NEW)
    reworded(desk, number, OLD)
    desk.act("nominator", number, "submit")
    assert "Đã sửa sau khi trả lại" not in page_of(database, clock, number).text


def test_however_often_words_are_written_those_of_one_edit_are_read(
    desk: Interface, number: int, database: Database
) -> None:
    for turn in range(4):
        reworded(desk, number, f"Lần {turn}.")
    counted = list[int]()

    def count(_: object, cursor: Any, statement: str, *rest: object) -> None:
        if "event_text" in statement:
            counted.append(cursor.rowcount)

    with database.sessions() as session:
        listen(session.get_bind(), "after_cursor_execute", count)
        [text] = rewritten_since(session, number, 1)
        remove(session.get_bind(), "after_cursor_execute", count)
    assert (text.before, text.after) == (OLD, "Lần 3.")
    assert counted == [1]


def test_words_that_an_earlier_version_did_not_keep_are_said_to_be_so(
    desk: Interface, number: int, database: Database, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as earlier:
        earlier.setattr("workflow.operations.nominations.nominate.rewritten", lambda *said: (said[-1], ""))
        reworded(desk, number, NEW)
    desk.act("nominator", number, "submit")
    page = page_of(database, clock, number)
    assert "Chưa lưu nội dung trước đó." in page.text
    assert NEW in page.text


def test_no_word_is_lost_or_marked_without_need() -> None:
    shown = side_by_side(RewrittenText("achievement", OLD, NEW))
    assert shown.before is not None
    assert "".join(piece.text for piece in shown.before) == OLD
    assert "".join(piece.text for piece in shown.after) == NEW
    assert [piece.text.strip() for piece in shown.before if piece.is_other] == ["2025,"]
    assert [piece.text.strip() for piece in shown.after if piece.is_other] == ["tốt", "2026,"]


def test_the_longest_text_of_few_words_is_not_compared_word_by_word() -> None:
    # Compared by word these two took a minute of the process that answers everybody.
    old, new = (" ".join(f"{place * step % 50:x}" for place in range(7000)) for step in (7, 11))
    shown = side_by_side(RewrittenText("achievement", f"đầu {old} cuối", f"đầu {new} cuối"))
    assert shown.before is not None
    for pieces, text in ((shown.before, f"đầu {old} cuối"), (shown.after, f"đầu {new} cuối")):
        assert "".join(piece.text for piece in pieces) == text
        assert [piece.is_other for piece in pieces] == [False, True, False]


def test_words_that_were_sent_to_nobody_are_told_for_no_entry(desk: Interface) -> None:
    made = desk.post("nominator", "/nominations", {**DRAFT, "achievement": "Nháp chưa gửi."})
    number = int(made.json["id"])
    reworded(desk, number, OLD)
    desk.act("nominator", number, "submit")
    desk.act("reviewer", number, "return", reason_code="dossier_incomplete", comment="Sửa năm.")
    reworded(desk, number, "Đang viết lại.")
    reworded(desk, number, NEW)
    desk.act("nominator", number, "submit")
    newest = desk.get("nominator", f"/nominations/{number}/events").json["items"][-1]["seq"]
    for since in range(1, newest):
        answer = desk.get("reviewer", f"/nominations/{number}/diff", query_string={"since": since})
        assert answer.status_code == 200, answer.text
        assert answer.json["texts"] == [{"field": "achievement", "before": OLD, "after": NEW}], since
