"""`commendo sweep`: all due work, once, in this process."""

from collections.abc import Iterator

import click

from api.commands.desk import database_problems, demand_version, load_beside_up
from api.commands.output import CommandRefused, as_json, progress, refusals, tell
from api.commands.parts import Parts
from api.commands.reach import reached
from workflow.operations.sweep.sweep import Swept


@click.command()
@click.option("--until-idle", is_flag=True, help="Again, until a pass changes nothing.")
@as_json
@click.pass_obj
def sweep(parts: Parts, *, until_idle: bool, as_json: bool) -> None:
    """Fire every reminder that is due and send every mail that waits, without Celery or Redis.

    For cron, timers and tests; any number may run beside each other and beside the workers.
    """
    with refusals(), reached(load_beside_up()) as reach, database_problems():
        demand_version(reach)
        progress("Doing what is due ...")
        swept = parts.sweep(reach, until_idle=until_idle)
    tell(swept, lambda: _described(swept), json_wanted=as_json)
    if problems := list(_problems(swept)):
        raise CommandRefused(problems)


def _described(swept: Swept) -> Iterator[str]:
    fired, delivered = swept.fired, swept.delivered
    yield f"Reminders and escalations: {fired.rungs} fired, {fired.left} left for the next pass."
    yield (
        f"Mails: {delivered.sent} sent, {delivered.cancelled} cancelled, {delivered.later} to be tried again,"
        f" {delivered.waiting} wait for their hour."
    )


def _problems(swept: Swept) -> Iterator[str]:
    """Say what failed; what only waits for another try is no problem yet."""
    fired = swept.fired
    if fired.failed:
        yield f"The reminders of {fired.failed} nominations could not fire ({fired.dead} for good)."
    if swept.delivered.dead:
        yield f"{swept.delivered.dead} mails could not be sent and will not be tried again."
