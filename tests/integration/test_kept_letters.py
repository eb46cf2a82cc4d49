"""The list of all kept letters reads the page it shows, however many there are."""

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.conftest import MONDAY, Database
from tests.support.office import furnish
from tests.support.plans import asked, explained
from workflow.domain.rights.policy import Actor
from workflow.queries.mail.mailbox import list_letters

MANY = 20_000
# Four letters share an instant, and every so many is a mail of security.
_LETTERS = """
INSERT INTO letter (message_id, account_id, recipient, subject, text, html, written_at)
SELECT 'm' || n, :account, 'a@example.vn', 's', 't', 'h', :first + (n / 4) * interval '1 second'
FROM generate_series(1, :many) AS n
"""
_PROMISES = """
INSERT INTO outbox
    (id, dedupe_key, notice, mail_class, account_id, fold_key, state, not_before, message_id, created_at)
SELECT gen_random_uuid(), 'k' || n, 'reminder', CASE WHEN n % :each = 0 THEN 'security' ELSE 'task' END,
    :account, 'f' || n, 'sent', :first, 'm' || n, :first
FROM generate_series(1, :many) AS n
"""


@pytest.mark.parametrize("each", [10, 10 * MANY])
def test_an_administrators_first_and_next_page_of_letters_come_from_the_index(
    session: Session, database: Database, each: int
) -> None:
    account = furnish(session, now=MONDAY).ids["reviewer"]
    for rows in (_LETTERS, _PROMISES):
        session.execute(text(rows), {"account": account, "first": MONDAY, "many": MANY, "each": each})
    session.commit()
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as own:
        own.execute(text("ANALYZE"))
    admin = Actor(account, "", keys=frozenset({"admin@all"}))
    with asked(database) as statements:
        first = list_letters(session, actor=admin, limit=50, cursor=None)
        after = list_letters(session, actor=admin, limit=50, cursor=first.next)
    shown = [row.message_id for row in (*first.items, *after.items)]
    secret = range(0, MANY + 1, each)
    every = [n for n in range(1, MANY + 1) if n not in secret]
    instants = {n: MONDAY + timedelta(seconds=n // 4) for n in every}
    assert shown == [f"m{n}" for n in sorted(every, key=lambda n: (instants[n], f"m{n}"), reverse=True)[:100]]
    for statement, parameters in statements:
        read = {table: (index, rows) for table, index, rows in explained(session, statement, parameters)}
        assert read["letter"][0] == "ix_letter_written_at"
        assert read["letter"][1] < 100, "what is shown, and the tenth of it that is secret"
        assert read["outbox"][1] < MANY / 100
