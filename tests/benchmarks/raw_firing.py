"""The limit of firing reminders: the statements of raw_firing.sql, one nomination a transaction."""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import psycopg
from psycopg.rows import namedtuple_row
from psycopg.types.json import Jsonb

from workflow.store.ids import uuid7

_SECTION = re.compile(r"^-- name: (\w+)\n(.*?)(?=^-- name: |\Z)", re.MULTILINE | re.DOTALL)
STATEMENTS: Mapping[str, str] = {
    name: text.strip()
    for name, text in _SECTION.findall(Path(__file__).with_name("raw_firing.sql").read_text(encoding="utf-8"))
}


def fire_raw(connection: psycopg.Connection[Any], nomination_ids: Sequence[int], now: datetime) -> int:
    """Fire what is due of each nomination and commit after each; return how many rungs fired."""
    cursor = connection.cursor(row_factory=namedtuple_row)
    count = 0
    for nomination_id in nomination_ids:
        count += _fire(cursor, nomination_id, now)
        connection.commit()
    return count


def _fire(cursor: psycopg.Cursor[Any], nomination_id: int, now: datetime) -> int:
    values: dict[str, Any] = {"nomination_id": nomination_id, "now": now, "today": now.date()}

    def run(name: str) -> psycopg.Cursor[Any]:
        return cursor.execute(STATEMENTS[name], values, prepare=True)

    run("lock")
    [facts] = run("facts").fetchall()
    due = run("due").fetchall()
    stream, previous = f"nomination:{nomination_id}", facts.hash
    values |= {"key": facts.owner_key, "state": facts.state, "work_item_id": facts.work_item_id}
    told = [row.id for row in run("holders").fetchall() if row.person_id != facts.person_id]
    for seq, rung in enumerate(due, start=facts.seq + 1):
        data = {"work_item": str(rung.work_item_id), "rung": rung.ordinal, "to": rung.recipient}
        data |= {"accounts": told, "key": facts.owner_key}
        said = [previous.hex(), stream, seq, "timer", rung.kind, facts.state, facts.state, str(now), data]
        previous = sha256(json.dumps(said, sort_keys=True, ensure_ascii=False).encode()).digest()
        values |= {"stream": stream, "seq": seq, "id": uuid7(now), "action": rung.kind}
        values |= {"data": Jsonb(data), "hash": previous, "rung_id": rung.id}
        run("event")
        run("fired")
        for account_id in told:
            values |= {"mail_id": uuid7(now), "dedupe_key": f"reminder:{rung.id}:{account_id}"}
            values |= {"fold_key": f"reminder:{account_id}:{now.date()}", "account_id": account_id}
            run("mail")
    return len(due)
