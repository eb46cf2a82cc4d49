"""NUL, digits that are none, days without a morrow, in every place of every operation: no error of ours."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice, product
from typing import Any
from uuid import UUID

import pytest

from tests.functional.test_api_reference import CONTRACT
from tests.support.hostile import HEADER_TEXTS, NUL, RAW_BODIES, TEXTS, address, as_json, sample, spoiled
from tests.support.interface import DRAFT, PREFIX, Interface
from tests.support.office import AG, CLUSTER, DT, ROUND, TOP
from tests.support.papers import sent

PEOPLE = ("nominator", "admin", "supervisor")
HEADERS = ("If-Match", "If-None-Match", "Idempotency-Key", "Accept-Language", "Authorization")


@pytest.fixture
def known(interface: Interface) -> dict[str, Any]:
    """Furnish one of everything and say what each parameter may be."""
    nomination_id = interface.drafted()
    row = {"person": "NV05", "awards": ["CSTDCS"], "achievement": "", "proposer": ""}
    made = interface.post("nominator", "/submissions", {"round": ROUND, "unit": AG, "rows": [row]})
    assert made.status_code == 201, made.text
    movement = {"code": "PT-2026", "title": "Thi đua", "year": 2026, "owner": TOP}
    assert interface.post("admin", "/campaigns", movement).status_code == 201
    opening = {
        "code": "2027",
        "title": "Đợt",
        "year": 2027,
        "owner": TOP,
        "dates": {"unit_deadline": "2026-10-30"},
        "all_units": True,
    }
    assert interface.post("admin", "/rounds", opening).status_code == 201
    paper = sent(interface, "nominator", f"/nominations/{nomination_id}/attachments")
    clusters = interface.get("admin", "/clusters?year=2026").json["items"]
    return {
        # Nobody is away and nothing is to be reported: what is spoilt is refused before that is asked.
        "absence_id": 1,
        "view_id": 1,
        "form_id": 1,
        "errand_id": 1,
        "escalation_id": UUID(int=1),
        "work_item_id": UUID(int=1),
        "comment_id": UUID(int=1),
        "nomination_id": nomination_id,
        "nomination": nomination_id,
        "nominations": [nomination_id],
        "submission_id": made.json["submissions"][0]["id"],
        "attachment_id": paper.json["items"][0]["id"],
        "cluster_id": next(one["id"] for one in clusters if one["code"] == CLUSTER),
        "round_code": "2027",
        "round": ROUND,
        "unit_code": AG,
        "unit": AG,
        "owner": TOP,
        "code": "PT-2026",
        "key": "standard",
        "award": DRAFT["award"],
        "awards": [DRAFT["award"]],
        "person": "NV06",
        "person_code": "NV04",
        "year": 2026,
        "action": "submit",
        "members": [AG, DT],
        "units": [AG, DT],
        "head": AG,
        "deputy": DT,
        "$defs": interface.app.test_client().get("/openapi.json").json["components"]["schemas"],
    }


@dataclass(frozen=True)
class Place:
    """One request with something in it that nobody meant: how it is sent, and what it may be answered."""

    what: str
    method: str
    path: str
    answers: frozenset[int] = frozenset(range(200, 500))
    request: dict[str, Any] = field(default_factory=dict)


def filled(path: str, known: dict[str, Any], spoil: dict[str, str] | None = None) -> str:
    for name in names_in(path):
        path = path.replace("{" + name + "}", address((spoil or {}).get(name, str(known[name]))))
    return path


def names_in(path: str) -> list[str]:
    return [part[1:-1] for part in path.split("/") if part.startswith("{")]


def places(interface: Interface, known: dict[str, Any], method: str, path: str) -> Iterator[Place]:
    described = interface.app.test_client().get("/openapi.json").json["paths"][PREFIX + path][method.lower()]
    content = described.get("requestBody", {}).get("content", {})
    body = sample(content["application/json"]["schema"], known) if "application/json" in content else None
    sent_as = {} if body is None else {"json": body}
    here = filled(path, known)
    for name, text in product(names_in(path), TEXTS):
        answers = {404} if NUL in text else range(200, 500)
        at = filled(path, known, {name: text})
        yield Place(f"path {name}", method, at, frozenset(answers), sent_as)
    asked = [one["name"] for one in described.get("parameters", []) if one["in"] == "query"]
    for name, text in product(["cursor", "nobody_asked", *asked], TEXTS):
        answers = {400, 422} if NUL in text else range(200, 500)
        yield Place(f"query {name}", method, f"{here}?{name}={address(text)}", frozenset(answers), sent_as)
    for name, text in product(HEADERS, HEADER_TEXTS):
        yield Place(f"header {name}", method, here, request={**sent_as, "headers": {name: text}})
    if body is not None:
        for raw in [*map(as_json, spoiled(body)), *RAW_BODIES]:
            request = {"data": raw, "content_type": "application/json"}
            yield Place("body", method, here, request=request)


def faults(interface: Interface, known: dict[str, Any], *, step: int) -> list[tuple[object, ...]]:
    """Send every `step`th of the requests, so that each kind of value meets each kind of place."""
    found: list[tuple[object, ...]] = []
    every = (place for method, path in sorted(CONTRACT) for place in places(interface, known, method, path))
    for place in islice(every, 0, None, step):
        person = PEOPLE[len(place.path) % len(PEOPLE)]
        answer = interface.call(person, place.method, place.path, **place.request)
        is_problem = answer.status_code < 400 or answer.content_type == "application/problem+json"
        if answer.status_code not in place.answers or not is_problem:
            found.append((answer.status_code, place.method, place.path[:120], place.what, place.request))
    return found


def test_no_place_of_the_interface_breaks(interface: Interface, known: dict[str, Any]) -> None:
    assert faults(interface, known, step=7) == []


@pytest.mark.deep
@pytest.mark.timeout(3600)
def test_no_place_of_the_interface_breaks_whatever_stands_there(
    interface: Interface, known: dict[str, Any]
) -> None:
    assert faults(interface, known, step=1) == []


@pytest.mark.parametrize("head", ["", "; name=", '; filename="a.pdf"'])
@pytest.mark.parametrize("rest", ["attachments", "attachments/nothing"])
def test_a_part_of_a_form_without_a_name_is_no_error_of_ours(
    interface: Interface, known: dict[str, Any], head: str, rest: str
) -> None:
    path = f"/nominations/{known['nomination_id']}/{rest}"
    data = f"--b\r\nContent-Disposition: form-data{head}\r\n\r\nx\r\n--b--\r\n".encode()
    answer = interface.call(
        "nominator", "POST", path, data=data, content_type="multipart/form-data; boundary=b"
    )
    assert 400 <= answer.status_code < 500
    if not head.startswith("; file") and rest == "attachments":
        assert answer.status_code == 422
        assert "name every part" in answer.text
