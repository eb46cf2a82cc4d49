"""Net time for each party and gross time stand wherever a duration of a nomination is shown."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from tests.conftest import Database
from tests.support.interface import Interface
from tests.support.office import ROUND, Office
from tests.support.pages import Browser, browser, give_passwords
from workflow.clock import FixedClock
from workflow.store.access import Account

RETURN = {"reason_code": "dossier_incomplete", "comment": "Thiếu biên bản họp."}
REVIEWER, NOMINATOR, ADMIN = "nv02@example.vn", "nv01@example.vn", "nv24@example.vn"


def submitted(office: Office, clock: FixedClock) -> int:
    """Draft on Monday at 09:00 and submit on Tuesday at that hour."""
    nomination_id = office.draft(clock.now()).nomination_id
    clock.advance(timedelta(days=1))
    office.act("nominator", nomination_id, "submit", clock.now())
    return nomination_id


def speak(session: Session, locale: str) -> None:
    session.execute(update(Account).values(locale=locale))
    session.commit()


SAID = {
    "vi": (
        (
            "Riêng phần giải quyết: 2 ngày làm việc; cả thảy: 2 ngày theo lịch Tính từ khi nhận đủ hồ sơ: "
            "thứ Ba, ngày 3/3/2026."
        ),
        "Đang tính thời gian của đơn vị từ ngày 3/3/2026.",
        "Người lập hồ sơ trước khi đủ hồ sơ: 1 ngày làm việc (1 ngày theo lịch)",
        "Đơn vị : 2 ngày làm việc (2 ngày theo lịch)",
        "Ở khâu này 2 ngày làm việc (2 ngày theo lịch)",
        "chờ 2 ngày làm việc (2 ngày theo lịch)",
    ),
    "en": (
        (
            "2 working days of work on it; 2 calendar days altogether Counted from the complete dossier: "
            "Tuesday, 3 March 2026."
        ),
        "The time of the unit has been running since 3 March 2026.",
        "Whoever drafts it before the dossier was complete: 1 working day (1 calendar day)",
        "The unit : 2 working days (2 calendar days)",
        "Here for 2 working days (2 calendar days)",
        "waiting for 2 working days (2 calendar days)",
    ),
}


@pytest.mark.parametrize("locale", SAID)
def test_pages_show_both(
    office: Office, desk: Callable[..., Browser], session: Session, clock: FixedClock, locale: str
) -> None:
    nomination_id = submitted(office, clock)
    clock.advance(timedelta(days=2))
    speak(session, locale)
    *of_page, of_inbox, of_board = SAID[locale]
    reviewer = desk(REVIEWER)
    reviewer.open(f"/nominations/{nomination_id}")
    for words in of_page:
        assert words in reviewer.text
    reviewer.open("/")
    assert of_inbox in reviewer.text
    reviewer.open(f"/rounds/{ROUND}/board")
    assert of_board in reviewer.text


PAUSED = {
    "vi": (
        (
            "Tạm dừng tính từ ngày 6/3/2026 vì hồ sơ đang tạm dừng xét; tính tiếp khi có người cho xét tiếp. "
            "Lý do: Đang xác minh đơn"
        ),
        "Tạm dừng xét : 1 ngày làm việc (3 ngày theo lịch)",
        (
            "Tạm dừng tính từ ngày 9/3/2026 vì hồ sơ được trả lại để hoàn thiện; tính tiếp khi hồ sơ được "
            "gửi lại."
        ),
        "Ở khâu này 3 ngày làm việc (6 ngày theo lịch)",
    ),
    "en": (
        (
            "Paused since 6 March 2026 because it is on hold; goes on when the hold is released. "
            "Reason: Đang xác minh đơn"
        ),
        "On hold : 1 working day (3 calendar days)",
        "Paused since 9 March 2026 because it was returned to be corrected; goes on when it is sent again.",
        "Here for 3 working days (6 calendar days)",
    ),
}


@pytest.mark.parametrize("locale", PAUSED)
def test_a_pause_says_since_when_why_and_by_what_it_goes_on(
    office: Office, desk: Callable[..., Browser], session: Session, clock: FixedClock, locale: str
) -> None:
    nomination_id = submitted(office, clock)
    clock.advance(timedelta(days=3))
    office.act("reviewer", nomination_id, "hold", clock.now(), comment="Đang xác minh đơn")
    clock.advance(timedelta(days=3))
    speak(session, locale)
    held, share, returned, here = PAUSED[locale]
    reviewer = desk(REVIEWER)
    reviewer.open(f"/nominations/{nomination_id}")
    assert held in reviewer.text
    assert share in reviewer.text
    reviewer.open("/")
    assert here in reviewer.text
    office.act("reviewer", nomination_id, "release_hold", clock.now())
    office.act("reviewer", nomination_id, "return", clock.now(), to_step="draft", **RETURN)
    clock.advance(timedelta(days=1))
    nominator = desk(NOMINATOR)
    nominator.open(f"/nominations/{nomination_id}")
    assert returned in nominator.text


def test_programs_get_the_parts_and_they_add_up(interface: Interface, clock: FixedClock) -> None:
    made = interface.drafted()
    told = interface.get("nominator", f"/nominations/{made}").json["clocks"]
    assert (told["state"], told["started_at"], told["gross"]["working_minutes"]) == ("not_started", None, 0)
    clock.advance(timedelta(days=1))
    assert interface.act("nominator", made, "submit").status_code == 200
    clock.advance(timedelta(days=1))
    assert interface.act("reviewer", made, "return", to_step="draft", **RETURN).status_code == 200
    clock.advance(timedelta(days=4))
    told = interface.get("nominator", f"/nominations/{made}").json["clocks"]
    assert (told["state"], told["party"], told["pause"], told["since"]) == (
        "paused",
        "nominator",
        "returned",
        "2026-03-04",
    )
    assert told["text"]["vi"].startswith("Tạm dừng tính từ ngày 4/3/2026")
    parts = {one["party"]: (one["before"], one["spent"]) for one in told["parties"]}
    day, nothing = 480, {"working_days": 0, "working_minutes": 0, "calendar_days": 0}
    assert parts["unit"] == (nothing, {"working_days": 1, "working_minutes": day, "calendar_days": 1})
    assert [one["working_minutes"] for one in parts["nominator"]] == [day, 2 * day + 420]
    assert told["net"] == parts["unit"][1]
    # From Wednesday at 09:00 until Sunday.
    assert told["gross"] == {"working_days": 3, "working_minutes": 3 * day + 420, "calendar_days": 5}


def test_bottlenecks_are_counted_net_or_gross_and_say_whose_time_it_is(
    interface: Interface, database: Database, session: Session, clock: FixedClock
) -> None:
    office = interface.office
    made = submitted(office, clock)
    office.act("reviewer", made, "hold", clock.now(), comment="Đang xác minh đơn")
    clock.advance(timedelta(days=2))
    office.act("reviewer", made, "release_hold", clock.now())
    clock.advance(timedelta(days=1))
    for is_finished in (False, True):
        if is_finished:
            office.act("reviewer", made, "approve", clock.now())
        for time, hours in (("working", 8), ("calendar", 72)):
            rows = interface.get("admin", f"/analytics/bottlenecks?time={time}").json["items"]
            row = next(one for one in rows if one["step"] == "unit_review")
            assert (row["party"], [one["hours"] for one in row["items"]]) == ("unit", [hours])
    give_passwords(session)
    admin = browser(database.sessions, clock)
    assert admin.sign_in(ADMIN).status_code == 303
    for address, lasted in (("", "1 ngày làm việc"), ("&time=calendar", "3 ngày theo lịch")):
        admin.open(f"/bottlenecks?round={ROUND}{address}")
        assert f": {lasted}" in admin.text
