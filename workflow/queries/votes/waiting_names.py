"""The names of one round that wait for somebody to enter a vote, or to sign, whatever list they are on.

What each may be asked for is answered by the same policy and engine as on the page of the name itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Row, Select, and_, any_, bindparam, or_, select, tuple_, union_all
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session, aliased
from sqlalchemy.types import BigInteger, Text

from workflow.domain.errors import Reason
from workflow.domain.rights.policy import Actor
from workflow.domain.route.guards import DECISION_GUARD, VOTE_GUARD
from workflow.domain.vocabulary import OPEN_STAGES, WorkKind
from workflow.queries.nominations.moves import MoveKind, MoveView, moves_of
from workflow.queries.shapes import ListRef, Named, Titled, Words, award_of_row, unit_of_row
from workflow.queries.votes.sheet import awards_among, on_sheet
from workflow.store.awards import Award, AwardEdition, Round
from workflow.store.codes import is_named
from workflow.store.conditions import is_open
from workflow.store.database import local_day
from workflow.store.definitions import shown_definition
from workflow.store.locked import read_nominations
from workflow.store.nominations import Nomination, WorkItem
from workflow.store.submissions import Submission
from workflow.store.visible import visible

MOST_NAMES: Final = 500
"""How many names one sheet holds; those that are done with make room for the next."""


class Asks(StrEnum):
    """What a move asks for that is entered for many names at once."""

    VOTE = "vote"
    SIGNATURE = "signature"


_GUARDS: Final = {Asks.VOTE: VOTE_GUARD, Asks.SIGNATURE: DECISION_GUARD}


@dataclass(frozen=True, slots=True)
class WaitingName:
    """One name that waits: `move` is what may be made of it, or would be but for the `refusals`.

    `percent` is the share of all members that the award asks for, null for more than half; `dest` the step
    that the move leads to first. `is_asked`: who nominates owes an answer, which a move would end unanswered.
    """

    nomination_id: int
    version: int
    name: str
    award: Titled
    unit: Named
    submission: ListRef | None
    percent: int | None
    is_held: bool
    is_asked: bool
    move: str
    dest: str
    label: Words
    refusals: tuple[Reason, ...]

    @property
    def is_open(self) -> bool:
        """Whether the actor may make the move now, among others: a question is ended by itself alone."""
        return not self.refusals and not self.is_asked


@dataclass(frozen=True, slots=True)
class WaitingNames:
    """The first names in the order of a sheet: by award, unit and name. `has_more`: others come after.

    `awards` are then those of all that wait, by which they can be asked for in parts.
    """

    names: tuple[WaitingName, ...]
    has_more: bool
    awards: tuple[Titled, ...] = ()


def waiting_names(
    session: Session,
    *,
    actor: Actor,
    round_code: str,
    asks: Asks,
    now: datetime,
    award: str | None = None,
    most: int = MOST_NAMES,
) -> WaitingNames:
    """Return the names of a round that wait at the actor's seat for such a move, at most so many."""
    mine = _mine(actor, is_named(session, Round.code, round_code))
    steps = [
        (row.definition_id, row.state)
        for row in session.execute(select(Nomination.definition_id, Nomination.state).distinct().where(*mine))
        if _is_asked(session, row.definition_id, row.state, _GUARDS[asks])
    ]
    if not steps:
        return WaitingNames((), has_more=False)
    waits = [*mine, tuple_(Nomination.definition_id, Nomination.state).in_(steps)]
    conditions = waits if award is None else [*waits, is_named(session, Award.code, award)]
    values = {"today": local_day(session, now), "most": most + 1}
    rows = session.execute(_rows().where(*conditions), values).all()
    views = _views(session, actor, rows[:most], asks, now)
    names = tuple(_name(row, *views[row.id]) for row in rows[:most] if row.id in views)
    if len(rows) <= most:
        return WaitingNames(names, has_more=False)
    return WaitingNames(names, has_more=True, awards=awards_among(session, waits))


def _mine(actor: Actor, is_round: Any) -> tuple[Any, ...]:  # noqa: ANN401 - conditions of SQLAlchemy
    """Return the conditions of a step's work in the actor's seats and hands, and in those they are lent.

    It is open, or lies aside while who nominates is asked something.
    """
    keys = sorted(actor.keys.union(*(loan.keys for loan in actor.loans)))
    hands = sorted({actor.account_id, *(loan.absent.account_id for loan in actor.loans)})
    is_theirs = or_(
        WorkItem.owner_key == any_(bindparam(None, keys, type_=ARRAY(Text), unique=True)),
        WorkItem.assignee_id == any_(bindparam(None, hands, type_=ARRAY(BigInteger), unique=True)),
    )
    is_theirs = and_(WorkItem.kind == WorkKind.STAGE, is_theirs)
    rounds = select(Round.id).where(is_round).scalar_subquery()
    # Begun from the round: an office has a hundred times more open than waits in one.
    one, question = aliased(Nomination, name="one"), aliased(WorkItem, name="question")
    of_round = select(one.id).where(one.round_id == rounds, one.stage.in_(OPEN_STAGES))
    is_asked = and_(question.nomination_id == one.id, is_open(question), question.kind == WorkKind.ANSWER)
    works = union_all(
        of_round.join(WorkItem, and_(WorkItem.nomination_id == one.id, is_open(WorkItem))).where(is_theirs),
        of_round.join(question, is_asked)
        .join(WorkItem, WorkItem.visit_id == question.visit_id)
        .where(is_theirs),
    )
    return Nomination.round_id == rounds, is_open(Nomination), visible(actor.scope), Nomination.id.in_(works)


def _is_asked(session: Session, definition_id: int, state: str, guard: str) -> bool:
    definition = shown_definition(session, definition_id)
    if not definition.has_step(state):
        return False
    return any(guard in move.guards for move in definition.moves_from(state))


def _rows() -> Select[*tuple[Any, ...]]:
    return (
        on_sheet(
            Nomination.id,
            Nomination.version,
            Nomination.subject_name,
            Nomination.is_held,
            Nomination.submission_id,
            Submission.number,
            AwardEdition.vote_percent,
        )
        .outerjoin(Submission, Submission.id == Nomination.submission_id)
        .limit(bindparam("most"))
    )


def _views(
    session: Session, actor: Actor, rows: Sequence[Row[Any]], asks: Asks, now: datetime
) -> dict[int, tuple[MoveView, bool]]:
    """Return by nomination the move that asks for it, and whether who nominates owes an answer.

    The move is the one that is open, else the first that is not.
    """
    found: dict[int, tuple[MoveView, bool]] = {}
    read = read_nominations(session, [row.id for row in rows], actor=actor, now=now)
    for nomination_id, locked in read.items():
        moves = moves_of(session, actor=actor, locked=locked, now=now, with_assignees=False)
        asking = [one for one in moves if one.kind is MoveKind.MOVE and _asks(one, asks)]
        if asking:
            view = next((one for one in asking if one.is_open), asking[0])
            found[nomination_id] = view, locked.facts.is_asked
    return found


def _asks(view: MoveView, asks: Asks) -> bool:
    return view.needs_vote if asks is Asks.VOTE else view.needs_decision


def _name(row: Row[Any], view: MoveView, is_asked: bool) -> WaitingName:  # noqa: FBT001 - a row of what was found
    return WaitingName(
        nomination_id=row.id,
        version=row.version,
        name=row.subject_name,
        award=award_of_row(row),
        unit=unit_of_row(row),
        submission=ListRef(row.submission_id, row.number) if row.submission_id is not None else None,
        percent=row.vote_percent,
        is_held=row.is_held,
        is_asked=is_asked,
        move=view.name,
        dest=view.dests[0].code,
        label=view.label,
        refusals=view.refusals,
    )
