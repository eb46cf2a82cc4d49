"""Versions over JSON: a change names the one it saw, and who comes late learns who was faster."""

import pytest

from tests.functional.test_api_protocol import assert_problem
from tests.support.interface import Interface


def test_a_change_without_a_version_is_refused(interface: Interface) -> None:
    nomination_id = interface.drafted()
    assert_problem(
        interface.post("nominator", f"/nominations/{nomination_id}/actions/submit"), 428, "version-required"
    )
    assert_problem(
        interface.call("nominator", "PATCH", f"/nominations/{nomination_id}", json={}),
        428,
        "version-required",
    )


def test_a_stale_change_learns_who_was_faster_and_when(interface: Interface) -> None:
    nomination_id = interface.drafted()
    interface.act("nominator", nomination_id, "submit")
    late = interface.post(
        "reviewer", f"/nominations/{nomination_id}/actions/approve", headers={"If-Match": '"v1"'}
    )
    problem = assert_problem(late, 409, "stale-nomination")
    assert problem["changed_by"] == "nominator NV01"
    assert problem["changed_at"].startswith("2026-03-02T")
    assert problem["version"] == "2"


@pytest.mark.parametrize(
    "tag", ["", ",", "v1", '"v1', 'v1"', "'v1'", '"v1" "v2"', '*, "v1"', 'w/"v1"', '"a b"']
)
def test_an_unreadable_if_match_is_refused(interface: Interface, tag: str) -> None:
    nomination_id = interface.drafted()
    path = f"/nominations/{nomination_id}/actions/submit"
    problem = assert_problem(
        interface.post("nominator", path, headers={"If-Match": tag}), 400, "malformed-request"
    )
    assert problem["errors"][0]["field"] == "If-Match"


@pytest.mark.parametrize(
    "tag", ["*", '"v1"', '"v9", "v1"', '"v1","v0"', 'W/"v1", "v1"', ', "v1" ,', '"x,y", "v1"']
)
def test_a_strong_tag_of_now_or_a_star_lets_the_change_through(interface: Interface, tag: str) -> None:
    path = f"/nominations/{interface.drafted()}/actions/submit"
    assert interface.post("nominator", path, headers={"If-Match": tag}).status_code == 200


@pytest.mark.parametrize(
    "tag", ['W/"v1"', '"1"', '"v-1"', '""', '"v99999999999999999999"', 'W/"v1", "other"']
)
def test_a_weak_or_foreign_tag_never_matches(interface: Interface, tag: str) -> None:
    nomination_id = interface.drafted()
    path = f"/nominations/{nomination_id}/actions/submit"
    for body in ({}, {"version": 1}):
        refused = interface.post("nominator", path, body, headers={"If-Match": tag})
        assert_problem(refused, 412, "precondition-failed")
    missing = interface.post("nominator", "/nominations/999/actions/submit", headers={"If-Match": tag})
    assert_problem(missing, 404, "not-found")


def test_of_several_passed_versions_one_learns_who_was_faster(interface: Interface) -> None:
    nomination_id = interface.drafted()
    interface.act("nominator", nomination_id, "submit")
    path = f"/nominations/{nomination_id}/actions/approve"
    late = interface.post("reviewer", path, headers={"If-Match": '"v0", "v1"'})
    assert assert_problem(late, 409, "stale-nomination")["changed_by"] == "nominator NV01"


def test_a_star_means_whatever_is_there_and_nothing_where_nothing_is(interface: Interface) -> None:
    star = {"If-Match": "*"}
    assert_problem(
        interface.post("nominator", "/nominations/999/actions/submit", headers=star), 404, "not-found"
    )
    path = f"/nominations/{interface.drafted()}/actions/submit"
    stale = interface.post("nominator", path, {"version": 0}, headers=star)
    assert_problem(stale, 409, "stale-nomination")


@pytest.mark.parametrize("tag", ['W/"v1"', '"v0", "v1"', "*", '"a", W/"v1"'])
def test_what_a_reader_holds_is_compared_weakly(interface: Interface, tag: str) -> None:
    path = f"/nominations/{interface.drafted()}"
    held = interface.get("nominator", path, headers={"If-None-Match": tag})
    assert (held.status_code, held.headers["ETag"]) == (304, '"v1"')
    unreadable = interface.get("nominator", path, headers={"If-None-Match": "v1"})
    assert_problem(unreadable, 400, "malformed-request")


def test_two_versions_that_differ_are_refused(interface: Interface) -> None:
    nomination_id = interface.drafted()
    path = f"/nominations/{nomination_id}/actions/submit"
    answer = interface.post("nominator", path, {"version": 2}, headers={"If-Match": '"v1"'})
    assert_problem(answer, 400, "malformed-request")


def test_who_holds_the_version_is_told_so_with_no_body(interface: Interface) -> None:
    nomination_id = interface.drafted()
    path = f"/nominations/{nomination_id}"
    same = interface.get("nominator", path, headers={"If-None-Match": '"v1"'})
    assert (same.status_code, same.text, same.headers["ETag"]) == (304, "", '"v1"')
    assert interface.get("nominator", path, headers={"If-None-Match": '"v0"'}).status_code == 200
    hidden = interface.get("stranger", path, headers={"If-None-Match": '"v1"'})
    assert_problem(hidden, 404, "not-found")
