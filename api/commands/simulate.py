"""`commendo simulate`: a season of a made-up sector, played by the real operations on a virtual clock."""

from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

import click

from api.commands.bar import bar
from api.commands.desk import at_desk
from api.commands.output import CommandRefused, as_json, tell
from api.commands.parts import Parts
from workflow.clock import Clock
from workflow.domain.mails.preferences import UNFOLDED
from workflow.operations.mail.deliver import deliver
from workflow.operations.mail.post import Post
from workflow.operations.sweep.escalate import fire_due
from workflow.simulate.run import SeasonReport, SeasonRequest
from workflow.simulate.run import simulate as play_season
from workflow.store.database import Sessions
from workflow.store.paper_files import PaperFolder

_MOST_NAMES: Final = 20_000
_MOST_DAYS: Final = 3660
_BIGGEST_SEED: Final = 2**31


@click.command(help="Play a season of a made-up sector through the real operations on a virtual clock.")
@click.option(
    "--days",
    type=click.IntRange(1, _MOST_DAYS),
    default=130,
    show_default=True,
    help="Calendar days to play.",
)
@click.option(
    "--seed",
    type=click.IntRange(0, _BIGGEST_SEED),
    default=1,
    show_default=True,
    help="Same seed, same history.",
)
@click.option(
    "--nominations",
    type=click.IntRange(1, _MOST_NAMES),
    default=400,
    show_default=True,
    help="About how many names; the sector grows with them.",
)
@click.option(
    "--deliver-to", metavar="URL", help="Send the mails to this mail server; else they are born cancelled."
)
@as_json
@click.pass_obj
def simulate(
    parts: Parts, *, days: int, seed: int, nominations: int, deliver_to: str | None, as_json: bool
) -> None:
    """Simulate into an empty database, or play the next season of one that is a simulation's already."""
    transport = None if deliver_to is None else parts.transport(_usable(deliver_to))
    with at_desk() as desk:
        # The simulation has sessions of its own; this one must not stay open in a transaction for a minute.
        desk.session.rollback()
        settings = desk.reach.settings
        sessions = desk.reach.sessions(sends_mail=transport is not None)
        post = (
            Post(
                transport,
                settings.mail_from,
                settings.base_url,
                is_demo=True,
                subject_tag=settings.mail_tag,
                preferences=UNFOLDED,
            )
            if transport is not None
            else None
        )
        sweep = Mornings(sessions, post)
        try:
            with bar("Simulating") as advance:
                done = play_season(
                    sessions,
                    SeasonRequest(days=days, seed=seed, nominations=nominations),
                    folder=PaperFolder(settings.attachments_dir),
                    sweep=sweep,
                    progress=advance,
                )
        finally:
            sessions.kw["bind"].dispose()
    result = done.as_dict() | {"mails_sent": sweep.sent}
    tell(result, lambda: _described(done, sweep.sent), json_wanted=as_json)
    if sweep.left:
        raise CommandRefused([f"{sweep.left} mails could not be delivered."])


class Mornings:
    """What a morning does: reminders, and with a mail server every mail that waits for it."""

    def __init__(self, sessions: Sessions, post: Post | None) -> None:
        self._sessions, self._post = sessions, post
        self.sent = self.left = 0

    def __call__(self, clock: Clock) -> None:
        """Do at the clock's instant what a worker would do then."""
        fire_due(self._sessions, clock=clock)
        if self._post is not None:
            done = deliver(self._sessions, clock=clock, post=self._post)
            self.sent += done.sent
            self.left = done.later + done.dead


def _usable(url: str) -> str:
    """Return the address of a mail server, or refuse what is none."""
    parts = urlsplit(url)
    if parts.scheme in {"smtp", "smtps"} and parts.hostname:
        return url
    raise click.BadParameter("write smtp://host:port or smtps://host:port", param_hint="--deliver-to")


def _described(done: SeasonReport, sent: int) -> Iterator[str]:
    yield f"{done.round}: {done.first_day:%d/%m/%Y} to {done.last_day:%d/%m/%Y}, virtual time."
    yield f"{done.units} units, {done.people} people, {done.submissions} submissions, {done.answers} answers."
    states = ", ".join(f"{count} {state}" for state, count in done.nominations.items())
    yield f"{sum(done.nominations.values())} nominations: {states}."
    yield (
        f"{done.decisions} decisions, {done.returns} returns, {done.questions} questions, "
        f"{done.reminders} reminders, {done.escalations} escalations; {sent} mails sent."
    )
    yield f"{done.seconds} seconds, {done.decisions_per_second} decisions a second."
    for refusal, count in done.refused.items():
        yield f"refused {count} times: {refusal}"
