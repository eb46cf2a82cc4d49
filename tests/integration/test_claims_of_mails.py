"""What a claim of mails costs, whatever else waits."""

from datetime import datetime, timedelta
from typing import Any

import psycopg
import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from tests.conftest import Database
from tests.support.office import furnish
from workflow.clock import FixedClock
from workflow.domain.vocabulary import MailState
from workflow.store.mail import Outbox
from workflow.store.outbox import MAX_ATTEMPTS, claim_mails
from workflow.store.outbox_results import MailFate, Verdict, write_results

ENTRIES = text("SELECT sum(idx_tup_read)::bigint FROM pg_stat_user_indexes WHERE relname = 'outbox'")
READ = text("SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_xact_user_tables WHERE relname = 'outbox'")


def test_a_claim_reads_nothing_of_what_waits_for_its_morning(
    session: Session, clock: FixedClock, database: Database
) -> None:
    """However much waits: by its own figures PostgreSQL touches as many rows as are due."""
    reviewer = furnish(session, now=clock.now()).ids["reviewer"]
    session.commit()
    with the_owner(database) as owner:
        let_wait(owner, reviewer, clock.now() + timedelta(days=1))
    before = session.execute(READ).scalar_one()
    assert claim_mails(session, now=clock.now(), domain="example", limit=20) == []
    assert session.execute(READ).scalar_one() - before < 10


def test_a_letter_of_a_day_waits_for_what_is_still_put_into_it_without_a_look_at_all_that_waits(
    session: Session, clock: FixedClock, database: Database
) -> None:
    """After a standstill: thousands of others' mails are due as well, folded already and still to fold."""
    ids, due_at = furnish(session, now=clock.now()).ids, clock.now() - timedelta(hours=1)
    reviewer, nominator, head = (ids[part] for part in ("reviewer", "nominator", "unit_head"))
    session.commit()
    with the_owner(database) as owner:
        let_wait(owner, reviewer, due_at)
        let_wait(owner, nominator, clock.now(), fold="loose:")
        let_wait(owner, head, due_at, then="cancelled", fold="ended:")
        owner.execute("UPDATE outbox SET account_id = %s WHERE dedupe_key = 'task:3000'", [nominator])
        owner.execute(
            "UPDATE outbox SET not_before = not_before - interval '1 h' WHERE dedupe_key = 'task:3000'"
        )
        owner.execute("ANALYZE outbox")
    session.execute(text("SET LOCAL enable_seqscan = off"))
    before = session.execute(READ).scalar_one()
    claimed = claim_mails(session, now=clock.now(), domain="example", limit=20)
    assert session.execute(READ).scalar_one() - before < 300
    rows = [row.id for mail in claimed for row in mail.rows]
    readers = set(session.scalars(select(Outbox.account_id).where(Outbox.id.in_(rows))))
    assert (len(claimed), readers) == (20, {reviewer})


@pytest.mark.parametrize(
    ("other", "is_waited_for"),
    [
        ("state = 'new'", True),
        ("state = 'sending', message_id = '<a@example>', lease_until = now() + interval '1 h'", True),
        # Tried before: it keeps its name and goes by itself, whenever a server takes it.
        ("state = 'new', message_id = '<a@example>'", False),
        ("state = 'dead'", False),
        ("state = 'new', not_before = not_before + interval '1 day'", False),
        ("state = 'new', mail_class = 'decision'", False),
    ],
)
def test_a_letter_of_a_day_waits_only_for_what_will_be_put_into_it(
    session: Session, clock: FixedClock, database: Database, other: str, *, is_waited_for: bool
) -> None:
    reviewer = furnish(session, now=clock.now()).ids["reviewer"]
    session.commit()
    with the_owner(database) as owner:
        let_wait(owner, reviewer, clock.now(), count=1)
        let_wait(owner, reviewer, clock.now(), fold="loose:", count=1)
        owner.execute(f"UPDATE outbox SET {other} WHERE dedupe_key = 'loose:1'")
    claimed = claim_mails(session, now=clock.now(), domain="example", limit=20)
    rows = [row.id for mail in claimed for row in mail.rows]
    keys = session.scalars(select(Outbox.dedupe_key).where(Outbox.id.in_(rows))).all()
    assert ("task:1" not in keys) is is_waited_for


def test_what_senders_always_die_of_is_buried_without_a_look_at_all_that_waits(
    session: Session, clock: FixedClock, database: Database
) -> None:
    """After an outage: more of them than one claim takes stand before thousands of mails that are due."""
    reviewer = furnish(session, now=clock.now()).ids["reviewer"]
    session.commit()
    with the_owner(database) as owner:
        let_wait(owner, reviewer, clock.now() - timedelta(hours=1))
        owner.execute(
            "UPDATE outbox SET state = 'sending', attempt = %(most)s, message_id = '<' || dedupe_key || '>',"
            " lease_until = now() - interval '1 hour', not_before = not_before - interval '1 day'"
            " WHERE dedupe_key IN (SELECT 'task:' || n FROM generate_series(1, 25) n)",
            {"most": MAX_ATTEMPTS},
        )
        owner.execute("ANALYZE outbox")
    # A table as small as this is read whole to lease twenty of it by their keys.
    session.execute(text("SET LOCAL enable_seqscan = off"))
    before = session.execute(READ).scalar_one()
    claimed = claim_mails(session, now=clock.now(), domain="example", limit=20)
    assert len(claimed) == 20
    assert not any(mail.was_abandoned for mail in claimed)
    assert session.execute(READ).scalar_one() - before < 600
    dead = select(func.count()).select_from(Outbox).where(Outbox.state == MailState.DEAD)
    assert session.scalars(dead).one() == 25


def test_to_begin_a_letter_and_to_give_it_back_reads_nothing_of_what_waits(
    session: Session, clock: FixedClock, database: Database
) -> None:
    """On a morning when thousands have fallen due, where the server last counted when nothing waited."""
    reviewer = furnish(session, now=clock.now()).ids["reviewer"]
    session.commit()
    with the_owner(database) as owner:
        let_wait(owner, reviewer, clock.now() - timedelta(hours=1), then="cancelled")
        owner.execute("UPDATE outbox SET state = 'new', message_id = '<' || dedupe_key || '@example>'")
    [mail, other] = claim_mails(session, now=clock.now(), domain="example", limit=2)
    session.commit()
    before = _entries_read(session)
    assert write_results(session, (), [mail], on_its_way=True).begun
    session.commit()
    back = Verdict(mail, MailFate(MailState.NEW, not_before=clock.now()))
    assert write_results(session, [back], [other]).ended
    session.commit()
    assert _entries_read(session) - before < 100


def _entries_read(session: Session) -> int:
    """Count the entries of indexes that were read so far, whether or not their rows were looked at."""
    session.execute(text("SELECT pg_stat_force_next_flush()"))
    session.commit()
    found = session.execute(ENTRIES).scalar_one()
    session.commit()
    return int(found)


def the_owner(database: Database) -> psycopg.Connection[Any]:
    return psycopg.connect(database.migration_url.replace("+psycopg", ""), autocommit=True)


def let_wait(
    owner: psycopg.Connection[Any],
    account_id: int,
    not_before: datetime,
    *,
    then: str = "new",
    fold: str = "task:",
    count: int = 3000,
) -> None:
    owner.execute(
        "INSERT INTO outbox (id, dedupe_key, notice, mail_class, account_id, fold_key, state, not_before,"
        " created_at) SELECT gen_random_uuid(), %(fold)s || n, 'reminder', 'task', %(account)s,"
        " %(fold)s || n, %(state)s, %(not_before)s, %(not_before)s FROM generate_series(1, %(count)s) n",
        {"account": account_id, "not_before": not_before, "state": then, "fold": fold, "count": count},
    )
    owner.execute("ANALYZE outbox")
