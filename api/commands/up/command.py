"""The command `up` itself: what can be begun at once begins at once.

A first start is initdb and imports, and a machine with two cores can do both. So the web begins first and
loads while PostgreSQL is made, and so does what this process needs once there is a database.
"""

import socket
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from typing import Final

import click

from api.commands.output import CommandRefused, refusals
from api.serving import processes
from workflow.settings import Settings, load

HOST: Final = "127.0.0.1"


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True)
@click.option(
    "--demo/--no-demo",
    default=None,
    help="Whether an empty database is filled with invented people; by default the private one is.",
)
def up(port: int, *, demo: bool | None) -> None:
    """Start everything on this machine: database, Redis, web, worker, beat."""
    with refusals():
        settings = load()
        _demand_free(port)
        with processes.begun("web", "--port", str(port)) as web:
            code = _run(settings, web, port, demo=demo)
    sys.exit(code)


def _run(settings: Settings, web: processes.Begun, port: int, *, demo: bool | None) -> int:
    """Start the services, load the rest meanwhile, and answer the exit code of the whole."""
    from api.commands.reach import reached  # noqa: PLC0415 - the web has begun before this loads a driver

    with ExitStack() as services:
        # No thread is left when the processes start: a fork would not take it along.
        with ThreadPoolExecutor(1) as meanwhile:
            rest = meanwhile.submit(_rest)
            reach = services.enter_context(reached(settings, redis=True, owner=True))
        return rest.result()(reach, web, host=HOST, port=port, demo=demo)


def _rest() -> Callable[..., int]:
    """Load what is needed once there is a database."""
    from api.commands.up.run import load_early, run  # noqa: PLC0415 - its imports take as long as initdb does

    load_early()
    return run


def _demand_free(port: int) -> None:
    """Refuse a port that somebody listens on, before anything is started for nothing."""
    with closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise CommandRefused(
                [f"Port {port} is taken ({error.strerror}). Choose another: commendo up --port {port + 1}"]
            ) from error
