"""A date that was asked for open work, as its page shows it: what became of it, who may answer."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, func, select
from sqlalchemy.orm import Session, aliased

from workflow.domain.errors import Forbidden
from workflow.domain.rights.late_work import asking_for_date, refuse_more_time
from workflow.domain.rights.policy import Actor
from workflow.queries.shapes import Who
from workflow.store.access import Account
from workflow.store.conditions import TODAY
from workflow.store.definitions import shown_definition
from workflow.store.history import EventText
from workflow.store.locked import Locked
from workflow.store.nominations import WorkItem
from workflow.store.proposals import DateProposal, asked_of, stands

_ASKER: Final = aliased(Account, name="asker")
_WORDS: Final = aliased(EventText, name="asked_words")
_LAST: Final = aliased(DateProposal, name="last_asked")
_COLUMNS: Final = (
    DateProposal.id.label("proposal_id"),
    DateProposal.day.label("asked_on"),
    DateProposal.proposed_by,
    DateProposal.hand_id,
    _ASKER.name.label("asker"),
    _WORDS.text.label("asked_words"),
    # Of all that was asked for the work the newest, whatever became of it: the ids tell the order.
    select(func.jsonb_build_object("day", _LAST.day, "outcome", _LAST.outcome))
    .where(_LAST.work_item_id == WorkItem.id)
    .order_by(_LAST.id.desc())
    .limit(1)
    .correlate(WorkItem)
    .scalar_subquery()
    .label("last_asked"),
)


class AskedOutcome(StrEnum):
    """What became of a date that was asked for; `lapsed`: nobody answered, and nobody can any more."""

    GRANTED = "granted"
    OTHER_DATE = "other_date"
    REFUSED = "refused"
    LAPSED = "lapsed"


@dataclass(frozen=True, slots=True)
class AnsweredDate:
    """The last date that was asked for the work that is open, once it does not wait any more."""

    day: date
    outcome: AskedOutcome


@dataclass(frozen=True, slots=True)
class ProposedDate:
    """Another due date that was asked for and waits for an answer; the nominee learns neither who nor why."""

    id: UUID
    day: date
    by: Who | None
    reason: str


def with_proposed_date(
    statement: Select[*tuple[Any, ...]],
    *,
    today: date | ColumnElement[Any] = TODAY,
    only: bool = False,
) -> Select[*tuple[Any, ...]]:
    """Return a statement that reads open work with what `proposed_date` tells of each, or `only` of such."""
    return (
        statement.add_columns(*_COLUMNS)
        .join(DateProposal, stands(today), isouter=not only)
        .join(_ASKER, _ASKER.id == DateProposal.proposed_by, isouter=not only)
        .outerjoin(_WORDS, _WORDS.event_id == DateProposal.event_id)
    )


def proposed_date(row: Row[Any], *, is_withheld: bool) -> ProposedDate | None:
    """Return the date that a row of `with_proposed_date` tells of, None where none was asked for."""
    if row.proposal_id is None:
        return None
    who = None if is_withheld else Who(row.proposed_by, row.asker)
    return ProposedDate(row.proposal_id, row.asked_on, who, "" if is_withheld else row.asked_words or "")


def answered_date(row: Row[Any]) -> AnsweredDate | None:
    """Return what became of the last date that was asked for the work of a row of `with_proposed_date`."""
    if row.proposal_id is not None or row.last_asked is None:
        return None
    outcome = AskedOutcome(row.last_asked["outcome"] or AskedOutcome.LAPSED)
    return AnsweredDate(date.fromisoformat(row.last_asked["day"]), outcome)


def may_ask_for_date(session: Session, locked: Locked, *, actor: Actor) -> bool:
    """Return whether somebody may ask for another date for a nomination's open work."""
    facts, starter = locked.facts, shown_definition(session, locked.definition_id).starter
    if locked.work_item_id is None or locked.due_at is None or facts.is_closed or facts.is_held:
        return False
    try:
        asking_for_date(actor, facts, starter=str(starter))
    except Forbidden:
        return False
    return True


def may_answer_date(
    session: Session, locked: Locked, asked: ProposedDate | None, *, actor: Actor, today: date
) -> bool:
    """Return whether somebody may give or refuse the date that was asked for: by others, and not for them."""
    found = None if asked is None else asked_of(session, locked.work_item_id, today=today)
    if found is None or actor.account_id in {found.proposed_by, found.hand_id}:
        return False
    starter, seat = str(shown_definition(session, locked.definition_id).starter), found.asked_key
    return refuse_more_time(actor, locked.facts, starter=starter, was_reported=True, asked_key=seat) is None
