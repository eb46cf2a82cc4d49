"""What tests are lent: a database that was used before is as a new one, whatever was done to it."""

from datetime import datetime
from typing import Any

import psycopg
import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from tests.conftest import MONDAY, Database, own_database
from tests.support.office import Office, furnish, write_office, yearly_awards
from workflow.embedded import Services
from workflow.store.access import Account
from workflow.store.awards import AwardEdition

_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
_NUMBERS = "SELECT sequencename, last_value FROM pg_sequences ORDER BY 1"
_OF_CHANCE = ("event", "event_text")
_CHANGES = [
    "ALTER TABLE round ADD COLUMN colour text",
    "ALTER TABLE person ALTER COLUMN name DROP NOT NULL",
    "ALTER TABLE event DISABLE TRIGGER USER",
    "CREATE INDEX ON person (id, name)",
    "DROP INDEX ix_letter_written_at",
    "CREATE FUNCTION twice(n int) RETURNS int LANGUAGE sql AS 'SELECT 2 * n'",
    "REVOKE INSERT ON outbox FROM commendo_app",
    "COMMENT ON TABLE unit IS 'where people work'; ALTER TABLE unit SET (fillfactor = 50)",
    "ANALYZE award_edition",
    "ALTER DATABASE {name} SET work_mem = '5MB'",
    "ALTER DATABASE {name} CONNECTION LIMIT 7",
]


def test_whatever_was_written_is_gone_and_numbers_begin_anew(postgres: Services, template: str) -> None:
    with own_database(postgres, template) as first:
        new = _held(first)
        with first.sessions() as session:
            furnish(session, now=MONDAY)
            yearly_awards(session)
            session.execute(update(AwardEdition).values(level="ministry"))
            session.execute(delete(Account).where(Account.id < 0))
            session.commit()
        assert _held(first) != new
    with own_database(postgres, template) as again:
        assert (again.url, _held(again)) == (first.url, new)


@pytest.mark.parametrize("change", _CHANGES)
def test_one_that_was_altered_is_not_lent_again(postgres: Services, template: str, change: str) -> None:
    with own_database(postgres, template) as first:
        made = _made(first)
    with own_database(postgres, template) as again:
        assert _made(again) == made, "what nobody altered is lent again"
        with _owner(again) as owner:
            owner.execute(change.format(name=owner.info.dbname))
    with own_database(postgres, template) as anew:
        assert (anew.url, _made(anew) != made) == (first.url, True)


def test_whoever_is_still_connected_is_not_there_for_the_next(postgres: Services, template: str) -> None:
    with own_database(postgres, template) as first:
        left = first.sessions()
        left.execute(text("LOCK TABLE person"))
    with own_database(postgres, template) as again, again.sessions() as session:
        assert session.execute(text("SELECT count(*) FROM person")).scalar_one() == 0
    with pytest.raises(OperationalError):
        left.execute(text("SELECT 1"))


def test_an_office_that_is_put_there_is_as_one_that_is_written(postgres: Services, template: str) -> None:
    """But for the numbers that chance gives to events, and the digests that cover them."""
    found = []
    for write in (furnish, furnish, _written):
        with own_database(postgres, template) as database:
            with database.sessions() as session:
                ids = write(session, now=MONDAY).ids
            rows, numbers = _held(database)
            found.append((ids, rows | {name: len(rows[name][0]) for name in _OF_CHANCE}, numbers))
    assert found[1:] == found[:1] * 2


def test_an_office_is_written_where_somebody_wrote_before(postgres: Services, template: str) -> None:
    with own_database(postgres, template) as database, database.sessions() as session:
        first = furnish(session, now=MONDAY).ids
    with own_database(postgres, template) as database, database.sessions() as session:
        session.execute(text("SELECT nextval('account_id_seq')"))
        ids = furnish(session, now=MONDAY).ids
        assert ids == {part: number + 1 for part, number in first.items()}
        assert set(session.scalars(select(Account.id))) == set(ids.values())


def _written(session: Session, *, now: datetime) -> Office:
    return Office(write_office(session, now), session)


def _held(database: Database) -> tuple[dict[str, Any], list[Any]]:
    """Return every row of every table, and where the sequences stand."""
    with _owner(database) as owner:
        tables = [name for (name,) in owner.execute(_TABLES)]
        rows = {
            name: owner.execute(
                f'SELECT array_agg(t::text ORDER BY t::text) FROM public."{name}" t'
            ).fetchone()
            for name in tables
        }
        return rows, owner.execute(_NUMBERS).fetchall()


def _made(database: Database) -> int:
    """Return which of all databases that there ever were this one is."""
    with database.sessions() as session:
        mine = "SELECT oid FROM pg_database WHERE datname = current_database()"
        return int(session.execute(text(mine)).scalar_one())


def _owner(database: Database) -> psycopg.Connection[Any]:
    return psycopg.connect(database.migration_url.replace("+psycopg", ""), autocommit=True)
