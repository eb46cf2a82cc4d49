"""History that was changed behind the product's back is found, and named where it was changed."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from tests.conftest import Database
from tests.support.office import furnish
from workflow.clock import FixedClock
from workflow.domain.errors import NotFound
from workflow.queries.history.audit import export_stream, verify_chains


@pytest.fixture
def nomination_id(session: Session, clock: FixedClock) -> int:
    """Have a nomination sent, returned with words, and sent again."""
    office, now = furnish(session, now=clock.now()), clock.now()
    nomination_id = office.draft(now).nomination_id
    office.act("nominator", nomination_id, "submit", now)
    office.act(
        "reviewer",
        nomination_id,
        "return",
        now,
        to_step="draft",
        reason_code="other",
        comment="Đề nghị bổ sung biên bản.",
    )
    office.act("nominator", nomination_id, "submit", now)
    return nomination_id


@contextmanager
def forger(database: Database) -> Iterator[psycopg.Connection]:
    """Connect as the owner of the tables, with the trigger that guards history switched off."""
    url = make_url(database.migration_url).set(drivername="postgresql")
    with psycopg.connect(url.render_as_string(hide_password=False)) as connection:
        connection.execute("ALTER TABLE event DISABLE TRIGGER USER")
        yield connection
        connection.execute("ALTER TABLE event ENABLE TRIGGER USER")


def found(database: Database) -> list[str]:
    with database.sessions() as session:
        return [str(problem) for problem in verify_chains(session).problems]


def test_an_honest_history_is_whole(database: Database, nomination_id: int) -> None:
    with database.sessions() as session:
        result = verify_chains(session)
    assert result.is_whole
    assert result.texts == 1
    assert result.events >= 4
    assert "not detected" in result.unsealed


def test_a_changed_event_is_named(database: Database, nomination_id: int) -> None:
    with forger(database) as connection:
        connection.execute(
            "UPDATE event SET dest = 'approved' WHERE stream = %s AND seq = 2",
            [f"nomination:{nomination_id}"],
        )
    assert found(database) == [
        f"nomination:{nomination_id} #2: its hash does not follow from the event and the one before it"
    ]


def test_an_event_taken_out_of_the_middle_is_missed(database: Database, nomination_id: int) -> None:
    stream = f"nomination:{nomination_id}"
    with forger(database) as connection:
        connection.execute("UPDATE outbox SET event_id = NULL")
        connection.execute("DELETE FROM event WHERE stream = %s AND seq = 2", [stream])
    assert found(database) == [
        f"{stream} #3: the event before it is missing: 2 was expected",
        f"{stream} #3: its hash does not follow from the event and the one before it",
        f"{stream}: it is at version 4, its history accounts for version 3",
    ]


def test_a_cut_tail_is_found_where_the_nomination_tells_of_it(database: Database, nomination_id: int) -> None:
    stream = f"nomination:{nomination_id}"
    with forger(database) as connection:
        connection.execute("UPDATE outbox SET event_id = NULL")
        connection.execute("DELETE FROM event WHERE stream = %s AND seq = 4", [stream])
    assert found(database) == [f"{stream}: it is at version 4, its history accounts for version 3"]


def test_a_state_nobody_decided_is_found(database: Database, nomination_id: int) -> None:
    with forger(database) as connection:
        connection.execute("UPDATE nomination SET state = 'approved', stage = 'approved'")
    assert found(database) == [
        f"nomination:{nomination_id}: it stands in 'approved', its history ends in 'unit_review'"
    ]


def test_changed_words_are_found_and_erased_words_are_counted(database: Database, nomination_id: int) -> None:
    with forger(database) as connection:
        connection.execute("UPDATE event_text SET text = text || '!' WHERE text <> ''")
    assert found(database) == [f"nomination:{nomination_id} #3: its words are not those that were written"]
    with forger(database) as connection:
        connection.execute("DELETE FROM event_text")
        [account_count] = connection.execute("SELECT count(*) FROM account").fetchone() or (0,)
    with database.sessions() as session:
        result = verify_chains(session)
    # The words of the return; the names of the nominee and of each account.
    assert (result.is_whole, result.texts, result.erased_texts) == (True, 0, 2 + account_count)


def test_an_exported_stream_can_be_checked_without_us(session: Session, nomination_id: int) -> None:
    exported = json.loads(json.dumps(export_stream(session, str(nomination_id)), ensure_ascii=False))
    previous = bytes(32).hex()
    for event in exported["events"]:
        if event["text"]:
            digest = hashlib.sha256(bytes.fromhex(event["salt"]) + event["text"].encode()).hexdigest()
            assert digest == event["text_digest"]
        chained = [previous]
        chained += [
            event[name]
            for name in (
                "stream", "seq", "actor_id", "on_behalf_of", "via", "action", "source", "dest",
                "reason_code", "occurred_on", "recorded_at", "data", "text_digest",
            )
        ]  # fmt: skip
        text = json.dumps(chained, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        previous = hashlib.sha256(text.encode()).hexdigest()
        assert previous == event["hash"]
    assert [event["action"] for event in exported["events"]] == ["create", "submit", "return", "submit"]


def test_a_stream_that_never_was_is_refused(session: Session) -> None:
    with pytest.raises(NotFound, match="no history of 'round:99'"):
        export_stream(session, "round:99")
