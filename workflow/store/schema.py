"""Bringing a database to this release's version, and saying where the two differ.

Runs as the owner of the tables; the application's role gets what it needs and no right to change history.
"""

import warnings
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SAWarning

from workflow.store.links import SPOKEN
from workflow.store.tables import metadata

_FOLDER = Path(__file__).parent.parent / "migrations"
# Two starting processes must not migrate at once; the number is this lock's name in every Commendo database.
_LOCK = 7263_1101
# An upgrade takes the time that it takes, whatever limit the server has for everybody else's statements.
_PATIENT = f"{SPOKEN} -c statement_timeout=0 -c lock_timeout=0 -c idle_in_transaction_session_timeout=0"
# What history tells of a row is written once: the application may add, and change no more than these columns.
# Whoever takes over the application cannot rewrite an award, and the owner's hand is found by `audit verify`.
_CHANGES = {
    "event": "",
    "event_text": "",
    "decision": "",
    "nomination": "definition_id, state, stage, version, is_held, audience, submission_id, achievement,"
    " proposer, recommendation, vote, voted_on, decision_id, upper_outcome, upper_decision_id, closed_at,"
    " admitted_until, annulment_id",
    "attachment": "removed_at",
    "workflow_definition": "",
    "sighting": "",
    "searched_name": "",
    "calendar_version": "",
}


def upgrade(migration_url: str, *, application_role: str) -> tuple[str | None, str]:
    """Migrate to the newest version, grant the application's role its rights, and return (before, after)."""
    engine = _owner(migration_url)
    try:
        with engine.connect() as connection:
            connection.execute(text("SELECT pg_advisory_lock(:name)"), {"name": _LOCK})
            connection.commit()
            before = _version(connection)
            connection.commit()
            command.upgrade(_config(connection), "head")
            connection.commit()
            _grant(connection, application_role)
            connection.commit()
            return before, newest_version()
    finally:
        engine.dispose()


def role_of(database_url: str) -> str:
    """Return the role a database URL signs in as."""
    return make_url(database_url).username or ""


def newest_version() -> str:
    """Return the version of the database that this release needs."""
    return ScriptDirectory(str(_FOLDER)).get_current_head() or ""


def current_version(connection: Connection) -> str | None:
    """Return the version a database is at, None when it is empty."""
    return _version(connection)


def encoding_of(connection: Connection) -> str:
    """Return how the database keeps text; names are kept as they are written in UTF8 alone."""
    return str(connection.execute(text("SHOW server_encoding")).scalar_one())


def drift(migration_url: str) -> list[str]:
    """Return every difference between the database and the models, one sentence each."""
    engine = _owner(migration_url)
    try:
        with engine.connect() as connection:
            found = _version(connection)
            if found != newest_version():
                return [
                    f"the database is at version {found or 'none'}, this release needs {newest_version()}"
                ]
            context = MigrationContext.configure(connection, opts={"compare_server_default": True})
            with warnings.catch_warnings():
                # SQLAlchemy 2.1 reads a constraint that is NOT VALID with an option it does not take itself.
                warnings.filterwarnings("ignore", "Can't validate argument 'dialect_options'", SAWarning)
                return [str(difference) for difference in compare_metadata(context, metadata)]
    finally:
        engine.dispose()


def _owner(migration_url: str) -> Engine:
    return create_engine(migration_url, connect_args={"client_encoding": "utf8", "options": _PATIENT})


def _version(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _grant(connection: Connection, role: str) -> None:
    quoted = connection.dialect.identifier_preparer.quote(role)
    connection.execute(text(f"GRANT USAGE ON SCHEMA public TO {quoted}"))
    connection.execute(
        text(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {quoted}")
    )
    connection.execute(text(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {quoted}"))
    for table, columns in _CHANGES.items():
        connection.execute(text(f"REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM {quoted}"))
        if columns:
            connection.execute(text(f"GRANT UPDATE ({columns}) ON {table} TO {quoted}"))
