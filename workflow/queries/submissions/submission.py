"""One submission as somebody may see it: its words, its list by person, what they can do with it whole."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, Final

from sqlalchemy import Row, Select, bindparam, select
from sqlalchemy.orm import Session

from workflow.domain.rights.policy import Actor
from workflow.domain.rights.submission_rights import may_amend, may_compose, no_submission
from workflow.domain.route.way import OnTheWay, on_the_way
from workflow.domain.vocabulary import BuiltIn, Stage, SubjectKind, VoteResult, WorkKind
from workflow.queries.nominations.last_returns import LastReturn, last_returns
from workflow.queries.shapes import (
    AWARD_COLUMNS,
    HolderView,
    Titled,
    Words,
    award_of_row,
    holder_of_row,
    is_nominee,
    state_words,
)
from workflow.queries.submissions.list_actions import ListAction, list_actions
from workflow.queries.submissions.stages import ListStage, list_stages
from workflow.queries.submissions.submissions import SubmissionRow, row_of, select_rows
from workflow.queries.submissions.tally import tally_of
from workflow.store.access import Account
from workflow.store.awards import Award, AwardEdition
from workflow.store.clusters import kind_of_cluster
from workflow.store.conditions import open_work_of, taken_by
from workflow.store.database import local_day
from workflow.store.definitions import shown_definition
from workflow.store.locked_submissions import has_left, visible_submissions
from workflow.store.nominations import Nomination, WorkItem
from workflow.store.organisation import Person, Unit
from workflow.store.submissions import Submission
from workflow.store.takers import holder_columns
from workflow.store.visible import visible

_MOST_NAMES: Final = 2000


@dataclass(frozen=True, slots=True)
class ListedName:
    """One award column of a row: where the nomination stands, in whose hands, what became of it.

    The nominee learns who holds it, what the council said and why it came back with the result. `is_own`: the
    reader is the nominee, and it is not decided yet.
    """

    nomination_id: int
    version: int
    is_own: bool
    award: Titled
    state: str
    stage: Stage
    label: Words
    way: OnTheWay | None
    is_held: bool
    is_asked: bool
    due_at: datetime | None
    holder: HolderView | None
    recommendation: VoteResult | None
    last_return: LastReturn | None


@dataclass(frozen=True, slots=True)
class ListedSubject:
    """One row of the list: a person or the unit itself, with every award proposed for them."""

    kind: SubjectKind
    name: str
    position: str
    person: str | None
    awards: tuple[ListedName, ...]


@dataclass(frozen=True, slots=True)
class SubmissionView:
    """A submission with its list. `hidden` counts the names on it that the reader may count and not see.

    `preparable` counts the names whose decision the reader may prepare for somebody else.
    `stages` is the line of those that the reader sees.
    `is_sent` says that a name has left the unit: then the list stands, and the words change with a reason.
    """

    paper: SubmissionRow
    created_by: str
    is_sent: bool
    may_compose: bool
    may_amend: bool
    preparable: int
    hidden: int
    stages: tuple[ListStage, ...]
    list: tuple[ListedSubject, ...]
    actions: tuple[ListAction, ...]


def get_submission(
    session: Session, *, actor: Actor, submission_id: int, now: datetime, preparing: bool = False
) -> SubmissionView:
    """Return a submission the actor sees, with the names they may see. Raises `NotFound`.

    `preparing`: its actions are what they may propose to whoever decides.
    """
    statement = (
        select_rows(tally_of(session, scope=actor.scope, now=now))
        .add_columns(has_left().label("is_sent"), Account.name.label("author"))
        .join(Account, Account.id == Submission.created_by)
        .where(Submission.id == submission_id, visible_submissions(actor.scope))
    )
    today = local_day(session, now)
    found = session.execute(statement, {"today": today}).one_or_none()
    if found is None:
        raise no_submission(submission_id)
    paper = row_of(session, found)
    rows = session.execute(
        _NAMES.where(visible(actor.scope)).limit(_MOST_NAMES),
        {"submission_id": submission_id, "today": today},
    ).all()
    returns = last_returns(session, {row.id: row.definition_id for row in rows if row.closed_at is None})
    open_ids = [row.id for row in rows if row.closed_at is None]
    actions = list_actions(session, actor, open_ids, now, preparing=preparing)
    return SubmissionView(
        paper=paper,
        created_by=found.author,
        is_sent=found.is_sent,
        may_compose=may_compose(actor, paper.unit.code),
        may_amend=may_amend(actor, paper.unit.code),
        preparable=sum(len(action.takes) for action in actions if action.name == BuiltIn.PREPARE),
        hidden=paper.counts.names - len(rows),
        stages=list_stages(session, scope=actor.scope, submission_id=submission_id),
        list=_by_subject(session, actor, rows, returns),
        # Filled in name by name, with words of its own for each.
        actions=tuple(action for action in actions if action.name != BuiltIn.PREPARE),
    )


def seen_submission(session: Session, *, actor: Actor, submission_id: int) -> int:
    """Return the version of a submission the actor sees. Raises `NotFound`."""
    version = session.scalar(
        _VERSION.where(visible_submissions(actor.scope)), {"submission_id": submission_id}
    )
    if version is None:
        raise no_submission(submission_id)
    return version


_VERSION: Final = (
    select(Submission.version)
    .join(Unit, Unit.id == Submission.unit_id)
    .where(Submission.id == bindparam("submission_id"))
)
_NAMES: Final[Select[*tuple[Any, ...]]] = (
    select(
        Nomination.id,
        Nomination.version,
        Nomination.definition_id,
        Nomination.subject_kind,
        Nomination.subject_name,
        Nomination.subject_position,
        Nomination.person_id,
        Nomination.state,
        Nomination.stage,
        Nomination.is_held,
        Nomination.recommendation,
        Nomination.closed_at,
        Person.code.label("person"),
        *AWARD_COLUMNS,
        WorkItem.due_at,
        WorkItem.owner_key,
        WorkItem.kind.label("work_kind"),
        *holder_columns(),
        kind_of_cluster().label("cluster_kind"),
    )
    .join(AwardEdition, AwardEdition.id == Nomination.award_edition_id)
    .join(Award, Award.id == AwardEdition.award_id)
    .outerjoin(Person, Person.id == Nomination.person_id)
    .outerjoin(WorkItem, open_work_of(Nomination))
    .outerjoin(Account, taken_by())
    .where(Nomination.submission_id == bindparam("submission_id"))
    .order_by(Nomination.subject_kind, Nomination.name_sort, Nomination.person_id, Award.code, Nomination.id)
)


def _by_subject(
    session: Session, actor: Actor, rows: Sequence[Row[Any]], returns: Mapping[int, LastReturn]
) -> tuple[ListedSubject, ...]:
    """Return the rows of the list: the nominations of one subject are the columns of one row."""
    subjects = []
    for _, group in groupby(rows, key=lambda row: (row.subject_kind, row.person_id)):
        names = tuple(group)
        first = names[0]
        awards = tuple(_listed(session, actor, row, returns.get(row.id)) for row in names)
        subjects.append(
            ListedSubject(
                SubjectKind(first.subject_kind),
                first.subject_name,
                first.subject_position,
                first.person,
                awards,
            )
        )
    return tuple(subjects)


def _listed(session: Session, actor: Actor, row: Row[Any], returned: LastReturn | None) -> ListedName:
    is_withheld = is_nominee(actor, row.person_id, row.closed_at)
    definition = shown_definition(session, row.definition_id)
    return ListedName(
        nomination_id=row.id,
        version=row.version,
        is_own=is_withheld,
        award=award_of_row(row),
        state=row.state,
        stage=Stage(row.stage),
        label=state_words(definition, row.state, row.cluster_kind),
        way=on_the_way(definition, row.state, SubjectKind(row.subject_kind)),
        is_held=row.is_held,
        is_asked=row.work_kind == WorkKind.ANSWER,
        due_at=row.due_at,
        holder=holder_of_row(row, is_withheld=is_withheld),
        recommendation=VoteResult(row.recommendation) if row.recommendation and not is_withheld else None,
        last_return=None if is_withheld else returned,
    )
