"""A council's results over JSON: counts that say which move they are, each answered for itself."""

from typing import Any

import pytest

from tests.conftest import MONDAY
from tests.support.council import BOTH, at_the_council, people, rows_of
from tests.support.interface import Interface
from tests.support.yearly import make_yearly

COUNTS = {"members": 10, "in_favour": 8, "against": 2, "blank": 0, "present": 10}


@pytest.fixture
def names(interface: Interface) -> list[int]:
    """Bring two people to the council for two awards each."""
    office = make_yearly(interface.office, MONDAY)
    [found] = at_the_council(office, [rows_of(people(office, ["Lê Ánh", "Hồ Dũng"]), *BOTH)], MONDAY)
    return found


def item(interface: Interface, nomination_id: int, **counts: object) -> dict[str, Any]:
    version = interface.get("secretary", f"/nominations/{nomination_id}").json["version"]
    return {"nomination": nomination_id, "version": version, "decision": {"counts": {**COUNTS, **counts}}}


def test_the_counts_choose_the_move_by_the_threshold_of_each_award(
    interface: Interface, names: list[int]
) -> None:
    items = [item(interface, one) for one in names]
    answer = interface.post("secretary", "/inbox/decisions", {"items": items})
    assert (answer.status_code, answer.json["done"]) == (200, 4), answer.text
    views = [interface.get("secretary", f"/nominations/{one}").json for one in names]
    assert [(view["state"], view["recommendation"]["result"]) for view in views] == [
        ("decision", "passed"),
        ("decision", "not_passed"),
    ] * 2
    # How many were present is a check; what is kept are the counts.
    assert set(views[0]["recommendation"]) == {
        *("result", "voted_on", "percent", "members", "in_favour", "against", "blank")
    }


def test_each_item_is_refused_for_itself(interface: Interface, names: list[int]) -> None:
    items = [
        item(interface, names[0], present=9),
        item(interface, names[1], present=11),
        {**item(interface, names[2]), "action": "not_passed"},
        item(interface, names[3]),
    ]
    answer = interface.post("secretary", "/inbox/decisions", {"items": items}).json
    refused = [one["refusal"] for one in answer["items"]]
    assert [[error["field"] for error in one["errors"]] for one in refused[:2]] == [
        ["decision.counts.present"]
    ] * 2
    assert [reason["code"] for reason in refused[2]["reasons"]] == ["vote_is_carried"]
    assert (answer["done"], refused[3]) == (1, None)
    # Where it stands now nobody votes on it.
    again = interface.post("secretary", "/inbox/decisions", {"items": [item(interface, names[3])]}).json
    assert [reason["code"] for reason in again["items"][0]["refusal"]["reasons"]] == ["vote_not_awaited"]


def test_without_an_action_or_counts_nothing_is_asked(interface: Interface, names: list[int]) -> None:
    answer = interface.post(
        "secretary", "/inbox/decisions", {"items": [{"nomination": names[0], "version": 5}]}
    )
    assert answer.status_code in {400, 422}, answer.text
    assert answer.json["errors"][0]["field"].startswith("items")


def test_counts_do_not_lend_a_seat(interface: Interface, names: list[int]) -> None:
    answer = interface.post("head", "/inbox/decisions", {"items": [item(interface, names[0])]})
    assert answer.json["items"][0]["refusal"]["status"] in {403, 404}, answer.text
