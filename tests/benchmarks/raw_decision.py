"""The limit of a decision: the statements of raw_decision.sql through psycopg, and nothing else.

It does the work that no program can leave out: it reads the actor's grants and the facts, compares version
and owner, links the event to its chain and writes every row. What follows from the definition (the next step,
its deadline, its ladder) is handed in ready-made, so that the limit errs in favour of raw.
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
from psycopg.rows import namedtuple_row
from psycopg.types.json import Jsonb

from workflow.store.ids import uuid7

_SECTION = re.compile(r"^-- name: (\w+)\n(.*?)(?=^-- name: |\Z)", re.MULTILINE | re.DOTALL)
STATEMENTS: Mapping[str, str] = {
    name: text.strip()
    for name, text in _SECTION.findall(
        Path(__file__).with_name("raw_decision.sql").read_text(encoding="utf-8")
    )
}


@dataclass(frozen=True, slots=True)
class Work:
    """The work a decision opens: for which seat, with which deadline and which ladder."""

    owner_key: str
    clock_unit: str | None
    budget_minutes: int | None
    clock_started_at: datetime | None
    due_at: datetime | None
    calendar_version: str
    rungs: Sequence[tuple[int, str, str, datetime, bool]]


@dataclass(frozen=True, slots=True)
class Leap:
    """One decision worked out beforehand: from where to where, what it opens or which paper closes it."""

    action: str
    source: str
    dest: str
    stage: str
    opens: Work | None = None
    paper: Mapping[str, object] | None = None


class RawDecisions:
    """Makes decisions over one connection, one transaction each."""

    def __init__(self, connection: psycopg.Connection[Any], *, today: date) -> None:
        self._cursor = connection.cursor(row_factory=namedtuple_row)
        self._connection = connection
        self._today = today

    def decide(
        self, leap: Leap, *, nomination_id: int, version: int, actor_id: int, key: str, now: datetime
    ) -> None:
        """Carry out one decision and commit; raises ValueError when it is stale or not the actor's."""
        common = {"actor_id": actor_id, "nomination_id": nomination_id, "now": now, "today": self._today}
        [actor] = self._run("actor", common)
        self._run("claim_request_key", common | {"key": key, "route": "decide", "mac": key.encode()})
        self._run("lock", common)
        [facts] = self._run("facts", common)
        if facts.version != version or facts.state != leap.source or facts.owner_key not in actor.keys:
            raise ValueError("the decision is stale or not the actor's")
        recipients = self._recipients(leap, facts, common)
        paper_id = self._paper(leap)
        event_id = self._write_change(leap, facts, common, paper_id)
        self._run("close_visit", common | {"visit_id": facts.visit_id})
        self._run("close_work", common | {"work_item_id": facts.work_item_id, "action": leap.action})
        self._run("stop_rungs", {"work_item_id": facts.work_item_id})
        work_item_id = self._open(leap.opens, leap, facts, common) if leap.opens else None
        self._write_mails(leap, recipients, work_item_id, event_id, common)
        answer = {"nomination_id": nomination_id, "version": version + 1, "seq": facts.seq + 1}
        self._run("settle_request_key", {"actor_id": actor_id, "key": key, "result": Jsonb(answer)})
        self._connection.commit()

    def _run(self, name: str, values: Mapping[str, object]) -> psycopg.Cursor[Any]:
        return self._cursor.execute(STATEMENTS[name], values, prepare=True)

    def _recipients(self, leap: Leap, facts: Any, common: Mapping[str, object]) -> list[int]:
        if leap.opens is None:
            return [facts.created_by]
        return [
            row.id for row in self._run("holders", {"keys": [leap.opens.owner_key], "today": common["today"]})
        ]

    def _paper(self, leap: Leap) -> int | None:
        if leap.paper is None:
            return None
        self._run("insert_decision", leap.paper)
        [found] = self._run("find_decision", leap.paper)
        paper_id: int = found.id
        return paper_id

    def _write_change(self, leap: Leap, facts: Any, common: Mapping[str, Any], paper_id: int | None) -> UUID:
        change = {
            "state": leap.dest,
            "stage": leap.stage,
            "seat": leap.opens and leap.opens.owner_key.partition("@")[2],
            "decision_id": paper_id,
            "closed_at": None if leap.opens else common["now"],
            "nomination_id": facts.id,
            "version": facts.version,
            "source": facts.state,
        }
        if self._run("update_nomination", change).rowcount != 1:
            raise ValueError("the nomination moved meanwhile")
        event_id = uuid7(common["now"])
        event = {
            "stream": f"nomination:{facts.id}",
            "seq": facts.seq + 1,
            "actor_id": common["actor_id"],
            "via": "api",
            "action": leap.action,
            "source": leap.source,
            "dest": leap.dest,
            "now": common["now"],
        }
        data = facts_told(leap, facts, paper_id, change["seat"])
        linked = {"id": event_id, "data": Jsonb(data), "hash": link_of(facts.hash, event, data)}
        self._run("insert_event", event | linked)
        return event_id

    def _open(self, work: Work, leap: Leap, facts: Any, common: Mapping[str, Any]) -> UUID:
        visit_id, work_item_id = uuid7(common["now"]), uuid7(common["now"])
        opening = {
            **common,
            "visit_id": visit_id,
            "work_item_id": work_item_id,
            "ordinal": facts.ordinal + 1,
            "step": leap.dest,
            "stage": leap.stage,
            "source": leap.source,
            "owner_key": work.owner_key,
            "clock_unit": work.clock_unit,
            "budget_minutes": work.budget_minutes,
            "clock_started_at": work.clock_started_at,
            "due_at": work.due_at,
            "calendar_version": work.calendar_version,
        }
        self._run("open_visit", opening)
        self._run("open_work", opening)
        if work.rungs:
            ordinals, kinds, recipients, instants, warnings = map(list, zip(*work.rungs, strict=True))
            ladder = {
                "ids": [uuid7(common["now"]) for _ in work.rungs],
                "ordinals": ordinals,
                "kinds": kinds,
                "recipients": recipients,
                "fire_at": instants,
                "warns": warnings,
            }
            self._run("plan_rungs", opening | ladder)
        return work_item_id

    def _write_mails(
        self,
        leap: Leap,
        recipients: Sequence[int],
        work_item_id: UUID | None,
        event_id: UUID,
        common: Mapping[str, Any],
    ) -> None:
        notice, mail_class = ("work_opened", "task") if leap.opens else ("approved", "decision")
        mails = {
            "ids": [uuid7(common["now"]) for _ in recipients],
            "dedupe_keys": [f"{notice}:{event_id}:{account_id}" for account_id in recipients],
            "account_ids": list(recipients),
            "notice": notice,
            "mail_class": mail_class,
            "work_item_id": work_item_id,
            "event_id": event_id,
        }
        self._run("write_mails", {**common, **mails})


def facts_told(leap: Leap, facts: Any, paper_id: int | None, seat: object) -> dict[str, object]:
    """Return what the event tells of the row: the seat it reached, the paper it was signed with."""
    data: dict[str, object] = {}
    if seat is not None and seat not in facts.audience:
        data["reached"] = [seat]
    if paper_id is not None and leap.paper is not None:
        signed = {name: leap.paper[name] for name in ("kind", "body", "number", "signer")}
        data |= {"decision": paper_id, "signed": signed | {"decided_on": str(leap.paper["decided_on"])}}
    return data


def link_of(previous: bytes, event: Mapping[str, Any], data: Mapping[str, object]) -> bytes:
    """Return the hash of the event chained to the previous one: the canonical form of the product's chain."""
    canonical = json.dumps(
        [
            previous.hex(),
            event["stream"],
            event["seq"],
            event["actor_id"],
            None,
            event["via"],
            event["action"],
            event["source"],
            event["dest"],
            None,
            None,
            event["now"].astimezone(UTC).isoformat(timespec="microseconds"),
            data,
            None,
        ],
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=False,
    )
    return hashlib.sha256(canonical.encode()).digest()
