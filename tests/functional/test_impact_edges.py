"""What another version of a route would change, over JSON and on its page: the same counts, in parts."""

import re
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.support.definitions import text_of
from tests.support.interface import Interface
from tests.support.office import Office
from tests.support.pages import Browser, forms_of
from tests.support.waiting import many_submitted
from workflow.clock import FixedClock

ADMIN = "nv24@example.vn"
OF_REVIEW = "    owner: unit_reviewer@subject.unit\n    due: 5 working_days"
COUNTS = (
    "open",
    "earlier",
    "later",
    "held",
    "stays",
    "were_late",
    "would_be_late",
    "rungs_gone",
    "rungs_new",
)
URL = "/workflows/standard/impact"


def version_of(interface: Interface) -> int:
    items = interface.get("admin", "/workflows").json["items"]
    return next(int(item["version"]) for item in items if item["key"] == "standard")


def shorter(version: int, days: str = "3") -> str:
    """Return the route in which a unit's review has fewer days."""
    text = text_of("standard").replace(OF_REVIEW, OF_REVIEW.replace("5 working", f"{days} working"), 1)
    return text.replace(f"version: {version}", f"version: {version + 1}", 1)


def furnish(office: Office, clock: FixedClock) -> list[int]:
    """Have five names at their unit: one held, one sent on."""
    names = many_submitted(office, office.session, 5, clock.now())
    office.act("reviewer", names[0], "hold", clock.now(), comment="Chờ xác minh.")
    clock.advance(timedelta(hours=1))
    office.act("reviewer", names[1], "approve", clock.now())
    return names


def whole(interface: Interface, body: dict[str, Any]) -> tuple[dict[str, Counter[str]], int]:
    """Return the sums of all parts by step, and how many parts there were."""
    sums: dict[str, Counter[str]] = {}
    cursor, parts = None, 0
    while True:
        answer = interface.post("admin", URL, {**body, **({"cursor": cursor} if cursor else {})})
        assert answer.status_code == 200, answer.text
        parts += 1
        for step in answer.json["steps"]:
            sums.setdefault(step["step"], Counter()).update({name: step[name] for name in COUNTS})
        cursor = answer.json["next"]
        if cursor is None:
            return sums, parts


def test_parts_come_to_the_whole_however_small_they_are(interface: Interface) -> None:
    names = furnish(interface.office, interface.clock)
    version = version_of(interface)
    body = {"before": version, "text": shorter(version)}
    first = interface.post("admin", URL, body).json
    assert [(one["kind"], one["was"], one["now"]) for one in first["differences"]] == [
        ("due", "5 working_days", "3 working_days")
    ]
    assert (first["open_total"], first["open_counted"], first["next"]) == (5, 5, None)
    assert first["labels"]["unit_review"]["vi"]
    assert {one["nomination_id"] for one in first["examples"]} == set(names[2:])
    at_once, parts = whole(interface, body)
    assert parts == 1
    review = at_once["unit_review"]
    assert {name: review[name] for name in COUNTS[:7]} == {
        "open": 4,
        "earlier": 3,
        "later": 0,
        "held": 1,
        "stays": 1,
        "were_late": 0,
        "would_be_late": 0,
    }
    assert review["rungs_gone"] == review["rungs_new"] > 0
    in_pieces, parts = whole(interface, {**body, "limit": 1})
    assert parts > len(names)
    assert in_pieces == at_once


def test_only_who_may_publish_is_answered_and_before_anything_is_looked_up(interface: Interface) -> None:
    for part in ("nominator", "reviewer", "supervisor", "secretary", "stranger"):
        for body in ({"before": 1, "after": 1}, {"before": 99, "text": "key: ["}):
            refused = interface.post(part, "/workflows/nothing/impact", body)
            assert refused.status_code == 403, part
    refused = interface.post("supervisor", URL, {"before": 1, "after": 1})
    assert refused.json["reasons"][0]["code"] == "publish_not_yours"


def test_what_cannot_be_compared_is_refused_by_name(interface: Interface) -> None:
    version = version_of(interface)
    asked = {"before": version, "after": version}
    assert interface.post("admin", "/workflows/nothing/impact", asked).status_code == 404
    assert interface.post("admin", URL, {**asked, "after": 99}).status_code == 404
    assert interface.post("admin", URL, {"before": version}).status_code == 422
    assert interface.post("admin", URL, {**asked, "text": "x"}).status_code == 422
    wrong = interface.post("admin", URL, {"before": version, "text": "key: standard\nversion: 0\n"})
    assert (wrong.status_code, wrong.json["code"]) == (422, "invalid-definition")
    assert any(one["field"] == "standard.yaml:2" for one in wrong.json["errors"])
    renamed = interface.post("admin", URL, {**asked, "renamed": {"nothing": "draft"}})
    assert [one["field"] for one in renamed.json["errors"]] == ["renamed"]
    part = interface.post("admin", URL, {**asked, "limit": 1})
    furnish(interface.office, interface.clock)
    part = interface.post("admin", URL, {**asked, "limit": 1})
    cursor = part.json["next"]
    # Parts of two questions are not one answer.
    other = interface.post("admin", URL, {"before": version, "text": shorter(version), "cursor": cursor})
    assert (other.status_code, other.json["code"]) == (422, "unreadable-cursor")


@pytest.fixture
def administrator(desk: Callable[..., Browser], office: Office, clock: FixedClock) -> Browser:
    furnish(office, clock)
    return desk(ADMIN)


def test_the_page_is_found_by_who_may_publish_and_by_nobody_else(desk: Callable[..., Browser]) -> None:
    admin = desk(ADMIN)
    admin.open("/")
    assert 'href="/workflows/impact"' in admin.page.get_data(as_text=True)
    assert admin.open("/workflows/impact").status_code == 200
    head = desk("nv23@example.vn")
    head.open("/")
    assert "/workflows/impact" not in head.page.get_data(as_text=True)
    assert head.open("/workflows/impact").status_code == 403


def test_the_page_adds_up_what_it_counted_and_says_how_far(
    administrator: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.pages.views.time.impact.MOST_AT_ONCE", 2)
    administrator.open("/workflows/impact")
    chosen = re.search(r'value="(standard@(\d+))"', administrator.page.get_data(as_text=True))
    assert chosen is not None
    typed = {"before": chosen[1], "after": "", "text": shorter(int(chosen[2]))}
    assert administrator.send("/workflows/impact", typed).status_code == 200
    assert "Đã đếm 2 trong 5 hồ sơ đang xử lý." in administrator.text
    presses = 0
    while "Đếm tiếp" in administrator.text:
        forms = forms_of(administrator.page, "/workflows/impact")
        go_on = next(form for form in forms if "cursor" in form)
        administrator.post(go_on.pop(""), go_on)
        presses += 1
        assert presses < 20
    said = administrator.text
    assert "Đã đếm 5 trong 5 hồ sơ đang xử lý. Đã xem hết 365 ngày qua." in said
    assert "5 working_days" in said
    cells = re.findall(r'<td data-label="Hạn sớm hơn">(\d+)</td>', administrator.page.get_data(as_text=True))
    assert sorted(cells) == ["0", "3"]
    assert "Ví dụ 3 hồ sơ đổi hạn" in said


def test_sums_of_another_question_of_another_place_or_of_nobodys_making_are_not_added_up(
    administrator: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.pages.views.time.impact.MOST_AT_ONCE", 1)
    page = administrator.open("/workflows/impact").get_data(as_text=True)
    chosen = re.search(r'value="(standard@(\d+))"', page)
    assert chosen is not None

    def asked(**changes: str) -> dict[str, str]:
        """Press, and return what the form would send for the next part."""
        administrator.open("/workflows/impact")
        typed = {"before": chosen[1], "after": "", "text": shorter(int(chosen[2])), **changes}
        assert administrator.send("/workflows/impact", typed).status_code == 200
        return next(form for form in forms_of(administrator.page, "/workflows/impact") if "cursor" in form)

    first = asked()
    other = asked(text=shorter(int(chosen[2]), "4"))
    second = asked(cursor=first["cursor"], so_far=first["so_far"])
    assert "Đã đếm 2 trong 5" in administrator.text
    forged = '{"open_counted": 4, "steps": [], "examples": []}'
    for so_far in (second["so_far"], other["so_far"], forged, first["so_far"][:-1], "²", "\x00", ""):
        data = {**first, "so_far": so_far}
        sent = administrator.post("/workflows/impact", data)
        assert sent.status_code == 422, so_far[:40]
        assert "Đã đếm" not in sent.get_data(as_text=True), so_far[:40]


def test_what_was_typed_stays_beside_what_is_wrong_with_it(administrator: Browser) -> None:
    administrator.open("/workflows/impact")
    administrator.send("/workflows/impact", {"text": "key: standard\nversion: 0\n"})
    assert administrator.page.status_code == 422
    assert ".yaml:2" in administrator.text
    assert "version: 0" in administrator.text
    for typed, said in (
        ({"text": "", "after": ""}, "Hãy chọn một phiên bản, hoặc dán nội dung tệp"),
        ({"text": "x", "renamed": "một dòng lạ"}, "Chưa đọc được dòng “một dòng lạ”"),
        ({"text": "", "after": "standard@x"}, "Hãy chọn một mục trong danh sách"),
    ):
        administrator.open("/workflows/impact")
        administrator.send("/workflows/impact", typed)
        assert administrator.page.status_code == 422, typed
        assert said in administrator.text, typed
