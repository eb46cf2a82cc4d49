"""What takes longer than a page may: asked for in the browser, done by the worker once, told on the page."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from tasks.errands import do_errands
from tests.conftest import Database
from tests.integration.test_audit import forger
from tests.support.interface import Interface
from tests.support.office import Office
from tests.support.pages import Browser, forms_of, text_of
from tests.support.recount import LATER, due_of, import_days
from tests.support.waiting import events, many_submitted, submitted
from workflow.clock import FixedClock
from workflow.domain.rights.errands import GOES_OVER, ErrandKind
from workflow.operations.errands.run import ErrandLeftError, run_errands
from workflow.queries.history.checkpoint import read_checkpoint
from workflow.store.access import Account
from workflow.store.errands import Errand
from workflow.store.mail import Outbox
from workflow.store.nominations import Nomination
from workflow.store.paper_files import PaperFolder

Desk = Callable[..., Browser]
ADMIN = "nv24@example.vn"
VERIFY, ANEW = "/audit/verify", "/admin/calendar/anew"


@pytest.fixture
def admin(desk: Desk) -> Browser:
    return desk(ADMIN)


@pytest.fixture
def work(database: Database, clock: FixedClock, tmp_path: Path) -> Callable[[], int]:
    """Return what the worker does when it looks."""
    return lambda: do_errands(database.sessions, folder=PaperFolder(tmp_path), clock=clock)


def test_history_is_verified_by_the_worker_and_told_on_the_page(
    admin: Browser, office: Office, clock: FixedClock, work: Callable[[], int]
) -> None:
    submitted(office, clock.now())
    assert "Chưa ai kiểm tra ở đây." in text_of(admin.open(VERIFY))
    assert admin.send(VERIFY).status_code == 303
    waiting = text_of(admin.follow())
    assert "Chưa bắt đầu" in waiting
    assert "Kiểm tra ngay" not in waiting, "one at a time"
    assert work() == 1
    done = text_of(admin.open(VERIFY))
    assert "Nhật ký nguyên vẹn." in done
    assert re.search(r"Việc đã ghi [1-9]", done)
    assert work() == 0, "what is over is not done again"


def test_what_is_not_as_it_was_written_is_named_with_its_place(
    admin: Browser, office: Office, clock: FixedClock, database: Database, work: Callable[[], int]
) -> None:
    number = submitted(office, clock.now())
    with forger(database) as connection:
        connection.execute(
            "UPDATE event SET dest = 'approved' WHERE stream = %s AND seq = 2", [f"nomination:{number}"]
        )
    admin.open(VERIFY)
    admin.send(VERIFY)
    work()
    page = text_of(admin.open(VERIFY))
    assert "Nhật ký nguyên vẹn" not in page
    assert f"nomination:{number} #2 Mã băm không khớp với việc này" in page
    assert "its hash" not in page, "a finding is said in the language of the page"


def test_a_second_press_asks_for_nothing_and_another_person_is_told_to_wait(
    admin: Browser, desk: Desk, session: Session
) -> None:
    other = desk(ADMIN)
    other.open(VERIFY)
    admin.open(VERIFY)
    page = admin.page
    assert admin.send(VERIFY).status_code == 303
    admin.page = page
    assert admin.send(VERIFY).status_code == 303, "the same form again is the same errand"
    refused = other.send(VERIFY)
    assert refused.status_code == 409
    assert "Việc này đang được làm rồi" in text_of(refused)
    assert session.scalar(select(func.count()).select_from(Errand)) == 1


def test_nobody_else_finds_such_a_page(desk: Desk) -> None:
    reviewer = desk("nv02@example.vn")
    for path in (VERIFY, ANEW):
        assert reviewer.open(path).status_code == 404


def test_programs_ask_for_it_and_read_what_came_of_it(
    interface: Interface, database: Database, tmp_path: Path
) -> None:
    for part in ("nominator", "reviewer", "supervisor", "secretary"):
        for kind in ErrandKind:
            going = {"key": "standard", "before": 1, "after": 2} if kind in GOES_OVER else None
            body = {"kind": kind, "reason": "x"} | ({"going": going} if going else {})
            assert interface.post(part, "/errands", body).status_code == 404
    unsaid = interface.post("admin", "/errands", {"kind": "replan"})
    assert (unsaid.status_code, unsaid.json["errors"][0]["field"]) == (422, "reason")
    number = interface.post("admin", "/errands", {"kind": "verify"}).json["id"]
    busy = interface.post("admin", "/errands", {"kind": "verify"})
    assert (busy.status_code, busy.json["reasons"][0]["code"]) == (409, "errand_open")
    assert interface.get("reviewer", f"/errands/{number}").status_code == 404
    assert interface.get("admin", f"/errands/{number}").json["state"] == "waiting"
    do_errands(database.sessions, folder=PaperFolder(tmp_path), clock=interface.clock)
    found = interface.get("admin", f"/errands/{number}").json
    assert (found["state"], found["result"]["problems"]) == ("done", [])
    assert interface.get("admin", "/errands/999").status_code == 404


def test_a_checkpoint_is_a_signed_file_and_history_says_who_took_it(
    admin: Browser, office: Office, clock: FixedClock
) -> None:
    submitted(office, clock.now())
    assert "Chưa lấy lần nào." in text_of(admin.open(VERIFY))
    taken = admin.send("/audit/checkpoint")
    assert taken.status_code == 200
    assert "attachment" in taken.headers["Content-Disposition"]
    found = read_checkpoint(taken.get_data(as_text=True))
    assert found.heads
    page = text_of(admin.open(VERIFY))
    assert found.public_key in page
    assert "Lần gần nhất" in page
    assert "Lấy điểm đối chiếu nhật ký" in text_of(admin.open("/audit"))


def test_one_history_is_saved_to_be_checked_elsewhere(
    admin: Browser, desk: Desk, office: Office, clock: FixedClock
) -> None:
    number = submitted(office, clock.now())
    saved = admin.open(f"/audit/export?stream={number}")
    assert "attachment" in saved.headers["Content-Disposition"]
    assert [one["seq"] for one in saved.json["events"]] == [1, 2]
    assert admin.open("/audit/export?stream=nothing").status_code == 404
    assert desk("nv02@example.vn").open(f"/audit/export?stream={number}").status_code == 404


def test_nobody_saves_the_history_of_their_own_nomination_before_it_is_closed(
    admin: Browser, office: Office, session: Session, clock: FixedClock
) -> None:
    number = submitted(office, clock.now())
    person = select(Nomination.person_id).where(Nomination.id == number).scalar_subquery()
    session.execute(update(Account).where(Account.id == office.ids["admin"]).values(person_id=person))
    session.commit()
    path = "/audit/export?stream="
    assert admin.open(f"{path}{number}").status_code == 404, "it tells who reviews, and every word"
    assert admin.open(f"{path}nomination:{number}").status_code == 404
    assert admin.open(f"{path}account:{office.ids['admin']}").status_code == 200
    session.execute(update(Account).where(Account.id == office.ids["admin"]).values(person_id=None))
    session.commit()
    assert admin.open(f"{path}{number}").status_code == 200


def test_dates_are_looked_at_and_then_moved_by_the_calendar_once(
    admin: Browser,
    office: Office,
    session: Session,
    clock: FixedClock,
    work: Callable[[], int],
) -> None:
    ids = many_submitted(office, session, 3, clock.now())
    import_days(session, clock)
    before = due_of(session, ids[0])
    assert "Tính lại hạn theo lịch" in text_of(admin.open("/admin/calendar"))
    admin.open(ANEW)
    assert _press(admin, 0).status_code == 303
    assert work() == 1
    page = text_of(admin.open(ANEW))
    assert "Hạn muộn hơn 3" in page
    assert due_of(session, ids[0]) == before, "looking moves nothing"
    unsaid = _press(admin, 1, reason=" ")
    assert unsaid.status_code == 422
    assert "Hãy nêu lý do." in text_of(unsaid)
    admin.open(ANEW)
    assert _press(admin, 1, reason="Nghỉ bão số 7").status_code == 303
    assert work() == 1
    page = text_of(admin.open(ANEW))
    assert "Hạn muộn hơn 3" in page
    assert "Lý do: Nghỉ bão số 7" in page
    assert [due_of(session, number) for number in ids] == [LATER] * 3
    last = events(session, ids[0])[-1]
    assert (last.action, last.via, last.actor_id) == ("replan", "web", office.ids["admin"])
    told = select(func.count()).select_from(Outbox).where(Outbox.notice == "dates_moved")
    assert session.scalar(told)
    _press(admin, 0)
    work()
    page = text_of(admin.open(ANEW))
    assert "Không có gì thay đổi" in page, "again it would move nothing"
    assert "Tính lại và báo" not in page


def test_what_a_worker_died_with_begins_anew_when_its_lease_is_over(
    admin: Browser, database: Database, session: Session, clock: FixedClock, work: Callable[[], int]
) -> None:
    admin.open(VERIFY)
    admin.send(VERIFY)

    def die(*_: object) -> dict[str, object]:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_errands(database.sessions, clock=clock, doers={ErrandKind.VERIFY: die})
    assert work() == 0, "another one has it in hand"
    session.execute(update(Errand).values(lease_until=func.now() - timedelta(seconds=1)))
    session.commit()
    assert work() == 1
    assert "Nhật ký nguyên vẹn." in text_of(admin.open(VERIFY))


def test_a_worker_that_is_to_end_gives_back_what_it_has_and_one_that_lost_it_settles_nothing(
    admin: Browser, database: Database, session: Session, clock: FixedClock, work: Callable[[], int]
) -> None:
    admin.open(VERIFY)
    admin.send(VERIFY)

    def is_left(_errand: object, on_step: Callable[[int], None]) -> dict[str, object]:
        on_step(1)
        raise AssertionError("it goes on")

    asked = iter((False, True, True))
    run_errands(
        database.sessions, clock=clock, doers={ErrandKind.VERIFY: is_left}, is_ended=lambda: next(asked)
    )
    session.rollback()
    assert session.scalars(select(Errand.lease_until)).all() == [None]

    def overtaken(_errand: object, on_step: Callable[[int], None]) -> dict[str, object]:
        with database.sessions() as other:
            other.execute(update(Errand).values(attempt=Errand.attempt + 1))
            other.commit()
        with pytest.raises(ErrandLeftError):
            on_step(1)
        return {"problems": []}

    over = iter((False, False, True))
    run_errands(
        database.sessions, clock=clock, doers={ErrandKind.VERIFY: overtaken}, is_ended=lambda: next(over)
    )
    session.rollback()
    assert session.scalars(select(Errand.state)).all() == ["waiting"]


def test_who_may_not_ask_for_it_any_more_when_it_is_begun_gets_nothing_done(
    admin: Browser, office: Office, session: Session, clock: FixedClock, work: Callable[[], int]
) -> None:
    ids = many_submitted(office, session, 1, clock.now())
    import_days(session, clock)
    before = due_of(session, ids[0])
    admin.open(ANEW)
    _press(admin, 0)
    work()
    admin.open(ANEW)
    _press(admin, 1, reason="Nghỉ bão số 7")
    session.execute(update(Account).where(Account.id == office.ids["admin"]).values(disabled_at=clock.now()))
    session.commit()
    assert work() == 1
    session.rollback()
    last = session.scalars(select(Errand).order_by(Errand.id.desc()).limit(1)).one()
    assert (last.state, last.result) == ("failed", {"problem": "not-found"})
    assert due_of(session, ids[0]) == before


def test_what_is_taken_too_often_without_a_result_has_failed(
    admin: Browser, session: Session, work: Callable[[], int]
) -> None:
    admin.open(VERIFY)
    admin.send(VERIFY)
    session.execute(update(Errand).values(attempt=5))
    session.commit()
    assert work() == 1
    page = text_of(admin.open(VERIFY))
    assert "Không làm được" in page
    assert "no_result" in page
    assert "Kiểm tra ngay" in page, "and may be asked for again"


def _press(admin: Browser, which: int, **changes: str) -> TestResponse:
    """Send one of the page's two forms: the first looks, the second moves."""
    assert admin.page is not None
    form = {name: value for name, value in forms_of(admin.page, ANEW)[which].items() if name}
    admin.post(ANEW, {**form, **changes})
    return admin.page
