"""The command line: the composition root that puts the tasks into the commands' hands.

Nothing heavy is imported before a command is chosen: `commendo --help` answers at once.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from api.commands.lazy import Later, LazyGroup
from api.commands.parts import Parts

if TYPE_CHECKING:
    from api.commands.reach import CommandReach
    from workflow.operations.mail.post import Transport

_PACKAGES: Final = ("workflow", "tasks", "api")
_COMMANDS: Final = {
    "up": Later(
        "api.commands.up.command:up", "Start everything on this machine: database, Redis, web, worker, beat."
    ),
    "web": Later("api.commands.web:web", "Serve the pages and the JSON interface."),
    "worker": Later("api.commands.serve:worker", "Fire reminders and send mails."),
    "beat": Later("api.commands.serve:beat", "Tell the workers at a fixed pace to look for due work."),
    "db": Later("api.commands.db:db", "The database: bring it to this release, compare it with the models."),
    "workflow": Later("api.commands.definitions:workflow", "Definitions: check, publish, show, draw."),
    "account": Later("api.commands.account:account", "People who sign in: add, disable, links, tokens."),
    "absence": Later(
        "api.commands.absences:absence", "Who is away and who acts: announce for somebody, list, call off."
    ),
    "import": Later(
        "api.commands.imports:imports", "Files of rows: units, people, accounts, clusters and more; undo."
    ),
    "calendar": Later("api.commands.calendar.command:calendar", "Working days: what is known of them."),
    "round": Later("api.commands.rounds:rounds", "Rounds: open and close one, see how far they have come."),
    "forecast": Later(
        "api.commands.foresight.forecast:show_forecast",
        "The mails and escalations that will come if nobody acts.",
    ),
    "sweep": Later("api.commands.sweep:sweep", "Do all due work once, without Celery or Redis."),
    "tidy": Later("api.commands.tidy:tidy", "Remove what is over and need not be kept."),
    "mail": Later(
        "api.commands.mail.command:mail", "Mails: take in what comes back, list what failed, try again."
    ),
    "mail-way": Later(
        "api.commands.mail.way:show_or_set", "Where letters go, to a mail server or to /mailbox; change it."
    ),
    "replay": Later(
        "api.commands.replay:replay", "Drive a historical event log through the real operations."
    ),
    "simulate": Later(
        "api.commands.simulate:simulate", "Play a season of a made-up sector on a virtual clock."
    ),
    "audit": Later("api.commands.audit:audit", "History: verify its chains, export one stream of it."),
}


@click.group(cls=LazyGroup, later=_COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="commendo")
@click.pass_context
def commendo(context: click.Context) -> None:
    """Award nominations from draft to decision.

    Settings are environment variables that start with COMMENDO_; without any, everything runs from a private
    folder on this machine.
    """
    context.obj = _parts()


def main() -> None:
    """Run the command line; this is what `commendo` starts."""
    _demand_own_packages()
    import_module("workflow.forking").walk_seldom()
    _demand_text()
    # A command that started the private database stops it at its end; a polite signal is such an end.
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, signal.default_int_handler)
    commendo(prog_name="commendo")


def _parts() -> Parts:
    return Parts(
        worker=_part("worker"),
        beat=_part("beat"),
        wake=_part("waker"),
        sweep=_part("sweep"),
        transport=_transport,
        probes=lambda reach: import_module("tasks.probes").probes(reach),
        prepare=lambda: import_module("tasks.run"),
    )


def _part(name: str) -> Callable[..., Any]:
    """Return a function of `tasks.run`, which is imported when it is called: Celery is not for `--help`."""

    def run(reach: CommandReach, **options: bool) -> Any:  # noqa: ANN401 - each has its own answer, as `Parts` says
        return getattr(import_module("tasks.run"), name)(reach, **options)

    return run


def _transport(url: str) -> Transport:
    """Return the way to a mail server, imported when it is asked for."""
    transport: Transport = import_module("tasks.smtp").SmtpTransport(url)
    return transport


def _demand_own_packages() -> None:
    """Refuse to run on a stranger's `tasks` or `api`: our three packages lie side by side."""
    places = {name: _place(name) for name in _PACKAGES}
    if len(set(places.values())) > 1:
        found = ", ".join(f"{name} in {place or 'no place'}" for name, place in places.items())
        click.echo(
            f"The packages of Commendo do not lie side by side: {found}. Unset PYTHONPATH, or install again.",
            err=True,
        )
        sys.exit(1)


def _demand_text() -> None:
    """Refuse an argument whose bytes are no text: nothing could store or find it."""
    for argument in sys.argv[1:]:
        if any("\ud800" <= letter <= "\udfff" for letter in argument):
            shown = argument.encode(errors="backslashreplace").decode()
            click.echo(f"The argument '{shown}' is not UTF-8; type it again.", err=True)
            sys.exit(2)


def _place(package: str) -> Path | None:
    spec = find_spec(package)
    return Path(spec.origin).parents[1] if spec is not None and spec.origin else None


if __name__ == "__main__":
    main()
