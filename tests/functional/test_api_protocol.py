"""What holds for every request: keys, pages, and one kind of answer to all that goes wrong."""

import json
from threading import Barrier, Thread

import pytest

from tests.support.interface import DRAFT, PREFIX, Interface

# Looked for pair by pair, the one that is there twice took minutes, in which nobody else was answered.
MANY_FIELDS_AND_A_TWIN = b"{" + b"".join(b'"%d":1,' % number for number in range(70_000)) + b'"69999":1}'


def count(interface: Interface) -> int:
    return len(interface.get("admin", "/nominations?limit=200").json["items"])


def assert_problem(answer, status: int, code: str) -> dict:
    assert answer.status_code == status, answer.text
    assert answer.content_type == "application/problem+json"
    problem: dict = json.loads(answer.text)
    assert {"type", "title", "status", "detail", "code"} <= set(problem)
    assert (problem["status"], problem["code"]) == (status, code)
    return problem


def test_the_same_key_drafts_once(interface: Interface) -> None:
    first, second = (
        interface.post("nominator", "/nominations", DRAFT, headers={"Idempotency-Key": "k1"})
        for _ in range(2)
    )
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json == second.json
    assert (first.headers.get("Idempotency-Replayed"), second.headers["Idempotency-Replayed"]) == (
        None,
        "true",
    )
    assert count(interface) == 1


def test_the_same_key_and_another_request_is_refused(interface: Interface) -> None:
    headers = {"Idempotency-Key": "k1"}
    interface.post("nominator", "/nominations", DRAFT, headers=headers)
    other = interface.post("nominator", "/nominations", {**DRAFT, "person": "NV05"}, headers=headers)
    assert_problem(other, 422, "idempotency-key-reused")
    reordered = interface.post("nominator", "/nominations", dict(reversed(DRAFT.items())), headers=headers)
    assert reordered.status_code == 201
    nomination_id = reordered.json["id"]
    elsewhere = interface.post(
        "nominator", f"/nominations/{nomination_id}/actions/submit", {"version": 1}, headers=headers
    )
    assert_problem(elsewhere, 422, "idempotency-key-reused")


def test_a_refused_request_leaves_its_key_free(interface: Interface) -> None:
    nomination_id = interface.drafted()
    path, headers = f"/nominations/{nomination_id}/actions/submit", {"Idempotency-Key": "k1"}
    assert interface.post("nominator", path, {"version": 9}, headers=headers).status_code == 409
    assert interface.post("nominator", path, {"version": 1}, headers=headers).status_code == 200
    again = interface.post("nominator", path, {"version": 1}, headers=headers)
    assert (again.status_code, again.json["state"]) == (200, "unit_review")


@pytest.mark.parametrize("key", ["", "có dấu", "a b", "x" * 256])
def test_an_unusable_key_is_refused(interface: Interface, key: str) -> None:
    answer = interface.post(
        "nominator", "/nominations", DRAFT, headers={"Idempotency-Key": key.encode().decode("latin-1")}
    )
    assert_problem(answer, 400, "malformed-request")


def test_twins_at_the_same_moment_draft_once(interface: Interface) -> None:
    token, barrier = interface.token("nominator"), Barrier(4)
    answers = []

    def send() -> None:
        client = interface.app.test_client()
        barrier.wait()
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": "k1"}
        answers.append(client.post(f"{PREFIX}/nominations", json=DRAFT, headers=headers))

    threads = [Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json["id"] for answer in answers}) == 1
    assert count(interface) == 1


def test_pages_end_and_show_each_row_once(interface: Interface) -> None:
    ids = [interface.drafted(person=person) for person in ("NV01", "NV02", "NV03", "NV04", "NV05")]
    seen, cursor = [], None
    while True:
        query = f"?limit=2&cursor={cursor}" if cursor else "?limit=2"
        page = interface.get("admin", f"/nominations{query}").json
        seen += [item["id"] for item in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert seen == ids[::-1]


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("limit=0", 422),
        ("limit=201", 422),
        ("limit=x", 400),
        ("cursor=x", 422),
        ("cursor=%00", 422),
        ("stage=nowhere", 400),
        ("limit=1&limit=2", 400),
        ("state=%00", 422),
        ("surprise=1", 400),
        ("order=oldest", 400),
    ],
)
def test_a_bad_query_is_a_problem_that_names_the_word(interface: Interface, query: str, status: int) -> None:
    answer = interface.get("admin", f"/nominations?{query}")
    assert answer.status_code == status, answer.text
    assert answer.content_type == "application/problem+json"
    assert answer.json["errors"][0]["field"] == query.partition("=")[0]


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    ("changes", "status", "field"),
    [
        ({"state": "approved"}, 400, "state"),
        ({"version": 7}, 400, "version"),
        ({"created_by": 1}, 400, "created_by"),
        ({"unit": 5}, 400, "unit"),
        ({"round": None}, 400, "round"),
        ({"achievement": ["x"]}, 400, "achievement"),
        ({"achievement": "một\0hai"}, 422, "achievement"),
        ({"achievement": "x" * 20_001}, 422, "achievement"),
        pytest.param({"achievement": "a" + "\u0301\u0323" * 75_000}, 422, "achievement", id="a pile"),
        pytest.param({"person": "a" + "\u0301\u0323" * 75_000}, 422, "person", id="a pile for a code"),
        ({"proposer": "dòng một\ndòng hai"}, 422, "proposer"),
        ({"proposer": "\u202egnoD"}, 422, "proposer"),
        ({"person": "NV\0"}, 422, "person"),
        ({"person": "NOBODY"}, 422, "person"),
        ({"award": "NONE"}, 422, "award"),
        ({"round": "NONE"}, 422, "round"),
    ],
)
def test_a_bad_field_is_named_and_nothing_is_written(
    interface: Interface, changes: dict, status: int, field: str
) -> None:
    answer = interface.post("nominator", "/nominations", {**DRAFT, **changes})
    assert answer.status_code == status, answer.text
    assert answer.content_type == "application/problem+json"
    assert field in [error["field"] for error in answer.json["errors"]]
    assert count(interface) == 0


def test_decomposed_letters_are_stored_in_the_one_spelling_everybody_finds(interface: Interface) -> None:
    decomposed = "Ca\u0302\u0300n"
    nomination_id = interface.drafted(proposer=decomposed)
    assert interface.get("admin", f"/nominations/{nomination_id}").json["proposer"] == "Cần"


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    ("raw", "content_type", "status", "code"),
    [
        (b"{", "application/json", 400, "malformed-request"),
        (b"[]", "application/json", 400, "malformed-request"),
        (b'{"unit": "A", "unit": "B"}', "application/json", 400, "malformed-request"),
        (b'{"unit": NaN}', "application/json", 400, "malformed-request"),
        (b'{"unit": "\xff"}', "application/json", 400, "malformed-request"),
        (b"[" * 100_000, "application/json", 400, "malformed-request"),
        (b'{"version": ' + b"9" * 5000 + b"}", "application/json", 400, "malformed-request"),
        (b'{"unit": "\\ud800"}', "application/json", 400, "malformed-request"),
        (b'{"\\ud800": 1, "\\ud800": 2}', "application/json", 400, "malformed-request"),
        pytest.param(MANY_FIELDS_AND_A_TWIN, "application/json", 400, "malformed-request", id="many fields"),
        (b"unit=A", "application/x-www-form-urlencoded", 415, "unsupported-media-type"),
        (b"{}", "text/plain", 415, "unsupported-media-type"),
        (b"{}", None, 415, "unsupported-media-type"),
        (b'{"achievement": "' + b"x" * 10_000_000 + b'"}', "application/json", 413, "too-large"),
    ],
)
def test_a_body_that_is_no_json_object_is_a_problem(
    interface: Interface, raw: bytes, content_type: str | None, status: int, code: str
) -> None:
    answer = interface.call("nominator", "POST", "/nominations", data=raw, content_type=content_type)
    assert_problem(answer, status, code)
    assert count(interface) == 0


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nowhere", 404),
        ("GET", "/nominations/0", 404),
        ("GET", "/nominations/99999999999999999999", 404),
        ("GET", "/nominations/99999999999999999999/nudge", 404),
        ("GET", "/substitutions/99999999999999999999", 404),
        ("GET", "/nominations/x", 404),
        ("DELETE", "/nominations", 405),
        ("PUT", "/me", 405),
        ("POST", "/inbox", 405),
    ],
)
def test_a_wrong_address_or_method_is_a_problem(
    interface: Interface, method: str, path: str, status: int
) -> None:
    answer = interface.call("admin", method, path)
    assert_problem(answer, status, {404: "not-found", 405: "method-not-allowed"}[status])
    if status == 405:
        assert answer.headers["Allow"]


@pytest.mark.parametrize("action", ["nothing", "create", "edit", "abandoned", "to_approved", "a" * 2000])
def test_an_action_that_is_none_is_refused(interface: Interface, action: str) -> None:
    nomination_id = interface.drafted()
    answer = interface.post("nominator", f"/nominations/{nomination_id}/actions/{action}", {"version": 1})
    assert_problem(answer, 409, "move-not-open")


def test_an_address_with_a_nul_in_it_is_none(interface: Interface) -> None:
    interface.drafted()
    answer = interface.post("nominator", "/nominations/1/actions/%00", {"version": 1})
    assert_problem(answer, 404, "not-found")


def test_problems_are_told_in_vietnamese_when_asked(interface: Interface) -> None:
    nomination_id = interface.drafted(achievement="")
    path = f"/nominations/{nomination_id}/actions/submit"
    answer = interface.post("nominator", path, {"version": 1}, headers={"Accept-Language": "vi,en;q=0.5"})
    problem = assert_problem(answer, 422, "requirements-missing")
    assert (problem["title"], problem["reasons"][0]["message"]) == (
        "Còn thiếu",
        "Chưa có báo cáo thành tích.",
    )


def test_an_error_of_ours_says_nothing_about_itself(interface: Interface, monkeypatch) -> None:
    monkeypatch.setitem(interface.app.view_functions, "reference.read_me", declared_to_fail(interface))
    problem = assert_problem(interface.get("admin", "/me"), 500, "internal-error")
    assert "secret words" not in json.dumps(problem)


def declared_to_fail(interface: Interface):
    view = interface.app.view_functions["reference.read_me"]

    def fail() -> None:
        raise ZeroDivisionError("secret words")

    vars(fail).update(vars(view))
    return fail


def test_every_answer_forbids_keeping_framing_and_guessing(interface: Interface) -> None:
    for answer in (interface.get("admin", "/me"), interface.get("admin", "/nowhere")):
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert "Set-Cookie" not in answer.headers
