"""facts under the chain.

From here on an event tells the facts that an award rests on. What stands today was written before, so each row
is attested once: an event `attest` of no one, saying what the row is now. It proves nothing of the time before.
"""

import json
import os
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

from workflow.clock import DatabaseClock
from workflow.domain.history.attested import canonical, digest_names
from workflow.domain.history.chain import GENESIS, ChainedEvent, link
from workflow.store.ids import uuid7

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

BATCH = 1000
SIGNED = """(SELECT jsonb_object_agg(d.id::text, jsonb_build_object('kind', d.kind, 'body', d.body, 'number',
    d.number, 'decided_on', d.decided_on, 'signer', d.signer)) FROM decision d
    WHERE d.id IN (n.decision_id, n.upper_decision_id))"""
GRANTS = """(SELECT coalesce(jsonb_agg(jsonb_build_array(g.id, g.account_id, g.key, g.valid_from, g.valid_to)
    ORDER BY g.id), '[]') FROM "grant" g WHERE {})"""
# Each kind: the rows after the last one read, with facts, names and, of a nomination, its signed papers.
ROWS = {
    "nomination": f"""SELECT n.id, jsonb_build_object('round', n.round_id, 'award_edition', n.award_edition_id,
        'definition', n.definition_id, 'unit', n.unit_id, 'kind', n.subject_kind, 'person', n.person_id,
        'decider', n.decider, 'submission', n.submission_id, 'is_held', n.is_held,
        'audience', (SELECT coalesce(jsonb_agg(seat ORDER BY seat COLLATE "C"), '[]') FROM unnest(n.audience) seat),
        'created_by', n.created_by, 'vote', n.vote, 'recommendation', n.recommendation, 'voted_on', n.voted_on,
        'decision', n.decision_id, 'upper_outcome', n.upper_outcome, 'upper_decision', n.upper_decision_id
        ) AS facts, jsonb_build_object('subject_name', n.subject_name, 'subject_position', n.subject_position)
        AS names, {SIGNED} AS signed FROM nomination n""",  # noqa: S608 - of constants of this file alone
    "submission": """SELECT n.id, jsonb_build_object('round', n.round_id, 'unit', n.unit_id, 'decider', n.decider,
        'number', n.number, 'signed_on', n.signed_on, 'created_by', n.created_by) AS facts,
        jsonb_build_object('signer', n.signer) AS names, NULL AS signed FROM submission n""",
    "expected_return": """SELECT n.id, jsonb_build_object('round', n.round_id, 'unit', n.unit_id, 'answered_by',
        n.answered_by, 'number', n.nothing_number, 'signed_on', n.nothing_on) AS facts,
        jsonb_build_object('signer', coalesce(n.nothing_signer, '')) AS names, NULL AS signed
        FROM expected_return n""",
    "round": """SELECT n.id, jsonb_build_object('code', n.code, 'year', n.year, 'owner', n.owner_unit_id,
        'council', n.council_id, 'campaign', n.campaign_id) AS facts, '{}'::jsonb AS names, NULL AS signed
        FROM round n""",
    "cluster": f"""SELECT n.id, jsonb_build_object('code', n.code, 'kind', n.kind, 'head', n.head_unit_id,
        'deputy', n.deputy_unit_id, 'how', n.headed_how, 'from', n.officers_from,
        'members', (SELECT coalesce(jsonb_agg(m.unit_id ORDER BY m.unit_id), '[]') FROM cluster_member m
        WHERE m.cluster_id = n.id),
        'grants', {GRANTS.format("split_part(g.key, '@cluster:', 2) = n.code")}) AS facts, '{{}}'::jsonb AS names,
        NULL AS signed FROM cluster n""",  # noqa: S608 - of constants of this file alone
    "account": f"""SELECT n.id, jsonb_build_object('person', n.person_id, 'is_disabled', n.disabled_at IS NOT NULL,
        'grants', {GRANTS.format("g.account_id = n.id")}) AS facts,
        jsonb_build_object('email', n.email, 'name', n.name) AS names, NULL AS signed FROM account n""",  # noqa: S608 - of constants of this file alone
}


def upgrade() -> None:
    op.add_column("event_text", sa.Column("names", sa.Text(), nullable=True))
    connection = op.get_bind()
    now = DatabaseClock().now(connection)
    for kind, rows in ROWS.items():
        for batch in _batches(connection, rows):
            _attest(connection, kind, batch, now)


def _batches(connection: sa.Connection, rows: str) -> Iterator[list[sa.Row[Any]]]:
    last = 0
    while batch := connection.execute(
        sa.text(f"{rows} WHERE n.id > :last ORDER BY n.id LIMIT {BATCH}"), {"last": last}
    ).all():
        last = batch[-1].id
        yield list(batch)


def _attest(connection: sa.Connection, kind: str, batch: list[sa.Row[Any]], now: datetime) -> None:
    streams = [f"{kind}:{row.id}" for row in batch]
    newest = connection.execute(
        sa.text(
            "SELECT DISTINCT ON (stream) stream, seq, hash FROM event WHERE stream = ANY(:streams)"
            " ORDER BY stream, seq DESC"
        ),
        {"streams": streams},
    )
    ends = {row.stream: (row.seq, row.hash) for row in newest}
    events, texts = [], []
    for stream, row in zip(streams, batch, strict=True):
        seq, last_hash = ends.get(stream, (0, GENESIS))
        event, text = _event(stream, row, seq + 1, last_hash, now)
        events.append(event)
        texts += text
    connection.execute(_EVENTS, events)
    if texts:
        connection.execute(_TEXTS, texts)


def _event(
    stream: str, row: sa.Row[Any], seq: int, last_hash: bytes, now: datetime
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    event_id, salt = uuid7(now), os.urandom(16)
    data: dict[str, object] = {"facts": row.facts}
    texts = []
    if row.names:
        names = canonical(row.names)
        data["names"] = digest_names(salt, names)
        texts = [{"event_id": event_id, "salt": salt, "names": names}]
    if row.signed:
        data["decisions"] = row.signed
    entry = ChainedEvent(
        stream, seq, None, None, "timer", "attest", None, None, None, None, now, data, text_digest=None
    )
    values = {"id": event_id, "stream": stream, "seq": seq, "recorded_at": now}
    return values | {"data": json.dumps(data), "hash": link(last_hash, entry)}, texts


_EVENTS = sa.text(
    "INSERT INTO event (id, stream, seq, via, action, recorded_at, data, hash)"
    " VALUES (:id, :stream, :seq, 'timer', 'attest', :recorded_at, CAST(:data AS jsonb), :hash)"
)
_TEXTS = sa.text("INSERT INTO event_text (event_id, salt, text, names) VALUES (:event_id, :salt, '', :names)")


def downgrade() -> None:
    op.drop_column("event_text", "names")
