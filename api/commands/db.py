"""`commendo db`: the tables."""

import click

from api.commands.desk import database_problems, migrate
from api.commands.output import CommandRefused, as_json, refusals, tell
from api.commands.reach import CommandReach, reached
from workflow.settings import load
from workflow.store.schema import drift


@click.group(help="The database: bring it to this release, compare it with the models.")
def db() -> None:
    """Hold the commands about the tables."""


@db.command(name="upgrade")
@as_json
def upgrade_database(*, as_json: bool) -> None:
    """Bring the database to this release's version and publish the definitions that ship."""
    with refusals(), reached(load()) as reach, database_problems():
        before, after = migrate(reach)
    words = f"The database is at version {after}" + (" already." if before == after else ".")
    tell({"before": before, "after": after}, lambda: [words], json_wanted=as_json)


@db.command(name="check")
@as_json
def check_database(*, as_json: bool) -> None:
    """Say where the database differs from the models; exit 1 when it does."""
    with refusals(), reached(load()) as reach, database_problems():
        problems = drift(_owner_url(reach))
    tell(
        {"differences": problems},
        lambda: [] if problems else ["The database is what this release expects."],
        json_wanted=as_json,
    )
    if problems:
        raise CommandRefused(problems)


def _owner_url(reach: CommandReach) -> str:
    """Return the owner's URL; comparing only reads, so without one the application's own will do."""
    return reach.migration_url or reach.database_url
