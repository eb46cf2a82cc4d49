"""No hand writes a word or a shape that would stop every list in which its row stands."""

import re

import psycopg
import pytest
from sqlalchemy import CheckConstraint, text
from sqlalchemy.orm import Session

from tests.conftest import Database
from tests.support.office import furnish
from tests.support.servers import connect
from tests.support.waiting import many_submitted
from workflow.clock import FixedClock
from workflow.store.base import Base

WORD = re.compile(r"'(\w+)'")
BAD = (
    ("nomination", "subject_kind", "'strange'"),
    ("nomination", "recommendation", "'maybe'"),
    ("nomination", "upper_outcome", "'lost'"),
    ("nomination", "stage", "'limbo'"),
    ("visit", "stage", "'limbo'"),
    ("cluster", "headed_how", "'inherited'"),
    ("cluster", "kind", "'heap'"),
    ("event", "via", "'pigeon'"),
    ("event", "data", "'[]'"),
    ("event", "data", "'null'"),
    ("outbox", "notice", "'gossip'"),
    ("outbox", "mail_class", "'spam'"),
    ("outbox", "state", "'lost'"),
    ("award_edition", "subject_kind", "'team'"),
    ("workflow_definition", "content", "'[1]'"),
    ("round", "dates", "'[]'"),
    ("round", "dates", """'{"tea": "2026-01-01"}'"""),
    ("round", "dates", """'{"unit_deadline": "soon"}'"""),
    ("round", "dates", """'{"unit_deadline": null}'"""),
    ("round", "dates", """'{"unit_deadline": 20260101}'"""),
)


@pytest.mark.parametrize(("table", "column", "value"), BAD, ids=str)
def test_the_database_refuses_it_from_its_owner_too(  # noqa: PLR0917 - fixtures
    database: Database, session: Session, clock: FixedClock, table: str, column: str, value: str
) -> None:
    many_submitted(furnish(session, now=clock.now()), session, 1, clock.now())
    with connect(database.migration_url) as owner:
        owner.execute(f'ALTER TABLE "{table}" DISABLE TRIGGER USER')
        assert owner.execute(f'SELECT 1 FROM "{table}"').fetchone()
        with pytest.raises(psycopg.errors.CheckViolation):
            owner.execute(f'UPDATE "{table}" SET "{column}" = {value}')


def test_the_tables_know_the_words_of_this_release(session: Session) -> None:
    """A word that a release adds to its lists needs a migration, or no row with it can be written."""
    rows = session.execute(
        text("SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'c'")
    ).all()
    there = {str(name): set(WORD.findall(str(said))) for name, said in rows}
    lists = [
        one
        for table in Base.metadata.sorted_tables
        for one in table.constraints
        if isinstance(one, CheckConstraint) and " IN (" in str(one.sqltext)
    ]
    assert len(lists) > 10
    for one in lists:
        assert there[str(one.name)] == set(WORD.findall(str(one.sqltext))), one.name
