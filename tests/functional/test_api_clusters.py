"""Clusters and movements as a program meets them."""

import pytest

from tests.support.interface import Interface
from tests.support.office import AG, CLUSTER, DT, ROUND, TOP
from workflow.store.awards import Campaign, Round

BLOCK = {"year": 2025, "owner": TOP, "number": 3, "name": "Khối 3", "members": [AG, DT], "kind": "block"}


def first(interface: Interface, part: str = "nominator", query: str = "year=2026") -> dict:
    """Return the one cluster that a query finds."""
    found: list[dict] = interface.get(part, f"/clusters?{query}").json["items"]
    (only,) = found
    return only


def test_everybody_reads_who_heads_and_whom_to_telephone(interface: Interface) -> None:
    number = first(interface)["id"]
    sent = {"head": AG, "deputy": DT, "how": "appointed", "from": "2026-03-02"}
    answer = interface.post("supervisor", f"/clusters/{number}/actions/set_officers", sent)
    assert answer.status_code == 200, answer.text
    found = interface.get("stranger", f"/clusters/{number}").json
    assert (found["code"], found["how"], found["officers_from"]) == (CLUSTER, "appointed", "2026-03-02")
    assert found["head"] == {
        "unit": {"code": AG, "name": "VKSND tỉnh An Giang"},
        "officer_name": "Phạm Thị Hoa",
        "officer_telephone": "0296 385 2345",
        "people": ["reviewer NV02"],
        "is_barred": None,
    }
    assert [(member["code"], member["headed"]) for member in found["members"]] == [(AG, [2026]), (DT, [])]
    assert "cluster_head@cluster:2026/VKSTC/1" in [
        grant["key"] for grant in interface.get("unit_head", "/me").json["grants"]
    ]


def test_a_cluster_is_made_once_changed_and_listed_by_year_and_owner(interface: Interface) -> None:
    key = {"Idempotency-Key": "make-the-block"}
    made = interface.post("admin", "/clusters", BLOCK, headers=key)
    again = interface.post("admin", "/clusters", BLOCK, headers=key)
    assert (made.status_code, again.json) == (201, made.json)
    assert again.headers["Idempotency-Replayed"] == "true"
    # The address is whole, with the host of the installation.
    assert interface.get("admin", made.headers["Location"].partition("/api/v1")[2]).json == made.json
    number = made.json["id"]
    changed = interface.call(
        "admin", "PATCH", f"/clusters/{number}", json={"members": [AG], "name": "Khối A"}
    )
    assert ([one["code"] for one in changed.json["members"]], changed.json["name"]) == ([AG], "Khối A")
    assert first(interface, query="year=2025")["code"] == "2025/VKSTC/3"
    assert interface.get("nominator", f"/clusters?owner={AG}").json["items"] == []
    pages = interface.get("nominator", "/clusters?limit=1").json
    rest = interface.get("nominator", f"/clusters?limit=1&cursor={pages['next']}").json
    assert [one["year"] for one in (*pages["items"], *rest["items"])] == [2026, 2025]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({**BLOCK, "year": 2026, "number": 1}, 409, "conflict"),
        ({**BLOCK, "members": []}, 400, "malformed-request"),
        ({**BLOCK, "members": ["NONE"]}, 422, "invalid-field"),
        ({**BLOCK, "colour": "red"}, 400, "malformed-request"),
        ({**BLOCK, "year": 1800}, 422, "invalid-field"),
    ],
)
def test_a_cluster_that_cannot_be_is_a_problem(
    interface: Interface, body: dict, status: int, code: str
) -> None:
    answer = interface.post("admin", "/clusters", body)
    assert (answer.status_code, answer.json["code"]) == (status, code), answer.text


def test_a_barred_unit_is_refused_in_the_readers_language_and_told_only_to_overseers(
    interface: Interface,
) -> None:
    number, bar = first(interface)["id"], {"unit": DT, "year": 2025, "reason": "Có công chức bị kỷ luật."}
    assert interface.post("nominator", "/clusters/barred", bar).status_code == 403
    assert interface.post("supervisor", "/clusters/barred", bar).status_code == 204
    assert interface.post("supervisor", "/clusters/barred", bar).status_code == 409
    refused = interface.post(
        "head",
        f"/clusters/{number}/actions/set_officers",
        {"head": DT, "how": "appointed"},
        headers={"Accept-Language": "vi"},
    )
    assert refused.status_code == 422
    (reason,) = refused.json["reasons"]
    assert (reason["code"], reason["params"]) == ("unit_barred", {"unit": DT, "year": "2025", "next": "2026"})
    assert "không được xét thi đua năm 2025" in reason["message"]
    (told,) = interface.get("supervisor", "/clusters/barred?year=2025").json["items"]
    assert (told["unit"]["code"], told["reason"]) == (DT, bar["reason"])
    assert interface.get("nominator", "/clusters/barred").json["items"] == []
    assert [one["is_barred"] for one in first(interface, "supervisor")["members"]] == [False, True]
    assert {one["is_barred"] for one in first(interface)["members"]} == {None}
    assert interface.call("supervisor", "DELETE", f"/clusters/barred/{DT}/2025").status_code == 204
    assert interface.call("supervisor", "DELETE", f"/clusters/barred/{DT}/2025").status_code == 404


def test_the_next_year_is_proposed_with_reasons_and_opened_as_chosen(interface: Interface) -> None:
    number = first(interface)["id"]
    sent = {"head": AG, "deputy": DT, "how": "elected"}
    interface.post("supervisor", f"/clusters/{number}/actions/set_officers", sent)
    path = f"/clusters/rotation?year=2027&owner={TOP}"
    assert interface.get("nominator", path).status_code == 403
    proposed = interface.get("head", path, headers={"Accept-Language": "vi"}).json
    (cluster,) = proposed["clusters"]
    assert (cluster["head"]["unit"]["code"], cluster["deputy"]["unit"]["code"]) == (DT, AG)
    assert (
        cluster["head"]["reasons"][0]["message"] == f"{DT} là phó năm 2026; phó năm trước làm trưởng năm sau."
    )
    assert interface.get("nominator", "/clusters?year=2027").json["items"] == []
    chosen = {"year": 2027, "owner": TOP, "officers": [{"number": 1, "head": AG}], "how": "elected"}
    opened = interface.post("supervisor", "/clusters/rotation", chosen)
    assert opened.status_code == 201, opened.text
    (made,) = opened.json["items"]
    assert (made["head"]["unit"]["code"], made["deputy"], made["officers_from"]) == (AG, None, "2027-01-01")
    assert interface.post("supervisor", "/clusters/rotation", chosen).status_code == 409
    assert interface.get("head", path).json["is_open"] is True


def test_a_movement_is_launched_hung_in_its_tree_and_counts_what_its_reader_may(interface: Interface) -> None:
    national = {"code": "TQ-2026", "title": "Cả nước thi đua", "year": 2026, "owner": TOP}
    sector = {**national, "code": "NGANH-2026", "parent": "TQ-2026", "directive_number": "01/CT"}
    assert interface.post("supervisor", "/campaigns", national).status_code == 201
    assert interface.post("supervisor", "/campaigns", sector).status_code == 201
    assert interface.post("nominator", "/campaigns", {**national, "code": "X"}).status_code == 403
    session = interface.office.session
    campaign = session.query(Campaign).filter_by(code="NGANH-2026").one()
    session.query(Round).filter_by(code=ROUND).update({"campaign_id": campaign.id})
    session.commit()
    interface.drafted()
    for part, count in (("supervisor", 1), ("stranger", 0)):
        (round_,) = interface.get(part, "/campaigns/NGANH-2026").json["rounds"]
        assert (round_["code"], round_["nominations"]) == (ROUND, count)
    told = interface.get("supervisor", f"/rounds/{ROUND}").json
    assert (told["campaign"], told["campaign_title"]) == ("NGANH-2026", campaign.title)
    circle = interface.call("supervisor", "PATCH", "/campaigns/TQ-2026", json={"parent": "NGANH-2026"})
    assert (circle.status_code, circle.json["reasons"][0]["code"]) == (422, "campaign_circle")
    freed = interface.call("supervisor", "PATCH", "/campaigns/NGANH-2026", json={"parent": None})
    assert (freed.json["parent"], freed.json["directive_number"]) == (None, "01/CT")
    listed = interface.get("nominator", "/campaigns").json["items"]
    assert [one["code"] for one in listed] == ["NGANH-2026", "TQ-2026"]
    assert interface.get("nominator", "/campaigns/NONE").status_code == 404
