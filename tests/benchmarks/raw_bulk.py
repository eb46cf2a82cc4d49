"""The limit of many decisions in one request: the set-based statements of raw_bulk.sql, and nothing else.

It writes what the product writes, row for row, and leaves to the database whatever can be said of a whole
list: permission, the chain's hashes, the rungs, the mails. What follows from the definition is handed in.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
from psycopg.rows import namedtuple_row

from tests.benchmarks.raw_decision import Leap

_SECTION = re.compile(r"^-- name: (\w+)\n(.*?)(?=^-- name: |\Z)", re.MULTILINE | re.DOTALL)
STATEMENTS: Mapping[str, str] = {
    name: text.strip()
    for name, text in _SECTION.findall(Path(__file__).with_name("raw_bulk.sql").read_text(encoding="utf-8"))
}
_WRITES = (
    "insert_events",
    "close_visits",
    "close_work",
    "stop_rungs",
    "open_visits",
    "open_work",
    "plan_rungs",
    "write_mails",
)


class RawLists:
    """Decides lists over one connection, one transaction each."""

    def __init__(self, connection: psycopg.Connection[Any], *, today: date) -> None:
        self._cursor = connection.cursor(row_factory=namedtuple_row)
        self._connection = connection
        self._today = today
        self._run("prepare", {})
        connection.commit()

    def decide(
        self, leap: Leap, *, ids: Sequence[int], version: int, actor_id: int, key: str, now: datetime
    ) -> None:
        """Carry out one action on the whole list and commit; ValueError unless all of it is allowed."""
        assert leap.opens is not None
        work = leap.opens
        values: dict[str, object] = {
            "actor_id": actor_id,
            "today": self._today,
            "now": now,
            "recorded_at": now.astimezone(UTC).isoformat(timespec="microseconds"),
            "key": key,
            "route": "decide",
            "mac": key.encode(),
            "ids": list(ids),
            "versions": [version] * len(ids),
            "action": leap.action,
            "source": leap.source,
            "state": leap.dest,
            "stage": leap.stage,
            "seat": work.owner_key.partition("@")[2],
            "owner_key": work.owner_key,
            "owner_keys": [work.owner_key],
            "clock_unit": work.clock_unit,
            "budget_minutes": work.budget_minutes,
            "clock_started_at": work.clock_started_at,
            "due_at": work.due_at,
            "calendar_version": work.calendar_version,
            "slot": str(uuid4()),
        }
        names = ("ordinals", "kinds", "recipients", "fire_at", "warns")
        values |= dict(zip(names, map(list, zip(*work.rungs, strict=True)), strict=True))
        [actor] = self._run("actor", values)
        values |= {"keys": actor.keys, "person_id": actor.person_id}
        self._run("claim_request_key", values)
        self._run("lock", values)
        if self._run("find", values).rowcount != len(ids):
            raise ValueError("something on the list is stale or not the actor's")
        values["readers"] = [row.id for row in self._run("holders", values)]
        if self._run("update_nominations", values).rowcount != len(ids):
            raise ValueError("something on the list moved meanwhile")
        for name in (*_WRITES, "settle_request_key"):
            self._run(name, values)
        self._connection.commit()

    def _run(self, name: str, values: Mapping[str, object]) -> psycopg.Cursor[Any]:
        return self._cursor.execute(STATEMENTS[name], values, prepare=True)
