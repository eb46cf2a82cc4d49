"""The one condition that narrows an inbox: its text is the same whatever it is narrowed to.

Each part is told as a value, null where it leaves nothing out, so that an inbox has two statements and not
one for each choice of filters. The whole is one expression of which the planner knows nothing: estimated part
by part, ten filters that are not there would leave no row of a million, and no index would be walked.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    DateTime,
    Text,
    Uuid,
    and_,
    any_,
    bindparam,
    case,
    cast,
    false,
    func,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY

from workflow.queries.inbox.lent import MY_PERSON
from workflow.queries.inbox.rows import ME, NOW
from workflow.store.access import Account
from workflow.store.codes import folded
from workflow.store.conditions import is_active
from workflow.store.nominations import Nomination, Visit, WorkItem
from workflow.store.submissions import ExpectedReturn, Submission


class HolderWord(StrEnum):
    """In whose hands work is: the reader's, nobody's, anybody else's, or those of one account."""

    ME = "me"
    NOBODY = "nobody"
    OTHER = "other"
    ONE = "one"


UNDATED: Final = "undated"
_INSTANT: Final = DateTime(timezone=True)
_NUMBERS: Final = ARRAY(BigInteger)
_TYPES: Final[Mapping[str, Any]] = {
    "level": Text(),
    "state": Text(),
    "units": _NUMBERS,
    "members": _NUMBERS,
    "cluster_rounds": _NUMBERS,
    "rounds": _NUMBERS,
    "editions": _NUMBERS,
    "due_since": _INSTANT,
    "due_before": _INSTANT,
    UNDATED: Boolean(),
    "opened_until": _INSTANT,
    "holder": Text(),
    "holder_id": BigInteger(),
    "flag": Text(),
    "returned": ARRAY(Text),
    "q_units": _NUMBERS,
    "q_names": ARRAY(Text),
    "q_like": Text(),
    "q_papers": _NUMBERS,
    "q_paper": Text(),
    "q_number": BigInteger(),
    "works": ARRAY(Uuid),
}
_PREFIX: Final = "only_"
# Cast, because a value that is only asked whether it is null says nothing of its type.
_VALUE: Final = {name: cast(bindparam(f"{_PREFIX}{name}"), kind) for name, kind in _TYPES.items()}


def narrow_values(told: Mapping[str, object]) -> dict[str, object]:
    """Return what the condition is told: null leaves nothing out."""
    return {f"{_PREFIX}{name}": told.get(name) for name in _TYPES}


def among_few(works: Sequence[UUID]) -> dict[str, object]:
    """Return what `is_among_few` is told."""
    return {f"{_PREFIX}works": works}


def may_be_nobodys() -> ColumnElement[bool]:
    """Return whether the filters leave anything that nobody took; asked once, and no range is read if not."""
    return or_(_VALUE["holder"].is_(None), _VALUE["holder"] == HolderWord.NOBODY)


def may_be_mine() -> ColumnElement[bool]:
    """Return the same of what the reader has in hand."""
    word = _VALUE["holder"]
    is_me = and_(word == HolderWord.ONE, _VALUE["holder_id"] == ME)
    return or_(word.is_(None), word == HolderWord.ME, is_me)


def is_narrow() -> ColumnElement[bool]:
    """Return the condition of what an inbox is narrowed to; join work with its nomination."""
    unit, round_ = (
        _of_root(Nomination.unit_id, ExpectedReturn.unit_id),
        _of_root(Nomination.round_id, ExpectedReturn.round_id),
    )
    given = _VALUE
    return func.coalesce(
        and_(
            _if("level", Nomination.stage == given["level"]),
            _if("state", Nomination.state == given["state"]),
            _if("units", unit == any_(given["units"])),
            _if("members", and_(unit == any_(given["members"]), round_ == any_(given["cluster_rounds"]))),
            _if("rounds", round_ == any_(given["rounds"])),
            _if("editions", Nomination.award_edition_id == any_(given["editions"])),
            _if(
                "due_since",
                and_(WorkItem.due_at >= given["due_since"], WorkItem.due_at < given["due_before"]),
            ),
            _if(UNDATED, WorkItem.due_at.is_(None)),
            _if("opened_until", WorkItem.opened_at <= given["opened_until"]),
            _if("holder", _is_held_by()),
            _if("flag", _is_flagged()),
            _if("q_units", or_(is_sought(), _reads_like(), unit == any_(given["q_units"]))),
        ),
        false(),
    )


def is_sought() -> ColumnElement[bool]:
    """Return the condition of nominations of the few names that are sought: an index finds them."""
    return Nomination.name_search == any_(_VALUE["q_names"])


def is_among_few() -> ColumnElement[bool]:
    """Return the condition of the little open work that can be meant: its key finds it."""
    return WorkItem.id == any_(_VALUE["works"])


def _if(name: str, condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return or_(_VALUE[name].is_(None), condition)


def _of_root(nominations: Any, returns: Any) -> ColumnElement[Any]:  # noqa: ANN401 - columns of either
    """Return what a nomination says, or of work without one what the unit owes."""
    owed = select(returns).where(ExpectedReturn.id == WorkItem.expected_return_id)
    return case(
        (WorkItem.nomination_id.is_not(None), nominations),
        else_=owed.correlate(WorkItem).scalar_subquery(),
    )


def _reads_like() -> ColumnElement[bool]:
    on_paper = select(Submission.id).where(
        Submission.id == Nomination.submission_id, folded(Submission.number).like(_VALUE["q_paper"])
    )
    return or_(
        Nomination.name_search.like(_VALUE["q_like"]),
        Nomination.id == _VALUE["q_number"],
        # Told as rows, which the server hashes: an array would be gone through for each name.
        Nomination.submission_id.in_(select(func.unnest(_VALUE["q_papers"]))),
        and_(_VALUE["q_paper"].is_not(None), on_paper.correlate(Nomination).exists()),
    )


def _is_held_by() -> ColumnElement[bool]:
    """Return the condition of whose hands it is in; from a nominee it is kept who has theirs."""
    taker = WorkItem.assignee_id
    active = select(Account.id).where(Account.id == taker, is_active(Account))
    is_taken = active.correlate(WorkItem).exists()
    word = _VALUE["holder"]
    is_mine = func.coalesce(taker == ME, false())
    is_told = or_(is_mine, func.coalesce(Nomination.person_id != MY_PERSON, true()))
    return and_(
        is_told,
        case(
            (word == HolderWord.ME, is_mine),
            (word == HolderWord.NOBODY, ~is_taken),
            (word == HolderWord.OTHER, and_(is_taken, ~is_mine)),
            else_=and_(is_taken, taker == _VALUE["holder_id"]),
        ),
    )


def _is_flagged() -> ColumnElement[bool]:
    flag = _VALUE["flag"]
    way = func.concat(Nomination.definition_id, ":", Nomination.state, ":", Visit.sent_from)
    came = select(Visit.id).where(
        Visit.id == WorkItem.visit_id, Visit.sent_from.is_not(None), way == any_(_VALUE["returned"])
    )
    return case(
        (flag == "held", Nomination.is_held),
        (flag == "late", WorkItem.due_at < NOW),
        (flag == "unclaimed", WorkItem.assignee_id.is_(None)),
        else_=came.correlate(WorkItem, Nomination).exists(),
    )
