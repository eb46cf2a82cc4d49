"""How far nominations have come, in the words that a board counts by and lists are narrowed with.

Both render the same conditions, so that a number on a board and the list behind it cannot drift apart.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, TypeAlias

from sqlalchemy import ColumnElement, and_, exists, false, func, not_, or_, select, tuple_
from sqlalchemy.orm import Session
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from workflow.domain.route.forecast import HOME_STAGES, steps_past_appraisal
from workflow.domain.vocabulary import DecisionKind, Stage, WorkKind
from workflow.store.awards import WorkflowDefinition
from workflow.store.conditions import has_been_in
from workflow.store.definitions import shown_definition
from workflow.store.nominations import Decision, Nomination, WorkItem

Columns: TypeAlias = ReadOnlyColumnCollection[str, Any]


class Progress(StrEnum):
    """Where on its way a nomination is. All but the last six are of live ones.

    Live is what was neither rejected nor withdrawn. `proposed` are all of them; `sent` have left their unit
    and `received` have reached the council's standing body, at least once; `returned` are back with the unit
    after that; `appraised` stand past the standing body now; `voted` have a council's result; `decided` are
    approved here, `upward` approved and submitted to a level above; `withdrawn` was taken back before it was
    decided, `annulled` after; `overdue` is open work past its due date, `held` what is on hold: it has no due
    date, so nothing else would ever tell of it. `asked` is what waits for an answer of who nominates.
    """

    PROPOSED = "proposed"
    SENT = "sent"
    RECEIVED = "received"
    RETURNED = "returned"
    APPRAISED = "appraised"
    VOTED = "voted"
    DECIDED = "decided"
    UPWARD = "upward"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    ANNULLED = "annulled"
    OVERDUE = "overdue"
    HELD = "held"
    ASKED = "asked"


@dataclass(frozen=True, slots=True)
class Marks:
    """What is asked about each nomination once: columns of a statement, from which every word follows."""

    stage: ColumnElement[str]
    was_sent: ColumnElement[bool]
    was_received: ColumnElement[bool]
    is_appraised: ColumnElement[bool]
    has_vote: ColumnElement[bool]
    is_upward: ColumnElement[bool]
    is_annulled: ColumnElement[bool]
    is_overdue: ColumnElement[bool]
    is_held: ColumnElement[bool]
    is_asked: ColumnElement[bool]


_DEAD: Final = (Stage.REJECTED, Stage.WITHDRAWN)
_BEYOND: Final = (Stage.CLUSTER_REVIEW, Stage.COUNCIL)
_MOST_DEFINITIONS: Final = 1000


def marks_of(session: Session, *, now: datetime, work: type[WorkItem] | Columns = WorkItem) -> Marks:
    """Return the marks of `Nomination`, to be read beside its open `WorkItem`, or `due_at` and `kind` of it.

    Where it has been is asked of its visits only for those whose stage alone does not say it.
    """
    at_home = Nomination.stage.in_(HOME_STAGES)
    return Marks(
        stage=Nomination.stage.expression,
        was_sent=or_(Nomination.stage.in_((*_BEYOND, Stage.APPROVED)), and_(at_home, _has_been_in(_BEYOND))),
        was_received=or_(
            Nomination.stage.in_((Stage.COUNCIL, Stage.APPROVED)),
            and_(Nomination.stage.in_((*HOME_STAGES, Stage.CLUSTER_REVIEW)), _has_been_in((Stage.COUNCIL,))),
        ),
        is_appraised=or_(Nomination.stage == Stage.APPROVED, _stands_past_appraisal(session)),
        has_vote=Nomination.recommendation.is_not(None),
        is_upward=func.coalesce(
            Nomination.decision_id.in_(
                select(Decision.id).where(Decision.kind == DecisionKind.SUBMISSION_UPWARD)
            ),
            false(),
        ),
        is_annulled=Nomination.annulment_id.is_not(None),
        is_overdue=func.coalesce(work.due_at < now, false()),
        is_held=Nomination.is_held.expression,
        is_asked=func.coalesce(work.kind == WorkKind.ANSWER, false()),
    )


def matching(progress: Progress, marks: Marks) -> ColumnElement[bool]:
    """Return the condition of the nominations that a word means."""
    is_live = marks.stage.not_in(_DEAD)
    is_approved = marks.stage == Stage.APPROVED
    conditions: Mapping[Progress, ColumnElement[bool]] = {
        Progress.PROPOSED: is_live,
        Progress.SENT: and_(is_live, marks.was_sent),
        Progress.RECEIVED: and_(is_live, marks.was_received),
        Progress.RETURNED: and_(marks.stage.in_(HOME_STAGES), marks.was_sent),
        Progress.APPRAISED: and_(is_live, marks.is_appraised),
        Progress.VOTED: and_(is_live, marks.has_vote),
        Progress.DECIDED: and_(is_approved, not_(marks.is_upward)),
        Progress.UPWARD: and_(is_approved, marks.is_upward),
        Progress.REJECTED: marks.stage == Stage.REJECTED,
        Progress.WITHDRAWN: and_(marks.stage == Stage.WITHDRAWN, not_(marks.is_annulled)),
        Progress.ANNULLED: marks.is_annulled,
        Progress.OVERDUE: marks.is_overdue,
        Progress.HELD: marks.is_held,
        Progress.ASKED: marks.is_asked,
    }
    return conditions[progress]


def _has_been_in(stages: Iterable[Stage]) -> ColumnElement[bool]:
    return exists().where(has_been_in(stages))


def _stands_past_appraisal(session: Session) -> ColumnElement[bool]:
    ids = session.scalars(
        select(WorkflowDefinition.id).order_by(WorkflowDefinition.id).limit(_MOST_DEFINITIONS)
    )
    places = [
        (definition_id, step)
        for definition_id in ids
        for step in steps_past_appraisal(shown_definition(session, definition_id))
    ]
    return tuple_(Nomination.definition_id, Nomination.state).in_(places) if places else false()
