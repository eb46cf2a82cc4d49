"""Somebody who never saw it runs it by pages: what a file holds, what a role does, what comes next."""

import io
from collections.abc import Callable

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tests.support.office import AG, TOP
from tests.support.pages import Browser, form_of
from workflow.clock import FixedClock
from workflow.domain.vocabulary import Role
from workflow.imports.reading.columns import ImportKind
from workflow.queries.reference import list_awards
from workflow.store.access import Account
from workflow.store.awards import Award, AwardEdition

Desk = Callable[..., Browser]
AWARDS = "code,en,kind,workflow,valid_from\nTEACH,Teaching Award,individual,standard,2026-01-01\n"


@pytest.fixture
def admin(desk: Desk) -> Browser:
    return desk("nv24@example.vn")


def in_english(session: Session) -> None:
    session.execute(update(Account).values(locale="en"))
    session.commit()


def look(browser: Browser, kind: str, rows: str) -> Browser:
    browser.open(f"/admin/imports?kind={kind}")
    fields = form_of(browser.page, "/admin/imports/look")
    fields.pop("")
    sent = {**fields, "kind": kind, "file": (io.BytesIO(rows.encode()), f"{kind}.csv")}
    browser.post("/admin/imports/look", sent, content_type="multipart/form-data")
    return browser


def test_a_file_is_explained_where_it_is_chosen_and_a_role_where_it_is_given(admin: Browser) -> None:
    for kind in ImportKind:
        page = admin.open(f"/admin/imports?kind={kind}").get_data(as_text=True)
        assert "import_help" not in page
        assert ("nominator@unit:VKS-AG;;" in page) is (kind is ImportKind.ACCOUNTS)
    new = admin.open("/admin/accounts/new").get_data(as_text=True)
    assert [role for role in Role if f"trong tệp: {role}<" not in new] == []


def test_nothing_optional_comes_next_and_a_number_is_that_of_its_page(
    admin: Browser, session: Session, clock: FixedClock
) -> None:
    session.add(Award(code="OF_NO_DAY"))
    session.commit()
    admin.open("/admin")
    assert "nếu cần" in admin.text or "đã xong Nhập ngày nghỉ" in admin.text
    assert "làm tiếp: Nhập ngày nghỉ" not in admin.text
    in_force = list_awards(session, now=clock.now(), limit=100, cursor=None).items
    assert f"Danh hiệu, hình thức khen thưởng {len(in_force)}" in admin.text
    assert len(in_force) < len(session.scalars(select(Award.id)).all())


def test_an_award_with_a_name_in_one_language_has_it_in_both(admin: Browser, session: Session) -> None:
    look(admin, "awards", AWARDS)
    assert admin.page.status_code == 200, admin.text
    admin.send("/admin/imports")
    edition = session.scalars(
        select(AwardEdition).join(Award, Award.id == AwardEdition.award_id).where(Award.code == "TEACH")
    ).one()
    assert (edition.name_vi, edition.name_en) == ("Teaching Award", "Teaching Award")
    in_english(session)
    admin.open("/admin/awards")
    assert "Teaching Award TEACH A person" in admin.text
    look(admin, "awards", AWARDS.replace("Teaching Award", ""))
    assert "Line 2 vi" in admin.text


def test_a_round_has_a_name_by_which_links_to_it_are_read(admin: Browser) -> None:
    admin.open("/rounds/new")
    new = {"code": "2027", "title": "", "year": "2027", "owner": TOP, "units": AG, "what": "open"}
    for title in ("", "  "):
        assert admin.send("/rounds/new", {**new, "title": title}).status_code == 422
        assert admin.page.get_data(as_text=True).count("Cần điền mục này") == 1


def test_links_that_are_to_be_sent_are_made_on_pages(admin: Browser, session: Session) -> None:
    in_english(session)
    look(admin, "accounts", f"email,name,grants\nnew@example.vn,New,nominator@unit:{AG}\n")
    assert "the page of an account makes one" in admin.text


def test_a_role_where_no_work_comes_to_it_says_where_it_is_held(admin: Browser, session: Session) -> None:
    at = "No work comes to {}: this role is held at a council."
    rows = f"email,name,grants\nnew@example.vn,New,{{}}@unit:{TOP};;head@unit:{TOP}\n"
    look(admin, "accounts", rows.format("appraiser"))
    assert f"Không có việc nào đến appraiser@unit:{TOP}: vai trò này giữ tại" in admin.text
    look(admin, "accounts", rows.format("nominator"))
    assert "Không có việc nào" not in admin.text
    in_english(session)
    look(admin, "accounts", rows.format("appraiser"))
    assert at.format(f"appraiser@unit:{TOP}") in admin.text
    admin.open("/admin/accounts/new")
    new = {"name": "New", "email": "new@example.vn", "role": "council_secretary", "place": f"unit:{TOP}"}
    assert admin.send("/admin/accounts/new", new).status_code == 200
    assert "No work comes to this role there: it is held at a council." in admin.text
    session.expire_all()
    made = session.scalars(select(Account.id).where(Account.email == "new@example.vn")).one()
    admin.open(f"/admin/accounts/{made}")
    role = {"role": "council_secretary", "place": f"council:{TOP}"}
    assert admin.send("/roles", role).status_code == 303
    assert "No work comes" not in admin.follow().get_data(as_text=True)


def test_whoever_imported_is_led_to_what_comes_next(admin: Browser) -> None:
    admin.open("/admin/imports")
    assert "Các bước đầu tiên : làm tiếp:" in admin.text
