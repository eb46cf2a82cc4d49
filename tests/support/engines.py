"""Engines of the tests' databases; a database of the same name gets the same engine again.

An engine keeps the text of every statement that it was once asked for; a new one would write them all anew.
"""

from functools import cache

import psycopg
from sqlalchemy import Engine, event

from tests.support.patience import PATIENCE
from workflow.store.database import make_engine


@cache
def engine_to(url: str) -> Engine:
    """Return the engine of this address, as patient as a busy machine needs; dispose of it after use."""
    engine = make_engine(url, patience=PATIENCE)
    event.listen(engine, "do_connect", _wait_to_connect, insert=True)
    event.listen(engine, "connect", _be_patient)
    return engine


def _wait_to_connect(_dialect: object, _record: object, _args: object, given: dict[str, object]) -> None:
    """Wait longer for a link than the product does: a busy machine lets who connects wait too."""
    given["connect_timeout"] = int(PATIENCE)


def _be_patient(connection: psycopg.Connection, _record: object) -> None:
    """Lift the product's limits of a statement and of an idle transaction: a busy machine goes over them."""
    connection.execute("SET statement_timeout = 0")
    connection.execute("SET idle_in_transaction_session_timeout = 0")
    connection.commit()
