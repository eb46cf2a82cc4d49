"""Twenty units owe a round their paper and two stay silent: one round by JSON, from opening to a decision."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from tests.support.applications import application
from tests.support.interface import Interface, settings_for_tests
from tests.support.papers import sent
from tests.support.sector import (
    COLLEAGUES,
    COUNTS,
    FIRST,
    OPENING,
    ROUND,
    SILENT,
    TOP,
    UNITS,
    colleagues_of,
    name_of,
    rows_for,
    settle,
    telephone_of,
)
from tests.support.unit_paper import Paper, sent_by
from workflow.clock import FixedClock
from workflow.queries.history.audit import verify_chains

HEAD = f"{FIRST}-TT"
LISTED = [*colleagues_of(FIRST, COLLEAGUES), HEAD]
DECISION = {"number": "88/QĐ-VKSTC", "decided_on": "2026-04-10", "signer": "Nguyễn Minh Trí"}
BACK = {"to_step": "draft", "reason_code": "dossier_incomplete", "comment": "Bổ sung báo cáo thành tích."}


@pytest.fixture
def sector(session: Session, database, clock: FixedClock, tmp_path: Path) -> Interface:
    """Put the application on a sector of twenty units whose round is open."""
    office = settle(session, clock.now())
    app = application(settings_for_tests(tmp_path), sessions=database.sessions, clock=clock)
    interface = Interface(app, office, clock)
    opened = interface.post("GS", "/rounds", OPENING)
    assert opened.status_code == 201, opened.text
    assert opened.json["dates"]["unit_deadline"] == "2026-04-15"
    return interface


def codes(answer: TestResponse) -> list[list[str]]:
    """Return the reasons for which each name of an answer was refused."""
    return [
        [reason["code"] for reason in one["refusal"]["reasons"]]
        for one in answer.json["items"]
        if not one["ok"]
    ]


def board(sector: Interface) -> dict[str, Any]:
    found = sector.get("GS", f"/rounds/{ROUND}/board")
    assert found.status_code == 200, found.text
    return dict(found.json)


def demand_the_silent_on_top(stands: dict[str, Any]) -> None:
    """Demand that the board says who has not sent, whom to call, and whether all will be there."""
    top = stands["items"][:3]
    assert [row["unit"]["code"] for row in top[:2]] == list(SILENT)
    assert [row["status"] for row in top] == ["not_started", "not_started", "sent"]
    for row in top[:2]:
        unit = row["unit"]["code"]
        # Whom to call is who has to write the paper, at the telephone of where it lies.
        assert row["officer"] == {"name": f"{unit} CB", "telephone": telephone_of(unit)}
        assert (row["accountable"], row["days_late"]) == (f"{unit} TT", 1)
        assert row["holder"]["key"] == f"nominator@unit:{unit}"
    assert (stands["expected"], stands["statuses"]) == (
        20,
        {"not_started": 2, "drafting": 0, "sent": 18, "nothing": 0},
    )
    assert stands["will_be_there"] is False
    assert {one["unit"]["code"] for one in stands["at_risk"] if one["risk"] == "silent"} == set(SILENT)
    assert all(name_of(unit) in stands["sentence"]["vi"] for unit in SILENT)
    assert "18/20 đơn vị đã gửi tờ trình và danh sách; còn 2 đơn vị chưa gửi" in stands["report"]["vi"]
    assert stands["totals"]["proposed"]["total"] == 31


def test_two_silent_units_stand_on_top_and_a_list_of_fourteen_is_decided(
    sector: Interface, session: Session, clock: FixedClock
) -> None:
    for unit in UNITS[1:]:
        if unit not in SILENT:
            sent_by(sector, unit)
    paper = Paper(sector, FIRST, rows_for(LISTED))
    assert [len(row["nominations"]) for row in paper.made.json["rows"]] == [1] * 14
    names = paper.names
    assert paper.act(f"{FIRST}-CB", "submit").json["done"] == 14

    # The head agrees to twelve, gives one back, and cannot judge the fourteenth: it lies with the deputy.
    back = names[LISTED[0]]
    agreed = paper.act(HEAD, "approve", **{"except": [back]})
    assert (agreed.json["done"], agreed.json["refused"]) == (12, 1)
    [own] = [one for one in agreed.json["items"] if not one["ok"]]
    assert (own["nomination"], own["refusal"]["code"]) == (names[HEAD], "forbidden")
    returned = paper.act(HEAD, "return", nominations=[back], **BACK)
    assert (returned.json["done"], paper.states()[LISTED[0]]) == (1, "draft")
    lies = sector.get("QT", f"/nominations/{names[HEAD]}").json
    assert lies["holder"]["key"] == f"unit_deputy@unit:{FIRST}"
    assert paper.act(f"{FIRST}-PT", "approve").json["done"] == 1
    assert sorted(paper.states().values()) == ["draft", *["reception"] * 13]

    # The morning after the units' day the office asks who has not sent, what lies where, will we make it.
    clock.advance(timedelta(days=45))
    demand_the_silent_on_top(board(sector))

    # The office receives and appraises what it was sent: of the name that went back it learns nothing here.
    asked = paper.act("TD", "approve", nominations=[back], state="reception")
    assert [one["refusal"]["reasons"][0]["code"] for one in asked.json["items"]] == ["not_on_this_list"]
    assert paper.act("TD", "approve", state="reception").json["done"] == 13
    assert paper.act("TD", "approve", state="appraisal").json["done"] == 13
    assert (
        codes(paper.act("TK", "approve", decision={"counts": {**COUNTS, "in_favour": 4, "against": 4}}))
        == [["vote_is_below"]] * 13
    )
    voted = paper.act("TK", "approve", decision={"counts": COUNTS})
    assert (voted.json["done"], set(paper.states().values())) == (13, {"draft", "decision"})
    early = paper.act("VT", "approve", decision=DECISION)
    assert (early.json["done"], codes(early)) == (0, [["decision_before_vote"]] * 13)
    scan = sent(sector, "VT", f"{paper.path}/attachments", kind="decision", name="88-QĐ-VKSTC.pdf")
    assert scan.status_code == 201, scan.text
    signed = paper.act("VT", "approve", decision={**DECISION, "decided_on": "2026-04-16"})
    assert (signed.json["done"], signed.json["refused"]) == (13, 0)
    assert sorted(paper.states().values()) == [*["approved"] * 13, "draft"]
    view = sector.get("GS", f"/nominations/{names[HEAD]}").json
    assert (view["decision"]["number"], view["decision"]["body"]) == ("88/QĐ-VKSTC", f"unit:{TOP}")
    assert view["recommendation"]["in_favour"] == 7
    assert board(sector)["totals"]["decided"]["total"] == 13
    assert verify_chains(session).is_whole


def test_each_bad_row_of_a_list_is_named_and_the_rest_stands(sector: Interface) -> None:
    good = colleagues_of(FIRST, 3)
    rows = [
        *rows_for(good),
        *rows_for([f"{UNITS[1]}-01"]),
        *rows_for(good[:1]),
        *rows_for(good[:1], "CSTD_NGANH"),
    ]
    paper = Paper(sector, FIRST, rows)
    told = {
        row["row"]: [error["code"] for error in row["errors"]]
        for row in paper.made.json["rows"]
        if row["errors"]
    }
    assert told == {
        4: ["row_person_elsewhere"],
        5: ["row_twice"],
        6: ["row_award_not_in_round"],
    }
    assert list(paper.names) == good
    version = sector.get(HEAD, paper.path).json["paper"]["version"]
    again = {"version": version, "rows": rows_for(good[1:])}
    more = sector.post(f"{FIRST}-CB", f"{paper.path}/rows", again)
    assert (more.status_code, more.json["code"]) == (422, "nothing-listed")
    assert [reason["code"] for reason in more.json["reasons"]] == ["row_already_proposed"] * 2
    answer = sent(sector, f"{FIRST}-CB", f"{paper.path}/attachments", content=b"MZ not a scan", name="a.pdf")
    assert (answer.status_code, answer.json["code"]) == (422, "unknown-file-type")
    assert len(sector.get(f"{FIRST}-CB", f"{paper.path}/attachments").json["items"]) == 2
    assert paper.act(f"{FIRST}-CB", "submit").json["done"] == 3


def test_after_the_units_day_only_an_exception_lets_a_list_leave_and_a_late_one_is_said(
    sector: Interface, clock: FixedClock
) -> None:
    late, other = (Paper(sector, unit, rows_for(colleagues_of(unit, 1))) for unit in SILENT)
    for paper in (late, other):
        paper.act(f"{paper.unit}-CB", "submit")
    clock.advance(timedelta(days=45))
    refused = late.act(f"{late.unit}-TT", "approve")
    assert codes(refused) == [["unit_deadline_passed"]]
    assert "15/04/2026" in str(refused.json)

    # A day after the upper one may be given, with a reason; that it breaks the upper date is said.
    move = {"date": "unit_deadline", "day": "2026-07-03", "units": [late.unit], "reason": ""}
    path = f"/rounds/{ROUND}/actions/extend"
    assert sector.post("GS", path, move).status_code == 422
    shown = sector.post("GS", path, {**move, "reason": "Bão số 3", "preview": True}).json
    assert "passes_upper" in [one["code"] for one in shown["warnings"]]
    moved = sector.post("GS", path, {**move, "reason": "Bão số 3"})
    assert (moved.status_code, [one["unit"] for one in moved.json["returns"]]) == (200, [late.unit])
    assert late.act(f"{late.unit}-TT", "approve").json["done"] == 1
    assert codes(other.act(f"{other.unit}-TT", "approve")) == [["unit_deadline_passed"]]
