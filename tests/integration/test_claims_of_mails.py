"""What a claim of mails costs, whatever else waits."""

import psycopg
from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.conftest import Database
from tests.support.office import furnish
from workflow.clock import FixedClock
from workflow.store.outbox import claim_mails


def test_a_claim_reads_nothing_of_what_waits_for_its_morning(
    session: Session, clock: FixedClock, database: Database
) -> None:
    """However much waits: by its own figures PostgreSQL touches as many rows as are due."""
    reviewer = furnish(session, now=clock.now()).ids["reviewer"]
    session.commit()
    with psycopg.connect(database.migration_url.replace("+psycopg", ""), autocommit=True) as owner:
        owner.execute(
            "INSERT INTO outbox (id, dedupe_key, notice, mail_class, account_id, fold_key, state, not_before,"
            " created_at) SELECT gen_random_uuid(), 'w' || n, 'reminder', 'task', %(account)s, 'task:' || n,"
            " 'new', %(now)s + interval '1 day', %(now)s FROM generate_series(1, 3000) n",
            {"account": reviewer, "now": clock.now()},
        )
        owner.execute("ANALYZE outbox")
    read = text("SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_xact_user_tables WHERE relname = 'outbox'")
    before = session.execute(read).scalar_one()
    assert claim_mails(session, now=clock.now(), domain="example", limit=20) == []
    assert session.execute(read).scalar_one() - before < 10
