"""`commendo web`: the pages and the JSON interface."""

import click

from api.commands.desk import database_problems, reached
from api.commands.output import refusals
from api.commands.parts import Parts
from api.commands.serve import settle
from api.server import WebServer
from api.wsgi import create_app
from workflow.settings import load


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True)
@click.option("--bind", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.pass_obj
def web(parts: Parts, port: int, bind: str) -> None:
    """Serve the pages and the JSON interface."""
    with refusals(), reached(load(bind=bind), redis=True) as reach, database_problems():
        settle(reach)
        # Each worker makes its own engine: one that crossed the fork would hang both.
        WebServer(
            lambda: create_app(reach.settings, sessions=reach.sessions(), wake=parts.wake(reach)),
            bind=bind,
            port=port,
        ).run()
