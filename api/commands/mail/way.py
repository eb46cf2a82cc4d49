"""`commendo mail-way`: where this installation's letters go, and changing it for good."""

import click

from api.commands.desk import at_desk
from workflow.operations.setup.mail_way import MailWay, mail_way, set_mail_way


@click.command()
@click.argument("way", required=False, type=click.Choice([str(way) for way in MailWay]))
def show_or_set(way: str | None) -> None:
    """Say where letters go, to a mail server (smtp) or to the page /mailbox, or change it.

    What runs with other settings refuses to deliver afterwards, until it is started with the right ones.
    """
    with at_desk() as desk:
        if way is not None:
            set_mail_way(desk.session, MailWay(way), now=desk.now)
        click.echo(mail_way(desk.session) or "No letter has gone anywhere yet.")
