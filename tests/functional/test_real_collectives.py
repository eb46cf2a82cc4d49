"""The real 22 collectives of 2022: imported, proposed for the Government's flag, carried upward by JSON."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from tests.support.applications import application
from tests.support.interface import Interface, settings_for_tests
from tests.support.papers import minimal_pdf, sent
from tests.support.real_collectives import CLUSTERS, GENERATED, YEAR, cluster_of, real_collectives
from tests.support.sector import COUNTS, TOP, settle
from workflow.clock import FixedClock
from workflow.queries.history.audit import verify_chains

FLAG, ROUND = "CTDCP", "2022-CTDCP"
UPWARD = {"number": "150/TTr-VKSTC", "decided_on": "2026-03-02", "signer": "Viện trưởng"}
ABOVE = {"number": "1/QĐ-TTg", "decided_on": "2026-03-02", "signer": "Thủ tướng Chính phủ"}


@pytest.fixture
def names() -> dict[str, str]:
    return real_collectives().names


@pytest.fixture
def sector(names, session: Session, database, clock: FixedClock, tmp_path: Path) -> Interface:
    office = settle(session, clock.now(), real_collectives().files)
    app = application(settings_for_tests(tmp_path), sessions=database.sessions, clock=clock)
    interface = Interface(app, office, clock)
    opening = {"code": ROUND, "title": "Cờ thi đua của Chính phủ năm 2022", "year": YEAR, "owner": TOP}
    opened = interface.post("GS", "/rounds", {**opening, "awards": [FLAG], "units": []})
    assert opened.status_code == 201, opened.text
    return interface


def propose(sector: Interface, unit: str) -> None:
    """Have a collective put itself on a signed paper, with what the flag asks for, and agree to it."""
    nominator, head = f"{unit}-CB", f"{unit}-TT"
    row = {"awards": [FLAG], "achievement": "Dẫn đầu cụm năm 2022.", "proposer": "Tập thể đơn vị"}
    words = {"number": f"1/TTr-{unit}", "signed_on": "2026-03-02", "signer": "Thủ trưởng đơn vị"}
    made = sector.post(nominator, "/submissions", {"round": ROUND, "unit": unit, "rows": [row], **words})
    assert made.status_code == 201, made.text
    [paper], [listed] = made.json["submissions"], made.json["rows"]
    assert paper["decider"] == "state"
    nomination_id = listed["nominations"][0]["nomination"]
    report = minimal_pdf(f"Báo cáo thành tích {unit}")
    for path, kind, content in (
        (f"/submissions/{paper['id']}", "proposal", minimal_pdf()),
        (f"/nominations/{nomination_id}", "achievement_report", report),
    ):
        filed = sent(sector, nominator, f"{path}/attachments", kind=kind, content=content)
        assert filed.status_code == 201, filed.text
    for part, action in ((nominator, "submit"), (head, "approve")):
        version = sector.get(part, f"/submissions/{paper['id']}").json["paper"]["version"]
        done = sector.post(part, f"/submissions/{paper['id']}/actions/{action}", {"version": version})
        assert done.json["done"] == 1, done.text


def decide_all(sector: Interface, part: str, state: str, **body: Any) -> int:
    """Decide everything that waits for somebody in a step with one request; return how many were."""
    waiting = [one for one in sector.get(part, "/inbox?limit=100").json["items"] if one["state"] == state]
    items = [
        {"nomination": one["nomination_id"], "version": one["version"], "action": "approve", **body}
        for one in waiting
    ]
    answer = sector.post(part, "/inbox/decisions", {"items": items})
    assert (answer.status_code, answer.json["refused"]) == (200, 0), answer.text
    return int(answer.json["done"])


def test_the_22_real_collectives_are_carried_to_the_state_and_one_outcome_comes_back(
    sector: Interface, session: Session, names: dict[str, str]
) -> None:
    assert len(names) == 22
    clusters = sector.get("GS", f"/clusters?year={YEAR}").json["items"]
    assert [GENERATED in one["name"] for one in clusters] == [True] * CLUSTERS
    for unit in names:
        propose(sector, unit)

    # A cluster's head judges the others; the head's own unit lies with the deputy.
    firsts = {cluster_of(unit): unit for unit in reversed(names)}
    seconds = {cluster_of(unit): unit for unit in reversed(names) if unit != firsts[cluster_of(unit)]}
    judged = {unit: decide_all(sector, f"{unit}-TT", "cluster_review") for unit in firsts.values()}
    assert sum(judged.values()) == 22 - CLUSTERS
    assert [decide_all(sector, f"{unit}-TT", "cluster_review") for unit in seconds.values()] == [1] * CLUSTERS

    assert decide_all(sector, "TD", "reception") == 22
    assert decide_all(sector, "TD", "appraisal") == 22
    assert decide_all(sector, "TK", "council", decision={"counts": COUNTS}) == 22
    assert decide_all(sector, "VT", "decision", decision=UPWARD) == 22

    found = sector.get("GS", f"/nominations?round={ROUND}&state=submitted_upward&limit=100").json["items"]
    assert sorted(one["subject"] for one in found) == sorted(names.values())
    one = next(item for item in found if item["subject"] == "Báo Bảo vệ pháp luật")
    outcome = {"version": one["version"], "outcome": "awarded", "decision": ABOVE}
    known = sector.post("TD", f"/nominations/{one['id']}/actions/record_outcome", outcome)
    assert (known.json["state"], known.json["upper"]["outcome"]) == ("submitted_upward", "awarded")
    assert (known.json["upper"]["decision"]["number"], known.json["upper"]["decision"]["body"]) == (
        "1/QĐ-TTg",
        "state",
    )
    assert verify_chains(session).is_whole
