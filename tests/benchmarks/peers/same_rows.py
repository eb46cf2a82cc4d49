"""Whether every contender wrote what the product wrote: the same rows, and hashes that hold.

Ids are told by what they stand for (a visit by its ordinal, an event by its place in the stream), so rows of
different nominations compare. Each hash is computed again by the product's own chain.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import psycopg
from psycopg.rows import dict_row

from workflow.domain.history.chain import GENESIS, ChainedEvent, link

_TABLES: Final[Mapping[str, str]] = {
    "nomination": """SELECT state, stage, version, is_held, audience, decision_id, closed_at
                       FROM nomination WHERE id = %(id)s""",
    "event": """SELECT seq, actor_id, on_behalf_of, via, action, source, dest, reason_code, occurred_on,
                       recorded_at, data, text_digest
                  FROM event WHERE stream = 'nomination:' || %(id)s AND seq > 1 ORDER BY seq""",
    "visit": """SELECT ordinal, step, stage, sent_by, sent_from, entered_at, left_at, clock_unit,
                       budget_minutes, consumed_minutes, clock_started_at, due_at, calendar_version, nth,
                       ended, first_claimed_at, working_minutes, waiting_minutes, service_minutes
                  FROM visit WHERE nomination_id = %(id)s ORDER BY ordinal""",
    "work_item": """SELECT visit.ordinal, kind, owner_key, assignee_id, opened_at, work_item.first_claimed_at,
                           work_item.due_at, closed_at, outcome
                      FROM work_item JOIN visit ON visit.id = visit_id
                     WHERE work_item.nomination_id = %(id)s ORDER BY visit.ordinal""",
    "rung": """SELECT visit.ordinal AS visit, rung.ordinal, rung.kind, recipient, fire_at, fired_at, attempt,
                      dead_at, last_error, warns
                 FROM rung JOIN work_item ON work_item.id = work_item_id JOIN visit ON visit.id = visit_id
                WHERE rung.nomination_id = %(id)s ORDER BY visit.ordinal, rung.ordinal, rung.kind""",
    "outbox": """SELECT event.seq, notice, mail_class, account_id, visit.ordinal AS visit,
                        replace(dedupe_key, event.id::text, '') AS dedupe_key, state, state_reason,
                        not_before, attempt, excused_count, outbox.created_at
                   FROM outbox JOIN event ON event.id = event_id
                   LEFT JOIN work_item ON work_item.id = work_item_id LEFT JOIN visit ON visit.id = visit_id
                  WHERE outbox.nomination_id = %(id)s AND event.seq > 1
                  ORDER BY event.seq, account_id""",
    "request_key": """SELECT actor_id, route, created_at, result IS NOT NULL AS is_settled
                        FROM request_key WHERE key LIKE '%%-' || %(id)s || '-%%' ORDER BY key""",
}


def differences(connection: psycopg.Connection[Any], ours: int, theirs: Sequence[int]) -> list[str]:
    """Return, in words, what of `theirs` is not as of the nomination that the product decided."""
    cursor = connection.cursor(row_factory=dict_row)
    wanted = _written(cursor, ours)
    found = _broken_links(cursor, ours)
    for nomination_id in theirs:
        for table, rows in _written(cursor, nomination_id).items():
            if rows != wanted[table]:
                found.append(f"{table} of nomination {nomination_id}: {_first(rows, wanted[table])}")
        found += _broken_links(cursor, nomination_id)
    connection.rollback()
    return found


def _written(cursor: psycopg.Cursor[dict[str, Any]], nomination_id: int) -> dict[str, list[dict[str, Any]]]:
    return {
        table: cursor.execute(query, {"id": nomination_id}).fetchall() for table, query in _TABLES.items()
    }


def _first(rows: list[dict[str, Any]], wanted: list[dict[str, Any]]) -> str:
    if len(rows) != len(wanted):
        return f"{len(rows)} rows, not {len(wanted)}"
    row, other = next((row, other) for row, other in zip(rows, wanted, strict=True) if row != other)
    [name, *_] = [name for name in row if row[name] != other[name]]
    return f"{name} is {row[name]!r}, not {other[name]!r}"


def _broken_links(cursor: psycopg.Cursor[dict[str, Any]], nomination_id: int) -> list[str]:
    stream = f"nomination:{nomination_id}"
    events = cursor.execute("SELECT * FROM event WHERE stream = %s ORDER BY seq", (stream,)).fetchall()
    previous, broken = GENESIS, []
    for event in events:
        entry = ChainedEvent(**{name: event[name] for name in ChainedEvent.__dataclass_fields__})
        if link(previous, entry) != bytes(event["hash"]):
            broken.append(f"{stream} #{event['seq']}: its hash does not hold")
        previous = bytes(event["hash"])
    return broken
