"""The views that somebody sees beside their inbox: their own, and those shared with their unit."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from workflow.domain.errors import Refusal
from workflow.domain.rights.policy import Actor
from workflow.queries.inbox.filters import InboxFilters
from workflow.queries.inbox.looks import Look, Tab
from workflow.queries.inbox.reader import count_of, reader_of
from workflow.queries.shapes import Who
from workflow.store.access import Account
from workflow.store.saved_views import VIEWER, SavedView, seen_views, viewer
from workflow.store.statements import Statement, plan_once

MOST_COUNTED: Final = 100
"""A count goes so far: that many stands for that many or more."""

MOST_WALKED: Final = 1_000
"""Of a tab with more than that nothing is counted: to find little in much, all of it is walked."""

_COUNTED_VIEWS: Final = 12
_MOST: Final = 100
_SEEN: Final = Statement(
    select(
        SavedView.id,
        SavedView.account_id,
        SavedView.unit_id,
        SavedView.name,
        SavedView.words,
        Account.name.label("maker"),
    )
    .join(Account, Account.id == SavedView.account_id)
    .where(seen_views())
    .order_by((SavedView.account_id == VIEWER).desc(), func.lower(SavedView.name), SavedView.id)
    .limit(_MOST)
)
ReadWords = Callable[[Mapping[str, str]], tuple[Tab, InboxFilters]]
"""What reads the words of an address, as the edge does. Raises a refusal."""


@dataclass(frozen=True, slots=True)
class SavedInboxView:
    """A view: who made it, whether their unit sees it, its words, and how much of mine it finds.

    `count` is at most `MOST_COUNTED`, null for what was decided, in a tab of more than `MOST_WALKED`, beyond
    the first twelve views, and where a word names nothing any more: then it `is_valid` no longer.
    """

    id: int
    name: str
    by: Who
    is_own: bool
    is_shared: bool
    words: Mapping[str, str]
    is_valid: bool
    count: int | None


def saved_views(
    session: Session, *, actor: Actor, now: datetime, read: ReadWords
) -> tuple[SavedInboxView, ...]:
    """Return the views that the actor sees, their own first, each with how much of theirs it finds."""
    found, short = [], dict[Tab, bool]()
    for place, view in enumerate(_SEEN.fetch(session, viewer(actor))):
        words = {name: str(word) for name, word in view.words.items()}
        is_valid, count = (
            _counted(session, actor, now, read, words, short=short)
            if place < _COUNTED_VIEWS
            else (True, None)
        )
        found.append(
            SavedInboxView(
                id=view.id,
                name=view.name,
                by=Who(view.account_id, view.maker),
                is_own=view.account_id == actor.account_id,
                is_shared=view.unit_id is not None,
                words=words,
                is_valid=is_valid,
                count=count,
            )
        )
    return tuple(found)


def _counted(
    session: Session,
    actor: Actor,
    now: datetime,
    read: ReadWords,
    words: Mapping[str, str],
    *,
    short: dict[Tab, bool],
) -> tuple[bool, int | None]:
    """Return whether each word of a view still names something, and how much it finds.

    `short` are the tabs that were asked about already, each with whether it may be walked.
    """
    try:
        tab, filters = read(words)
        reader = reader_of(session, actor, now, tab, filters)
    except Refusal:
        return False, None
    if tab is Tab.DONE:
        return True, None
    plan_once(session)
    if tab not in short:
        short[tab] = count_of(replace(reader, look=Look(tab)), MOST_WALKED + 1) <= MOST_WALKED
    return True, count_of(reader, MOST_COUNTED) if short[tab] else None
