"""Nominations go over to another version of their route: by the page, programs and the command line."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from tasks.errands import do_errands
from tests.conftest import Database
from tests.functional.test_cli import Run, run
from tests.integration.test_going_over import lately_over, on_versions, publish
from tests.support.interface import Interface
from tests.support.office import ROLES, Office
from tests.support.pages import Browser, browser, forms_of, give_passwords, text_of
from tests.support.recount import due_of
from tests.support.waiting import events, many_submitted
from workflow.clock import DatabaseClock, FixedClock
from workflow.store.access import Account
from workflow.store.errands import Errand
from workflow.store.nominations import Nomination
from workflow.store.paper_files import PaperFolder

__all__ = ["run"]
PAGE = "/admin/routes/standard/migrate"


@pytest.fixture
def work(database: Database, clock: FixedClock, tmp_path: Path) -> Callable[[], int]:
    return lambda: do_errands(database.sessions, folder=PaperFolder(tmp_path), clock=clock)


def press(admin: Browser, which: int, **changes: str) -> TestResponse:
    """Send a form of the page: the last looks, the one before it, where there are two, moves."""
    assert admin.page is not None
    form = {name: value for name, value in forms_of(admin.page, PAGE)[which].items() if name}
    admin.post(PAGE, {**form, **changes})
    return admin.page


def test_an_administrator_looks_first_and_then_moves_with_a_reason(
    desk: Callable[..., Browser], office: Office, session: Session, clock: FixedClock, work: Callable[[], int]
) -> None:
    admin = desk("nv24@example.vn")
    assert "mới có một phiên bản" in text_of(admin.open(PAGE))
    ids = many_submitted(office, session, 3, clock.now())
    lately_over(clock)
    after = publish(session, clock, days=8)
    was = due_of(session, ids[0])
    admin = desk("nv24@example.vn")
    page = text_of(admin.open(f"/admin/routes/standard/{after}"))
    assert "Chuyển hồ sơ sang phiên bản khác" in page
    assert f"Phiên bản {after - 1} (3 hồ sơ đang xử lý)" in text_of(admin.open(PAGE))
    same = press(admin, -1, after=str(after - 1))
    assert same.status_code == 422
    assert "Hãy chọn một phiên bản khác." in text_of(same)
    wrong = press(admin, -1, after=str(after), renamed="nothing=draft")
    assert wrong.status_code == 422
    assert "Không có khâu như vậy" in text_of(wrong)
    admin.open(PAGE)
    assert press(admin, -1, replans="1").status_code == 303
    assert work() == 1
    page = text_of(admin.open(PAGE))
    assert "Bình xét tại đơn vị Bình xét tại đơn vị 3" in page
    assert "Hồ sơ chuyển 3" in page
    assert "Hạn muộn hơn 3" in page
    assert on_versions(session) == {after - 1: 3}
    assert press(admin, 0, reason="").status_code == 422
    admin.open(PAGE)
    assert press(admin, 0, reason="Quy trình theo TT mới").status_code == 303
    assert work() == 1
    page = text_of(admin.open(PAGE))
    assert "Lý do: Quy trình theo TT mới" in page
    assert on_versions(session) == {after: 3}
    assert due_of(session, ids[0]) > was
    last = events(session, ids[0])[-1]
    assert (last.action, last.via, last.actor_id) == ("migrate", "web", office.ids["admin"])
    history = text_of(admin.open(f"/nominations/{ids[0]}"))
    assert "Chuyển sang phiên bản khác của quy trình" in history
    assert "Đã chuyển hồ sơ sang phiên bản khác" in text_of(admin.open("/audit?kind=definition"))
    reviewer = desk("nv02@example.vn")
    assert reviewer.open(PAGE).status_code == 404


def test_what_stands_in_the_way_is_shown_and_nothing_can_be_pressed(
    desk: Callable[..., Browser], office: Office, session: Session, clock: FixedClock, work: Callable[[], int]
) -> None:
    many_submitted(office, session, 1, clock.now())
    lately_over(clock)
    publish(session, clock, unit_review="base_review")
    admin = desk("nv24@example.vn")
    admin.open(PAGE)
    press(admin, -1)
    work()
    page = text_of(admin.open(PAGE))
    assert "Không có khâu tương ứng" in page
    assert len(forms_of(admin.page, PAGE)) == 1, "it can only be looked at again"
    press(admin, -1, renamed="unit_review=base_review")
    work()
    admin.open(PAGE)
    assert press(admin, 0, reason="Đổi tên khâu").status_code == 303
    work()
    assert "Hồ sơ chuyển 1" in text_of(admin.open(PAGE))


def test_a_version_that_is_none_leaves_the_page_as_it_was(
    interface: Interface, session: Session, database: Database, work: Callable[[], int]
) -> None:
    many_submitted(interface.office, session, 1, interface.clock.now())
    publish(session, interface.clock)
    give_passwords(session)
    going = {"key": "standard", "before": 1, "after": 99}
    assert interface.post("admin", "/errands", {"kind": "migrate_shown", "going": going}).status_code == 201
    admin = browser(database.sessions, interface.clock)
    admin.sign_in("nv24@example.vn")
    assert admin.open(PAGE).status_code == 200
    work()
    assert admin.open(PAGE).status_code == 200
    assert "not-found" in text_of(admin.page)


def test_one_that_was_cut_off_says_that_its_numbers_are_of_the_rest(
    desk: Callable[..., Browser], office: Office, session: Session, clock: FixedClock, work: Callable[[], int]
) -> None:
    many_submitted(office, session, 1, clock.now())
    lately_over(clock)
    publish(session, clock)
    admin = desk("nv24@example.vn")
    admin.open(PAGE)
    press(admin, -1)
    work()
    admin.open(PAGE)
    press(admin, 0, reason="TT mới")
    cut = "Việc này bị ngắt giữa chừng"
    session.execute(update(Errand).where(Errand.kind == "migrate").values(attempt=1))
    session.commit()
    work()
    assert cut in text_of(admin.open(PAGE))
    session.execute(update(Errand).values(result=Errand.result.op("-")("begun")))
    session.commit()
    assert cut not in text_of(admin.open(PAGE)), "what was done before that was counted"


def test_programs_ask_for_it_too_and_their_own_nomination_is_left_to_somebody_else(
    interface: Interface, session: Session, database: Database, tmp_path: Path
) -> None:
    clock, office = interface.clock, interface.office
    ids = many_submitted(office, session, 3, clock.now())
    nominee = select(Nomination.person_id).where(Nomination.id == ids[1]).scalar_subquery()
    session.execute(update(Account).where(Account.id == office.ids["admin"]).values(person_id=nominee))
    session.commit()
    lately_over(clock)
    after = publish(session, clock)
    going = {"key": "standard", "before": after - 1, "after": after}
    assert interface.post("admin", "/errands", {"kind": "migrate", "reason": "x"}).status_code == 422
    assert interface.post("admin", "/errands", {"kind": "verify", "going": going}).status_code == 422
    asked = interface.post("admin", "/errands", {"kind": "migrate", "reason": "TT mới", "going": going})
    assert asked.status_code == 201, asked.text
    do_errands(database.sessions, folder=PaperFolder(tmp_path), clock=clock)
    found = interface.get("admin", f"/errands/{asked.json['id']}").json
    assert (found["state"], found["result"]["moved"], found["result"]["own"]) == ("done", 2, 1)
    assert on_versions(session) == {after: 2, after - 1: 1}
    missing = {**going, "after": 99}
    asked = interface.post("admin", "/errands", {"kind": "migrate", "reason": "x", "going": missing}).json
    do_errands(database.sessions, folder=PaperFolder(tmp_path), clock=clock)
    failed = interface.get("admin", f"/errands/{asked['id']}").json
    assert (failed["state"], failed["result"]["problem"]) == ("failed", "not-found")


def test_the_command_line_shows_refuses_and_moves(run: Run, database: Database) -> None:
    with database.sessions() as session:
        accounts = {row.email.split("@")[0]: row.id for row in session.scalars(select(Account))}
        office = Office({part: accounts[code.lower()] for part, (code, _, _) in ROLES.items()}, session)
        clock = FixedClock(DatabaseClock().now(session) - timedelta(days=1))
        many_submitted(office, session, 2, clock.now())
        after = publish(session, clock, unit_review="base_review")
    versions = ("--from", f"standard@{after - 1}", "--to", f"standard@{after}")
    stuck = run("workflow", "migrate", *versions)
    assert stuck.exit_code == 1
    assert "unit_review -> unit_review: 2 stay (gone)" in stuck.stderr
    named = (*versions, "--map", "unit_review=base_review", "--replan")
    shown = run("workflow", "migrate", *named, "--dry-run")
    assert "Would go over: 2." in shown.stdout
    done = json.loads(run("workflow", "migrate", *named, "--reason", "TT mới", "--json").stdout)
    assert (done["moved"], done["counts"]["moved"]) == (True, 2)
    assert "Went over: 0." in run("workflow", "migrate", *named).stdout
    assert run("workflow", "migrate", "--from", "standard@1", "--to", "annual@1").exit_code == 2
