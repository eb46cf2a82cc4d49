"""Flask and psycopg alone: one statement whose JSON is sent as it comes, on the server that we run on.

No rules, no identity, no limits: what an inbox could cost at the least. `python -m` with the database, the
account, its keys as JSON and the port.
"""

import json
import sys
from pathlib import Path
from threading import local
from typing import Final

import psycopg
from flask import Flask, Response

from api.serving.server import WebServer

# Planned once: each time it would take longer to plan this than to run it.
_OPTIONS: Final = "-c plan_cache_mode=force_generic_plan -c jit=off"


def build(database: str, account_id: int, keys: list[str]) -> Flask:
    """Return the application; each thread keeps a connection of its own."""
    app, mine = Flask("plain"), local()
    statement = (Path(__file__).parent / "plain_inbox.sql").read_text(encoding="utf-8").encode()

    @app.get("/inbox")
    def inbox() -> Response:
        connection: psycopg.Connection | None = getattr(mine, "connection", None)
        if connection is None:
            connection = mine.connection = psycopg.connect(database, options=_OPTIONS)
        found = connection.execute(statement, {"account_id": account_id, "keys": keys}, prepare=True)
        [[text]] = found.fetchall()
        connection.commit()
        return Response(text, content_type="application/json")

    @app.get("/healthz")
    def healthz() -> str:
        return "well"

    return app


def main(database: str, account_id: str, keys: str, port: str) -> None:
    """Serve until the signal comes."""
    WebServer(
        lambda: build(database, int(account_id), json.loads(keys)),
        bind="127.0.0.1",
        port=int(port),
        body_bytes=1024,
        form_bytes=1024,
    ).run()


if __name__ == "__main__":
    main(*sys.argv[1:])
