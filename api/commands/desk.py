"""The desk of a command: its database at the version of this release, an open session, and one instant."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from psycopg.errors import QueryCanceled
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from api.commands.output import CommandRefused, progress, refusals
from api.commands.reach import CommandReach, reached
from workflow.clock import DatabaseClock
from workflow.operations.setup.mail_way import settle_mail_way
from workflow.operations.setup.publish import publish_shipped
from workflow.settings import Settings, load
from workflow.store.database import make_engine
from workflow.store.schema import current_version, encoding_of, newest_version, role_of, upgrade

ADDRESS_FILE: Final = "address"
"""In the data folder while `up` runs: the address at which people open it."""


@dataclass(frozen=True, slots=True)
class Desk:
    """An open session, the one instant at which the command happens, and what it reaches."""

    reach: CommandReach
    session: Session
    now: datetime


def load_beside_up() -> Settings:
    """Read the settings; unless COMMENDO_BASE_URL is set, links lead to the `up` that runs on this folder."""
    settings = load()
    if "base_url" not in settings.model_fields_set:
        with suppress(OSError):
            address = (settings.data_dir / ADDRESS_FILE).read_text(encoding="ascii")
            return settings.model_copy(update={"base_url": address})
    return settings


def make_tables(reach: CommandReach) -> tuple[str | None, str]:
    """Bring the tables to this release's version and return (before, after)."""
    url = reach.migration_url or reach.settings.migration_database()
    # As the owner: the application's role may have no right to anything yet, as after a restore.
    with _connected(url) as connection:
        _demand_unicode(connection)
    return upgrade(url, application_role=role_of(reach.database_url))


def migrate(reach: CommandReach) -> tuple[str | None, str]:
    """Bring the database to this release's version, publish what ships, and return (before, after)."""
    before, after = make_tables(reach)
    sessions = reach.sessions()
    with sessions() as session:
        publish_shipped(session, now=DatabaseClock().now(session))
    sessions.kw["bind"].dispose()
    return before, after


def demand_version(reach: CommandReach) -> None:
    """Migrate an empty private database; refuse one at another version than this release needs."""
    with _connected(reach.database_url) as connection:
        _demand_unicode(connection)
        found = current_version(connection)
    if found is None and reach.services is not None:
        progress("The database is empty: making its tables ...")
        migrate(reach)
    elif found != newest_version():
        words = f"The database is at version {found or 'none'}, this release needs {newest_version()}."
        raise CommandRefused([f"{words} Run: commendo db upgrade"])


def _demand_unicode(connection: Connection) -> None:
    """Refuse a database that cannot hold every name: it stays so for ever."""
    encoding = encoding_of(connection)
    if encoding != "UTF8":
        words = f"The database keeps text as {encoding}, where names do not fit. Make another one:"
        raise CommandRefused([f"{words} CREATE DATABASE ... ENCODING 'UTF8' TEMPLATE template0"])


@contextmanager
def _connected(url: str) -> Iterator[Connection]:
    engine = make_engine(url)
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def demand_mail_way(reach: CommandReach) -> None:
    """Remember where letters go by these settings. Raises `SettingsError` where they went another way."""
    sessions = reach.sessions()
    try:
        with sessions() as session:
            settle_mail_way(session, reach.settings, now=DatabaseClock().now(session), may_grow=True)
    finally:
        sessions.kw["bind"].dispose()


@contextmanager
def at_desk() -> Iterator[Desk]:
    """Open the database for one command. Refusals become lines of stderr and exit code 1."""
    with refusals(), reached(load_beside_up()) as reach, database_problems():
        demand_version(reach)
        sessions = reach.sessions()
        try:
            with sessions() as session:
                yield Desk(reach, session, DatabaseClock().now(session))
        finally:
            sessions.kw["bind"].dispose()


@contextmanager
def database_problems() -> Iterator[None]:
    """Turn a server that does not answer, or gave up a statement that took too long, into one line."""
    try:
        yield
    except OperationalError as error:
        if isinstance(error.orig, QueryCanceled):
            raise CommandRefused(
                ["The database gave this up because it took too long; nothing of that step was written."]
            ) from error
        reason = str(error.orig or error).strip().splitlines()
        raise CommandRefused([f"The database does not answer: {reason[0] if reason else error}"]) from error
