"""What cannot go on, as those who watch over it see it: why, and the press that helps."""

from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.conftest import Database
from tests.support.interface import Interface
from tests.support.office import AG, DT, ROUND, Office
from tests.support.pages import Browser, form_of, text_of
from tests.support.waiting import NEXT_LEVEL_AT, drop_grant, submitted
from workflow.clock import FixedClock
from workflow.operations.obstacles.look import Looked, look_for_obstacles
from workflow.operations.sweep.sweep import fire_rungs
from workflow.store.access import Grant

HEAD, SUPERVISOR, ADMIN, NOMINATOR = (f"nv{n}@example.vn" for n in ("02", "23", "24", "01"))
EMPTY, NAME = "Chưa có ai giữ vai trò này", "Đặng Quốc Dũng"


def emptied(office: Office, session: Session, clock: FixedClock) -> int:
    nomination_id = submitted(office, clock.now())
    drop_grant(session, office.ids["reviewer"], f"unit_reviewer@unit:{AG}")
    return nomination_id


def test_an_empty_seat_is_known_before_its_date_and_helped_with_one_press(
    office: Office, session: Session, clock: FixedClock, database: Database, desk: Callable[..., Browser]
) -> None:
    nomination_id = emptied(office, session, clock)
    assert look_for_obstacles(database.sessions, clock=clock) == Looked(opened=1, standing=1)
    assert look_for_obstacles(database.sessions, clock=clock) == Looked(standing=1), "twice is once"
    head = desk(HEAD)
    head.open("/obstacles")
    assert {part for part in (EMPTY, NAME, "VKSND tỉnh An Giang") if part not in head.text} == set()
    head.send(f"/nominations/{nomination_id}/actions/reassign", {"assignee_id": str(office.ids["deputy"])})
    head.follow()
    assert NAME not in text_of(head.open("/obstacles")), "whoever helped reads of it no more"
    assert look_for_obstacles(database.sessions, clock=clock) == Looked(closed=1)


def test_who_may_only_count_reads_no_name_and_an_administrator_staffs_the_seat(
    office: Office, session: Session, clock: FixedClock, database: Database, desk: Callable[..., Browser]
) -> None:
    emptied(office, session, clock)
    look_for_obstacles(database.sessions, clock=clock)
    watch = desk(SUPERVISOR)
    watch.open("/obstacles?lang=vi")
    assert "Một hồ sơ của VKSND tỉnh An Giang" in watch.text
    assert NAME not in watch.text
    admin = desk(ADMIN)
    narrowed = f"/obstacles?reason=group_empty&unit={AG}"
    grants = narrowed.replace("?", "/grants?")
    admin.open(narrowed)
    admin.send(grants, {"email": "nobody@example.vn"})
    assert admin.page is not None
    assert admin.page.status_code == 422, admin.text
    assert "Không có tài khoản nào dùng địa chỉ này" in admin.text
    assert form_of(admin.page, grants)["email"] == "nobody@example.vn"
    assert 'id="narrowed"' in admin.page.get_data(as_text=True)
    # Whoever helped comes back to the same part of the list.
    assert admin.send(grants, {"email": "nv03@example.vn"}).location == narrowed
    admin.follow()
    assert "Đã giao vai trò cho nv03@example.vn" in admin.text
    assert "Không có hồ sơ vướng mắc nào như vậy" in admin.text
    admin.open("/obstacles")
    assert "Không có hồ sơ nào vướng mắc" in admin.text
    assert session.scalar(select(Grant.id).where(Grant.key == f"unit_reviewer@unit:{AG}")) is not None


def test_what_is_past_its_last_reminder_or_waits_for_a_council_is_told(
    interface: Interface, session: Session, clock: FixedClock, database: Database
) -> None:
    office = interface.office
    late = submitted(office, clock.now())
    ready = office.draft(clock.now(), person_code="NV05").nomination_id
    for part, action in (("nominator", "submit"), ("reviewer", "approve")):
        office.act(part, ready, action, clock.now())
    clock.advance(NEXT_LEVEL_AT - clock.now())
    fire_rungs(database.sessions, clock=clock)
    look_for_obstacles(database.sessions, clock=clock)
    shown = interface.get("supervisor", "/obstacles").json["items"]
    by_reason = {one["reason"]: one for one in shown}
    assert by_reason["past_last_rung"]["nomination_id"] == late, "told above, so named above"
    session_less = by_reason["no_session"]
    assert (session_less["work_count"], session_less["remedies"]) == (1, ["plan_session"])
    only = interface.get("supervisor", "/obstacles", query_string={"reason": "no_session", "unit": DT})
    assert only.json["items"] == []
    planned = interface.post(
        "supervisor",
        f"/rounds/{ROUND}/actions/extend",
        {"date": "council_date", "day": "2026-04-01", "reason": "x"},
    )
    assert planned.status_code == 200, planned.text
    left = interface.get("supervisor", "/obstacles").json["items"]
    assert [one["reason"] for one in left] == ["past_last_rung"]


@pytest.mark.parametrize("part", ["nominator", "reviewer", "stranger"])
def test_who_watches_over_nothing_is_told_so(interface: Interface, part: str) -> None:
    answer = interface.get(part, "/obstacles")
    wanted = 200 if part == "reviewer" else 403  # who reviews for An Giang heads it too
    assert answer.status_code == wanted, answer.text


def test_the_nominee_who_heads_the_unit_does_not_read_of_their_own(
    interface: Interface, session: Session, clock: FixedClock, database: Database
) -> None:
    office = interface.office
    own = office.draft(clock.now(), person_code="NV02").nomination_id
    office.act("nominator", own, "submit", clock.now())
    drop_grant(session, office.ids["deputy"], f"unit_deputy@unit:{AG}")
    look_for_obstacles(database.sessions, clock=clock)
    assert interface.get("unit_head", "/obstacles").json["items"] == []
    assert [one["reason"] for one in interface.get("admin", "/obstacles").json["items"]] == ["group_empty"]
