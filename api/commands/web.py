"""`commendo web`: the pages and the JSON interface."""

import sys
from pathlib import Path

import click

from api.commands.desk import database_problems
from api.commands.output import CommandRefused, refusals
from api.commands.parts import Parts
from api.commands.reach import reached
from api.commands.serve import settle
from api.serving.processes import WHEN_TOLD, hear
from api.serving.server import FEWEST_FILES, WebServer, most_files
from api.uploads import most_bytes_together
from api.wsgi import MAX_BODY_BYTES, create_app
from workflow.settings import adopt, load


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True)
@click.option("--bind", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option(WHEN_TOLD, is_flag=True, hidden=True, help="Wait on standard input for the environment.")
@click.pass_obj
def web(parts: Parts, port: int, bind: str, *, when_told: bool) -> None:
    """Serve the pages and the JSON interface."""
    if when_told:
        parts.prepare()
        environment = hear(sys.stdin)
        if environment is None:
            return
        adopt(environment)
    with refusals(), reached(load(bind=bind), redis=True) as reach, database_problems():
        settle(reach)
        _demand_files()
        counts = _fresh(reach.settings.data_dir / "metrics" / str(port))
        # Each worker makes its own engine: one that crossed the fork would hang both.
        WebServer(
            lambda: create_app(
                reach.settings,
                sessions=reach.sessions(),
                wake=parts.wake(reach),
                probes=parts.probes(reach),
                counts=counts,
            ),
            bind=bind,
            port=port,
            body_bytes=MAX_BODY_BYTES,
            form_bytes=most_bytes_together(reach.settings),
            proxies=reach.settings.trusted_proxies,
        ).run()


def _demand_files() -> None:
    """Refuse to begin where nobody could be served: each connection would be ended as one too many."""
    allowed = most_files()
    if allowed < FEWEST_FILES:
        words = f"A process may have {allowed} files open here, and the web needs {FEWEST_FILES}."
        raise CommandRefused([f"{words} Raise the limit: ulimit -n 4096, under systemd LimitNOFILE=4096"])


def _fresh(folder: Path) -> Path | None:
    """Make a folder in which the workers count together, without what an earlier start left in it.

    None where the disk takes no more folders: then each counts alone, and the pages are there.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for left in folder.glob("*.db*"):
            left.unlink(missing_ok=True)
    except OSError:
        return None
    return folder
