"""Whom a silent unit was reported to decides on one page: more time for it, somebody else, or act."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tests.conftest import Database
from tests.support.bulk import unit_ids
from tests.support.office import AG, Office
from tests.support.pages import Browser, give_passwords, text_of
from tests.support.rounds import BODY_DEADLINE, NEXT, opened, returns_of
from tests.support.waiting import add_account, drop_grant
from workflow.clock import FixedClock
from workflow.operations.sweep.escalate import fire_due
from workflow.store.access import Account
from workflow.store.organisation import UnitEdition
from workflow.store.submissions import ExpectedReturn

LATE = f"/rounds/{NEXT}/returns/{AG}/late"
HEAD_AT = datetime(2026, 4, 16, 1, tzinfo=UTC)


@pytest.fixture
def reported(office: Office, session: Session, clock: FixedClock, database: Database) -> Office:
    """Return an office in which the silent unit was reported to its head."""
    office.ids["ag_head"] = add_account(session, "head-ag@example.vn", f"head@unit:{AG}", clock.now())
    drop_grant(session, office.ids["unit_head"], f"head@unit:{AG}")
    give_passwords(session)
    opened(session, clock.now())
    while clock.now() < HEAD_AT:
        clock.advance(min(timedelta(hours=12), HEAD_AT - clock.now()))
        fire_due(database.sessions, clock=clock)
    session.rollback()
    return office


def seated(desk: Callable[..., Browser], office: Office, part: str, locale: str = "vi") -> Browser:
    office.session.execute(update(Account).values(locale=locale))
    office.session.commit()
    return desk(str(office.session.scalar(select(Account.email).where(Account.id == office.ids[part]))))


def test_the_head_comes_from_the_inbox_asks_who_may_and_hands_on(
    reported: Office, desk: Callable[..., Browser]
) -> None:
    browser = seated(desk, reported, "ag_head")
    assert f'href="{LATE}"' in browser.open("/").text
    page = browser.open(LATE)
    assert "Cơ quan tổ chức đợt xét mới gia hạn được. Liên hệ: Lê Văn Tâm" in text_of(page)
    assert "/extend" not in page.text
    for way in ("/absences", f"/rounds/{NEXT}/reach?units={AG}", f"/rounds/{NEXT}/nudge?units={AG}"):
        assert f'href="{way}"' in page.text, way
        assert browser.open(way).status_code == 200, way


def test_the_office_gives_this_unit_more_time_after_it_saw_what_moves(
    reported: Office, desk: Callable[..., Browser], session: Session
) -> None:
    browser = seated(desk, reported, "supervisor", "en")
    assert f'class="row-title" href="{LATE}"' in browser.open("/escalations?days=10").text
    page = browser.open(LATE)
    assert "Give the unit more time, reassign its work, or remind it" in page.text
    said = {"day": "24/04/2026", "reason": "Bão số 3"}
    preview = browser.send(f"/rounds/{NEXT}/extend", said)
    assert preview.status_code == 200, text_of(preview)
    assert "VKSND tỉnh An Giang: " in text_of(preview)
    assert AG not in text_of(preview)
    session.rollback()
    assert returns_of(session, NEXT)[AG].due_on == BODY_DEADLINE, "nothing moves before it is confirmed"
    browser.page = preview
    assert browser.send(f"/rounds/{NEXT}/extend", {}).status_code == 303
    session.rollback()
    moved = {code: row.due_on for code, row in returns_of(session, NEXT).items()}
    assert moved.pop(AG) == date(2026, 4, 24)
    assert set(moved.values()) == {BODY_DEADLINE}


def test_of_a_unit_that_is_not_theirs_or_owes_nothing_nobody_learns_more(
    reported: Office, desk: Callable[..., Browser], session: Session
) -> None:
    assert seated(desk, reported, "stranger").open(LATE).status_code == 404
    assert seated(desk, reported, "supervisor").open(LATE.replace(AG, "VKS-XX")).status_code == 404
    session.execute(update(ExpectedReturn).values(sent_at=HEAD_AT))
    session.commit()
    page = seated(desk, reported, "supervisor").open(LATE.replace(AG, AG.lower()))
    assert "không còn gì phải quyết định" in page.text
    assert "/extend" not in page.text


def test_the_unit_s_own_officer_is_not_sent_to_themselves(
    reported: Office, desk: Callable[..., Browser], session: Session
) -> None:
    name = session.scalar(select(Account.name).where(Account.id == reported.ids["ag_head"]))
    said = {"officer_name": name, "officer_telephone": "0296 385 0001"}
    session.execute(update(UnitEdition).values(said).where(UnitEdition.unit_id == unit_ids(session)[AG]))
    assert "tel:02963850001" in seated(desk, reported, "supervisor").open(LATE).text
    page = seated(desk, reported, "ag_head").open(LATE)
    assert "0296 385 0001" not in page.text
    assert "reach?" not in page.text
    assert "Lập tờ trình và danh sách, hoặc trả lời" in text_of(page)
