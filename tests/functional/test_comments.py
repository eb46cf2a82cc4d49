"""Comments on a nomination: for whom they are said, in the history, taken back, by JSON and on the page."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from tests.support.absences import go_away
from tests.support.pages import browser, form_of
from tests.support.sector import FIRST, colleagues_of
from tests.support.unit_paper import Paper, waiting_paper
from workflow.clock import FixedClock
from workflow.queries.history.audit import verify_chains

COLLEAGUES = colleagues_of(FIRST, 2)
HEAD, DEPUTY, OFFICER = f"{FIRST}-TT", f"{FIRST}-PT", f"{FIRST}-CB"
WORDS = "Nên hỏi thêm về sáng kiến."


@pytest.fixture
def paper(session: Session, database, clock: FixedClock, tmp_path: Path) -> Paper:
    """Have a unit's list wait for its head, who is on it too."""
    return waiting_paper(session, database, clock, tmp_path, [*COLLEAGUES, HEAD])


def said(paper: Paper, part: str, person: str, audience: str, **request: Any) -> TestResponse:
    path = f"/nominations/{paper.names[person]}/comments"
    return paper.sector.post(part, path, {"text": WORDS, "audience": audience}, **request)


def read(paper: Paper, part: str, person: str) -> list[str | None]:
    path = f"/nominations/{paper.names[person]}"
    listed = [one["text"] for one in paper.sector.get(part, f"{path}/comments").json["items"]]
    events = paper.sector.get(part, f"{path}/events").json["items"]
    assert [one["text"] for one in events if one["action"] == "comment"] == listed
    return listed


@pytest.mark.parametrize(
    ("audience", "readers"),
    [
        ("unit", [HEAD, DEPUTY, OFFICER]),
        ("reviewers", [HEAD, DEPUTY, "QT"]),
        ("nominator", [HEAD, DEPUTY, OFFICER, "QT"]),
    ],
)
def test_those_whom_the_button_names_read_it_and_nobody_else(
    paper: Paper, audience: str, readers: list[str]
) -> None:
    person = COLLEAGUES[0]
    number = paper.names[person]
    before = paper.sector.get("QT", f"/nominations/{number}").json["version"]
    answer = said(paper, DEPUTY, person, audience)
    assert answer.status_code == 200, answer.text
    assert answer.json["items"][0]["comment"]["audience"] == audience
    found = [part for part in (HEAD, DEPUTY, OFFICER, "QT") if read(paper, part, person)]
    assert found == readers
    assert paper.sector.get("QT", f"/nominations/{number}").json["version"] == before


def test_the_nominee_reads_no_comment_and_says_none(paper: Paper) -> None:
    for audience in ("unit", "reviewers", "nominator"):
        assert said(paper, DEPUTY, HEAD, audience).status_code == 200
    assert read(paper, HEAD, HEAD) == []
    refused = said(paper, HEAD, HEAD, "unit")
    assert (refused.status_code, refused.json["reasons"][0]["code"]) == (403, "own_subject")
    number = paper.names[HEAD]
    assert paper.act(DEPUTY, "reject", nominations=[number], comment="Chưa đủ.", reason_code="other")
    assert read(paper, HEAD, HEAD) == []


def test_whoever_stands_in_for_the_nominee_reads_with_their_own_seat_alone(
    paper: Paper, clock: FixedClock
) -> None:
    go_away(paper.sector.office, clock, HEAD, OFFICER)
    for person in (HEAD, COLLEAGUES[0]):
        assert said(paper, DEPUTY, person, "reviewers").status_code == 200
    assert read(paper, OFFICER, COLLEAGUES[0]) == [WORDS]
    assert read(paper, OFFICER, HEAD) == []


def test_who_nominates_writes_to_the_reviewers_and_not_in_their_place(paper: Paper) -> None:
    person = COLLEAGUES[0]
    assert said(paper, OFFICER, person, "reviewers").status_code == 200
    assert read(paper, HEAD, person) == [WORDS]
    assert said(paper, OFFICER, person, "nominator").status_code == 403
    assert said(paper, "TK", person, "reviewers").status_code == 404


@pytest.mark.parametrize(
    "body", [{}, {"text": WORDS}, {"text": "  ", "audience": "unit"}, {"text": WORDS, "audience": "all"}]
)
def test_without_words_or_readers_nothing_is_said(paper: Paper, body: dict[str, str]) -> None:
    path = f"/nominations/{paper.names[COLLEAGUES[0]]}/comments"
    assert paper.sector.post(DEPUTY, path, body).status_code in {400, 422}
    assert read(paper, DEPUTY, COLLEAGUES[0]) == []


def test_its_author_alone_takes_it_back_once_and_a_mark_stays(paper: Paper, session: Session) -> None:
    person = COLLEAGUES[0]
    key = {"Idempotency-Key": "once"}
    for _ in range(2):
        made = said(paper, DEPUTY, person, "reviewers", headers=key)
        assert len(made.json["items"]) == 1
    path = f"/nominations/{paper.names[person]}/comments/{made.json['items'][0]['id']}/withdraw"
    assert paper.sector.post(HEAD, path).status_code == 403
    assert paper.sector.post(OFFICER, path).status_code == 404
    assert paper.sector.post(DEPUTY, path).status_code == 200
    assert paper.sector.post(DEPUTY, path).status_code == 409
    [left] = paper.sector.get(HEAD, f"/nominations/{paper.names[person]}/comments").json["items"]
    assert (left["text"], left["comment"]["is_taken_back"]) == (None, True)
    events = paper.sector.get(HEAD, f"/nominations/{paper.names[person]}/events").json["items"]
    assert [one["action"] for one in events[-2:]] == ["comment", "withdraw_comment"]
    hidden = paper.sector.get(OFFICER, f"/nominations/{paper.names[person]}/events").json["items"]
    assert [one["action"] for one in hidden][-1] not in {"comment", "withdraw_comment"}
    assert verify_chains(session).problems == ()


def test_a_held_nomination_is_talked_about_and_a_closed_one_is_not(paper: Paper) -> None:
    person = COLLEAGUES[0]
    number = paper.names[person]
    paper.act(HEAD, "hold", nominations=[number], comment="Có đơn thư.")
    assert said(paper, DEPUTY, person, "unit").status_code == 200
    paper.act(HEAD, "release_hold", nominations=[number])
    paper.act(HEAD, "reject", nominations=[number], comment="Chưa đủ.", reason_code="other")
    assert said(paper, DEPUTY, person, "unit").status_code == 409
    assert read(paper, DEPUTY, person) == [WORDS]


def test_the_button_says_who_reads_it_and_what_was_typed_stays(paper: Paper, database, clock) -> None:
    number = paper.names[COLLEAGUES[0]]
    deputy = browser(database.sessions, clock)
    assert deputy.sign_in(f"{DEPUTY}@example.vn".lower()).status_code == 303
    deputy.open(f"/nominations/{number}")
    for words in ("Gửi trong đơn vị tôi", "Gửi những người xem xét", "Gửi cả đơn vị đề nghị"):
        assert words in deputy.text
    refused = deputy.send("/comments", {"text": WORDS})
    assert refused.status_code == 422
    assert form_of(deputy.page, "/comments")["text"] == WORDS
    # A screen that is stale keeps nobody from saying something.
    paper.act(HEAD, "claim", nominations=[number])
    assert deputy.send("/comments", {"text": WORDS, "audience": "reviewers"}).status_code == 303
    deputy.open(f"/nominations/{number}")
    assert "Cho những người xem xét" in deputy.text
    assert deputy.send("/withdraw").status_code == 303
    deputy.open(f"/nominations/{number}")
    assert "Người viết đã rút lại ý kiến này." in deputy.text
    assert WORDS not in deputy.text
