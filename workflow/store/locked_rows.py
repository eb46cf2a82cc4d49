"""The one query behind `locked`: a nomination with everything the rules and the writes are told about it."""

from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Select,
    SQLColumnExpression,
    Text,
    and_,
    case,
    cast,
    func,
    literal_column,
    not_,
    or_,
    select,
)
from sqlalchemy.orm import aliased
from sqlalchemy.types import BigInteger

from workflow.domain.route.counterparts import MIGRATE
from workflow.domain.time.workdays import CalendarName
from workflow.domain.vocabulary import UNDONE, RungKind, SubjectKind, Via, WorkKind
from workflow.store.access import Account, Grant
from workflow.store.admitted import admitted_until, owed_by_unit
from workflow.store.attachments import Attachment
from workflow.store.awards import AwardEdition, Round
from workflow.store.base import given
from workflow.store.clusters import in_cluster_of_round
from workflow.store.conditions import (
    TODAY,
    is_active,
    is_in_force,
    is_kept,
    is_open,
    named_edition,
    open_visit_of_nomination,
    told_stand_ins,
)
from workflow.store.history import Event, was_undone
from workflow.store.imports import CalendarRevision
from workflow.store.nominations import Nomination, Visit, WorkItem
from workflow.store.opinions import OPINION
from workflow.store.organisation import Cluster, ClusterMember, Council, Person, Unit, UnitEdition
from workflow.store.preparations import PREPARED
from workflow.store.statements import Statement
from workflow.store.submissions import ExpectedReturn, Submission

_parent = aliased(Unit)
_owner = aliased(Unit)
_council_unit = aliased(Unit)
_last = (
    select(Event.seq, Event.hash, Event.recorded_at)
    .where(Event.stream == func.concat("nomination:", Nomination.id))
    .order_by(Event.seq.desc())
    .limit(1)
    .lateral("last_event")
)
# Each visit is asked by itself: joined, a table that was just filled and not looked at since (an import taken
# back at once) is compared row by row with every visit.
# The work of a stay lies aside, closed, while who nominates is asked something.
_work = (
    select(
        WorkItem.id,
        WorkItem.owner_key,
        WorkItem.assignee_id,
        WorkItem.first_claimed_at,
        WorkItem.claimed_until,
        WorkItem.closed_at,
    )
    .where(WorkItem.visit_id == Visit.id, WorkItem.kind == WorkKind.STAGE)
    .offset(0)
    .lateral("work")
)
_asked = aliased(WorkItem, name="asked")


def _is_report(work_item_id: SQLColumnExpression[UUID]) -> ColumnElement[bool]:
    """Return the condition of events that told a seat that this work is late; one to nobody was skipped."""
    return and_(
        Event.action == RungKind.ESCALATE,
        Event.data["work_item"].astext == cast(work_item_id, Text),
        Event.data["key"].astext.is_not(None),
        ~Event.data.has_key("skipped"),
    )


_reports_of_question = (
    select(func.jsonb_agg(func.distinct(Event.data["key"].astext)))
    .where(Event.stream == func.concat("nomination:", _asked.nomination_id), _is_report(_asked.id))
    .scalar_subquery()
)
_question = (
    select(
        func.jsonb_build_object(
            "id", _asked.id, "key", _asked.owner_key, "due_at", _asked.due_at, "told", _reports_of_question
        )
    )
    .where(_asked.visit_id == Visit.id, is_open(_asked))
    .scalar_subquery()
)
# Who took it keeps it through a day; on hold, and while who nominates is asked something, none is over.
_is_kept = and_(
    _work.c.assignee_id.is_not(None),
    or_(
        _work.c.claimed_until.is_(None),
        _work.c.claimed_until >= TODAY,
        _work.c.closed_at.is_not(None),
        Nomination.is_held,
    ),
)
HAS_PAPERS = (
    select(func.array_agg(func.distinct(Attachment.kind)))
    .where(
        or_(Attachment.nomination_id == Nomination.id, Attachment.submission_id == Nomination.submission_id),
        is_kept(),
    )
    .scalar_subquery()
)
_actor_unit = (
    select(Person.unit_id)
    .join(Account, Account.person_id == Person.id)
    .where(Account.id == literal_column("wanted.actor_id"))
    .scalar_subquery()
)
_is_current = is_in_force(Grant, TODAY)
# The keys an account holds today, none once it is disabled: read behind the lock, so that whoever waited for
# it acts with what they hold now and not with what they held when they came in.
_actor_keys = (
    select(func.array_agg(Grant.key))
    .join(Account, Account.id == Grant.account_id)
    .where(Account.id == literal_column("wanted.actor_id"), is_active(Account), _is_current)
    .scalar_subquery()
)
_assignee = aliased(Account, name="assignee")
_assignee_keys = (
    select(func.array_agg(Grant.key))
    .where(Grant.account_id == _assignee.id, is_active(_assignee), _is_current)
    .scalar_subquery()
)
_assignee_unit = select(Person.unit_id).where(Person.id == _assignee.person_id).scalar_subquery()
_wanted = given("wanted", {"ids": ("id", BigInteger()), "actor_ids": ("actor_id", BigInteger())})
# One look at the history for both. The actor stands in the filter, not among the conditions: else all that
# they ever did may be looked through for each nomination, and whoever imported a list did much.
_past = (
    select(
        func.array_agg(func.distinct(Event.source))
        .filter(
            Event.actor_id == _wanted.c.actor_id,
            Event.dest.is_not(None),
            Event.source.is_not(None),
            Event.dest != Event.source,
            Event.action != UNDONE,
            Event.action != MIGRATE,
            # Who entered a step done on paper did not sit in its seat.
            Event.via != Via.PAPER,
            # Nor did whoever undid it: last, so that it is looked up for the actor's own moves alone.
            not_(was_undone()),
        )
        .label("seats_taken"),
        func.array_agg(func.distinct(Event.data["key"].astext))
        .filter(_is_report(_work.c.id))
        .label("reported_to"),
    )
    .where(Event.stream == func.concat("nomination:", Nomination.id))
    .lateral("past")
)
_stays = aliased(Visit, name="stay")
_steps_taken = (
    select(func.array_agg(_stays.step))
    .where(_stays.nomination_id == Nomination.id, _stays.voided_at.is_(None))
    .scalar_subquery()
)

# Read along with what is locked: which imported days count for the due dates of this decision.
CALENDAR_REVISION = (
    select(CalendarRevision.revision).where(CalendarRevision.calendar == CalendarName.VN).scalar_subquery()
)


def _select() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Nomination.id,
            Nomination.state,
            Nomination.stage,
            Nomination.version,
            Nomination.is_held,
            Nomination.unit_id,
            Nomination.audience,
            Nomination.created_by,
            Nomination.subject_kind,
            Nomination.person_id,
            Nomination.subject_name,
            Nomination.achievement,
            Nomination.proposer,
            Nomination.definition_id,
            Unit.code.label("unit"),
            _parent.code.label("parent"),
            _owner.code.label("round_owner"),
            _council_unit.code.label("council"),
            Cluster.code.label("cluster"),
            Cluster.kind.label("cluster_kind"),
            Round.id.label("round_id"),
            Round.dates,
            Nomination.submission_id,
            Nomination.decider,
            Nomination.recommendation,
            Nomination.voted_on,
            Nomination.upper_outcome,
            AwardEdition.papers,
            AwardEdition.vote_percent,
            # Looked up only where a rule could ask: most awards of one person need neither.
            case((func.cardinality(AwardEdition.papers) > 0, HAS_PAPERS)).label("has_papers"),
            case((Nomination.subject_kind == SubjectKind.COLLECTIVE, _actor_unit)).label("actor_unit_id"),
            Submission.number.label("submission_number"),
            Submission.signed_on.label("submission_signed_on"),
            Submission.signer.label("submission_signer"),
            ExpectedReturn.id.label("return_id"),
            ExpectedReturn.due_on.label("return_due_on"),
            admitted_until().label("admitted_until"),
            ExpectedReturn.sent_at.label("return_sent_at"),
            Visit.id.label("visit_id"),
            Visit.ordinal,
            Visit.entered_at,
            Visit.sent_by,
            Visit.sent_from,
            Visit.clock_unit,
            Visit.budget_minutes,
            Visit.consumed_minutes,
            Visit.has_more_time,
            Visit.holds,
            *OPINION,
            Visit.clock_started_at,
            Visit.due_at,
            _work.c.id.label("work_item_id"),
            _work.c.owner_key,
            _work.c.assignee_id,
            _work.c.first_claimed_at,
            case((_work.c.closed_at.is_not(None), _question)).label("question"),
            PREPARED.label("prepared"),
            _last.c.seq,
            _last.c.hash,
            _last.c.recorded_at.label("last_at"),
            _past.c.seats_taken,
            _past.c.reported_to,
            _steps_taken.label("steps_taken"),
            _actor_keys.label("actor_keys"),
            _assignee.person_id.label("assignee_person_id"),
            case((_is_kept, _assignee_keys)).label("assignee_keys"),
            case((_work.c.assignee_id.is_not(None), _assignee_unit)).label("assignee_unit_id"),
            case(
                (_work.c.assignee_id.is_not(None), told_stand_ins(_work.c.assignee_id, _work.c.owner_key))
            ).label("assignee_stand_ins"),
            CALENDAR_REVISION.label("calendar_revision"),
        )
        .select_from(_wanted)
        .join(Nomination, Nomination.id == _wanted.c.id)
        .join(Unit, Unit.id == Nomination.unit_id)
        .outerjoin(UnitEdition, named_edition(TODAY))
        .outerjoin(_parent, _parent.id == UnitEdition.parent_id)
        .join(Round, Round.id == Nomination.round_id)
        .join(_owner, _owner.id == Round.owner_unit_id)
        .join(AwardEdition, AwardEdition.id == Nomination.award_edition_id)
        .outerjoin(Submission, Submission.id == Nomination.submission_id)
        .outerjoin(ExpectedReturn, owed_by_unit())
        .outerjoin(Council, Council.id == Round.council_id)
        .outerjoin(_council_unit, _council_unit.id == Council.unit_id)
        .outerjoin(ClusterMember, in_cluster_of_round())
        .outerjoin(Cluster, Cluster.id == ClusterMember.cluster_id)
        .outerjoin(Visit, open_visit_of_nomination())
        .outerjoin(_work, literal_column("true"))
        .outerjoin(_assignee, _assignee.id == _work.c.assignee_id)
        .outerjoin(_last, literal_column("true"))
        .outerjoin(_past, literal_column("true"))
        .order_by(Nomination.id)
    )


READ_NOMINATIONS: Final = Statement(_select())
"""Takes `ids` with the account that acts on each as `actor_ids`, and the local day `today`."""
