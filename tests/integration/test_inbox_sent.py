"""What somebody sent on is found among what lies open, however much they ever sent."""

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.conftest import MONDAY, Database
from tests.support.office import furnish
from tests.support.plans import explained, ready_made
from tests.support.waiting import submitted
from workflow.queries.inbox.inbox import inbox_counts

MANY = 20_000
_SENT_LONG_AGO = """
    INSERT INTO visit (id, nomination_id, ordinal, step, stage, sent_by, entered_at, left_at,
        calendar_version, is_summed, ended)
    SELECT gen_random_uuid(), nomination_id, ordinal + n, step, stage, sent_by, entered_at, entered_at,
        calendar_version, true, 'moved'
    FROM visit, generate_series(1, :many) n WHERE left_at IS NULL
"""


def test_what_was_sent_is_counted_without_reading_what_is_over(
    session: Session, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = furnish(session, now=MONDAY)
    submitted(office, MONDAY)
    session.execute(text(_SENT_LONG_AGO), {"many": MANY})
    session.commit()
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as own:
        own.execute(text("VACUUM ANALYZE visit"))
    actor = office.actor("nominator", MONDAY)
    with ready_made(monkeypatch) as sent:
        counts = inbox_counts(session, actor=actor, now=MONDAY + timedelta(hours=1))
    assert counts.waiting == 1
    read = [one for query, bound in sent for one in explained(session, query, bound)]
    assert max(rows for table, index, rows in read if "visit" in {table, index[3:8]}) < MANY / 100
