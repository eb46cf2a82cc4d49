"""The mails about what units owe: whole, once to each person, and not at all where they hold no longer."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tests.support.mail import Scene, mail_server, text_of
from tests.support.office import AG, DT, furnish
from tests.support.rounds import NEXT, opened, returns_of
from tests.support.waiting import add_account, submitted
from workflow.clock import FixedClock
from workflow.domain.vocabulary import RoundDate, Via
from workflow.operations.rounds.extend import Extend, extend_round
from workflow.operations.rounds.rounds import close_round
from workflow.operations.sweep import escalate
from workflow.queries.mail.dead import dead_mails, dead_reminders
from workflow.store.access import Grant
from workflow.store.mail import Outbox
from workflow.store.nominations import Rung

NOMINATOR, OTHER, HEAD = "nv01@example.vn", "nv11@example.vn", "nv02@example.vn"
FIRST_REMINDER = datetime(2026, 4, 1, 1, tzinfo=UTC)


@pytest.fixture
def scene(session: Session, clock: FixedClock, database) -> Iterator[Scene]:
    with mail_server() as server:
        scene = Scene(furnish(session, now=clock.now()), session, database.sessions, clock, server)
        opened(session, clock.now())
        yield scene


def test_a_unit_is_told_which_round_by_when_what_to_do_and_whom_to_call(scene: Scene) -> None:
    scene.deliver()
    [mail] = scene.server.inbox.of(NOMINATOR)
    text = text_of(mail)
    for words in (
        "Hạn nộp: 17:00 thứ Tư, ngày 15/4/2026",
        "Đợt xét: Đợt xét khen thưởng năm 2026.",
        "Đơn vị: VKSND tỉnh An Giang.",
        "gửi tờ trình và danh sách, hoặc trả lời không có đề nghị",
        f"https://khen.example.vn/rounds/{NEXT}",
        "Lê Văn Tâm, điện thoại 024 3825 5058",
    ):
        assert words in text
    assert str(mail["References"]).endswith(".work.20260415@vksnd.example>")
    assert scene.server.inbox.of(HEAD), "who answers for the unit hears of it too"


def test_who_writes_for_two_units_gets_one_mail_about_both(scene: Scene) -> None:
    both = add_account(scene.session, "both@example.vn", f"nominator@unit:{AG}", scene.clock.now())
    scene.session.add(Grant(account_id=both, key=f"nominator@unit:{DT}", valid_from=date(2026, 1, 1)))
    scene.session.commit()
    scene.clock.advance(FIRST_REMINDER - scene.clock.now())
    scene.fire()
    scene.deliver()
    [mail] = scene.server.inbox.of("both@example.vn")
    assert "2 đơn vị" in str(mail["Subject"])
    assert "VKSND tỉnh An Giang" in text_of(mail)
    assert "VKSND tỉnh Đồng Tháp" in text_of(mail)


def test_a_reminder_that_waits_is_not_sent_once_the_round_is_closed(scene: Scene) -> None:
    scene.deliver()
    scene.clock.advance(FIRST_REMINDER - scene.clock.now())
    scene.fire()
    close_round(scene.session, actor=None, code=NEXT, via=Via.CLI, now=scene.clock.now())
    scene.server.inbox.mails.clear()
    scene.deliver()
    assert scene.server.inbox.mails == []
    assert ("cancelled", "work_done") in scene.outcomes()


def test_mails_about_a_nomination_go_on_after_its_round_has_closed(scene: Scene) -> None:
    scene.deliver()
    nomination_id = submitted(scene.office, scene.clock.now())
    close_round(scene.session, actor=None, code="2026-NAM", via=Via.CLI, now=scene.clock.now())
    scene.deliver()
    assert any(f"/nominations/{nomination_id}" in text_of(mail) for mail in scene.server.inbox.of(HEAD))


def test_a_moved_date_is_told_with_the_old_one_the_new_one_and_why(scene: Scene) -> None:
    scene.deliver()
    scene.server.inbox.mails.clear()
    scene.server.inbox.recipients.clear()
    moved = Extend(NEXT, RoundDate.UNIT_DEADLINE, date(2026, 4, 24), "Bão số 3, mất điện", (DT,))
    extend_round(scene.session, actor=None, extend=moved, via=Via.CLI, now=scene.clock.now())
    scene.deliver()
    [mail] = scene.server.inbox.of(OTHER)
    text = text_of(mail)
    assert "Hạn mới: 17:00 thứ Sáu, ngày 24/4/2026" in text
    assert "Hạn cũ: 17:00 thứ Tư, ngày 15/4/2026" in text
    assert "> Bão số 3, mất điện" in text
    assert scene.server.inbox.of(NOMINATOR) == []


def test_what_fails_for_good_is_shown_with_its_unit(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    scene.clock.advance(FIRST_REMINDER - scene.clock.now())

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(escalate, "fire_return", broken)
    for _ in range(escalate.MAX_ATTEMPTS):
        scene.fire()
    scene.session.rollback()
    dead = scene.session.scalars(select(Rung).where(Rung.dead_at.is_not(None))).all()
    assert {rung.expected_return_id for rung in dead} == {
        one.id for one in returns_of(scene.session, NEXT).values()
    }
    admin = scene.office.actor("admin", scene.clock.now())
    shown = dead_reminders(scene.session, actor=admin, limit=10, cursor=None).items
    assert {(one.nomination_id, one.subject) for one in shown} == {(None, AG), (None, DT)}
    stranger = scene.office.actor("stranger", scene.clock.now())
    assert dead_reminders(scene.session, actor=stranger, limit=10, cursor=None).items == ()
    scene.session.execute(update(Outbox).values(state="dead", state_reason="refused"))
    scene.session.commit()
    mails = dead_mails(scene.session, actor=admin, limit=10, cursor=None).items
    assert {one.subject for one in mails} == {AG, DT}
