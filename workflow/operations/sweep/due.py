"""The questions for what is due: pages of rungs, and which of some nominations have one."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    DateTime,
    Select,
    Uuid,
    any_,
    bindparam,
    select,
    true,
    tuple_,
)
from sqlalchemy.dialects.postgresql import ARRAY

from workflow.operations.sweep.firing import WAITING, falls_due
from workflow.store.base import table_of
from workflow.store.conditions import is_waiting
from workflow.store.nominations import Nomination, Rung
from workflow.store.statements import Statement

PAGE: Final = 500
_RUNG, _NOMINATION = table_of(Rung), table_of(Nomination)


ROOTS: Final = (_RUNG.c.nomination_id, _RUNG.c.expected_return_id)
"""What rungs may hang on: the column that names it, for each kind."""
_IDS = bindparam("ids", type_=ARRAY(BigInteger))
_DUE_AT = bindparam("now", type_=DateTime(timezone=True))
_AHEAD = bindparam("ahead", type_=DateTime(timezone=True))


def _due(*, looks: bool) -> Select[*tuple[Any, ...]]:
    """Return the question for those of some nominations that have a due rung."""
    # The limit has each asked by itself: joined, all that is due anywhere is read for each batch. And its own
    # rungs come first, whole: else the planner may go through what is due anywhere again for each of them.
    own = (
        select(_RUNG.c.fire_at, _RUNG.c.kind, _RUNG.c.fired_at, _RUNG.c.dead_at)
        .where(_RUNG.c.nomination_id == _NOMINATION.c.id)
        .correlate(_NOMINATION)
        .offset(0)
        .subquery("own")
    )
    is_due = falls_due(_DUE_AT, _AHEAD if looks else None, own.c)
    still_due = select(true().label("is_due")).where(is_due, is_waiting(own.c)).limit(1).lateral("still_due")
    due = select(_NOMINATION.c.id).join(still_due, true())
    return due.where(_NOMINATION.c.id == any_(_IDS)).order_by(_NOMINATION.c.id)


# By whether it looks ahead, which it does for an hour a day: the others are answered from an index alone.
TAKE: Final = {
    looks: Statement(_due(looks=looks).with_for_update(of=_NOMINATION, key_share=True, skip_locked=True))
    for looks in (False, True)
}
LOOK: Final = {looks: Statement(_due(looks=looks)) for looks in (False, True)}


def instants(now: datetime, ahead: datetime | None) -> dict[str, object]:
    """Return what these questions take: the instant, and until when they look ahead where they do."""
    return {"now": now} if ahead is None else {"now": now, "ahead": ahead}


def due_pages(
    column: ColumnElement[int | None], *, goes_on: bool, looks: bool = False
) -> Select[*tuple[Any, ...]]:
    """Return the question for a page of due rungs of one kind of root, the longest waiting first.

    It takes `now`, where it looks ahead `ahead`, and where it goes on behind a page the `after` and
    `after_id` of that page's last.
    """
    page = (
        select(_RUNG.c.fire_at, _RUNG.c.id, _RUNG.c.nomination_id, _RUNG.c.expected_return_id)
        .where(falls_due(_DUE_AT, _AHEAD if looks else None), column.is_not(None), WAITING)
        .order_by(_RUNG.c.fire_at, _RUNG.c.id)
        .limit(PAGE)
    )
    after = tuple_(bindparam("after", type_=DateTime(timezone=True)), bindparam("after_id", type_=Uuid))
    return page.where(tuple_(_RUNG.c.fire_at, _RUNG.c.id) > after) if goes_on else page


PAGES: Final[Mapping[tuple[str | None, bool, bool], Statement]] = {
    (column.key, goes_on, looks): Statement(due_pages(column, goes_on=goes_on, looks=looks))
    for column in ROOTS
    for goes_on in (False, True)
    for looks in (False, True)
}
