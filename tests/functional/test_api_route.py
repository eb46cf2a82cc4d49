"""A nomination travels by JSON from draft to signed decision, and the ways back."""

from datetime import timedelta

from tests.support.interface import DRAFT, PAPER, Interface


def state(interface: Interface, nomination_id: int) -> str:
    return str(interface.get("admin", f"/nominations/{nomination_id}").json["state"])


def test_an_individuals_nomination_goes_from_draft_to_decision(interface: Interface) -> None:
    answer = interface.post("nominator", "/nominations", DRAFT)
    assert answer.status_code == 201
    assert answer.headers["ETag"] == '"v1"'
    nomination_id = answer.json["id"]
    assert answer.headers["Location"].endswith(f"/api/v1/nominations/{nomination_id}")
    steps = [("nominator", "submit"), ("reviewer", "approve"), ("secretary", "approve")]
    for version, (part, action) in enumerate(steps, 1):
        done = interface.post(
            part,
            f"/nominations/{nomination_id}/actions/{action}",
            headers={"If-Match": f'"v{version}"'},
        )
        assert done.status_code == 200, done.text
        assert done.headers["ETag"] == f'"v{version + 1}"'
    signed = interface.act("head", nomination_id, "approve", decision=PAPER)
    assert (signed.json["stage"], signed.json["holder"]) == ("approved", None)
    assert signed.json["decision"] == {
        "kind": "decision",
        "body": "unit:VKSTC",
        "number": PAPER["number"],
        "decided_on": PAPER["decided_on"],
        "signer": PAPER["signer"],
    }
    events = interface.get("nominator", f"/nominations/{nomination_id}/events").json["items"]
    assert [event["action"] for event in events] == ["create", "submit", "approve", "approve", "approve"]
    assert {event["via"] for event in events} == {"api"}
    # A button asks, history tells.
    told = [event["action_label"]["en"] for event in events]
    assert told == ["Drafted", "Submitted", "Endorsed", "Council recommended", "Signed the decision"]
    assert events[1]["action_label"]["vi"] == "Gửi đơn vị bình xét"
    mails = interface.get("admin", f"/nominations/{nomination_id}/mails").json["items"]
    assert sorted(mail["notice"] for mail in mails) == ["approved", *["work_opened"] * 3]
    assert len(interface.wakes) == 5


def test_a_collectives_nomination_passes_through_the_cluster(interface: Interface) -> None:
    nomination_id = interface.drafted(award="CTD_NGANH", person=None)
    interface.act("nominator", nomination_id, "submit")
    assert interface.act("reviewer", nomination_id, "approve").json["state"] == "cluster_review"
    assert interface.act("cluster_head", nomination_id, "approve").json["state"] == "council"


def test_a_return_names_its_reason_and_its_step(interface: Interface) -> None:
    nomination_id = interface.drafted()
    interface.act("nominator", nomination_id, "submit")
    bare = interface.act("reviewer", nomination_id, "return")
    assert bare.status_code == 422
    assert {reason["code"] for reason in bare.json["reasons"]} == {"reason_code_missing", "comment_missing"}
    wrong = interface.act("reviewer", nomination_id, "return", to_step="nowhere")
    assert (wrong.status_code, wrong.json["code"]) == (422, "unknown-step")
    done = interface.act(
        "reviewer", nomination_id, "return", reason_code="achievement_unclear", comment="Bổ sung minh chứng."
    )
    assert done.json["state"] == "draft"
    event = interface.get("nominator", f"/nominations/{nomination_id}/events").json["items"][-1]
    assert (event["text"], event["reason_label"]["vi"]) == (
        "Bổ sung minh chứng.",
        "Thành tích chưa rõ, chưa có minh chứng",
    )


def test_a_draft_is_mended_by_its_author_alone(interface: Interface) -> None:
    nomination_id = interface.drafted(achievement="")
    path = f"/nominations/{nomination_id}"
    refused = interface.act("nominator", nomination_id, "submit")
    assert [reason["code"] for reason in refused.json["reasons"]] == ["achievement_missing"]
    done = interface.call(
        "nominator", "PATCH", path, json={"achievement": "Có sáng kiến."}, headers={"If-Match": '"v1"'}
    )
    assert (done.status_code, done.json["achievement"], done.headers["ETag"]) == (
        200,
        "Có sáng kiến.",
        '"v2"',
    )
    assert interface.act("nominator", nomination_id, "submit").status_code == 200
    late = interface.call("nominator", "PATCH", path, json={"achievement": "x", "version": 3})
    assert (late.status_code, late.json["code"]) == (409, "move-not-open")


def test_what_the_list_of_actions_calls_open_is_open_and_the_rest_is_refused(interface: Interface) -> None:
    everybody = ("nominator", "reviewer", "secretary", "head", "admin")
    bodies = {
        "return": {"reason_code": "other", "comment": "x", "to_step": "draft"},
        "reject": {"reason_code": "other", "comment": "x"},
        "hold": {"comment": "x"},
    }
    tried = 0
    for person, part in zip(("NV02", "NV03", "NV04", "NV05", "NV01"), everybody, strict=True):
        nomination_id = interface.drafted(person=person)
        interface.act("nominator", nomination_id, "submit")
        path = f"/nominations/{nomination_id}"
        if interface.get(part, path).status_code == 404:
            continue
        for offer in interface.get(part, f"{path}/actions").json["items"]:
            if offer["name"] in {"edit", "reassign"}:
                continue
            paper = {"decision": PAPER} if offer["needs_decision"] else {}
            answer = interface.act(
                part, nomination_id, offer["name"], **paper, **bodies.get(offer["name"], {})
            )
            assert (answer.status_code == 200) is offer["is_open"], (part, offer, answer.text)
            tried += 1
            if answer.status_code == 200:
                break
    assert tried > 10


def test_work_is_claimed_handed_over_and_given_back(interface: Interface) -> None:
    nomination_id = interface.drafted()
    interface.act("nominator", nomination_id, "submit")
    assert interface.act("reviewer", nomination_id, "claim").json["holder"]["assignee"]["id"]
    again = interface.act("reviewer", nomination_id, "claim")
    assert (again.status_code, again.json["code"]) == (409, "already-claimed")
    offers = interface.get("reviewer", f"/nominations/{nomination_id}/actions").json["items"]
    (handing,) = [offer for offer in offers if offer["name"] == "reassign"]
    heirs = [heir["id"] for heir in handing["assignees"]]
    assert heirs == [interface.office.ids["deputy"]]
    assert interface.act("reviewer", nomination_id, "reassign", assignee_id=heirs[0]).status_code == 200
    wrong = interface.act("deputy", nomination_id, "reassign", assignee_id=interface.office.ids["head"])
    assert (wrong.status_code, wrong.json["errors"][0]["field"]) == (422, "assignee_id")
    assert interface.act("deputy", nomination_id, "release").json["holder"]["assignee"] is None


def test_a_hold_stops_the_clock_and_a_release_starts_it(interface: Interface) -> None:
    nomination_id = interface.drafted()
    interface.act("nominator", nomination_id, "submit")
    held = interface.act("reviewer", nomination_id, "hold", comment="Đang xác minh đơn.")
    assert (held.json["is_held"], held.json["due_at"]) == (True, None)
    refused = interface.act("reviewer", nomination_id, "approve")
    assert (refused.status_code, refused.json["code"]) == (409, "on-hold")
    interface.clock.advance(timedelta(days=7))
    released = interface.act("reviewer", nomination_id, "release_hold")
    assert (released.json["is_held"], released.json["due_at"] is None) == (False, False)


def test_a_paper_cannot_be_dated_after_today(interface: Interface) -> None:
    nomination_id = interface.drafted()
    for part, action in (("nominator", "submit"), ("reviewer", "approve"), ("secretary", "approve")):
        interface.act(part, nomination_id, action)
    refused = interface.act("head", nomination_id, "approve", decision={**PAPER, "decided_on": "2026-03-03"})
    assert (refused.status_code, refused.json["errors"][0]["field"]) == (422, "decision.decided_on")
    assert state(interface, nomination_id) == "decision"


def test_the_inbox_follows_the_work(interface: Interface) -> None:
    nomination_id = interface.drafted()
    assert [item["nomination_id"] for item in interface.get("nominator", "/inbox").json["items"]] == [
        nomination_id
    ]
    interface.act("nominator", nomination_id, "submit")
    assert interface.get("nominator", "/inbox").json["items"] == []
    (item,) = interface.get("reviewer", "/inbox").json["items"]
    assert item["why"] == {"kind": "group", "source": "unit_reviewer@unit:VKS-AG", "absent": None}
    assert item["working_time_left"]["working_days"] == 5
    assert item["age"] == {"working_days": 0, "working_minutes": 0}
