"""What single entries of a nomination's history tell beside the common: documents, dates, proposals."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy.orm import Session

from workflow.domain.facts import SignedDocument
from workflow.domain.moves.built_ins import LAPSED
from workflow.domain.moves.engine import Direction, direction_of
from workflow.domain.moves.proposing import PREPARED_BY, PREPARED_CHANGED
from workflow.domain.remarks import MENTIONS
from workflow.domain.rights.preparing import reads_prepared
from workflow.domain.route.counterparts import MIGRATE
from workflow.domain.route.definition import Definition
from workflow.domain.vocabulary import MORE_TIME, REPLAN, BuiltIn, CourtesyAction
from workflow.queries.seats import name_accounts
from workflow.queries.shapes import Who, Words, action_words, own_words

_OF_DATES: Final = frozenset(
    {
        REPLAN,
        MIGRATE,
        MORE_TIME,
        CourtesyAction.PROPOSE_DATE,
        CourtesyAction.REFUSE_DATE,
        BuiltIn.REQUEST_INFO,
        BuiltIn.ASK_OPINION,
        CourtesyAction.ADMIT_LATE,
    }
)


@dataclass(frozen=True, slots=True)
class ScannedDocument(SignedDocument):
    """The document of a step done off the system, and its scan among the papers of the nomination."""

    scan: UUID = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class DueDates:
    """When work was due before an entry, from then on (null: as before), and which day was asked for.

    `admitted_until` is the last day on which it is taken late by exception.
    """

    was_at: datetime | None
    due_at: datetime | None
    asked_on: date | None
    admitted_until: date | None = None


@dataclass(frozen=True, slots=True)
class PreparedNote:
    """What an entry tells of a proposal: which action was proposed, or who prepared what was decided.

    `is_changed`: it was decided otherwise, or in other words, than they had prepared.
    """

    proposes: Words | None
    by: Who | None
    is_changed: bool


def label_of(definition: Definition, row: Row[Any], kind: str | None) -> Words:
    """Return what an entry is called; work that was kept long enough went back by itself."""
    if LAPSED in row.data:
        return own_words("action.lapsed")
    return action_words(definition, row.action, row.source, kind).as_happened()


def dates_of(action: str, data: Mapping[str, Any]) -> DueDates | None:
    """Return the dates that an entry of this action tells of."""
    if action not in _OF_DATES:
        return None
    was, due, asked = data.get("was"), data.get("due"), data.get("day") or data.get("asked")
    until = data.get("until")
    return DueDates(
        was and datetime.fromisoformat(was),
        due and datetime.fromisoformat(due),
        asked and date.fromisoformat(asked),
        until and date.fromisoformat(until),
    )


def paper_of(data: Mapping[str, Any]) -> ScannedDocument | None:
    """Return the document of a step that was done off the system."""
    paper = data.get("paper")
    if paper is None:
        return None
    return ScannedDocument(
        paper["number"], date.fromisoformat(paper["signed_on"]), paper["signer"], scan=UUID(paper["scan"])
    )


def prepared_note(
    data: Mapping[str, Any], proposes: Words | None, names: Mapping[int, str]
) -> PreparedNote | None:
    """Return what an entry tells of a proposal, None of one that tells nothing; `names` are of accounts."""
    by = data.get(PREPARED_BY)
    if by is None and proposes is None:
        return None
    who = None if by is None else Who(by, names.get(by, ""))
    return PreparedNote(proposes, who, bool(data.get(PREPARED_CHANGED)))


def proposed_in(definition: Definition, row: Row[Any], kind: str | None) -> Words | None:
    """Return what is called that an entry proposes, None where it proposes nothing."""
    proposes = row.data.get("proposes")
    return action_words(definition, proposes, row.source, kind) if proposes is not None else None


def is_return(definition: Definition, row: Row[Any]) -> bool:
    """Return whether an entry tells that it was given back to an earlier step of the route of then."""
    steps = (row.source, row.dest)
    if not all(step is not None and definition.has_step(step) for step in steps) or row.source == row.dest:
        return False
    return row.action != MIGRATE and direction_of(definition, *steps) is Direction.RETURN


def is_for_the_seat(
    action: str, data: Mapping[str, Any], keys: Collection[str], audience: Collection[str]
) -> bool:
    """Return whether an entry tells what is prepared for a seat that somebody with these keys is not of."""
    is_prepared = action in {BuiltIn.PREPARE, BuiltIn.PREPARE_AGAIN}
    return is_prepared and not reads_prepared(keys, str(data.get("for", "")), audience=audience)


def names_in(session: Session, rows: Sequence[Row[Any]]) -> dict[int, str]:
    """Return the names of those who were handed work, acted for or named, asked only when somebody was."""
    told = ("assignee", PREPARED_BY)
    ids = {row.data[name] for row in rows for name in told if row.data.get(name) is not None}
    ids |= {one for row in rows for one in row.data.get(MENTIONS, ())}
    ids |= {absent for row in rows if (absent := absent_of(row)) is not None}
    return name_accounts(session, ids)


def absent_of(row: Row[Any]) -> int | None:
    """Return the account in whose place something was done."""
    kind, _, number = (row.on_behalf_of or "").partition(":")
    return int(number) if kind == "account" else None
