"""What came back, on the pages: its reason and words, a day of its own, who is reminded of it."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from tests.functional.test_pages_nomination import EMAILS, state_of
from tests.support.pages import browser
from workflow.store.nominations import Rung, WorkItem

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")


@pytest.fixture
def desk(database, clock, office):
    """Return a function that signs somebody in on a browser of their own."""

    def sit(part):
        seated = browser(database.sessions, clock)
        assert seated.sign_in(EMAILS[part]).status_code == 303
        return seated

    return sit


@pytest.fixture
def nomination_id(office, clock):
    nomination_id = office.draft(clock.now()).nomination_id
    office.act("nominator", nomination_id, "submit", clock.now())
    return nomination_id


def test_a_returned_nomination_shows_its_reason_and_words_to_its_nominator(desk, session, nomination_id):
    reviewer = desk("reviewer")
    reviewer.open(f"/nominations/{nomination_id}")
    changes = {"reason_code": "dossier_incomplete", "comment": "Bổ sung biên bản họp xét"}
    reviewer.send("/actions/return", changes)
    nominator = desk("nominator")
    nominator.open(f"/nominations/{nomination_id}")
    assert state_of(session, nomination_id) == "draft"
    for words in ("Lý do: Hồ sơ chưa đầy đủ", "Bổ sung biên bản họp xét", "Trả lại để hoàn thiện"):
        assert words in nominator.text


def test_what_came_back_says_so_on_top_has_a_day_and_is_sent_again(desk, office, clock, nomination_id):
    office.act(
        "reviewer", nomination_id, "return", clock.now(),
        reason_code="dossier_incomplete", comment="Bổ sung biên bản.", to_step="draft",
    )  # fmt: skip
    nominator = desk("nominator")
    for path in ("/", "/nominations"):
        nominator.open(path)
        assert "Đã trả lại" in nominator.text, path
    nominator.open(f"/nominations/{nomination_id}")
    words = nominator.text
    assert words.index("Hồ sơ chưa đầy đủ.") < words.index("Bổ sung biên bản.") < words.index("Tình trạng")
    assert "Hoàn thiện và gửi lại trước 17:00 thứ Hai, ngày 9/3/2026." in words
    assert "Gửi đơn vị bình xét (gửi lại)" in words
    # A new draft has none of it.
    fresh = office.draft(clock.now(), person_code="NV03").nomination_id
    nominator.open(f"/nominations/{fresh}")
    assert "Đã trả lại" not in nominator.text
    assert "gửi lại" not in nominator.text


def test_what_came_back_and_lies_is_reminded_of_and_told_to_the_units_head_alone(
    office, session, clock, database, nomination_id
):
    office.act(
        "reviewer", nomination_id, "return", clock.now(),
        reason_code="dossier_incomplete", comment="Bổ sung.", to_step="draft",
    )  # fmt: skip
    rungs = session.execute(
        select(Rung.kind, Rung.recipient, Rung.fire_at)
        .where(Rung.nomination_id == nomination_id, Rung.fire_at.is_not(None))
        .order_by(Rung.ordinal)
    ).all()
    told = [(rung.kind, rung.recipient, f"{rung.fire_at.astimezone(HANOI):%d/%m %H:%M}") for rung in rungs]
    assert told == [
        ("remind", "holder", "05/03 08:00"),
        ("remind", "holder", "09/03 08:00"),
        ("escalate", "head", "10/03 08:00"),
    ]
    # On hold nothing fires; the rest of the days counts after it, by the timing of the return.
    office.act("nominator", nomination_id, "hold", clock.now(), comment="Chờ xác minh")
    clock.advance(timedelta(days=7))
    office.act("nominator", nomination_id, "release_hold", clock.now())
    session.expire_all()
    due = session.scalars(
        select(WorkItem.due_at).where(WorkItem.nomination_id == nomination_id, WorkItem.closed_at.is_(None))
    ).one()
    assert f"{due.astimezone(HANOI):%d/%m/%Y}" == "16/03/2026"
