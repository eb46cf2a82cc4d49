"""`commendo account`: people who sign in."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

import click

from api.commands.desk import Desk, at_desk
from api.commands.output import as_json, tell
from workflow.domain.vocabulary import Via
from workflow.operations.people.accounts import (
    LOCALES,
    NewAccount,
    add_account,
    disable_account,
    enable_account,
    issue_link,
)
from workflow.operations.people.addresses import change_address, change_person
from workflow.operations.people.bearer_tokens import LONGEST_TOKEN_DAYS, issue_token, revoke_token
from workflow.operations.people.grants import grant_role, revoke_role
from workflow.operations.people.printed import Issued
from workflow.queries.account_tokens import list_tokens

PASSWORD_PATH = "/password/"  # noqa: S105 - where the page to set a password lies


@click.group(
    help="People who sign in: add, disable and enable them, links for passwords, tokens for programs."
)
def account() -> None:
    """Hold the commands about accounts."""


@account.command(name="add")
@click.argument("email", metavar="EMAIL")
@click.option("--name", required=True, help="The name others read.")
@click.option("--person", "person_code", metavar="CODE", help="Which member of staff this is.")
@click.option(
    "--grant",
    "grants",
    metavar="ROLE@SCOPE",
    multiple=True,
    help="What they may do, as in unit_reviewer@unit:VKS-AG; can be given several times.",
)
@click.option("--locale", type=click.Choice(LOCALES), help="Their language; COMMENDO_LOCALE unless said.")
@as_json
def add(
    email: str,
    name: str,
    person_code: str | None,
    grants: tuple[str, ...],
    locale: str | None,
    *,
    as_json: bool,
) -> None:
    """Add somebody who can sign in, and print a one-time link to set the password."""
    with at_desk() as desk:
        new = NewAccount(email, name, person_code, grants, locale)
        issued = add_account(desk.session, actor=None, new=new, via=Via.CLI, now=desk.now)
        _tell_link(desk, issued, f"Added {issued.email}.", json_wanted=as_json)


@account.command(name="link")
@click.argument("email", metavar="EMAIL")
@as_json
def link(email: str, *, as_json: bool) -> None:
    """Print a new one-time link to set the password; older ones end."""
    with at_desk() as desk:
        issued = issue_link(desk.session, actor=None, email=email, via=Via.CLI, now=desk.now)
        _tell_link(desk, issued, f"A new link for {issued.email}.", json_wanted=as_json)


@account.command(name="disable")
@click.argument("email", metavar="EMAIL")
@as_json
def disable(email: str, *, as_json: bool) -> None:
    """Let somebody in no longer, at once; what they did stays on record."""
    with at_desk() as desk:
        left = disable_account(desk.session, actor=None, email=email, via=Via.CLI, now=desk.now)

    def words() -> Iterator[str]:
        yield f"Disabled {email}; its sessions, tokens and links have ended."
        yield from _left_behind(left.open_work_count, left.empty_seats)

    tell(left, words, json_wanted=as_json)


@account.command(name="enable")
@click.argument("email", metavar="EMAIL")
@as_json
def enable(email: str, *, as_json: bool) -> None:
    """Let a disabled account in again with the roles it still holds, and print a link for a new password."""
    with at_desk() as desk:
        issued = enable_account(desk.session, actor=None, email=email, via=Via.CLI, now=desk.now)
        _tell_link(desk, issued, f"{issued.email} is let in again.", json_wanted=as_json)


@account.command(name="address")
@click.argument("email", metavar="EMAIL")
@click.argument("new", metavar="NEW")
@as_json
def address(email: str, new: str, *, as_json: bool) -> None:
    """Give somebody another address to sign in with and be written to; open links for passwords end."""
    with at_desk() as desk:
        changed = change_address(desk.session, actor=None, email=email, new=new, via=Via.CLI, now=desk.now)
    found = {"account_id": changed, "email": new}
    hint = f"Send again what failed: commendo mail retry --to {new}"
    tell(found, lambda: [f"{email} is {new} now. {hint}"], json_wanted=as_json)


@account.command(name="person")
@click.argument("email", metavar="EMAIL")
@click.argument("code", metavar="[CODE]", required=False)
@as_json
def person(email: str, code: str | None, *, as_json: bool) -> None:
    """Say which member of staff an account is; without CODE that it is nobody on the list."""
    with at_desk() as desk:
        changed = change_person(
            desk.session, actor=None, email=email, person_code=code, via=Via.CLI, now=desk.now
        )
    said = f"{email} is {code} now." if code else f"{email} is nobody on the list of staff now."
    tell({"account_id": changed, "person": code}, lambda: [said], json_wanted=as_json)


@account.command(name="grant")
@click.argument("email", metavar="EMAIL")
@click.argument("key", metavar="ROLE@SCOPE")
@click.option("--from", "since", type=click.DateTime(["%Y-%m-%d"]), help="The first day; today unless given.")
@as_json
def grant(email: str, key: str, since: datetime | None, *, as_json: bool) -> None:
    """Give somebody a role at a place, as in unit_reviewer@unit:VKS-AG, until it is revoked."""
    first = since.date() if since else None
    with at_desk() as desk:
        given = grant_role(
            desk.session, actor=None, email=email, key=key, since=first, via=Via.CLI, now=desk.now
        )
    tell(given, lambda: [f"{given.email} holds {given.key} from {given.valid_from}."], json_wanted=as_json)


@account.command(name="revoke")
@click.argument("email", metavar="EMAIL")
@click.argument("key", metavar="ROLE@SCOPE")
@as_json
def revoke(email: str, key: str, *, as_json: bool) -> None:
    """End somebody's role at a place, at once; work they took there goes back to its group."""
    with at_desk() as desk:
        ended = revoke_role(desk.session, actor=None, email=email, key=key, via=Via.CLI, now=desk.now)

    def words() -> Iterator[str]:
        yield f"{ended.email} holds {ended.key} no longer."
        yield from _left_behind(ended.released_count, ended.empty_seats)

    tell(ended, words, json_wanted=as_json)


@account.command(name="token")
@click.argument("email", metavar="EMAIL")
@click.option(
    "--days", type=click.IntRange(1, LONGEST_TOKEN_DAYS), default=90, show_default=True, help="How long."
)
@as_json
def token(email: str, days: int, *, as_json: bool) -> None:
    """Print a bearer token for the JSON interface, once."""
    with at_desk() as desk:
        issued = issue_token(desk.session, actor=None, email=email, days=days, via=Via.CLI, now=desk.now)
    result = {"email": issued.email, "token": issued.secret, "expires_at": issued.expires_at.isoformat()}
    tell(result, lambda: [issued.secret], json_wanted=as_json)


@account.command(name="tokens")
@click.argument("email", metavar="EMAIL")
@click.option("--revoke", "token_id", metavar="ID", help="End this one; the others stay.")
@as_json
def tokens(email: str, token_id: str | None, *, as_json: bool) -> None:
    """List somebody's bearer tokens, or end one of them; all end with a new password."""
    with at_desk() as desk:
        if token_id is not None:
            revoke_token(desk.session, actor=None, email=email, token=token_id, via=Via.CLI, now=desk.now)
        found = list_tokens(desk.session, email=email, now=desk.now)

    def words() -> Iterator[str]:
        if token_id is not None:
            yield f"Revoked {token_id}."
        if not found:
            yield f"{email} has no token now."
        for one in found:
            yield f"{one.id}  made {one.created_at:%Y-%m-%d}, ends {one.expires_at:%Y-%m-%d}"

    tell({"tokens": found}, words, json_wanted=as_json)


def _left_behind(released_count: int, empty_seats: Sequence[str]) -> Iterator[str]:
    """Say what somebody who lost a seat leaves: work that went back, and chairs nobody sits on."""
    if released_count:
        yield f"Open work that went back to its group: {released_count}."
    for key in empty_seats:
        yield f"Nobody holds {key} now."


def _tell_link(desk: Desk, issued: Issued, first: str, *, json_wanted: bool) -> None:
    address = f"{desk.reach.settings.base_url}{PASSWORD_PATH}{issued.secret}"
    result = {
        "account_id": issued.account_id,
        "email": issued.email,
        "link": address,
        "expires_at": issued.expires_at.isoformat(),
    }
    words = [first, f"To set the password, once, within {_spelt(issued.lives)}:", address]
    tell(result, lambda: words, json_wanted=json_wanted)


def _spelt(time: timedelta) -> str:
    """Return a time in whole hours, or in minutes where it is less than one."""
    minutes = int(time.total_seconds()) // 60
    return f"{minutes // 60} hours" if minutes >= 60 else f"{minutes} minutes"  # noqa: PLR2004 - of an hour
