"""Asking who nominates for more, by page and by program: without returning it, and with an answer."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from tests.support.interface import Interface
from tests.support.office import Office
from tests.support.pages import Browser, form_of
from workflow.clock import FixedClock
from workflow.store.access import Account

REVIEWER, NOMINATOR = "nv02@example.vn", "nv01@example.vn"
QUESTION = "Sáng kiến được công nhận theo quyết định nào?"
ANSWER = "Quyết định số 12/QĐ-VKS ngày 5/1/2026."
SAID = {
    "vi": (
        "Yêu cầu bổ sung, giải trình",
        "Đang chờ bổ sung, giải trình",
        "Hạn trả lời: 17:00 thứ Sáu, ngày 6/3/2026.",
        "Trả lời yêu cầu bổ sung, giải trình",
        "Tạm dừng tính từ ngày 2/3/2026 vì đang chờ người lập hồ sơ bổ sung, giải trình",
    ),
    "en": (
        "Ask for more",
        "Waiting for an answer",
        "6 March 2026",
        "Answer what was asked",
        "2 March 2026",
    ),
}


def submitted(office: Office, clock: FixedClock) -> int:
    made = office.draft(clock.now()).nomination_id
    office.act("nominator", made, "submit", clock.now())
    return made


@pytest.mark.parametrize("locale", SAID)
def test_a_reviewer_asks_and_the_nominator_answers_on_the_page(
    office: Office, desk: Callable[..., Browser], session: Session, clock: FixedClock, locale: str
) -> None:
    made = submitted(office, clock)
    session.execute(update(Account).values(locale=locale))
    session.commit()
    asks, waits, by_when, work, stands = SAID[locale]
    reviewer, nominator = desk(REVIEWER), desk(NOMINATOR)
    reviewer.open(f"/nominations/{made}")
    assert asks in reviewer.text
    form = {"comment": QUESTION, "answer_by": "2026-03-06"}
    assert reviewer.send("/actions/request_info", form).status_code == 303
    reviewer.follow()
    for words in (QUESTION, waits, by_when, stands):
        assert words in reviewer.text
    reviewer.open("/")
    assert "Đặng Quốc Dũng" not in reviewer.text
    nominator.open("/")
    assert work in nominator.text
    nominator.open(f"/nominations/{made}")
    assert QUESTION in nominator.text
    assert nominator.send("/actions/answer_info", {"comment": ANSWER}).status_code == 303
    reviewer.open(f"/nominations/{made}")
    assert waits not in reviewer.text
    for words in (QUESTION, ANSWER):
        assert words in reviewer.text
    reviewer.open("/")
    assert "Đặng Quốc Dũng" in reviewer.text


def test_what_was_typed_stays_when_the_day_cannot_be_one(
    office: Office, desk: Callable[..., Browser], clock: FixedClock
) -> None:
    made = submitted(office, clock)
    reviewer = desk(REVIEWER)
    reviewer.open(f"/nominations/{made}")
    form = {"comment": QUESTION, "answer_by": "2026-03-07"}
    answer = reviewer.send("/actions/request_info", form)
    assert answer.status_code == 422
    kept = form_of(answer, "/actions/request_info")
    assert (kept["comment"], kept["answer_by"]) == (QUESTION, form["answer_by"])
    answer = reviewer.send("/actions/request_info", {"comment": ""})
    assert answer.status_code == 422


def test_a_program_asks_and_answers_at_the_version_it_saw(interface: Interface, clock: FixedClock) -> None:
    made = submitted(interface.office, clock)
    offered = {
        one["name"]: one for one in interface.get("reviewer", f"/nominations/{made}/actions").json["items"]
    }
    assert (offered["request_info"]["is_open"], offered["request_info"]["takes_answer_by"]) == (True, True)
    assert (offered["answer_info"]["is_open"], offered["answer_info"]["takes_answer_by"]) == (False, False)
    asked = interface.act("reviewer", made, "request_info", comment=QUESTION, answer_by="2026-03-06")
    assert asked.status_code == 200
    told = asked.json
    assert (told["state"], told["is_asked"], told["is_held"]) == ("unit_review", True, False)
    assert told["due_at"].startswith("2026-03-06T10:00")
    assert told["clocks"]["pause"] == "asked"
    assert told["holder"]["seat"] == "unit:VKS-AG"
    again = interface.act("reviewer", made, "request_info", comment=QUESTION)
    assert (again.status_code, again.json["reasons"][0]["code"]) == (409, "asked_already")
    [item] = interface.get("nominator", "/inbox").json["items"]
    assert (item["kind"], item["nomination_id"], item["label"]["en"]) == (
        "answer",
        made,
        "Answer what was asked",
    )
    assert item["due_explained"]["text"]["en"] == "whoever asked wants the answer by this day"
    clock.advance(timedelta(days=1))
    done = interface.act("nominator", made, "answer_info", comment=ANSWER)
    assert done.status_code == 200
    [question] = done.json["questions"]
    assert (question["text"], question["answer"]) == (QUESTION, ANSWER)
    assert (done.json["is_asked"], done.json["clocks"]["pause"]) == (False, None)
    minutes = {one["party"]: one["spent"]["working_minutes"] for one in done.json["clocks"]["parties"]}
    assert minutes == {"nominator": 480}
    late = interface.act("nominator", made, "answer_info", comment=ANSWER)
    assert (late.status_code, late.json["reasons"][0]["code"]) == (409, "not_asked")
