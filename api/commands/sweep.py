"""`commendo sweep`: all due work, once, in this process."""

import click

from api.commands.output import as_json
from api.commands.parts import Parts


@click.command()
@click.option("--until-idle", is_flag=True, help="Again, until a pass changes nothing.")
@as_json
@click.pass_obj
def sweep(parts: Parts, *, until_idle: bool, as_json: bool) -> None:
    """Fire every reminder that is due and send every mail that waits, without Celery or Redis.

    For cron, timers and tests; any number may run beside each other and beside the workers.
    """
