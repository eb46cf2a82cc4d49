"""The calendar as people ask for it: how well each year is known, and what each day rests on."""

import json
from datetime import timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.conftest import TIMEZONE, Database
from tests.functional.test_rounds import run
from tests.support.importing import Desk
from tests.support.interface import Interface
from tests.support.office import AG, ROLES, Office
from tests.support.pages import browser, give_passwords
from tests.support.waiting import submitted
from workflow.clock import DatabaseClock, FixedClock
from workflow.store.access import Account

__all__ = ["run"]


def test_the_command_line_says_how_well_each_year_is_known(run) -> None:
    shown = run("show", on="calendar")
    assert "2026: known (" in shown.stdout
    assert "2027: an estimate: no decision on some of its days was seen yet" in shown.stdout
    assert (
        "Fri 2026-05-01 off: International Labour Day ("
        in run("show", "--year", "2026", on="calendar").stdout
    )
    days = json.loads(run("show", "--year", "2026", "--json", on="calendar").stdout)["days"]
    assert [one["is_off"] for one in days if one["day"] in {"2026-01-02", "2026-01-10"}] == [True, False]
    assert all(one["source"] for one in days)


def test_programs_read_the_days_with_those_of_single_units(
    interface: Interface, session: Session, clock: FixedClock
) -> None:
    rows = f"day,kind,name,source,unit\n2026-05-04,off,Chuyển trụ sở,QĐ 12,{AG}\n"
    Desk(session, clock.now()).take("calendar", rows)
    found, cursor = [], ""
    while cursor is not None:
        page = interface.get("nominator", f"/calendar/days?year=2026&limit=7{cursor and '&cursor=' + cursor}")
        found += page.json["items"]
        cursor = page.json["next"]
    assert len(found) == len({(one["day"], one["unit"]) for one in found}) > 15
    assert [one["day"] for one in found] == sorted(one["day"] for one in found)
    [own] = [one for one in found if one["unit"]]
    assert own == {
        "day": "2026-05-04", "unit": AG, "is_off": True, "name": "Chuyển trụ sở", "source": "QĐ 12",
        "is_estimate": False,
    }  # fmt: skip
    assert interface.get("nominator", "/calendar/days?year=1").status_code in {400, 422}
    assert interface.app.test_client().get("/api/v1/calendar/days").status_code == 401


def test_a_shipped_day_has_its_name_in_the_readers_language(
    interface: Interface, session: Session, clock: FixedClock, database: Database
) -> None:
    Desk(session, clock.now()).take("calendar", "day,kind,name\n2026-05-04,off,Chuyển trụ sở\n")
    give_passwords(session)
    page = browser(database.sessions, clock)
    assert page.sign_in("nv24@example.vn").status_code == 303
    page.open("/admin/calendar?year=2026")
    assert "Thứ Sáu, ngày 1/5/2026 Ngày Quốc tế Lao động · " in page.text
    page.send("/language", {"locale": "en"})
    page.open("/admin/calendar?year=2026")
    assert "International Labour Day · " in page.text
    assert "Worked in place of 2 January 2026 · " in page.text
    assert "Tết" not in page.text
    # What an office brought in has the one name that it gave.
    assert "Chuyển trụ sở · " in page.text


def test_office_hours_are_read_by_programs_and_on_a_page(
    interface: Interface, session: Session, clock: FixedClock, database: Database
) -> None:
    rows = f"2026-05-04,9h,17h,Giờ riêng,QĐ 12,{AG}\n2026-05-01,7h,15h,Giờ mùa hè,,\n"
    Desk(session, clock.now()).take("hours", f"from,opens,closes,name,source,unit\n{rows}")
    first = interface.get("nominator", "/calendar/hours?limit=1").json
    [summer] = first["items"]
    assert (summer["from_day"], summer["unit"], summer["hours"]) == ("2026-05-01", None, "07:00-15:00")
    [own] = interface.get("nominator", f"/calendar/hours?cursor={first['next']}").json["items"]
    assert own == {
        "from_day": "2026-05-04", "unit": AG, "opens": "09:00:00", "closes": "17:00:00", "noon_from": None,
        "noon_to": None, "hours": "09:00-17:00", "name": "Giờ riêng", "source": "QĐ 12",
    }  # fmt: skip
    assert interface.app.test_client().get("/api/v1/calendar/hours").status_code == 401
    give_passwords(session)
    page = browser(database.sessions, clock)
    assert page.sign_in("nv24@example.vn").status_code == 303
    page.open("/admin/calendar")
    assert "07:00-15:00" in page.text
    assert "QĐ 12" in page.text


def test_the_command_line_shows_office_hours(run, session: Session) -> None:
    rows = f"2026-05-04,9h,17h,Giờ riêng,QĐ 12,{AG}\n"
    Desk(session, DatabaseClock().now(session)).take("hours", f"from,opens,closes,name,source,unit\n{rows}")
    shown = run("show", on="calendar").stdout
    assert "Office hours, where nothing else is said: 08:00-12:00, 13:00-17:00" in shown
    assert f"    from 2026-05-04 [{AG}]: 09:00-17:00: Giờ riêng (QĐ 12)" in shown


def test_the_command_line_shows_what_moves_and_moves_it_only_when_told(
    run, session: Session, clock: FixedClock
) -> None:
    # The command line reads the real clock.
    now = DatabaseClock().now(session)
    by_email = {email: number for number, email in session.execute(select(Account.id, Account.email))}
    office = Office(
        {part: by_email[f"{code.lower()}@example.vn"] for part, (code, *_) in ROLES.items()}, session
    )
    number = submitted(office, now)
    off = now.astimezone(ZoneInfo(TIMEZONE)).date() + timedelta(days=2)
    rows = "".join(f"{off + timedelta(days=step)},off,Bão\n" for step in range(21))
    session.rollback()
    Desk(session, now).take("calendar", f"day,kind,name\n{rows}")
    shown = run("replan", "--reason", "Bão số 7", on="calendar")
    assert shown.exit_code == 0, shown.output
    assert (
        "1 open stays were counted by other days or hours: 1 are due later, 0 earlier, in 1 units."
        in shown.stdout
    )
    assert f"nomination {number} ({AG}, unit_review): " in shown.stdout
    assert "Nothing was written; with --yes it moves." in shown.stdout
    done = json.loads(run("replan", "--reason", "Bão số 7", "--yes", "--json", on="calendar").stdout)
    assert (done["moved"], done["later"], done["units"]) == (True, 1, 1)
    again = run("replan", "--reason", "Bão số 7", "--yes", on="calendar")
    assert "Nothing moves: all open work is counted by the calendar in force." in again.stdout
    assert run("replan", on="calendar").exit_code == 2
    assert run("replan", "--reason", " ", "--yes", on="calendar").exit_code == 1
