"""A form whose secret is shown once, sent again: one secret opens something, the one on the screen."""

from collections.abc import Mapping
from typing import Any

import pytest
from sqlalchemy import func, select

from tests.support.pages import Browser, form_of
from workflow.operations.people.printed import FIRST_LINK
from workflow.operations.people.tokens import digest
from workflow.store.access import Account, ApiToken, PasswordLink, token_id
from workflow.store.history import Event

NEW = {"email": "moi@example.vn", "name": "Nguyễn Thị Mới", "person": "", "role": "", "place": ""}


@pytest.fixture
def admin(desk) -> Browser:
    seated: Browser = desk("nv24@example.vn")
    return seated


def secret_on(page: Any) -> str:
    """Return the secret that a page shows, be it alone or at the end of an address."""
    text = page.get_data(as_text=True).partition('spellcheck="false">')[2]
    return str(text.partition("</textarea>")[0].strip().rpartition("/")[2])


def pressed_twice(admin: Browser, path: str, action: str, changes: Mapping[str, object]) -> list[Any]:
    """Send the form of a page and, as after an answer that was lost, the very same again."""
    form = form_of(admin.open(path), action)
    to = form.pop("")
    return [admin.answer_to(to, {**form, **changes}) for _ in range(2)]


def test_of_a_token_asked_for_twice_the_one_on_the_screen_lives_and_no_other(
    admin: Browser, session, office
) -> None:
    account_id = office.ids["nominator"]
    path = f"/admin/accounts/{account_id}"
    answers = pressed_twice(admin, path, "/tokens", {"days": "30"})
    assert [answer.status_code for answer in answers] == [200, 200]
    kept = session.scalars(select(ApiToken.token_hash).where(ApiToken.account_id == account_id)).all()
    assert kept == [digest(secret_on(answers[-1]))]
    said = session.scalars(select(Event.action).where(Event.stream == f"account:{account_id}")).all()
    assert (said.count("token"), said.count("revoke_token")) == (2, 1)
    # Another form is another token.
    admin.open(path)
    assert admin.send("/tokens", {"days": "30"}).status_code == 200
    assert session.scalars(select(func.count()).select_from(ApiToken)).one() == 2


def test_a_token_that_was_ended_meanwhile_is_made_anew_by_the_same_form(
    admin: Browser, session, office
) -> None:
    path = f"/admin/accounts/{office.ids['nominator']}"
    form = form_of(admin.open(path), "/tokens")
    to = form.pop("")
    assert admin.answer_to(to, form).status_code == 200
    [made] = session.scalars(select(ApiToken.token_hash)).all()
    admin.open(path)
    assert admin.send(f"/tokens/{token_id(made)}/end").status_code == 303
    assert admin.answer_to(to, form).status_code == 200
    assert session.scalars(select(func.count()).select_from(ApiToken)).one() == 1


def test_an_account_added_twice_is_one_and_its_link_is_the_one_on_the_screen(admin: Browser, session) -> None:
    first, again = pressed_twice(admin, "/admin/accounts/new", "/admin/accounts/new", NEW)
    assert (first.status_code, again.status_code) == (200, 200)
    account_id = session.scalars(select(Account.id).where(Account.email == NEW["email"])).one()
    links = select(PasswordLink).where(PasswordLink.account_id == account_id)
    [link] = session.scalars(links).all()
    assert link.token_hash == digest(secret_on(again))
    # It travels to somebody who does not wait for it, as the first did.
    added_at = session.scalars(select(Account.created_at).where(Account.id == account_id)).one()
    assert link.expires_at - added_at == FIRST_LINK
    said = session.scalars(select(Event.action).where(Event.stream == f"account:{account_id}")).all()
    assert said == ["add", "password_link", "password_link"]
    # Whoever fills in another form for the same address is told that it is taken.
    admin.open("/admin/accounts/new")
    assert admin.send("/admin/accounts/new", NEW).status_code == 409


def test_an_account_let_in_again_twice_shows_the_link_that_holds(admin: Browser, session, office) -> None:
    account_id = office.ids["stranger"]
    path = f"/admin/accounts/{account_id}"
    admin.open(path)
    admin.send("/disable", {})
    first, again = pressed_twice(admin, path, "/enable", {})
    assert (first.status_code, again.status_code) == (200, 200)
    links = select(PasswordLink.token_hash).where(PasswordLink.account_id == account_id)
    assert session.scalars(links).all() == [digest(secret_on(again))]
