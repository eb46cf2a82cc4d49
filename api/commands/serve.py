"""The processes of an installation: web, worker, beat, and the loop that stands in for the last two."""

import os
import sys

import click

from api.commands.desk import Reach, database_problems, demand_version, reached
from api.commands.output import Refused, refusals
from api.commands.parts import Parts
from api.server import WebServer
from api.wsgi import create_app
from workflow.settings import load

NO_REDIS = "There is no Redis, so Celery is off. Run `commendo loop`, or set COMMENDO_REDIS_URL."


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True)
@click.option("--bind", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.pass_obj
def web(parts: Parts, port: int, bind: str) -> None:
    """Serve the pages and the JSON interface."""
    with refusals(), reached(load(bind=bind), redis=True) as reach, database_problems():
        _settle(reach)
        # Each worker makes its own engine: one that crossed the fork would hang both.
        WebServer(
            lambda: create_app(reach.settings, sessions=reach.sessions(), wake=parts.wake(reach)),
            bind=bind,
            port=port,
        ).run()


@click.command()
@click.pass_obj
def worker(parts: Parts) -> None:
    """Fire reminders and send mails when beat or the web says so."""
    with refusals(), reached(load(), redis=True) as reach, database_problems():
        _settle(reach)
        _demand_redis(reach)
        code = parts.worker(reach)
    sys.exit(code)


@click.command()
@click.pass_obj
def beat(parts: Parts) -> None:
    """Tell the workers at a fixed pace to look for due work. Run exactly one."""
    with refusals(), reached(load(), redis=True) as reach, database_problems():
        _settle(reach)
        _demand_redis(reach)
        code = parts.beat(reach)
    sys.exit(code)


@click.command()
@click.pass_obj
def loop(parts: Parts) -> None:
    """Do all due work in one process, for a machine without Redis."""
    with refusals(), reached(load()) as reach, database_problems():
        _settle(reach)
        code = parts.loop(reach)
    sys.exit(code)


def _settle(reach: Reach) -> None:
    """Check the database, and work in the data folder: whatever a process leaves behind, it leaves there."""
    demand_version(reach)
    reach.settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.chdir(reach.settings.data_dir)


def _demand_redis(reach: Reach) -> None:
    if reach.redis_url is None:
        raise Refused([NO_REDIS])
