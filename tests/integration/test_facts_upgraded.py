"""A database of the release before this one gets its facts under the chain once, and says so."""

import json
from typing import Any

import psycopg
from alembic import command
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from tests.conftest import Database
from tests.integration.test_audit import forger, found
from tests.support.office import PAPER, furnish
from workflow.clock import FixedClock
from workflow.domain.history.chain import GENESIS, ChainedEvent, link
from workflow.queries.history.audit import export_stream, verify_chains
from workflow.store.schema import _config, role_of, upgrade

NEW = ("facts", "names", "reached", "signed")
COLUMNS = (
    *("stream", "seq", "actor_id", "on_behalf_of", "via", "action", "source", "dest"),
    *("reason_code", "occurred_on", "recorded_at", "data", "text_digest"),
)


def events_of(session: Session, nomination_id: int) -> list[dict[str, Any]]:
    """Return the history of a nomination as its export carries it."""
    events: Any = export_stream(session, str(nomination_id))["events"]
    return list(events)


def test_what_stands_is_attested_once_and_guarded_from_then_on(
    database: Database, session: Session, clock: FixedClock
) -> None:
    office, now = furnish(session, now=clock.now()), clock.now()
    nomination_id = office.draft(now).nomination_id
    office.act("nominator", nomination_id, "submit", now)
    office.act("reviewer", nomination_id, "return", now, to_step="draft", reason_code="other", comment="Sửa.")
    office.act("nominator", nomination_id, "submit", now)
    for part in ("reviewer", "secretary"):
        office.act(part, nomination_id, "approve", now)
    office.act("head", nomination_id, "approve", now, decision=PAPER)
    before = [event["action"] for event in events_of(session, nomination_id)]
    session.rollback()
    set_back(database)
    assert "names" not in columns(database)

    upgrade(database.migration_url, application_role=role_of(database.url))

    assert found(database) == []
    with database.sessions() as fresh:
        events = events_of(fresh, nomination_id)
        assert [event["action"] for event in events] == [*before, "attest"]
        assert events[-1]["data"]["facts"]["recommendation"] is None
        texts = verify_chains(fresh).texts
    assert texts == 1
    with forger(database) as connection:
        connection.execute("UPDATE decision SET signer = 'Ai đó'")
        connection.execute("UPDATE nomination SET subject_name = 'Ai đó'")
    assert found(database) == [
        "nomination:1: not as its history tells: subject_name",
        "decision:1: not as it was signed: signer",
    ]
    # A second start attests nothing anew: what was forged in between stays found.
    upgrade(database.migration_url, application_role=role_of(database.url))
    assert len(found(database)) == 2


def test_work_goes_on_after_the_upgrade(database: Database, session: Session, clock: FixedClock) -> None:
    office, now = furnish(session, now=clock.now()), clock.now()
    nomination_id = office.draft(now).nomination_id
    office.act("nominator", nomination_id, "submit", now)
    session.rollback()
    with forger(database) as connection:
        connection.execute("UPDATE event SET via = 'link' WHERE action = 'submit'")
    set_back(database)
    upgrade(database.migration_url, application_role=role_of(database.url))
    for part in ("reviewer", "secretary"):
        office.act(part, nomination_id, "approve", now)
    assert found(database) == []


def set_back(database: Database) -> None:
    """Make the database what the release before would have left: no facts in events, chained without them."""
    with forger(database) as connection:
        hashes: dict[str, bytes] = {}
        events = connection.execute(f"SELECT {', '.join(COLUMNS)} FROM event ORDER BY stream, seq").fetchall()
        for values in events:
            row = dict(zip(COLUMNS, values, strict=True))
            row["data"] = {name: value for name, value in row["data"].items() if name not in NEW}
            hashes[row["stream"]] = link(hashes.get(row["stream"], GENESIS), ChainedEvent(**row))
            connection.execute(
                "UPDATE event SET data = %s, hash = %s WHERE stream = %s AND seq = %s",
                (json.dumps(row["data"]), hashes[row["stream"]], row["stream"], row["seq"]),
            )
        connection.execute("DELETE FROM event_text WHERE text = ''")
    engine = create_engine(database.migration_url)
    with engine.connect() as connection:
        command.downgrade(_config(connection), "0005")
        connection.commit()
    engine.dispose()


def columns(database: Database) -> set[str]:
    url = database.migration_url.replace("+psycopg", "")
    with psycopg.connect(url) as connection:
        rows = connection.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_name = 'event_text'"
        )
        return {str(row[0]) for row in rows}
