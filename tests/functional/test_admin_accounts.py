"""Accounts in the browser: let in, given roles, shut out; secrets are shown once and few an hour."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from tests.conftest import Database
from tests.support.office import AG, TOP, Office
from tests.support.pages import BASE, Browser, browser, form_of, forms_of, text_of
from workflow.clock import FixedClock
from workflow.domain.errors import Conflict, TooManyAttempts
from workflow.domain.vocabulary import Via
from workflow.operations.people.accounts import disable_account, issue_link
from workflow.operations.people.bearer_tokens import issue_token
from workflow.operations.people.grants import grant_role, revoke_role
from workflow.operations.people.printed import MOST_AN_HOUR
from workflow.store.access import Account, ApiToken, Grant, PasswordLink, WebSession
from workflow.store.history import Event

ADMIN, OTHER = "nv24@example.vn", "nv01@example.vn"
LINK = re.compile(r"https?://[^\s<]+/password/([\w-]+)")
Desk = Callable[..., Browser]


@pytest.fixture
def admin(desk: Desk) -> Browser:
    return desk(ADMIN)


def page_of(office: Office, part: str) -> str:
    return f"/admin/accounts/{office.ids[part]}"


def test_somebody_is_let_in_with_a_role_and_a_link_that_is_shown_once(
    admin: Browser, database: Database, clock: FixedClock, office: Office
) -> None:
    admin.open("/admin/accounts/new")
    new = {"name": "Lê Chi", "email": "Chi@example.vn", "role": "nominator", "place": f"unit:{AG}"}
    page = admin.send("/admin/accounts/new", new)
    assert page.status_code == 200
    assert page.headers["Cache-Control"] == "no-store"
    token = LINK.search(page.get_data(as_text=True))
    assert token is not None
    with database.sessions() as session:
        account = session.scalars(select(Account).where(Account.email == "chi@example.vn")).one()
        event = session.scalars(
            select(Event).where(Event.stream == f"account:{account.id}", Event.action == "add")
        ).one()
        assert (event.via, event.actor_id) == ("web", office.ids["admin"])
    shown = text_of(admin.open(f"/admin/accounts/{account.id}"))
    assert token[1] not in shown
    assert "Người lập hồ sơ" in shown or f"nominator@unit:{AG}" in shown
    guest = browser(database.sessions, clock)
    guest.open(f"/password/{token[1]}")
    guest.send("", {"password": "một câu đủ dài để nhớ", "again": "một câu đủ dài để nhớ"})
    assert guest.sign_in("chi@example.vn", "một câu đủ dài để nhớ").status_code == 303
    # The same form again adds nobody and shows no other link.
    admin.open("/admin/accounts/new")
    again = admin.send("/admin/accounts/new", new)
    assert again.status_code == 409
    assert "đã có tài khoản" in text_of(again)
    assert LINK.search(again.get_data(as_text=True)) is None


def test_each_wrong_field_is_told_beside_it_and_nothing_typed_is_lost(
    admin: Browser, database: Database
) -> None:
    for wrong, said in (
        ({"email": "a@b, c@d"}, "không phải một địa chỉ"),
        ({"person": "KHONG-CO"}, "Không ai có mã này"),
        ({"role": "nominator", "place": ""}, "Hãy chọn vai trò và nơi"),
        ({"role": "", "place": f"unit:{AG}"}, "Hãy chọn vai trò và nơi"),
        ({"role": "nominator", "place": "unit:NOWHERE"}, "Hãy chọn vai trò và nơi"),
        ({"role": "king", "place": "all"}, "Hãy chọn vai trò và nơi"),
        ({"name": ""}, "Cần điền mục này"),
        ({"locale": "fr"}, "danh sách"),
        ({"email": "x" * 301}, "ký tự"),
    ):
        admin.open("/admin/accounts/new")
        page = admin.send(
            "/admin/accounts/new", {"name": "Lê Chi", "email": "chi@example.vn", "place": "", **wrong}
        )
        assert page.status_code == 422, wrong
        assert said in text_of(page), (wrong, text_of(page))
        if "name" not in wrong:
            assert form_of(page, "/admin/accounts/new")["name"] == "Lê Chi"
    with database.sessions() as session:
        assert session.scalar(select(Account.id).where(Account.email == "chi@example.vn")) is None


def test_roles_are_given_and_ended_with_what_rests_on_them(
    admin: Browser, database: Database, office: Office
) -> None:
    path = page_of(office, "nominator")
    admin.open(path)
    given = {"role": "unit_deputy", "place": f"unit:{TOP}"}
    assert admin.send("/roles", given).status_code == 303
    assert "Đã giao vai trò" in text_of(admin.follow())
    twice = admin.send("/roles", given)
    assert twice.status_code == 409
    assert "đã giữ vai trò đó" in text_of(twice)
    admin.open(path)
    past = admin.send("/roles", {**given, "role": "head", "since": "01/01/2020"})
    assert past.status_code == 422
    assert "Ngày đã qua" in text_of(past)
    admin.open(path)
    ends = {form["held"]: form for form in forms_of(admin.page, "/roles/end")}
    held = ends[f"unit_deputy@unit:{TOP}"]
    for status in (303, 404):
        data = {name: text for name, text in held.items() if name}
        assert admin.answer_to(held[""], data).status_code == status
    with database.sessions() as session:
        keys = session.scalars(select(Event.action).where(Event.via == "web").order_by(Event.seq)).all()
    assert {"grant", "revoke"} <= set(keys)


def test_tokens_are_shown_once_and_ended_one_by_one(
    admin: Browser, database: Database, office: Office
) -> None:
    path = page_of(office, "nominator")
    for days in ("0", "367", "viele"):
        admin.open(path)
        assert admin.send("/tokens", {"days": days}).status_code == 422
    admin.open(path)
    page = admin.send("/tokens", {"days": "7"})
    assert (page.status_code, page.headers["Cache-Control"]) == (200, "no-store")
    secret = re.search(
        r"readonly spellcheck=\"false\">\n([\w-]{40,})</textarea>", page.get_data(as_text=True)
    )
    assert secret is not None
    asked = admin.client.get("/api/v1/me", headers={"Authorization": f"Bearer {secret[1]}"}, base_url=BASE)
    assert asked.get_json()["email"] == OTHER
    admin.open(path)
    assert secret[1] not in admin.page.get_data(as_text=True)
    [end] = [form for form in forms_of(admin.page, "/end") if "/tokens/" in form[""]]
    data = {"csrf_token": end["csrf_token"]}
    assert admin.answer_to(end[""], data).status_code == 303
    gone = admin.client.get("/api/v1/me", headers={"Authorization": f"Bearer {secret[1]}"}, base_url=BASE)
    assert gone.status_code == 401
    assert admin.answer_to(end[""], data).status_code == 404


def test_somebody_is_signed_out_moved_and_shut_out(
    admin: Browser, desk: Desk, database: Database, office: Office
) -> None:
    other, path = desk(OTHER), page_of(office, "nominator")
    admin.open(path)
    assert admin.send("/sessions/end").status_code == 303
    assert other.open("/").status_code == 303, "signed out in that browser too"
    admin.open(path)
    taken = admin.send("/address", {"email": "nv02@example.vn"})
    assert taken.status_code == 409
    admin.open(path)
    assert admin.send("/address", {"email": "moi@example.vn"}).status_code == 303
    assert says_who(admin, path, "NV99") == 422
    assert says_who(admin, path, "NV02") == 409, "has an account"
    assert says_who(admin, path, "NV05") == 303
    for status in (303, 409):
        admin.open(path)
        token = form_of(admin.page, "/sign-out")["csrf_token"]
        assert admin.answer_to(f"{path}/disable", {"csrf_token": token}).status_code == status
    with database.sessions() as session:
        account = session.get_one(Account, office.ids["nominator"])
        assert (account.email, account.disabled_at is not None) == ("moi@example.vn", True)
    page = admin.open(path)
    assert forms_of(page, "/link") == []
    again = admin.send("/enable")
    assert "/password/" in text_of(again)
    with database.sessions() as session:
        assert session.get_one(Account, office.ids["nominator"]).disabled_at is None
    token = form_of(admin.open("/"), "/sign-out")["csrf_token"]
    assert admin.answer_to(f"{path}/enable", {"csrf_token": token}).status_code == 409


def says_who(admin: Browser, path: str, code: str) -> int:
    """Say which member of staff an account is, and return the answer's code."""
    admin.open(path)
    return admin.send("/person", {"person": code}).status_code


def test_nobody_says_who_they_are_themselves(admin: Browser, database: Database, office: Office) -> None:
    """An administrator who is nominated could step into their own file."""
    with database.sessions() as session:
        before = session.get_one(Account, office.ids["admin"]).person_id
    assert says_who(admin, page_of(office, "admin"), "") == 403
    assert "do người quản trị khác đổi" in text_of(admin.page)
    with database.sessions() as session:
        assert session.get_one(Account, office.ids["admin"]).person_id == before


def test_the_last_who_runs_the_installation_stays(
    admin: Browser, database: Database, office: Office, session: Session, clock: FixedClock
) -> None:
    path = page_of(office, "admin")
    admin.open(path)
    refused = [admin.send("/disable")]
    admin.open(path)
    refused.append(admin.send("/roles/end"))
    for page in refused:
        assert page.status_code == 409
        assert "Không còn ai khác quản trị" in text_of(page)
    # Whoever has no password yet could not sign in to mend anything.
    who, now = office.actor("admin", clock.now()), clock.now()
    grant_role(session, actor=who, email=OTHER, key="admin@all", via=Via.WEB, now=now)
    session.execute(update(Account).where(Account.email == OTHER).values(password_hash=None))
    session.commit()
    with pytest.raises(Conflict, match="nobody else runs"):
        disable_account(session, actor=who, email=ADMIN, via=Via.WEB, now=now)
    session.rollback()
    session.execute(update(Account).where(Account.email == OTHER).values(password_hash="x"))
    session.commit()
    revoke_role(session, actor=who, email=ADMIN, key="admin@all", via=Via.WEB, now=now)
    # The command line asks nobody: whoever has it can let anybody in again.
    revoke_role(session, actor=None, email=OTHER, key="admin@all", via=Via.CLI, now=now)
    assert session.scalar(select(func.count()).where(Grant.key == "admin@all", Grant.valid_to.is_(None))) == 0


def test_few_secrets_are_shown_an_hour(session: Session, office: Office, clock: FixedClock) -> None:
    who, now = office.actor("admin", clock.now()), clock.now()
    for number in range(MOST_AN_HOUR):
        at = now + timedelta(seconds=number)
        if number % 2:
            issue_link(session, actor=who, email=OTHER, via=Via.WEB, now=at)
        else:
            issue_token(session, actor=who, email=OTHER, days=1, via=Via.WEB, now=at)
    late = now + timedelta(minutes=30)
    for act in (
        lambda: issue_link(session, actor=who, email=OTHER, via=Via.WEB, now=late),
        lambda: issue_token(session, actor=who, email=OTHER, days=1, via=Via.WEB, now=late),
    ):
        with pytest.raises(TooManyAttempts, match="try again in 30 min"):
            act()
        session.rollback()
    issue_link(session, actor=None, email=OTHER, via=Via.CLI, now=late)
    issue_link(session, actor=who, email=OTHER, via=Via.WEB, now=now + timedelta(hours=1, seconds=1))


def test_accounts_are_found_by_part_of_a_name_or_address(admin: Browser) -> None:
    for search, there in (("nv0", True), ("NV01@EX", True), ("%", False), ("zzz", False)):
        admin.open(f"/admin/accounts?q={search.replace('%', '%25')}")
        assert (OTHER in admin.text) is there, search
    assert admin.open("/admin/accounts?cursor=nonsense").status_code in {400, 422}


POSTS = (
    "link",
    "roles",
    "roles/end",
    "tokens",
    "tokens/abc/end",
    "sessions/end",
    "address",
    "person",
    "disable",
    "enable",
)


def test_nobody_else_finds_any_of_it(desk: Desk, admin: Browser, office: Office, database: Database) -> None:
    path = page_of(office, "nominator")
    for who in ("nv23", "nv01"):
        seated = desk(f"{who}@example.vn")
        for page in ("/admin/accounts", "/admin/accounts/new", path):
            assert seated.open(page).status_code == 404
        token = form_of(seated.open("/"), "/sign-out")["csrf_token"]
        for action in ("/admin/accounts/new", *(f"{path}/{post}" for post in POSTS)):
            answer = seated.answer_to(action, {"csrf_token": token})
            assert answer.status_code == 404, action
    for action in ("/admin/accounts/new", *(f"{path}/{post}" for post in POSTS)):
        assert admin.answer_to(action, {"days": "7"}).status_code == 400, action
    token = form_of(admin.open("/"), "/sign-out")["csrf_token"]
    for post in POSTS:
        answer = admin.answer_to(f"/admin/accounts/999999/{post}", {"csrf_token": token})
        assert answer.status_code == 404, post
    with database.sessions() as session:
        assert session.scalar(select(func.count()).select_from(ApiToken)) == 0
        assert session.scalar(select(func.count()).select_from(PasswordLink)) == 0
        session.execute(delete(WebSession))
