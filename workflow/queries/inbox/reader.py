"""Whose inbox is read, when, and what its statements are written for and told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from workflow.domain.rights.policy import Actor
from workflow.queries.inbox.few import few_works
from workflow.queries.inbox.filters import InboxFilters, InboxFlag, narrowing
from workflow.queries.inbox.looks import PLAIN, Look, Tab
from workflow.queries.inbox.narrow import UNDATED, among_few, narrow_values
from workflow.queries.inbox.rows import InboxItem, inbox_item
from workflow.queries.inbox.sources import BEGINNING, END, FIRST_ID, inbox_values
from workflow.queries.inbox.tabs import first_of_each
from workflow.queries.paging import DEFAULT_LIMIT, MAX_LIMIT
from workflow.store.statements import Statement

FILE_PAGE: Final = 1000
"""How many rows are read at once for a file."""
_SIZES: Final = (DEFAULT_LIMIT + 1, MAX_LIMIT + 1, FILE_PAGE + 1)


@dataclass(frozen=True, slots=True)
class InboxReader:
    """Who reads, and what the statements are told: of them, and of what their inbox is narrowed to."""

    session: Session
    actor: Actor
    now: datetime
    look: Look
    values: Mapping[str, object]

    def item(self, row: Row[Any]) -> InboxItem:
        """Return the item that a row tells of."""
        is_sent = self.look.tab is Tab.WAITING
        return inbox_item(self.session, row, self.actor, self.now, is_sent=is_sent)

    @property
    def start(self) -> dict[str, object]:
        """Return the place before all that the filters leave."""
        return {name: self.values[name] for name in BEGINNING}

    def of_few(self, works: Sequence[UUID]) -> "InboxReader":
        """Return the reader of what was found to be all that the filters leave: they look it up."""
        return replace(self, look=self.look._replace(is_few=True), values={**self.values, **among_few(works)})

    def size_of(self, rows: int) -> int:
        """Return how many rows a statement reads: any number of the plain inbox, else one of few."""
        return rows if self.look == PLAIN else next(size for size in _SIZES if size >= rows)


def reader_of(session: Session, actor: Actor, now: datetime, tab: Tab, filters: InboxFilters) -> InboxReader:
    """Return the reader of a tab, of what the filters leave of it. Raises `InvalidField`."""
    narrow = narrowing(session, filters, now=now)
    if not narrow.is_narrowed:
        return InboxReader(session, actor, now, Look(tab), inbox_values(session, actor, now) | BEGINNING)
    works, part = few_works(session, narrow.told), _part_of_order(narrow.told, now)
    look = Look(
        tab,
        is_narrowed=True,
        is_dated=bool(part),
        is_named=narrow.is_named and tab is Tab.DONE,
        is_few=works is not None,
    )
    told = {**narrow_values({**narrow.told, "works": works}), **BEGINNING, **END, **part}
    return InboxReader(session, actor, now, look, inbox_values(session, actor, now) | told)


def _part_of_order(told: Mapping[str, object], now: datetime) -> dict[str, object]:
    """Return where in the order of an inbox all lies that a filter by due date leaves: no more is walked."""
    if told.get(UNDATED):
        return {"after_due": "infinity"}
    if told.get("due_since"):
        since, before = told["due_since"], told["due_before"]
        return {"after_due": since, "until_due": before, "until_id": FIRST_ID}
    return {"until_due": now, "until_id": FIRST_ID} if told.get("flag") == InboxFlag.LATE else {}


def count_of(reader: InboxReader, most: int) -> int:
    """Return how much a reader's tab holds of what the filters leave, at most so much."""
    count: int = _count(reader.look, most).fetch(reader.session, reader.values)[0][0]
    return count


@cache
def _count(look: Look, most: int) -> Statement:
    # Not merged: in whatever order they come, so many are so many, and no range is read once there are.
    found = first_of_each(most, look)
    return Statement(select(func.count()).select_from(select(found.c.id).limit(most).subquery()))
