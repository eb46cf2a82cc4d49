"""Which open work was counted by another calendar than the one in force, and what units owe, in pages."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from workflow.operations.calendars.anew import OpenStay
from workflow.operations.rounds.owed_ladder import ladder_of
from workflow.operations.rounds.returns import Owed
from workflow.store.awards import Round
from workflow.store.calendars import calendar_of_seat
from workflow.store.conditions import is_open
from workflow.store.database import Sessions
from workflow.store.definitions import shown_definition
from workflow.store.nominations import Nomination, Visit, WorkItem
from workflow.store.organisation import Unit
from workflow.store.reads import reading
from workflow.store.submissions import ExpectedReturn

_PAGE: Final = 2000


def stale_stays(sessions: Sessions) -> Iterator[OpenStay]:
    """Yield every open stay with a due date whose calendar is not the one in force for its seat."""
    after = 0
    while True:
        with reading(sessions) as session:
            rows = session.execute(
                select(
                    Visit.nomination_id,
                    Visit.id,
                    Nomination.definition_id,
                    Visit.calendar_version,
                    WorkItem.owner_key,
                )
                .join(Nomination, Nomination.id == Visit.nomination_id)
                .join(WorkItem, WorkItem.visit_id == Visit.id)
                .where(
                    Visit.nomination_id > after,
                    Visit.left_at.is_(None),
                    Visit.due_at.is_not(None),
                    is_open(WorkItem),
                )
                .order_by(Visit.nomination_id)
                .limit(_PAGE)
            ).all()
            stale = [
                OpenStay(row.nomination_id, row.id, row.definition_id, row.calendar_version)
                for row in rows
                if _version(session, row.definition_id, row.owner_key) != row.calendar_version
            ]
        yield from stale
        if len(rows) < _PAGE:
            return
        after = rows[-1].nomination_id


def _version(session: Session, definition_id: int, owner_key: str) -> str:
    name = shown_definition(session, definition_id).calendar
    return calendar_of_seat(session, name, owner_key).version


def open_returns(sessions: Sessions) -> Iterator[Row[Any]]:
    """Yield what units still owe, by id."""
    after = 0
    while True:
        with reading(sessions) as session:
            rows = session.execute(
                select(ExpectedReturn.id)
                .join(WorkItem, WorkItem.expected_return_id == ExpectedReturn.id)
                .where(ExpectedReturn.id > after, is_open(WorkItem))
                .order_by(ExpectedReturn.id)
                .limit(_PAGE)
            ).all()
        yield from rows
        if len(rows) < _PAGE:
            return
        after = rows[-1].id


def owed_of(session: Session, rows: Sequence[Row[Any]]) -> list[tuple[Owed, datetime]]:
    """Return those of what units owe that are open still, with when their work was opened."""
    found = session.execute(
        select(
            ExpectedReturn.id,
            Unit.code,
            WorkItem.id.label("work"),
            WorkItem.due_at,
            WorkItem.opened_at,
            Round.reminders_id,
        )
        .join(Round, Round.id == ExpectedReturn.round_id)
        .join(Unit, Unit.id == ExpectedReturn.unit_id)
        .join(WorkItem, WorkItem.expected_return_id == ExpectedReturn.id)
        .where(ExpectedReturn.id.in_([row.id for row in rows]), is_open(WorkItem))
        .order_by(ExpectedReturn.id)
    )
    return [
        (
            Owed(row.id, row.code, row.work, row.due_at, ladder_of(session, row.reminders_id)),
            row.opened_at,
        )
        for row in found
        if row.due_at is not None
    ]
