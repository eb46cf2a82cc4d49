"""One nomination as somebody may see it."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Row
from sqlalchemy.orm import Session

from workflow.domain.facts import Opinion
from workflow.domain.rights.policy import Actor
from workflow.domain.vocabulary import Stage, SubjectKind, WorkKind
from workflow.queries.due_reasons import DueExplained, explain_dues
from workflow.queries.escalations.proposed_dates import (
    AnsweredDate,
    ProposedDate,
    answered_date,
    proposed_date,
)
from workflow.queries.nominations.clocks import ClocksView, clocks_of, opinion_of_stay
from workflow.queries.nominations.last_returns import LastReturn, last_returns
from workflow.queries.nominations.nomination_row import READ_NOMINATION
from workflow.queries.nominations.questions import QuestionView, questions_of
from workflow.queries.nominations.seen import Seen
from workflow.queries.nominations.stages import stages_of
from workflow.queries.nominations.verdict import (
    DecisionView,
    UpperView,
    VoteView,
    decision_of,
    missing_papers,
    upper_of,
    vote_of,
)
from workflow.queries.shapes import (
    HolderView,
    ListRef,
    Named,
    Titled,
    Who,
    Words,
    award_of_row,
    holder_of_row,
    is_nominee,
    not_among_those,
    public_words,
    state_words,
    unit_of_row,
    words_of,
)
from workflow.store.database import local_day
from workflow.store.definitions import shown_definition
from workflow.store.statements import plan_once
from workflow.store.visible import scope_values

_AT_UNIT: Final = (Stage.DRAFT, Stage.UNIT_REVIEW)


@dataclass(frozen=True, slots=True)
class SubjectView:
    """Who is nominated, as they were when the draft was made; `person` is the code of an individual."""

    kind: SubjectKind
    name: str
    position: str
    person: str | None


@dataclass(frozen=True, slots=True)
class WorkflowPin:
    """The version of the route this nomination runs on to its end."""

    key: str
    version: int
    title: Words


@dataclass(frozen=True, slots=True)
class NominationView:
    """A nomination with everything its page says. `due_at` is null where nothing is due or on hold.

    `admitted_until` is until when it may be sent late by exception, or might when it was; `admitted_because`
    reason and basis as they were said, which the nominee does not read. `decider` is the seat that decides,
    `state` above the sector, null for a draft older than the question.
    While who nominates was asked something (`is_asked`) it stays in its step and is due when the answer is;
    `questions` are those of this stay.
    `last_return` says why it came back, where it stands in a step by a return (`is_returned`).
    `opinion` is that of an outside office that was asked in this stay; the nominee does not read of which.
    The nominee learns the council's vote with the result. `missing_papers` are those the award asks for that
    neither the dossier nor its list holds.
    """

    id: int
    version: int
    workflow: WorkflowPin
    round: str
    round_title: str
    award: Titled
    unit: Named
    cluster: str | None
    submission: ListRef | None
    subject: SubjectView
    achievement: str
    proposer: str
    state: str
    stage: Stage
    label: Words
    public_label: Words
    is_held: bool
    is_asked: bool
    questions: tuple[QuestionView, ...]
    is_returned: bool
    last_return: LastReturn | None
    entered_at: datetime | None
    due_at: datetime | None
    due_explained: DueExplained | None
    proposed_date: ProposedDate | None
    answered_date: AnsweredDate | None
    admitted_until: date | None
    admitted_because: str | None
    holder: HolderView | None
    decider: str | None
    recommendation: VoteView | None
    decision: DecisionView | None
    upper: UpperView | None
    annulment: DecisionView | None
    opinion: Opinion | None
    clocks: ClocksView | None
    missing_papers: tuple[Titled, ...]
    created_by: Who
    created_at: datetime
    closed_at: datetime | None


def get_nomination(session: Session, *, actor: Actor, nomination_id: int, now: datetime) -> NominationView:
    """Return a nomination, or raise `NotFound`: for one the actor does not see as for one there is not."""
    return read_nomination(session, actor=actor, nomination_id=nomination_id, now=now)[0]


def read_nomination(
    session: Session, *, actor: Actor, nomination_id: int, now: datetime
) -> tuple[NominationView, Seen]:
    """Return a nomination with what its other parts need: a page of all asks once whether it is seen.

    Raises `NotFound`.
    """
    plan_once(session)
    told = {"nomination_id": nomination_id, "today": local_day(session, now), **scope_values(actor.scope)}
    found = READ_NOMINATION.fetch(session, told)
    if not found:
        raise not_among_those(nomination_id)
    row = found[0]
    line = stages_of(session, row, shown_definition(session, row.definition_id))
    seen = Seen(
        row.definition_id,
        row.version,
        row.person_id,
        row.closed_at,
        row.cluster_kind,
        row.unit_id,
        row.audience,
        line,
    )
    return _view(session, actor, row, now), seen


def _view(session: Session, actor: Actor, row: Row[Any], now: datetime) -> NominationView:
    definition = shown_definition(session, row.definition_id)
    label = state_words(definition, row.state, row.cluster_kind)
    is_returned = definition.came_back(row.state, row.sent_from)
    withholds = is_nominee(actor, row.person_id, row.closed_at)
    is_excepted = row.admitted_until is not None and not _left_in_time(session, row)
    return NominationView(
        id=row.id,
        version=row.version,
        workflow=WorkflowPin(row.workflow, row.workflow_version, words_of(definition.title)),
        round=row.round,
        round_title=row.round_title,
        award=award_of_row(row),
        unit=unit_of_row(row),
        cluster=row.cluster,
        submission=ListRef(row.submission_id, row.submission_number) if row.submission_id else None,
        subject=SubjectView(
            SubjectKind(row.subject_kind), row.subject_name, row.subject_position, row.person
        ),
        achievement=row.achievement,
        proposer=row.proposer,
        state=row.state,
        stage=Stage(row.stage),
        label=label,
        public_label=public_words(definition, row.state, row.cluster_kind),
        is_held=row.is_held,
        is_asked=row.work_kind == WorkKind.ANSWER,
        questions=questions_of(row.questions, reader_id=actor.account_id, is_withheld=withholds),
        is_returned=is_returned,
        last_return=last_returns(session, {row.id: row.definition_id}).get(row.id)
        if is_returned and not withholds
        else None,
        entered_at=row.entered_at,
        due_at=row.due_at,
        due_explained=_why_due(session, row, is_withheld=withholds),
        proposed_date=proposed_date(row, is_withheld=withholds),
        answered_date=answered_date(row),
        admitted_until=row.admitted_until if is_excepted else None,
        admitted_because=row.admitted_words if is_excepted and not withholds else None,
        holder=holder_of_row(row, is_withheld=withholds),
        decider=row.decider or None,
        recommendation=None if withholds else vote_of(row.recommendation, row.voted_on, row.vote),
        decision=decision_of(row),
        upper=upper_of(row),
        annulment=decision_of(row, "annulment_"),
        opinion=_opinion(row, is_withheld=withholds),
        clocks=clocks_of(session, row, definition, is_withheld=withholds, now=now),
        missing_papers=missing_papers(row.papers, row.has_papers, row.cluster_kind),
        created_by=Who(row.created_by, row.author),
        created_at=row.created_at,
        closed_at=row.closed_at,
    )


def _opinion(row: Row[Any], *, is_withheld: bool) -> Opinion | None:
    """Return the outside opinion that was asked for where it stands now; to a nominee without the office."""
    found = opinion_of_stay(row.stays[-1]) if row.stays and row.closed_at is None else None
    return replace(found, office="") if found and is_withheld else found


def _why_due(session: Session, row: Row[Any], *, is_withheld: bool) -> DueExplained | None:
    if row.due_at is None:
        return None
    return explain_dues(session, [row.work_item_id], is_withheld=is_withheld).get(row.work_item_id)


def _left_in_time(session: Session, row: Row[Any]) -> bool:
    """Return whether it left its unit by the unit's day: the unit's exception is then none of its own."""
    left_at = next((stay["entered_at"] for stay in row.stays or () if stay["stage"] not in _AT_UNIT), None)
    return left_at is not None and local_day(session, datetime.fromisoformat(left_at)) <= row.return_due_on
