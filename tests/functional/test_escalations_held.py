"""The office sees what will be reported, on a page and over JSON, and holds it back or lets it go."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from tests.conftest import Database
from tests.support.interface import Interface
from tests.support.office import AG, DT, ROUND, Office
from tests.support.pages import Browser, text_of
from tests.support.waiting import HEAD_AT, drop_grant, submitted
from workflow.clock import FixedClock
from workflow.operations.setup.organise import unit_ids
from workflow.operations.sweep.escalate import fire_due
from workflow.store.access import Account, Grant
from workflow.store.nominations import EscalationHold
from workflow.store.organisation import UnitEdition

WHY = "Người phụ trách ốm, thứ Tư đi làm lại"


def seated(desk: Callable[..., Browser], office: Office, part: str, locale: str = "vi") -> Browser:
    office.session.execute(update(Account).values(locale=locale))
    office.session.commit()
    return desk(str(office.session.scalar(select(Account.email).where(Account.id == office.ids[part]))))


@pytest.mark.parametrize(
    ("locale", "words"),
    [
        ("vi", ("Sẽ báo cáo đến:", "đã hoãn đến")),
        ("en", ("Will be reported to:", "holds it back until")),
    ],
)
def test_the_office_holds_one_back_on_the_page_and_lets_it_go(
    office: Office, desk: Callable[..., Browser], clock: FixedClock, locale: str, words: tuple[str, str]
) -> None:
    said, held = words
    number = submitted(office, clock.now())
    browser = seated(desk, office, "supervisor", locale)
    assert 'href="/escalations"' in browser.open("/").text
    page = browser.open("/escalations?days=10")
    assert said in text_of(page)
    assert f"{number}" in text_of(page)
    assert "Chiến sĩ thi đua cơ sở" in text_of(page), "what it is for, not only whose it is"
    action = next(part for part in page.text.split('"') if part.endswith("/hold"))
    refused = browser.send(action, {"days": "1", "reason": " ", "ahead": "10"})
    assert refused.status_code == 422
    assert browser.send(action, {"days": "3", "reason": WHY, "ahead": "10"}).status_code == 422
    done = browser.send(action, {"days": "1", "reason": WHY, "ahead": "10"})
    assert (done.status_code, done.headers["Location"]) == (303, "/escalations?days=10")
    page = browser.open("/escalations?days=10")
    assert held in text_of(page)
    assert WHY in text_of(page)
    assert browser.send(action.replace("/hold", "/release"), {"ahead": "10"}).status_code == 303
    assert "Lý Thị Cúc" not in text_of(browser.open("/escalations?days=10")), (
        "a name not sent up yet is not shown"
    )
    holder = seated(desk, office, "reviewer", locale)
    assert WHY in text_of(holder.open(f"/nominations/{number}")), "history tells it to who may read it"


def test_whoever_is_no_office_has_no_such_page_and_holds_nothing(
    office: Office, desk: Callable[..., Browser], clock: FixedClock
) -> None:
    submitted(office, clock.now())
    page = seated(desk, office, "supervisor").open("/escalations?days=10")
    action = next(part for part in page.text.split('"') if part.endswith("/hold"))
    for part in ("nominator", "other_nominator"):
        browser = seated(desk, office, part)
        page = browser.open("/")
        assert "/escalations" not in page.text
        token = next(iter(re.findall(r'name="csrf_token" value="([^"]+)"', page.text)))
        assert browser.open("/escalations").status_code == 403
        wanted = {"days": "1", "reason": WHY, "csrf_token": token}
        assert browser.answer_to(action, wanted).status_code == 404
    assert office.session.scalars(select(EscalationHold)).all() == []


def test_programs_read_and_do_the_same(interface: Interface, clock: FixedClock) -> None:
    number = submitted(interface.office, clock.now())
    path, key = "/escalations?days=10", {"Idempotency-Key": "hold-1"}
    [first, second] = interface.get("supervisor", path).json["items"]
    assert (first["escalation"]["nomination_id"], first["seat"]) == (number, "supervisor@unit:VKSTC")
    assert first["escalation"]["award"]["title"]["vi"] == "Chiến sĩ thi đua cơ sở"
    assert first["escalation"]["fires_at"] < second["escalation"]["fires_at"]
    act, body = f"/escalations/{first['escalation']['id']}/actions", {"days": 1, "reason": WHY}
    held = interface.post("supervisor", f"{act}/hold", body, headers=key)
    assert held.status_code == 200, held.text
    assert held.json["escalation"]["hold"]["reason"] == WHY
    again = interface.post("supervisor", f"{act}/hold", body, headers=key)
    assert (again.status_code, again.headers["Idempotency-Replayed"]) == (200, "true")
    assert interface.post("supervisor", f"{act}/hold", body).status_code == 409
    assert interface.post("supervisor", f"{act}/hold", {**body, "days": 3}).status_code == 422
    let_go = interface.post("supervisor", f"{act}/release")
    assert let_go.json["escalation"]["hold"]["released_at"]
    assert interface.get("other_nominator", "/escalations").status_code == 403
    assert interface.post("other_nominator", f"{act}/release").status_code == 404


def test_whom_it_was_reported_to_decides_from_their_inbox_and_letter(
    office: Office, desk: Callable[..., Browser], clock: FixedClock, database: Database
) -> None:
    number = submitted(office, clock.now())
    while clock.now() < HEAD_AT:
        clock.advance(min(timedelta(hours=12), HEAD_AT - clock.now()))
        fire_due(database.sessions, clock=clock)
    head = seated(desk, office, "supervisor")
    assert f'href="/nominations/{number}/late"' in head.open("/").text
    page = head.open(f"/nominations/{number}/late")
    assert f'href="/rounds/{ROUND}"' in page.text, "its dates are moved there"
    assert "Chuyển người xử lý" in text_of(page)
    assert f'href="/nominations/{number}#move-reassign-assignee"' in page.text
    assert 'id="move-reassign-assignee"' in head.open(f"/nominations/{number}").text, "and leads to its form"
    page = head.open(f"/nominations/{number}/late")
    refused = head.send("/more-time", {"day": "1/1/2020", "reason": "Chờ kết luận"})
    assert refused.status_code == 422
    assert "Hãy chọn một ngày làm việc" in text_of(refused)
    done = head.send("/more-time", {"day": "20/3/2026", "reason": "Chờ kết luận"})
    assert (done.status_code, done.headers["Location"]) == (303, f"/nominations/{number}")
    assert "20/3/2026" in text_of(head.follow())
    stranger = seated(desk, office, "stranger")
    assert stranger.open(f"/nominations/{number}/late").status_code == 404


def test_a_program_gives_more_time_once(interface: Interface, database: Database) -> None:
    office, clock = interface.office, interface.clock
    number = submitted(office, clock.now())
    while clock.now() < HEAD_AT:
        clock.advance(min(timedelta(hours=12), HEAD_AT - clock.now()))
        fire_due(database.sessions, clock=clock)
    path, body = f"/nominations/{number}/more-time", {"day": "2026-03-20", "reason": "Chờ kết luận"}
    key = {"Idempotency-Key": "time-1"}
    given = interface.post("supervisor", path, body, headers=key)
    assert given.json["due_at"].startswith("2026-03-20"), given.text
    assert interface.post("supervisor", path, body, headers=key).headers["Idempotency-Replayed"] == "true"
    assert interface.post("reviewer", path, {**body, "day": "2026-03-23"}).status_code == 403
    assert interface.post("stranger", path, body).status_code == 404


def reported_further_up(office: Office, clock: FixedClock, database: Database) -> int:
    """Put the unit, whose head has left, under another one, and let its late work be reported there."""
    ids = unit_ids(office.session)
    edition = update(UnitEdition).where(UnitEdition.unit_id == ids[AG])
    office.session.execute(edition.values(parent_id=ids[DT]))
    drop_grant(office.session, office.ids["unit_head"], f"head@unit:{AG}")
    head = update(Grant).where(Grant.account_id == office.ids["other_reviewer"])
    office.session.execute(head.values(key=f"head@unit:{DT}"))
    office.session.commit()
    number = submitted(office, clock.now())
    while clock.now() < HEAD_AT:
        clock.advance(min(timedelta(hours=12), HEAD_AT - clock.now()))
        fire_due(database.sessions, clock=clock)
    return number


@pytest.mark.parametrize("locale", ["vi", "en"])
def test_a_head_further_up_to_whom_it_was_reported_decides_on_the_page(
    office: Office,
    desk: Callable[..., Browser],
    clock: FixedClock,
    database: Database,
    locale: str,
) -> None:
    hand = "#move-reassign-assignee"
    number = reported_further_up(office, clock, database)
    head = seated(desk, office, "other_reviewer", locale)
    assert f'href="/nominations/{number}/late"' in head.open("/").text
    page = head.open(f"/nominations/{number}/late")
    assert hand in page.text
    assert f'action="/nominations/{number}/late/more-time"' in page.text
    assert "/reassign" in head.open(f"/nominations/{number}").text
    reviewer = seated(desk, office, "reviewer", locale).open(f"/nominations/{number}/late")
    assert hand not in reviewer.text, "whose role it is not is told so"
    assert "/more-time" not in reviewer.text


def test_a_head_further_up_to_whom_it_was_reported_decides_by_a_program(
    interface: Interface, database: Database
) -> None:
    number = reported_further_up(interface.office, interface.clock, database)
    body = {"day": "2026-03-20", "reason": "Chờ kết luận"}
    given = interface.post("other_reviewer", f"/nominations/{number}/more-time", body)
    assert given.json["due_at"].startswith("2026-03-20"), given.text
    heirs = interface.office.ids["deputy"]
    handed = interface.act("other_reviewer", number, "reassign", assignee_id=heirs)
    assert handed.status_code == 200, handed.text
