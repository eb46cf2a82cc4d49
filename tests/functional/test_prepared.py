"""Prepared for whoever decides: by JSON, by whom, twice, void, sent back, and what history says of it."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from tests.support.sector import FIRST, UNITS, colleagues_of
from tests.support.undoing import WINDOW
from tests.support.unit_paper import Paper, waiting_paper
from workflow.clock import FixedClock
from workflow.queries.history.audit import verify_chains
from workflow.store.access import Grant

COLLEAGUES = colleagues_of(FIRST, 3)
HEAD, DEPUTY, OFFICER = f"{FIRST}-TT", f"{FIRST}-PT", f"{FIRST}-CB"
PEOPLE = [*COLLEAGUES, HEAD, DEPUTY]
RETURN = {"proposes": "return", "reason_code": "dossier_incomplete", "comment": "Bổ sung biên bản họp xét."}


@pytest.fixture
def paper(session: Session, database, clock: FixedClock, tmp_path: Path) -> Paper:
    """Have a unit's list wait for its head; head and deputy are on it too."""
    return waiting_paper(session, database, clock, tmp_path, PEOPLE)


def name(paper: Paper, person: str = COLLEAGUES[0]) -> str:
    return f"/nominations/{paper.names[person]}"


def version(paper: Paper, path: str) -> int:
    return int(paper.sector.get("QT", path).json["version"])


def acted(paper: Paper, part: str, path: str, action: str, **body: Any) -> TestResponse:
    return paper.sector.post(part, f"{path}/actions/{action}", {"version": version(paper, path), **body})


def actions(paper: Paper, part: str, path: str) -> dict[str, Any]:
    return {one["name"]: one for one in paper.sector.get(part, f"{path}/actions").json["items"]}


def last_event(paper: Paper, part: str, path: str) -> dict[str, Any]:
    found: dict[str, Any] = paper.sector.get(part, f"{path}/events").json["items"][-1]
    return found


def waiting(paper: Paper, part: str, path: str) -> dict[str, Any]:
    """Return the line of a nomination in somebody's inbox."""
    number = int(path.rpartition("/")[2])
    [found] = [
        one for one in paper.sector.get(part, "/inbox").json["items"] if one["nomination_id"] == number
    ]
    return dict(found)


def test_a_deputy_proposes_and_the_head_finds_it_on_the_action(paper: Paper) -> None:
    path = name(paper)
    before = version(paper, path)
    done = acted(paper, DEPUTY, path, "prepare", **RETURN)
    assert done.status_code == 200, done.text
    assert (done.json["version"], done.json["state"]) == (before, "unit_review")
    prepared = actions(paper, HEAD, path)["return"]["prepared"]
    assert (prepared["action"], prepared["reason_code"]) == ("return", "dossier_incomplete")
    assert prepared["comment"] == "Bổ sung biên bản họp xét."
    assert (prepared["is_void"], prepared["again_because"]) == (False, None)
    assert actions(paper, HEAD, path)["approve"]["prepared"] is None


def test_preparing_decides_nothing_and_keeps_nobody_from_deciding(paper: Paper) -> None:
    path = name(paper)
    seen = version(paper, path)
    assert acted(paper, DEPUTY, path, "prepare", **RETURN).status_code == 200
    # The head's screen is from before, and the decision another.
    done = paper.sector.post(HEAD, f"{path}/actions/approve", {"version": seen})
    assert (done.status_code, done.json["state"]) == (200, "reception")
    told = last_event(paper, HEAD, path)
    assert told["prepared"]["by"]["id"] == paper.sector.office.ids[DEPUTY]
    assert told["prepared"]["is_changed"] is True


def test_what_is_agreed_to_word_for_word_says_so_in_history(paper: Paper) -> None:
    path = name(paper)
    assert acted(paper, DEPUTY, path, "prepare", **RETURN).status_code == 200
    words = {part: said for part, said in RETURN.items() if part != "proposes"}
    assert acted(paper, HEAD, path, "return", to_step="draft", **words).status_code == 200
    told = last_event(paper, HEAD, path)
    assert told["prepared"]["by"]["id"] == paper.sector.office.ids[DEPUTY]
    assert told["prepared"]["is_changed"] is False
    assert (
        paper.sector.get(HEAD, f"{path}/events").json["items"][-2]["prepared"]["proposes"]["en"] == "Return"
    )


@pytest.mark.parametrize("part", [HEAD, OFFICER, "TD", "TK", "VT", "GS", "QT"])
def test_nobody_prepares_who_decides_nominates_or_sits_elsewhere(paper: Paper, part: str) -> None:
    path = name(paper)
    refused = acted(paper, part, path, "prepare", proposes="approve")
    assert refused.status_code in {403, 404}, refused.text
    assert actions(paper, HEAD, path)["approve"]["prepared"] is None


def test_nobody_prepares_what_they_are_nominated_for(paper: Paper) -> None:
    refused = acted(paper, DEPUTY, name(paper, DEPUTY), "prepare", proposes="approve")
    assert (refused.status_code, refused.json["reasons"][0]["code"]) == (403, "own_subject")


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({}, 422),
        ({"proposes": "withdraw"}, 422),
        ({"proposes": "approve", "to_step": "draft"}, 409),
        ({"proposes": "return", "comment": "Bổ sung."}, 422),
        ({"proposes": "return", "reason_code": "dossier_incomplete"}, 422),
        ({"proposes": "return", "reason_code": "no-such", "comment": "Bổ sung."}, 422),
        ({"proposes": "approve", "occurred_on": "2026-03-02"}, 422),
    ],
)
def test_what_could_not_be_agreed_to_as_it_is_is_not_taken(
    paper: Paper, said: dict[str, Any], code: int
) -> None:
    path = name(paper)
    refused = acted(paper, DEPUTY, path, "prepare", **said)
    assert refused.status_code in {code, 422}, refused.text
    assert actions(paper, HEAD, path)["return"]["prepared"] is None


def test_the_second_replaces_the_first_and_both_are_in_the_history(paper: Paper) -> None:
    path = name(paper)
    assert acted(paper, DEPUTY, path, "prepare", **RETURN).status_code == 200
    assert acted(paper, DEPUTY, path, "prepare", proposes="approve").status_code == 200
    open_to_head = actions(paper, HEAD, path)
    assert open_to_head["return"]["prepared"] is None
    assert open_to_head["approve"]["prepared"]["is_void"] is False
    events = paper.sector.get(HEAD, f"{path}/events").json["items"]
    assert [one["action"] for one in events[-2:]] == ["prepare", "prepare"]


def test_the_same_key_is_answered_once_and_an_old_version_refused(paper: Paper) -> None:
    path, key = name(paper), {"Idempotency-Key": "once"}
    body = {"version": version(paper, path), **RETURN}
    first, second = (
        paper.sector.post(DEPUTY, f"{path}/actions/prepare", body, headers=key) for _ in range(2)
    )
    assert (first.status_code, second.status_code) == (200, 200)
    events = paper.sector.get(HEAD, f"{path}/events").json["items"]
    assert [one["action"] for one in events].count("prepare") == 1
    old = {**body, "version": version(paper, path) - 1}
    stale = paper.sector.post(DEPUTY, f"{path}/actions/prepare", old)
    assert stale.status_code == 409


def test_a_proposal_is_void_once_the_nomination_moved_and_its_words_stay(paper: Paper) -> None:
    path = name(paper)
    assert acted(paper, DEPUTY, path, "prepare", **RETURN).status_code == 200
    assert acted(paper, HEAD, path, "hold", comment="Có đơn thư.").status_code == 200
    refused = acted(paper, DEPUTY, path, "prepare", proposes="approve")
    assert (refused.status_code, refused.json["code"]) == (409, "on-hold")
    assert acted(paper, HEAD, path, "release_hold").status_code == 200
    prepared = actions(paper, HEAD, path)["return"]["prepared"]
    assert (prepared["is_void"], prepared["comment"]) == (True, RETURN["comment"])
    assert not waiting(paper, HEAD, path)["is_prepared"]
    assert acted(paper, HEAD, path, "approve").status_code == 200
    assert last_event(paper, HEAD, path)["prepared"] is None


def test_the_head_sends_it_back_with_a_word_until_it_is_prepared_again(
    paper: Paper,
) -> None:
    path = name(paper)
    refused = acted(paper, HEAD, path, "prepare_again", comment="Còn thiếu.")
    assert (refused.status_code, refused.json["reasons"][0]["code"]) == (409, "nothing_prepared")
    assert acted(paper, DEPUTY, path, "prepare", **RETURN).status_code == 200
    assert acted(paper, DEPUTY, path, "prepare_again", comment="Tôi muốn.").status_code == 403
    assert acted(paper, HEAD, path, "prepare_again").status_code == 422
    assert acted(paper, HEAD, path, "prepare_again", comment="Nêu rõ văn bản.").status_code == 200
    prepared = actions(paper, DEPUTY, path)["return"]["prepared"]
    assert prepared["again_because"] == "Nêu rõ văn bản."
    assert not waiting(paper, HEAD, path)["is_prepared"]
    assert acted(paper, HEAD, path, "prepare_again", comment="Lần nữa.").status_code == 409
    assert acted(paper, DEPUTY, path, "prepare", proposes="approve").status_code == 200
    assert waiting(paper, HEAD, path)["is_prepared"]


def test_neither_nominee_nor_nominator_reads_what_is_proposed_before_it_is_decided(paper: Paper) -> None:
    path = name(paper, HEAD)
    # The head's own file waits for the deputy, for whom an appraiser of the unit prepares: there is none.
    assert acted(paper, DEPUTY, path, "prepare", proposes="approve").status_code == 403
    path = name(paper)
    assert acted(paper, DEPUTY, path, "prepare", **RETURN).status_code == 200
    told = last_event(paper, OFFICER, path)
    assert (told["action"], told["text"], told["reason_code"], told["prepared"]) == (
        "prepare",
        None,
        None,
        None,
    )
    assert told["actor"] is None
    assert all(one["prepared"] is None for one in actions(paper, OFFICER, path).values())
    assert last_event(paper, "QT", path)["text"] == RETURN["comment"]


def test_many_are_prepared_in_one_request_and_marked_in_the_inbox(paper: Paper) -> None:
    items = [
        {
            "nomination": number,
            "version": version(paper, f"/nominations/{number}"),
            "action": "prepare",
            "proposes": "approve",
        }
        for person, number in paper.names.items()
        if person in COLLEAGUES
    ]
    done = paper.sector.post(DEPUTY, "/inbox/decisions", {"items": items})
    assert [one["version"] for one in done.json["items"]] == [one["version"] for one in items], done.text
    marked = {
        one["nomination_id"]: one["is_prepared"] for one in paper.sector.get(HEAD, "/inbox").json["items"]
    }
    assert {number for number, is_so in marked.items() if is_so} == {one["nomination"] for one in items}


def test_the_chain_holds_with_what_was_prepared(paper: Paper, session: Session) -> None:
    path = name(paper)
    assert acted(paper, DEPUTY, path, "prepare", **RETURN).status_code == 200
    assert acted(paper, HEAD, path, "prepare_again", comment="Nêu rõ.").status_code == 200
    assert verify_chains(session).problems == ()


def test_a_comment_keeps_nobody_from_undoing_and_a_proposal_is_void_after_it(paper: Paper, database) -> None:
    database.sessions.configure(info={**database.sessions.kw["info"], "undo_window": WINDOW})
    path = name(paper)
    assert acted(paper, DEPUTY, path, "prepare", **RETURN).status_code == 200
    assert acted(paper, HEAD, path, "approve").status_code == 200
    said = {"text": "Đã gửi đi.", "audience": "reviewers"}
    assert paper.sector.post(DEPUTY, f"{path}/comments", said).status_code == 200
    undone = acted(paper, HEAD, path, "undo")
    assert undone.status_code == 200, undone.text
    assert undone.json["state"] == "unit_review"
    prepared = actions(paper, HEAD, path)["return"]["prepared"]
    assert (prepared["is_void"], prepared["comment"]) == (True, RETURN["comment"])
    assert acted(paper, DEPUTY, path, "prepare", **RETURN).status_code == 200
    assert actions(paper, HEAD, path)["return"]["prepared"]["is_void"] is False


@pytest.mark.parametrize("role", ["unit_reviewer", "supervisor", "auditor"])
def test_the_head_of_another_unit_who_nominates_here_reads_no_proposal(
    paper: Paper, session: Session, clock: FixedClock, role: str
) -> None:
    path = name(paper)
    assert acted(paper, DEPUTY, path, "prepare", **RETURN).status_code == 200
    account, since = paper.sector.office.ids[OFFICER], clock.now().date() - timedelta(days=1)
    session.add(Grant(account_id=account, key=f"{role}@unit:{UNITS[1]}", valid_from=since))
    session.commit()
    told = last_event(paper, OFFICER, path)
    assert (told["text"], told["actor"], told["prepared"]) == (None, None, None)
    assert all(one["prepared"] is None for one in actions(paper, OFFICER, path).values())
