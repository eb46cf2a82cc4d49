"""The page of a draft answers its script: saved at, somebody else, what is wrong, what is missing."""

import re
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from tests.support.office import Office
from tests.support.pages import BASE, Browser, form_of
from workflow.clock import FixedClock
from workflow.store.history import Event

NOMINATOR = "nv01@example.vn"
TEXT = "Dẫn đầu phong trào thi đua."


@pytest.fixture
def place(office: Office, clock: FixedClock) -> str:
    """Draft a nomination without a word and return where its words are written."""
    made = office.draft(clock.now(), achievement="", proposer="")
    return f"/nominations/{made.nomination_id}/edit"


def typed(seat: Browser, page: TestResponse, place: str, **changes: str) -> Any:
    """Send what is typed as the script does, from the page as it was opened."""
    fields = form_of(page, "/edit")
    fields.pop("")
    return seat.client.post(
        place, data={**fields, **changes}, base_url=BASE, headers={"Accept": "application/json"}
    )


def edits(session: Session) -> int:
    session.expire_all()
    return session.scalar(select(func.count()).select_from(Event).where(Event.action == "edit")) or 0


def test_what_is_typed_is_saved_with_the_version_seen(desk, place: str, session: Session) -> None:
    seat: Browser = desk(NOMINATOR)
    page = seat.open(place)
    policy = page.headers["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    answer = typed(seat, page, place, achievement=TEXT)
    assert answer.status_code == 200
    assert answer.json["saved"] is True
    assert answer.json["said"] == "Đã lưu lúc 09:00."
    # What the rules of sending still miss is said by the rules themselves.
    assert answer.json["missing"] == ["Chưa có người đề nghị."]
    version = str(answer.json["version"])
    answer = typed(seat, page, place, achievement=TEXT, proposer="Trần Thị Bích", version=version)
    assert (answer.json["saved"], answer.json["missing"]) == (True, [])
    assert edits(session) == 2
    # The same words once more are no entry, be it by the script or by the button.
    again = typed(
        seat,
        page,
        place,
        achievement=TEXT,
        proposer="Trần Thị Bích",
        version=str(answer.json["version"]),
    )
    assert again.json["version"] == answer.json["version"]
    seat.open(place)
    assert seat.send("/edit").status_code == 303
    assert edits(session) == 2


def test_what_arrived_though_its_answer_was_lost_is_saved_already(desk, place: str, session: Session) -> None:
    seat: Browser = desk(NOMINATOR)
    page = seat.open(place)
    first = typed(seat, page, place, achievement=TEXT)
    second = typed(seat, page, place, achievement=TEXT)
    assert (second.status_code, second.json) == (200, first.json)
    assert edits(session) == 1


def test_somebody_elses_words_are_not_written_over(desk, place: str, session: Session) -> None:
    seat, other = desk(NOMINATOR), desk(NOMINATOR)
    page = seat.open(place)
    typed(other, other.open(place), place, achievement="Bản của máy kia.")
    answer = typed(seat, page, place, achievement="Bản của máy này.")
    assert (answer.status_code, answer.json["saved"], answer.json["over"]) == (409, False, True)
    assert "Bấm Lưu để xem cả hai bản." in answer.json["said"]
    # With an instant as people write one; whoever did it in another window is told that they did.
    assert re.search(r"Chính bạn đã thay đổi hồ sơ lúc \d\d:\d\d .+ngày\s[\d/]+\.", answer.json["said"])
    assert "phiên bản" not in answer.json["said"]
    # The button shows both, and no script runs there: only a press may put one in the place of the other.
    seat.page = page
    both = seat.send("/edit", {"achievement": "Bản của máy này."})
    assert both.status_code == 409
    assert "Bản của máy kia." in seat.text
    assert "script-src 'none'" in both.headers["Content-Security-Policy"]
    assert edits(session) == 1


def test_what_is_wrong_is_said_of_its_field(desk, place: str, session: Session) -> None:
    seat: Browser = desk(NOMINATOR)
    page = seat.open(place)
    answer = typed(seat, page, place, achievement="x" * 20_001)
    assert (answer.status_code, answer.json["over"]) == (422, False)
    assert set(answer.json["errors"]) == {"achievement"}
    assert "quá dài" in answer.json["errors"]["achievement"]
    assert edits(session) == 0


def test_what_was_sent_meanwhile_or_is_nobodys_says_so(
    desk, office: Office, place: str, session: Session, clock: FixedClock
) -> None:
    seat: Browser = desk(NOMINATOR)
    page = seat.open(place)
    answer = typed(seat, page, place, achievement=TEXT, proposer="Trần Thị Bích")
    office.act("nominator", int(place.split("/")[2]), "submit", clock.now())
    version = str(answer.json["version"] + 1)
    late = typed(seat, page, place, achievement="Sửa sau khi gửi", version=version)
    assert late.json["over"] is True
    assert "hãy sao chép" in late.json["said"]
    assert edits(session) == 1
    # Without a session there is no answer that the script could read as one.
    token = {"csrf_token": form_of(page, "/edit")["csrf_token"], "version": "1"}
    guest = seat.client.application.test_client()
    gone = guest.post(place, data=token, base_url=BASE, headers={"Accept": "application/json"})
    assert gone.mimetype != "application/json"
    assert gone.status_code < 500
