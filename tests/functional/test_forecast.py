"""What will be sent, as the interface, the page and the command line tell it, each to whom it concerns."""

from collections.abc import Callable
from datetime import date, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from tests.conftest import Database
from tests.functional.test_cli import Run, answer, run
from tests.support.interface import Interface
from tests.support.office import AG, DT, ROLES, TOP, Office
from tests.support.pages import Browser
from tests.support.waiting import many_submitted, submitted
from workflow.clock import DatabaseClock, FixedClock
from workflow.domain.vocabulary import RoundDate, Via
from workflow.operations.rounds.rounds import NewRound, open_round
from workflow.store.access import Account
from workflow.store.nominations import Nomination, Rung

__all__ = ["run"]
MARCH_5 = "2026-03-05"


def owed(session: Session, clock: FixedClock) -> None:
    dates = {RoundDate.UNIT_DEADLINE: date(2026, 3, 13)}
    new = NewRound("2026-DX", "Đợt đột xuất", 2026, TOP, dates=dates, unit_codes=(AG, DT))
    open_round(session, actor=None, new=new, via=Via.CLI, now=clock.now())


def test_who_oversees_reads_what_comes_in_their_scope_by_day_and_reader(interface: Interface) -> None:
    number = submitted(interface.office, interface.clock.now())
    owed(interface.office.session, interface.clock)
    found = interface.get("supervisor", "/forecast?days=10").json
    assert (found["since"][:10], found["until"]) == ("2026-03-02", "2026-03-12")
    assert found["days"][0] == {"day": MARCH_5, "reminders": 1, "escalations": 0}
    [mail] = [one for one in found["items"] if one["at"].startswith(MARCH_5) and one["notice"] == "reminder"]
    assert (mail["email"], mail["mail_class"], mail["is_unreachable"]) == ("nv02@example.vn", "task", False)
    [item] = mail["items"]
    assert (item["nomination_id"], item["unit"], item["cause"], item["to"]) == (number, AG, "rung", "holder")
    assert item["subject"] is None, "of what has not left its unit they know that it is there, not whose"
    assert item["seat"] == f"unit_reviewer@unit:{AG}"
    assert interface.get("admin", "/forecast?days=10").json["items"][0]["items"]
    escalations = [one for one in found["items"] if one["mail_class"] == "escalation"]
    assert escalations, "and who will be told upward"


def test_others_read_only_their_own(interface: Interface) -> None:
    submitted(interface.office, interface.clock.now())
    owed(interface.office.session, interface.clock)
    refused = interface.get("reviewer", "/forecast")
    assert (refused.status_code, refused.json["reasons"][0]["code"]) == (403, "forecast_not_yours")
    mine = interface.get("reviewer", "/forecast?mine=true&days=20").json
    assert {one["email"] for one in mine["items"]} == {"nv02@example.vn"}
    assert mine["days"] == []
    assert {
        one["email"] for one in interface.get("stranger", "/forecast?mine=true&days=20").json["items"]
    } == set()
    papers = interface.get("other_nominator", "/forecast?mine=true&days=20").json["items"]
    assert {
        (one["notice"], one["items"][0]["round"]) for one in papers if one["items"][0]["cause"] == "rung"
    } == {("return_reminder", "2026-DX")}


def test_whoever_is_nominated_does_not_read_who_will_be_asked_about_them(interface: Interface) -> None:
    office, session = interface.office, interface.office.session
    number = submitted(office, interface.clock.now())
    nominee = select(Nomination.person_id).where(Nomination.id == number).scalar_subquery()
    session.execute(update(Account).where(Account.id == office.ids["supervisor"]).values(person_id=nominee))
    session.commit()
    found = interface.get("supervisor", "/forecast?days=20").json
    assert all(item["nomination_id"] != number for mail in found["items"] for item in mail["items"])
    assert all(not one["reminders"] and not one["escalations"] for one in found["days"])


def test_pages_of_the_list_are_one_list_and_bad_questions_are_refused(interface: Interface) -> None:
    many_submitted(interface.office, interface.office.session, 5, interface.clock.now())
    whole = interface.get("admin", "/forecast?days=20").json["items"]
    pieces, cursor = [], ""
    while cursor is not None:
        page = interface.get("admin", f"/forecast?days=20&limit=2{cursor and f'&cursor={cursor}'}").json
        pieces += [(one["letter"], item["nomination_id"]) for one in page["items"] for item in one["items"]]
        cursor = page["next"]
    assert sorted(pieces) == sorted(
        (one["letter"], item["nomination_id"]) for one in whole for item in one["items"]
    )
    for question, status in (
        ("days=93", 422),
        ("days=-1", 422),
        ("days=x", 400),
        ("cursor=x", 422),
        ("far=1", 400),
    ):
        assert interface.get("admin", f"/forecast?{question}").status_code == status, question


def test_the_page_tells_it_in_words_and_offers_the_overseer_a_choice(
    office: Office, session: Session, clock: FixedClock, desk: Callable[..., Browser]
) -> None:
    many_submitted(office, session, 4, clock.now())
    owed(session, clock)
    seat = desk("nv23@example.vn")
    page = seat.open("/forecast?days=14")
    assert page.status_code == 200
    assert "Thư sắp gửi" in seat.text
    assert "Nơi tôi theo dõi" in seat.text
    assert "Chiến sĩ thi đua cơ sở" in seat.text
    assert "VKSND tỉnh An Giang: tờ trình và danh sách (Đợt đột xuất)" in seat.text
    assert "2026-DX" not in seat.text, "a round by its title, where people read"
    assert "reviewer NV02" in seat.text
    mine = desk("nv02@example.vn")
    assert mine.open("/forecast").status_code == 200
    assert "Nơi tôi theo dõi" not in mine.text
    assert "other_nominator" not in mine.text
    assert desk("nv14@example.vn").open("/forecast").status_code == 200


def test_the_command_line_tells_everything_and_writes_nothing(run: Run, database: Database) -> None:
    with database.sessions() as session:
        now = DatabaseClock().now(session)
        accounts = {row.email.split("@")[0]: row.id for row in session.scalars(select(Account))}
        office = Office({part: accounts[code.lower()] for part, (code, _, _) in ROLES.items()}, session)
        number = submitted(office, now)
        session.execute(update(Rung).where(Rung.ordinal == 1).values(fire_at=now + timedelta(hours=1)))
        session.commit()
        before = session.scalar(select(func.count()).select_from(Rung).where(Rung.fired_at.is_not(None)))
    told = answer(run("forecast", "--days", "2", "--json"))
    [mail] = [one for one in told["mails"] if one["notice"] == "reminder"]
    assert (mail["email"], mail["items"][0]["nomination_id"]) == ("nv02@example.vn", number)
    words = run("forecast", "--days", "2").stdout
    assert f"nomination {number}" in words
    assert "reminder -> reviewer NV02 <nv02@example.vn>" in words
    assert run("forecast", "--days", "93").exit_code == 2
    with database.sessions() as session:
        assert (
            session.scalar(select(func.count()).select_from(Rung).where(Rung.fired_at.is_not(None))) == before
        )
