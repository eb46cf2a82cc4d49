"""Who signs in: found, let in, given roles, and shut out again."""

from collections.abc import Callable
from functools import partial
from typing import Any, Final, TypeVar

from flask import flash, request
from werkzeug.wrappers import Response

from api.catalogue import knows, say
from api.edge import edge, request_now, request_session, request_today
from api.inputs.accounts import AccountBody, AddressBody, KeyBody, PersonBody, RoleBody
from api.pages.carry_out import carry_out, go_on
from api.pages.frame.address_words import narrowed_by
from api.pages.identity import current_locale
from api.pages.once import claim_of_form, new_key
from api.pages.refusals import said_beside, told
from api.pages.routes import pages
from api.pages.typed import read_typed
from api.pages.views.admin.door import administrator
from api.pages.writing import render, seat_text
from api.permissions import Permission, permission
from workflow.domain.errors import Conflict, Refusal
from workflow.domain.rights.policy import Actor
from workflow.domain.rights.scope import EVERYWHERE
from workflow.domain.vocabulary import Role, Via
from workflow.operations.people.accounts import (
    LOCALES,
    add_account,
    disable_account,
    enable_account,
    issue_link,
)
from workflow.operations.people.addresses import change_address, change_person
from workflow.operations.people.grants import grant_role, revoke_role
from workflow.operations.people.printed import Issued
from workflow.queries.account_tokens import list_tokens
from workflow.queries.paging import BIGGEST_ID
from workflow.queries.seats import name_seats
from workflow.queries.setup.accounts import AccountView, get_account, grantable, list_accounts, places_of_work

Done = TypeVar("Done")
Answer = Response | str | tuple[str, int]

_PAGE: Final = 50
_ACCOUNT: Final = f"/admin/accounts/<int(max={BIGGEST_ID}):account_id>"
_NAMES: Final = {"grant": "place", "from": "since"}
_WORDS: Final = {
    "email": "accounts.wrong_email",
    "person": "accounts.wrong_person",
    "place": "accounts.wrong_role",
    "since": "accounts.wrong_from",
    "locale": "form.not_in_list",
}


@pages.get("/admin/accounts")
@permission(Permission.SIGNED_IN)
@narrowed_by("q")
def accounts() -> str:
    """Show who signs in, found by a part of a name or an address."""
    administrator()
    search = request.args.get("q", "")
    cursor = request.args.get("cursor")
    page = list_accounts(request_session(), search=search, now=request_now(), limit=_PAGE, cursor=cursor)
    return render(
        "admin/accounts.html", accounts=page.items, next=page.next, is_first=cursor is None, search=search
    )


@pages.get("/admin/accounts/new")
@permission(Permission.SIGNED_IN)
def new_account() -> str:
    """Show an empty form."""
    administrator()
    return _form()


@pages.post("/admin/accounts/new")
@permission(Permission.SIGNED_IN)
def let_in() -> Answer:
    """Add an account and show the link to set its password, once."""
    actor, now, session = administrator(), request_now(), request_session()

    def added() -> Issued:
        new = read_typed(AccountBody, request.form).account()
        issued = add_account(session, actor=actor, new=new, via=Via.WEB, now=now, claim=claim_of_form())
        for key in new.grants:
            _note_place(key)
        return issued

    return carry_out(added, done=shown_once, again=_form)


@pages.get(_ACCOUNT)
@permission(Permission.SIGNED_IN)
def account(account_id: int) -> str:
    """Show an account with its roles, tokens and sessions."""
    administrator()
    return show_account(account_id)


@pages.post(f"{_ACCOUNT}/link")
@permission(Permission.SIGNED_IN)
def new_link(account_id: int) -> Answer:
    """Show a new link to set the password, once; older ones end."""
    return change(account_id, issue_link, done=shown_once)


@pages.post(f"{_ACCOUNT}/roles")
@permission(Permission.SIGNED_IN)
def give_role(account_id: int) -> Answer:
    """Give a role at a place."""

    def given(session: Any, *, actor: Actor, email: str, via: Via, now: Any) -> object:  # noqa: ANN401 - as the operations
        said = read_typed(RoleBody, request.form)
        done = grant_role(session, actor=actor, email=email, key=said.key, since=said.since, via=via, now=now)
        _note_place(said.key)
        return done

    return change(account_id, given, said="accounts.given", conflict="accounts.held_already")


@pages.post(f"{_ACCOUNT}/roles/end")
@permission(Permission.SIGNED_IN)
def end_role(account_id: int) -> Answer:
    """End a role at a place, at once."""

    def ended(session: Any, *, actor: Actor, email: str, via: Via, now: Any) -> object:  # noqa: ANN401 - as the operations
        said = read_typed(KeyBody, request.form)
        return revoke_role(session, actor=actor, email=email, key=said.held, via=via, now=now)

    return change(account_id, ended, said="accounts.ended")


@pages.post(f"{_ACCOUNT}/address")
@permission(Permission.SIGNED_IN)
def new_address(account_id: int) -> Answer:
    """Give somebody another address to sign in with."""

    def changed(session: Any, *, actor: Actor, email: str, via: Via, now: Any) -> object:  # noqa: ANN401 - as the operations
        said = read_typed(AddressBody, request.form)
        return change_address(session, actor=actor, email=email, new=said.email, via=via, now=now)

    return change(account_id, changed, said="accounts.moved", conflict="accounts.taken")


@pages.post(f"{_ACCOUNT}/person")
@permission(Permission.SIGNED_IN)
def other_person(account_id: int) -> Answer:
    """Say which member of staff an account is."""

    def changed(session: Any, *, actor: Actor, email: str, via: Via, now: Any) -> object:  # noqa: ANN401 - as the operations
        code = read_typed(PersonBody, request.form).person.strip() or None
        return change_person(session, actor=actor, email=email, person_code=code, via=via, now=now)

    return change(account_id, changed, said="accounts.person_changed", conflict="accounts.taken")


@pages.post(f"{_ACCOUNT}/disable")
@permission(Permission.SIGNED_IN)
def shut_out(account_id: int) -> Answer:
    """Let somebody in no longer, at once."""
    return change(account_id, disable_account, said="accounts.disabled", conflict="accounts.disabled_already")


@pages.post(f"{_ACCOUNT}/enable")
@permission(Permission.SIGNED_IN)
def let_in_again(account_id: int) -> Answer:
    """Let somebody in again who was shut out, and show the link to set a new password, once."""
    again = partial(enable_account, claim=claim_of_form())
    return change(account_id, again, done=shown_once, conflict="accounts.enabled_already")


def change(
    account_id: int,
    operation: Callable[..., Done],
    *,
    said: str = "",
    done: Callable[[Done], Answer] | None = None,
    conflict: str = "",
) -> Answer:
    """Carry out an operation on an account and go back to its page, or show there what stands against it.

    `conflict` is what a contradiction without rules means there.
    """
    actor, now, session = administrator(), request_now(), request_session()
    email = get_account(session, account_id=account_id, now=now).email
    back = lambda _: go_on(say(actor.locale, said), "pages.account", account_id=account_id)  # noqa: E731 - a default
    return carry_out(
        lambda: operation(session, actor=actor, email=email, via=Via.WEB, now=now),
        done=done or back,
        again=lambda refusal: show_account(account_id, refusal, conflict),
    )


def shown_once(issued: Issued) -> str:
    """Show a link to set a password; nobody can be shown it again."""
    return render(
        "admin/secret.html",
        issued=issued,
        secret=f"{edge().settings.base_url}/password/{issued.secret}",
        is_link=True,
    )


def show_account(account_id: int, refusal: Refusal | None = None, conflict: str = "") -> str:
    """Return the page of an account, with what was refused and all that was typed."""
    session, now, locale = request_session(), request_now(), current_locale()
    view = get_account(session, account_id=account_id, now=now)
    problem, wrong = _refused(refusal, conflict)
    return render(
        "admin/account.html",
        account=view,
        roles=_spoken(view),
        tokens=list_tokens(session, email=view.email, now=now),
        problem=problem,
        wrong=wrong,
        typed=request.form,
        locale_word=say(locale, f"accounts.locale_{view.locale}"),
        new_key=new_key,
        **_choices(),
    )


def _note_place(key: str) -> None:
    """Say where a role is held that was given where no work comes to it."""
    locale = current_locale()
    kinds = [say(locale, f"accounts.kind_{kind}") for kind in places_of_work(request_session(), key=key)]
    if kinds:
        flash(say(locale, "accounts.odd_place", kind=", ".join(kinds)), "warning")


def _refused(refusal: Refusal | None, conflict: str) -> tuple[str, dict[str, str]]:
    """Return what is said above the page and beside its fields."""
    if isinstance(refusal, Conflict) and not refusal.reasons and conflict:
        return say(current_locale(), conflict), {}
    if refusal is not None and refusal.reasons:
        return told(refusal, current_locale()), {}
    return said_beside(refusal, current_locale(), _WORDS, _NAMES)


def _spoken(view: AccountView) -> list[tuple[Any, str]]:
    """Return each role with its words."""
    seats = [one.key.partition("@")[2] for one in view.roles]
    names = name_seats(request_session(), seats, today=request_today())
    return [(one, role_text(one.key, names)) for one in view.roles]


def role_text(key: str, names: dict[str, str]) -> str:
    """Say a role at a place; of the whole installation that it is."""
    role, _, seat = key.partition("@")
    if seat == EVERYWHERE:
        return say(current_locale(), "accounts.everywhere", role=seat_text(f"{role}@", {}, current_locale()))
    return seat_text(key, names, current_locale())


def _choices() -> dict[str, object]:
    """Return the roles in words and the places to hold them at."""
    locale = current_locale()
    found = grantable(request_session(), now=request_now())
    roles = [(role, seat_text(f"{role}@", {}, locale)) for role in found.roles]
    places = [(EVERYWHERE, say(locale, "accounts.all"))]
    for one in found.places:
        kind, _, code = one.code.partition(":")
        word = say(locale, f"accounts.place_{kind}") if knows(f"accounts.place_{kind}") else kind
        places.append((one.code, f"{word}: {one.name} ({code})"))
    return {
        "house_roles": tuple(Role),
        "role_choices": sorted(roles, key=lambda one: one[1]),
        "place_choices": places,
        "has_more_places": found.has_more,
    }


def _form(refusal: Refusal | None = None) -> str:
    problem, wrong = _refused(refusal, "accounts.taken")
    return render(
        "admin/account_new.html",
        problem=problem,
        wrong=wrong,
        typed=request.form,
        languages=[(locale, say(current_locale(), f"accounts.locale_{locale}")) for locale in LOCALES],
        house=edge().settings.locale,
        new_key=new_key,
        **_choices(),
    )
