"""Papers with their lists as a program meets them."""

from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.support.interface import Interface
from tests.support.lists import add_colleagues

ROW = {
    "awards": ["CSTDCS"],
    "achievement": "Hoàn thành xuất sắc nhiệm vụ.",
    "proposer": "Trần Thị Bích",
}
WORDS = {"number": "45/TTr-VKS", "signed_on": "2026-03-02", "signer": "Nguyễn Văn An"}


def compose(interface: Interface, codes: list[str], **more: Any) -> TestResponse:
    body = {
        "round": "2026-NAM",
        "unit": "VKS-AG",
        "rows": [{"person": code, **ROW} for code in codes],
        **more,
    }
    return interface.post("nominator", "/submissions", body)


@pytest.fixture
def paper(interface: Interface) -> dict[str, Any]:
    answer = compose(interface, add_colleagues(interface.office.session, 3), **WORDS)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json
    return made


def named(made: dict[str, Any]) -> list[int]:
    return [one["nomination"] for row in made["rows"] for one in row["nominations"]]


def act(interface: Interface, part: str, paper: dict[str, Any], action: str, version: int, **body: Any):
    path = f"/submissions/{paper['submissions'][0]['id']}/actions/{action}"
    return interface.post(part, path, body, headers={"If-Match": f'"v{version}"'})


def test_a_list_is_composed_read_and_found(interface: Interface, paper: dict[str, Any]) -> None:
    [made] = paper["submissions"]
    answer = interface.get("nominator", f"/submissions/{made['id']}")
    assert answer.status_code == 200, answer.text
    assert answer.headers["ETag"] == '"v1"'
    view = answer.json
    assert view["paper"]["status"] == "drafting"
    assert view["paper"]["counts"]["names"] == 3
    assert [row["awards"][0]["nomination_id"] for row in view["list"]] == named(paper)
    submit = next(one for one in view["actions"] if one["name"] == "submit")
    assert submit["takes"] == named(paper)
    [row] = interface.get("reviewer", "/submissions?status=drafting&q=45/TTr").json["items"]
    assert row["id"] == made["id"]
    assert interface.get("reviewer", "/submissions?status=sent").json["items"] == []
    assert interface.get("secretary", "/submissions").json["items"] == []
    assert interface.get("other_reviewer", f"/submissions/{made['id']}").status_code == 404


def test_a_bad_row_is_told_in_the_readers_language(interface: Interface) -> None:
    body = {
        "round": "2026-NAM",
        "unit": "VKS-AG",
        "rows": [{"person": "NV04", **ROW}, {"person": "NV11", **ROW}],
    }
    vietnamese = {"Accept-Language": "vi"}
    answer = interface.post("nominator", "/submissions", body, headers=vietnamese)
    assert answer.status_code == 201
    assert answer.json["rows"][1]["errors"] == [
        {
            "field": "person",
            "code": "row_person_elsewhere",
            "message": "'NV11' thuộc đơn vị khác, không thuộc 'VKS-AG'.",
        }
    ]
    again = interface.post("nominator", "/submissions", body, headers=vietnamese)
    assert (again.status_code, again.json["code"]) == (422, "nothing-listed")
    assert again.json["reasons"][0]["params"]["row"] == "1"


def test_an_action_on_a_list_answers_for_each_name(interface: Interface, paper: dict[str, Any]) -> None:
    names = named(paper)
    sent = act(interface, "nominator", paper, "submit", 1, **{"except": names[2:]})
    assert sent.status_code == 200, sent.text
    assert sent.headers["ETag"] == '"v2"'
    assert (sent.json["done"], sent.json["refused"]) == (2, 0)
    agreed = act(interface, "reviewer", paper, "approve", 2, nominations=[*names, 999])
    assert [one["ok"] for one in agreed.json["items"]] == [True, True, False, False]
    assert [one["refusal"] and one["refusal"]["code"] for one in agreed.json["items"]] == [
        None,
        None,
        "move-not-open",
        "not-found",
    ]
    counts = interface.get("nominator", f"/submissions/{paper['submissions'][0]['id']}").json["paper"][
        "counts"
    ]
    assert (counts["names"], counts["sent"]) == (3, 2)


def test_an_order_without_or_with_an_old_version_is_refused(
    interface: Interface, paper: dict[str, Any]
) -> None:
    path = f"/submissions/{paper['submissions'][0]['id']}/actions/submit"
    assert interface.post("nominator", path, {}).status_code == 428
    assert act(interface, "nominator", paper, "submit", 1).status_code == 200
    stale = act(interface, "nominator", paper, "submit", 1)
    assert (stale.status_code, stale.json["code"]) == (409, "stale-submission")
    assert stale.json["changed_by"] == "nominator NV01"


def test_the_same_order_with_the_same_key_is_done_once(interface: Interface, paper: dict[str, Any]) -> None:
    path = f"/submissions/{paper['submissions'][0]['id']}/actions/submit"
    body = {"nominations": [*named(paper)[:1], 999]}
    headers = {"If-Match": '"v1"', "Idempotency-Key": "once"}
    first, again = (interface.post("nominator", path, body, headers=headers) for _ in range(2))
    assert first.json == again.json
    assert again.headers["Idempotency-Replayed"] == "true"
    other = interface.post("nominator", path, {}, headers=headers)
    assert other.json["code"] == "idempotency-key-reused"


def test_an_inbox_is_decided_in_one_request(interface: Interface, paper: dict[str, Any]) -> None:
    act(interface, "nominator", paper, "submit", 1)
    names = named(paper)
    items = [
        {"nomination": names[0], "version": 2, "action": "approve"},
        {
            "nomination": names[1],
            "version": 2,
            "action": "return",
            "to_step": "draft",
            "reason_code": "other",
            "comment": "Bổ sung.",
        },
        {"nomination": names[2], "version": 1, "action": "approve"},
        {"nomination": names[0], "version": 2, "action": "approve"},
    ]
    headers = {"Idempotency-Key": "inbox"}
    answer = interface.post("reviewer", "/inbox/decisions", {"items": items}, headers=headers)
    assert answer.status_code == 200, answer.text
    assert [one["refusal"] and one["refusal"]["code"] for one in answer.json["items"]] == [
        None,
        None,
        "stale-nomination",
        "conflict",
    ]
    assert [one["state"] for one in answer.json["items"][:2]] == ["council", "draft"]
    again = interface.post("reviewer", "/inbox/decisions", {"items": items}, headers=headers)
    assert again.json == answer.json
    view = interface.get("nominator", f"/submissions/{paper['submissions'][0]['id']}").json
    returned = [one["awards"][0]["last_return"] for one in view["list"]]
    assert [one and one["comment"] for one in returned] == [None, "Bổ sung.", None]


@pytest.mark.parametrize("items", [[], [{"nomination": 1, "version": 1, "action": "approve"}] * 1001])
def test_a_request_names_from_one_to_a_thousand(interface: Interface, items: list[Any]) -> None:
    answer = interface.post("reviewer", "/inbox/decisions", {"items": items})
    assert answer.status_code in {400, 422}
    assert answer.json["errors"][0]["field"] == "items"


def test_names_are_added_moved_and_the_paper_is_mended(interface: Interface, paper: dict[str, Any]) -> None:
    path = f"/submissions/{paper['submissions'][0]['id']}"
    more = interface.post("nominator", f"{path}/rows", {"version": 1, "rows": [{"person": "NV05", **ROW}]})
    assert more.status_code == 200, more.text
    assert more.headers["ETag"] == '"v2"'
    moved = interface.post(
        "nominator", f"{path}/transfers", {"version": 2, "nominations": named(more.json), "to": 0}
    )
    assert (moved.status_code, moved.json["done"]) == (200, 1), moved.text
    mended = interface.call("reviewer", "PATCH", path, json={"version": 3, "number": "46/TTr-VKS"})
    assert mended.json["paper"]["number"] == "46/TTr-VKS"
    assert mended.headers["ETag"] == '"v4"'


def test_the_inbox_shows_lists_first_with_their_names(interface: Interface, paper: dict[str, Any]) -> None:
    act(interface, "nominator", paper, "submit", 1)
    alone = interface.drafted()
    interface.act("nominator", alone, "submit")
    groups = interface.get("reviewer", "/inbox/groups").json["items"]
    assert [(group["submission"] and group["submission"]["id"], group["waiting"]) for group in groups] == [
        (paper["submissions"][0]["id"], 3),
        (None, 1),
    ]
    first = interface.get("reviewer", "/inbox/groups?limit=1").json
    second = interface.get("reviewer", f"/inbox/groups?limit=1&cursor={first['next']}").json
    assert [*first["items"], *second["items"]] == groups
    assert second["next"] is None
    flat = interface.get("reviewer", "/inbox").json["items"]
    assert sorted(item["nomination_id"] for item in flat) == sorted([*named(paper), alone])
