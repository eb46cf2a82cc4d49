"""The processes behind the web: the worker, which does what time makes due, and beat, which hurries it."""

import os
import sys

import click

from api.commands.desk import database_problems, demand_mail_way, demand_version
from api.commands.output import CommandRefused, refusals
from api.commands.parts import Parts
from api.commands.reach import CommandReach, reached
from workflow.settings import load

NO_REDIS = "There is no Redis, so beat has nobody to tell: the worker looks for due work by itself."


@click.command()
@click.pass_obj
def worker(parts: Parts) -> None:
    """Fire reminders and send mails, every few seconds and at once when beat or the web says so."""
    with refusals(), reached(load(), redis=True) as reach, database_problems():
        settle(reach)
        demand_mail_way(reach)
        code = parts.worker(reach)
    sys.exit(code)


@click.command()
@click.pass_obj
def beat(parts: Parts) -> None:
    """Tell the workers at a fixed pace to look for due work. Run exactly one."""
    with refusals(), reached(load(), redis=True) as reach, database_problems():
        settle(reach)
        if reach.redis_url is None:
            raise CommandRefused([NO_REDIS])
        code = parts.beat(reach)
    sys.exit(code)


def settle(reach: CommandReach) -> None:
    """Check the database, and work in the data folder: whatever a process leaves behind, it leaves there."""
    demand_version(reach)
    folder = reach.settings.data_dir
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.chdir(folder)
    except OSError as error:
        words = f"COMMENDO_DATA_DIR: {folder} cannot be used ({error.strerror})."
        raise CommandRefused([f"{words} It must belong to whom the processes run as."]) from error
