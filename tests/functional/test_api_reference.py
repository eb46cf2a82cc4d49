"""Oneself, reference data, measures, health, and the interface's description of itself."""

import json
import re

import pytest

from tests.support.interface import Interface

CONTRACT = {
    ("GET", "/audit/events"),
    ("GET", "/forms"),
    ("POST", "/forms"),
    ("GET", "/forms/{form_id}/file"),
    ("POST", "/forms/{form_id}/actions/end"),
    ("GET", "/rounds/{round_code}/award-summary.docx"),
    ("GET", "/rounds/{round_code}/award-summary.xlsx"),
    ("GET", "/submissions/{submission_id}/annex.docx"),
    ("GET", "/submissions/{submission_id}/annex.xlsx"),
    ("GET", "/calendar/days"),
    ("GET", "/calendar/hours"),
    ("GET", "/forecast"),
    ("GET", "/escalations"),
    ("POST", "/escalations/{escalation_id}/actions/hold"),
    ("POST", "/escalations/{escalation_id}/actions/release"),
    ("POST", "/nominations/{nomination_id}/calls"),
    ("POST", "/nominations/{nomination_id}/more-time"),
    ("GET", "/inbox/asked-dates"),
    ("GET", "/inbox/sent-back"),
    ("GET", "/inbox/mentions"),
    ("GET", "/inbox/set-aside"),
    ("GET", "/inbox/views"),
    ("POST", "/inbox/views"),
    ("PATCH", "/inbox/views/{view_id}"),
    ("DELETE", "/inbox/views/{view_id}"),
    ("POST", "/inbox/{work_item_id}/set-aside"),
    ("POST", "/inbox/{work_item_id}/bring-back"),
    ("POST", "/nominations/{nomination_id}/asked-date"),
    ("POST", "/nominations/{nomination_id}/asked-date/give"),
    ("POST", "/nominations/{nomination_id}/asked-date/refuse"),
    ("POST", "/rounds/{round_code}/returns/{unit_code}/asked-date"),
    ("POST", "/rounds/{round_code}/returns/{unit_code}/asked-date/refuse"),
    ("POST", "/rounds/{round_code}/returns/{unit_code}/hand-over"),
    ("POST", "/rounds/{round_code}/returns/{unit_code}/late-admission"),
    ("GET", "/rounds/{round_code}/chat-texts"),
    ("POST", "/rounds/{round_code}/returns/{unit_code}/calls"),
    ("GET", "/substitutions"),
    ("POST", "/substitutions"),
    ("GET", "/substitutions/choices"),
    ("GET", "/substitutions/{absence_id}"),
    ("PUT", "/substitutions/{absence_id}"),
    ("POST", "/substitutions/{absence_id}/actions/end"),
    ("GET", "/people"),
    ("GET", "/people/{person_code}/record"),
    ("POST", "/people/{person_code}/facts"),
    ("POST", "/people/{person_code}/questions"),
    ("GET", "/facts/asked"),
    ("GET", "/nominations/{nomination_id}/advice"),
    ("GET", "/me"),
    ("GET", "/me/mails"),
    ("PUT", "/me/mails"),
    ("GET", "/units/{unit_code}/mailbox"),
    ("PUT", "/units/{unit_code}/mailbox"),
    ("GET", "/nominations"),
    ("POST", "/nominations"),
    ("GET", "/nominations/{nomination_id}"),
    ("PATCH", "/nominations/{nomination_id}"),
    ("GET", "/nominations/{nomination_id}/comments"),
    ("POST", "/nominations/{nomination_id}/comments"),
    ("POST", "/nominations/{nomination_id}/comments/{comment_id}/withdraw"),
    ("POST", "/nominations/{nomination_id}/comments/{comment_id}/read"),
    ("GET", "/nominations/{nomination_id}/actions"),
    ("POST", "/nominations/{nomination_id}/actions/{action}"),
    ("GET", "/nominations/{nomination_id}/events"),
    ("GET", "/nominations/{nomination_id}/diff"),
    ("GET", "/nominations/{nomination_id}/mails"),
    ("GET", "/nominations/{nomination_id}/attachments"),
    ("POST", "/nominations/{nomination_id}/attachments"),
    ("GET", "/submissions/{submission_id}/attachments"),
    ("POST", "/submissions/{submission_id}/attachments"),
    ("GET", "/rounds/{round_code}/returns/{unit_code}/attachments"),
    ("POST", "/rounds/{round_code}/returns/{unit_code}/attachments"),
    ("GET", "/attachments/{attachment_id}"),
    ("POST", "/attachments/{attachment_id}/actions/remove"),
    ("GET", "/submissions"),
    ("POST", "/submissions"),
    ("GET", "/submissions/{submission_id}"),
    ("GET", "/submissions/{submission_id}/receipt"),
    ("GET", "/nominations/{nomination_id}/receipt"),
    ("GET", "/me/nominations"),
    ("PATCH", "/submissions/{submission_id}"),
    ("POST", "/submissions/{submission_id}/rows"),
    ("POST", "/submissions/{submission_id}/transfers"),
    ("POST", "/submissions/{submission_id}/actions/{action}"),
    ("GET", "/inbox"),
    ("GET", "/inbox/groups"),
    ("GET", "/inbox/counts"),
    ("POST", "/inbox/decisions"),
    ("GET", "/workflows"),
    ("POST", "/workflows/{key}/impact"),
    ("POST", "/errands"),
    ("GET", "/errands/{errand_id}"),
    ("GET", "/awards"),
    ("GET", "/rounds"),
    ("POST", "/rounds"),
    ("GET", "/rounds/{round_code}"),
    ("POST", "/rounds/{round_code}/actions/extend"),
    ("POST", "/rounds/{round_code}/actions/amend"),
    ("POST", "/rounds/{round_code}/actions/close"),
    ("POST", "/rounds/{round_code}/actions/reopen"),
    ("GET", "/rounds/{round_code}/proposal"),
    ("GET", "/rounds/{round_code}/board"),
    ("GET", "/rounds/{round_code}/returns"),
    ("POST", "/rounds/{round_code}/returns/{unit_code}/answer"),
    ("POST", "/rounds/{round_code}/returns/{unit_code}/reopen"),
    ("GET", "/units"),
    ("GET", "/clusters"),
    ("POST", "/clusters"),
    ("GET", "/clusters/{cluster_id}"),
    ("PATCH", "/clusters/{cluster_id}"),
    ("POST", "/clusters/{cluster_id}/actions/set_officers"),
    ("GET", "/clusters/rotation"),
    ("POST", "/clusters/rotation"),
    ("GET", "/clusters/barred"),
    ("POST", "/clusters/barred"),
    ("DELETE", "/clusters/barred/{unit}/{year}"),
    ("GET", "/campaigns"),
    ("POST", "/campaigns"),
    ("GET", "/campaigns/{code}"),
    ("PATCH", "/campaigns/{code}"),
    ("GET", "/analytics/bottlenecks"),
    ("GET", "/obstacles"),
    ("GET", "/nominations/{nomination_id}/nudge"),
    ("POST", "/nominations/{nomination_id}/nudge"),
    ("POST", "/rounds/{round_code}/nudge"),
}


def test_i_am_told_who_i_am(interface: Interface) -> None:
    me = interface.get("reviewer", "/me").json
    assert (me["person"], me["unit"]) == ("NV02", "VKS-AG")
    assert [grant["key"] for grant in me["grants"]] == ["head@unit:VKS-AG", "unit_reviewer@unit:VKS-AG"]


def test_the_published_routes_are_there_with_their_content(interface: Interface) -> None:
    items = interface.get("nominator", "/workflows").json["items"]
    assert [item["key"] for item in items] == ["annual", "declaration", "simplified", "standard"]
    assert items[3]["definition"]["initial"] == "draft"
    assert re.fullmatch("[0-9a-f]{64}", items[3]["content_hash"])


@pytest.mark.parametrize("path", ["/workflows", "/awards", "/units"])
def test_reference_lists_go_page_by_page(interface: Interface, path: str) -> None:
    whole = interface.get("nominator", f"{path}?limit=200").json["items"]
    found, cursor = [], ""
    while cursor is not None:
        page = interface.get("nominator", f"{path}?limit=1{cursor and '&cursor=' + cursor}").json
        found += page["items"]
        cursor = page["next"]
    assert found == whole
    assert len(whole) > 2


def test_each_award_is_listed_once_by_its_edition_of_today(interface: Interface) -> None:
    items = interface.get("nominator", "/awards?limit=200").json["items"]
    codes = [item["code"] for item in items]
    assert codes == sorted(set(codes))
    assert {item["workflow"] for item in items} <= {"standard", "simplified"}
    assert all(item["valid_from"] <= "2026-03-02" for item in items)


def test_rounds_and_units_say_whose_they_are(interface: Interface) -> None:
    (found,) = interface.get("nominator", "/rounds").json["items"]
    assert (found["code"], found["owner"]["code"], found["council"]) == ("2026-NAM", "VKSTC", "VKSTC")
    units = {unit["code"]: unit for unit in interface.get("nominator", "/units").json["items"]}
    assert units["VKS-AG"]["today"]["parent"] == "VKSTC"
    assert units["VKS-AG"]["today"]["officer_telephone"] == "0296 385 2345"


def test_bottlenecks_have_the_columns_everybody_relies_on(interface: Interface) -> None:
    nomination_id = interface.drafted()
    interface.act("nominator", nomination_id, "submit")
    rows = interface.get(
        "supervisor", "/analytics/bottlenecks?by=unit&time=working&from=2026-03-01&to=2026-03-02"
    ).json
    assert {row["step"] for row in rows["items"]} == {"draft", "unit_review"}
    assert {
        "step",
        "stage",
        "visits",
        "open",
        "median_hours",
        "p85_hours",
        "p90_hours",
        "max_hours",
        "waiting_median_hours",
        "service_median_hours",
        "overdue_share",
        "rework_rate",
        "oldest_open",
        "unit",
    } <= set(rows["items"][0])
    earlier = interface.get("supervisor", "/analytics/bottlenecks?to=2026-03-01").json
    assert earlier["items"] == []


def test_bottlenecks_go_page_by_page_and_refuse_what_they_do_not_know(interface: Interface) -> None:
    interface.act("nominator", interface.drafted(), "submit")
    whole = interface.get("supervisor", "/analytics/bottlenecks").json
    assert whole["next"] is None
    first = interface.get("supervisor", "/analytics/bottlenecks?limit=1").json
    rest = interface.get("supervisor", f"/analytics/bottlenecks?limit=1&cursor={first['next']}").json
    assert (first["items"] + rest["items"], rest["next"]) == (whole["items"], None)
    for field in ("unit", "award", "round", "workflow", "stage"):
        refused = interface.get("supervisor", f"/analytics/bottlenecks?{field}=nowhere")
        assert refused.status_code == 422
        assert [error["field"] for error in refused.json["errors"]] == [field]
    assert interface.get("supervisor", "/analytics/bottlenecks?cursor=nowhere").status_code == 422


def test_the_process_answers_without_asking_the_database(interface: Interface) -> None:
    answer = interface.app.test_client().get("/healthz")
    assert (answer.status_code, answer.json) == (200, {"status": "ok"})


def test_the_description_names_every_route_of_the_contract(interface: Interface) -> None:
    answer = interface.app.test_client().get("/openapi.json")
    spec = json.loads(answer.text)
    assert spec["openapi"].startswith("3.1")
    described = {
        (method.upper(), path.removeprefix("/api/v1"))
        for path, operations in spec["paths"].items()
        for method in operations
    }
    assert described == CONTRACT
    text = json.dumps(spec)
    for target in set(re.findall(r'"#/components/schemas/([^"]+)"', text)):
        assert target in spec["components"]["schemas"]


def test_people_read_the_description_from_our_own_files(interface: Interface) -> None:
    client = interface.app.test_client()
    page = client.get("/docs")
    assert page.status_code == 200
    for _, path in CONTRACT:
        assert f"/api/v1{path}" in page.text
    assert "<script" not in page.text
    assert "style=" not in page.text
    for address in re.findall(r'(?:href|src)="([^"#]+)"', page.text):
        assert address.startswith("/"), address
        assert client.get(address).status_code == 200
