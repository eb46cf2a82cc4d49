"""The yearly route by JSON: counts, a decision, a paper with its scan, the outcome above."""

from typing import Any

import pytest

from tests.support.interface import PAPER, Interface
from tests.support.office import AG
from tests.support.yearly import attach, collective_draft, complete, make_yearly

COUNTS = {"members": 9, "in_favour": 6, "against": 2, "blank": 1}


@pytest.fixture
def yearly(interface: Interface) -> Interface:
    make_yearly(interface.office, interface.clock.now())
    return interface


def offered(interface: Interface, part: str, nomination_id: int) -> dict[str, dict[str, Any]]:
    return {
        item["name"]: item
        for item in interface.get(part, f"/nominations/{nomination_id}/actions").json["items"]
    }


def test_a_flag_goes_upward_by_json_and_says_on_the_way_what_each_step_asks_for(yearly: Interface) -> None:
    office, now = yearly.office, yearly.clock.now()
    nomination_id = collective_draft(office, "CTDCP", now)
    view = yearly.get("nominator", f"/nominations/{nomination_id}").json
    assert (view["decider"], view["recommendation"], view["upper"]) == ("state", None, None)
    assert [paper["code"] for paper in view["missing_papers"]] == ["proposal", "achievement_report"]
    complete(office, nomination_id, now)
    [scan] = attach(office, now, "other", nomination_id=nomination_id)
    assert yearly.act("nominator", nomination_id, "submit").json["missing_papers"] == []
    may = offered(yearly, "nominator", nomination_id)["approve"]
    assert (may["paper_of"], may["is_open"]) == (f"unit_reviewer@unit:{AG}", False)
    paper = {"on_behalf_of": may["paper_of"], "number": "5/BB", "signed_on": "2026-03-02", "signer": "Hoa"}
    answer = yearly.act("nominator", nomination_id, "approve", on_paper={**paper, "scan": str(scan)})
    assert answer.json["state"] == "cluster_review"
    event = yearly.get("nominator", f"/nominations/{nomination_id}/events").json["items"][-1]
    assert (event["via"], event["on_behalf_of"]) == ("paper", may["paper_of"])
    assert event["paper"] == {"number": "5/BB", "signed_on": "2026-03-02", "signer": "Hoa", "scan": str(scan)}
    for part in ("cluster_head", "appraiser", "appraiser"):
        assert yearly.act(part, nomination_id, "approve").status_code == 200
    vote = offered(yearly, "secretary", nomination_id)
    assert vote["approve"]["needs_vote"] is vote["not_passed"]["needs_vote"] is True
    answer = yearly.act("secretary", nomination_id, "approve", decision={"counts": COUNTS})
    assert answer.json["recommendation"] == {
        "result": "passed",
        "voted_on": "2026-03-02",
        "percent": None,
        **COUNTS,
    }
    assert offered(yearly, "head", nomination_id)["approve"]["label"]["vi"] == "Ký tờ trình cấp trên"
    sent = yearly.act("head", nomination_id, "approve", decision=PAPER).json
    assert (sent["state"], sent["decision"]["kind"]) == ("submitted_upward", "submission_upward")
    assert offered(yearly, "nominator", nomination_id)["record_outcome"]["is_open"] is False
    assert offered(yearly, "appraiser", nomination_id)["record_outcome"]["needs_outcome"] is True
    known = yearly.act("appraiser", nomination_id, "record_outcome", outcome="awarded", decision=PAPER).json
    assert (known["upper"]["outcome"], known["upper"]["decision"]["body"]) == ("awarded", "state")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"decision": {"counts": {**COUNTS, "blank": 2}}}, "decision.counts.members"),
        ({"decision": {"number": "1"}}, "decision"),
        ({"decision": {**PAPER, "counts": COUNTS}}, "decision"),
        ({"outcome": "awarded"}, "outcome"),
        ({"decision": {"counts": {**COUNTS, "members": -1}}}, "decision.counts.members"),
    ],
)
def test_counts_that_do_not_add_up_and_parts_not_asked_for_are_named(
    yearly: Interface, body: dict[str, object], field: str
) -> None:
    nomination_id = yearly.drafted()
    complete(yearly.office, nomination_id, yearly.clock.now())
    steps = ("submit", "approve", "approve", "approve")
    for part, action in zip(("nominator", "reviewer", "appraiser", "appraiser"), steps, strict=True):
        yearly.act(part, nomination_id, action)
    refused = yearly.act("secretary", nomination_id, "approve", **body)
    assert refused.status_code == 422
    assert field in [error["field"] for error in refused.json["errors"]]
