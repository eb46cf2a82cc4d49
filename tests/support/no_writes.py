"""A database that takes no writes now, as a standby that a failover has led everybody to."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from tests.conftest import Database


@contextmanager
def no_writes(database: Database) -> Iterator[None]:
    """Let the database answer readers alone for as long as the block lasts; every link is a new one."""
    name = database.engine.url.database
    try:
        _say(database, f"ALTER DATABASE {name} SET default_transaction_read_only = on")
        yield
    finally:
        _say(database, f"ALTER DATABASE {name} RESET default_transaction_read_only")


def _say(database: Database, statement: str) -> None:
    with psycopg.connect(database.migration_url.replace("+psycopg", ""), autocommit=True) as owner:
        owner.execute("SET default_transaction_read_only = off")
        owner.execute(statement.encode())
    database.engine.dispose()
