"""`commendo tidy`: what is over and need not be kept goes."""

from collections.abc import Iterator, Mapping
from typing import Final

import click

from api.commands.desk import at_desk
from api.commands.output import as_json, tell
from workflow.clock import DatabaseClock
from workflow.operations.setup.tidy import count_over
from workflow.operations.setup.tidy import tidy as remove_what_is_over

WHAT: Final = {
    "request_key": "request keys of over 30 days",
    "sign_in_attempt": "tries to sign in of over a day",
    "web_session": "sessions that have ended",
    "api_token": "tokens that ended over 30 days ago",
    "password_link": "links that ended over 30 days ago",
    "letter": "letters at /mailbox of over a year",
    "action_code": "mailed codes of over a day",
    "date_proposal": "dates asked for that passed over 30 days ago",
    "import_upload": "files that were looked at over a day ago and not imported",
    "sent_form": "forms of over three days whose answer is a page",
    "set_aside": "things set aside that are back",
}
"""What each table that is tidied holds, as the command says it."""


@click.command()
@click.option("--dry-run", is_flag=True, help="Count, and remove nothing.")
@as_json
def tidy(*, dry_run: bool, as_json: bool) -> None:
    """Remove old request keys, ended sessions, tokens and links, sign-in attempts and letters at /mailbox.

    Also mailed codes, dates asked for that have passed, files that were looked at and not imported, forms
    whose answer is a page, and what is back that was set aside. Nothing of a nomination and nothing of
    history goes. Run it from cron, once a day or a week.
    """
    with at_desk() as desk:
        if dry_run:
            counts = count_over(desk.session, now=desk.now)
        else:
            desk.session.rollback()
            sessions = desk.reach.sessions()
            counts = remove_what_is_over(sessions, clock=DatabaseClock())
            sessions.kw["bind"].dispose()
    tell({"removed": counts, "is_dry_run": dry_run}, lambda: _described(counts, dry_run), json_wanted=as_json)


def _described(counts: Mapping[str, int], is_dry_run: bool) -> Iterator[str]:  # noqa: FBT001 - said by one caller
    done = "would go" if is_dry_run else "removed"
    if not any(counts.values()):
        yield "Nothing is over that need not be kept."
    for table, count in counts.items():
        if count:
            yield f"{WHAT[table]}: {count:,} {done}."
