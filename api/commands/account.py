"""`commendo account`: people who sign in."""

from collections.abc import Iterator

import click

from api.commands.desk import Desk, at_desk
from api.commands.output import as_json, tell
from workflow.domain.vocabulary import Via
from workflow.operations.accounts import (
    LINK_HOURS,
    LOCALES,
    LONGEST_TOKEN_DAYS,
    Issued,
    NewAccount,
    add_account,
    disable_account,
    issue_link,
    issue_token,
)

PASSWORD_PATH = "/password/"  # noqa: S105 - where the page to set a password lies


@click.group(help="People who sign in: add and disable them, links for passwords, tokens for programs.")
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
        if left.open_work_count:
            yield f"Open work in its hands: {left.open_work_count}; have it reassigned."
        for key in left.empty_seats:
            yield f"Nobody holds {key} now."

    tell(left, words, json_wanted=as_json)


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


def _tell_link(desk: Desk, issued: Issued, first: str, *, json_wanted: bool) -> None:
    address = f"{desk.reach.settings.base_url}{PASSWORD_PATH}{issued.secret}"
    result = {
        "account_id": issued.account_id,
        "email": issued.email,
        "link": address,
        "expires_at": issued.expires_at.isoformat(),
    }
    words = [first, f"To set the password, once, within {LINK_HOURS} hours:", address]
    tell(result, lambda: words, json_wanted=json_wanted)
