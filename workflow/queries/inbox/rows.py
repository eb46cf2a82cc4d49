"""One thing to do as an inbox shows it: a name's open work, or the paper that a unit still owes a round."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from sqlalchemy import CTE, DateTime, Row, Select, Text, any_, bindparam, case, func, or_, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from workflow.domain.rights.policy import Actor
from workflow.domain.route.definition import Definition
from workflow.domain.time.workdays import CalendarName
from workflow.domain.vocabulary import Stage, WorkKind
from workflow.queries.due_reasons import DueExplained, explained
from workflow.queries.inbox.lent import lender
from workflow.queries.shapes import (
    AWARD_COLUMNS,
    UNIT_COLUMNS,
    HolderView,
    ListRef,
    Named,
    Titled,
    Words,
    award_of_row,
    holder_of_row,
    is_nominee,
    own_words,
    state_words,
    unit_of_row,
)
from workflow.queries.waiting.spans import Span, left_by, spent_by
from workflow.store.access import Account
from workflow.store.awards import Award, AwardEdition, Round
from workflow.store.calendars import calendar_in_force, calendar_of_seat, note_revision
from workflow.store.clusters import in_cluster_of_round
from workflow.store.conditions import TODAY, named_edition, or_never, taken_by
from workflow.store.counted import COUNTED, promised_by_unit, reason_of_row
from workflow.store.definitions import shown_definition
from workflow.store.nominations import Nomination, Visit, WorkItem
from workflow.store.opinions import opinion_of_row
from workflow.store.organisation import Cluster, ClusterMember, Unit, UnitEdition
from workflow.store.preparations import is_proposed
from workflow.store.submissions import ExpectedReturn, Submission
from workflow.store.takers import holder_columns

ME: Final = bindparam("account_id", type_=WorkItem.assignee_id.type)
KEYS: Final = bindparam("keys", type_=ARRAY(Text))
NOW: Final = bindparam("now", type_=DateTime(timezone=True))
IS_MINE: Final = WorkItem.assignee_id.is_not_distinct_from(ME)
IS_MY_GROUPS: Final = WorkItem.owner_key == any_(KEYS)


class WhyKind(StrEnum):
    """Why something is in somebody's inbox; `sent`: they sent it on; `done`: they decided on it."""

    ASSIGNED = "assigned"
    GROUP = "group"
    SUBSTITUTE = "substitute"
    ESCALATED = "escalated"
    SENT = "sent"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Why:
    """Why an item is here; `source` is the seat it lies in, of an escalation the late one it came from.

    `absent` is the name of the person in whose place the reader is meant.
    """

    kind: WhyKind
    source: str
    absent: str | None = None


@dataclass(frozen=True, slots=True)
class DoneMove:
    """What the reader did with something, and when."""

    action: Words
    at: datetime


@dataclass(frozen=True, slots=True)
class InboxItem:
    """One thing to do. `working_time_left` is negative when late, null where nothing is due.

    `age` is how long it has been here net, in working time without holds; `age_calendar_days` gross.

    `is_prepared`: somebody proposes what is to be decided. `awaits_opinion`: an outside office was asked.
    It is about a nomination, perhaps on a paper's list (`submission`), or about the paper that a unit owes a
    round (`expected_return_id`): then there is no nomination, and the subject is the unit.

    Of what the reader decided, `done` says what and when, and `id` is that of the entry in the history; all
    else is how it stands now, `opened_at` and `age` since then.
    """

    id: UUID
    kind: WorkKind
    nomination_id: int | None
    expected_return_id: int | None
    submission: ListRef | None
    version: int | None
    subject: str
    award: Titled | None
    unit: Named
    round: str
    round_title: str
    state: str | None
    stage: Stage | None
    label: Words
    is_held: bool
    is_returned: bool
    is_prepared: bool
    awaits_opinion: bool
    why: Why
    holder: HolderView | None
    opened_at: datetime
    due_at: datetime | None
    working_time_left: Span | None
    age: Span
    age_calendar_days: int
    due_explained: DueExplained | None
    done: DoneMove | None = None


def inbox_details(waiting: CTE) -> Select[*tuple[Any, ...]]:
    """Return the statement of everything an item shows, for the work items that wait, in due order."""
    return (
        select(
            WorkItem.id,
            WorkItem.kind,
            *holder_columns(),
            WorkItem.opened_at,
            WorkItem.expected_return_id,
            Cluster.kind.label("cluster_kind"),
            IS_MINE.label("is_mine"),
            IS_MY_GROUPS.label("is_my_groups"),
            case((or_(WorkItem.assignee_id.is_(None), ~IS_MINE), lender())).label("lender"),
            Nomination.version,
            Nomination.subject_name,
            Nomination.person_id,
            Nomination.state,
            Nomination.stage,
            Nomination.is_held,
            Visit.holds,
            *AWARD_COLUMNS,
            *UNIT_COLUMNS,
            Round.code.label("round"),
            Round.title.label("round_title"),
            Submission.id.label("submission_id"),
            Submission.number,
            is_proposed().label("is_prepared"),
            *COUNTED,
        )
        .select_from(waiting)
        .join(WorkItem, WorkItem.id == waiting.c.id)
        .outerjoin(Nomination, Nomination.id == WorkItem.nomination_id)
        .outerjoin(Visit, Visit.id == WorkItem.visit_id)
        .outerjoin(AwardEdition, AwardEdition.id == Nomination.award_edition_id)
        .outerjoin(Award, Award.id == AwardEdition.award_id)
        .outerjoin(Submission, Submission.id == Nomination.submission_id)
        .outerjoin(ExpectedReturn, ExpectedReturn.id == WorkItem.expected_return_id)
        .join(Unit, Unit.id == func.coalesce(Nomination.unit_id, ExpectedReturn.unit_id))
        .outerjoin(UnitEdition, named_edition(TODAY))
        .join(Round, Round.id == func.coalesce(Nomination.round_id, ExpectedReturn.round_id))
        .outerjoin(*promised_by_unit())
        .outerjoin(ClusterMember, in_cluster_of_round())
        .outerjoin(Cluster, Cluster.id == ClusterMember.cluster_id)
        .outerjoin(Account, taken_by())
        .order_by(or_never(WorkItem.due_at), WorkItem.id)
    )


def inbox_item(
    session: Session, row: Row[Any], actor: Actor, now: datetime, *, is_sent: bool = False
) -> InboxItem:
    """Return the item that a row of `inbox_details` tells of; `is_sent`: of what the actor sent on."""
    note_revision(session, row.calendar_revision)
    definition = shown_definition(session, row.definition_id) if row.nomination_id is not None else None
    name = definition.calendar if definition else CalendarName.LOCAL
    calendar, is_asked = calendar_in_force(session, name), row.kind == WorkKind.ANSWER
    is_theirs = is_nominee(actor, row.person_id, None)
    unit = unit_of_row(row)
    why = WhyKind.SENT if is_sent else _why(row)
    return InboxItem(
        id=row.id,
        kind=WorkKind(row.kind),
        nomination_id=row.nomination_id,
        expected_return_id=row.expected_return_id,
        submission=ListRef(row.submission_id, row.number) if row.submission_id is not None else None,
        version=row.version,
        subject=row.subject_name if definition else unit.name,
        award=award_of_row(row) if definition else None,
        unit=unit,
        round=row.round,
        round_title=row.round_title,
        state=row.state,
        stage=Stage(row.stage) if definition else None,
        label=_label(definition, row, is_asked=is_asked),
        is_held=bool(row.is_held),
        is_returned=definition is not None and definition.came_back(row.state, row.sent_from),
        is_prepared=bool(row.is_prepared) and not is_theirs,
        awaits_opinion=not is_asked and _awaits_opinion(row),
        why=Why(why, row.owner_key, row.lender if why is WhyKind.SUBSTITUTE else None),
        holder=holder_of_row(row, is_withheld=is_theirs and row.assignee_id != actor.account_id),
        opened_at=row.opened_at,
        due_at=row.due_at,
        working_time_left=_left(session, name, row, now),
        # The clock of the step stands while a question waits, and its own runs.
        age=spent_by(calendar, row.opened_at, now, None if is_asked else row.holds),
        age_calendar_days=calendar.wall_days_between(row.opened_at, now),
        due_explained=explained(reason_of_row(session, row)) if row.due_at is not None else None,
    )


def _left(session: Session, name: CalendarName, row: Row[Any], now: datetime) -> Span | None:
    """Return the working time left, by the days and hours of the seat."""
    if row.due_at is None:
        return None
    return left_by(calendar_of_seat(session, name, row.owner_key), row.due_at, now)


def _awaits_opinion(row: Row[Any]) -> bool:
    opinion = opinion_of_row(row)
    return opinion is not None and opinion.came_at is None


def _label(definition: Definition | None, row: Row[Any], *, is_asked: bool) -> Words:
    if definition is None:
        return own_words("work.prepare")
    if is_asked:
        return own_words("work.answer")
    return state_words(definition, row.state, row.cluster_kind)


def _why(row: Row[Any]) -> WhyKind:
    if row.is_mine:
        return WhyKind.ASSIGNED
    if row.lender is not None:
        return WhyKind.SUBSTITUTE
    return WhyKind.GROUP if row.is_my_groups else WhyKind.ESCALATED
