"""A worker of a season: it sweeps at each instant that stdin names, says so, and can be killed anywhere.

The instants are the season's; the leases of letters run on the database's own clock, as they always do.
"""

import sys
from datetime import datetime

from tasks.smtp import SmtpTransport
from tests.support.mail import BASE_URL, ONE_CLICK, RECEIPTS, SENDER
from workflow.clock import FixedClock
from workflow.domain.mails.preferences import USUAL
from workflow.operations.mail.post import Post
from workflow.operations.sweep.sweep import sweep
from workflow.store.database import make_engine, make_sessions


def main(database_url: str, smtp_url: str, zone: str) -> None:
    """Sweep until nothing is left to do at an instant, and say that it is done, line by line."""
    sessions = make_sessions(make_engine(database_url), timezone=zone)
    _say("ready")
    for line in sys.stdin:
        post = Post(
            SmtpTransport(smtp_url),
            SENDER,
            BASE_URL,
            receipts=RECEIPTS,
            preferences=USUAL,
            one_click=ONE_CLICK,
        )
        clock = FixedClock(datetime.fromisoformat(line.strip()))
        sweep(sessions, clock=clock, post=post, until_idle=True)
        _say("done")


def _say(word: str) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
