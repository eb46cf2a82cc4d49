"""The one query behind a nomination's page: everything about it that is shown, in one row."""

from typing import Any, Final

from sqlalchemy import BigInteger, Select, bindparam, case, func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import aliased

from workflow.domain.vocabulary import BuiltIn, CourtesyAction, WorkKind
from workflow.queries.escalations.proposed_dates import with_proposed_date
from workflow.queries.shapes import AWARD_COLUMNS, UNIT_COLUMNS
from workflow.store.access import Account
from workflow.store.admitted import admitted_until, owed_by_unit
from workflow.store.awards import Award, AwardEdition, Round, WorkflowDefinition
from workflow.store.base import among
from workflow.store.clusters import in_cluster_of_round
from workflow.store.conditions import (
    TODAY,
    named_edition,
    open_visit_of_nomination,
    open_work_of,
    taken_by,
)
from workflow.store.history import Event, EventText
from workflow.store.locked_rows import HAS_PAPERS
from workflow.store.nominations import Decision, Nomination, Visit, WorkItem
from workflow.store.organisation import Cluster, ClusterMember, Person, Unit, UnitEdition
from workflow.store.statements import Statement
from workflow.store.submissions import ExpectedReturn, Submission
from workflow.store.takers import holder_columns
from workflow.store.visible import visible_to_any

_OF_A_STAY: Final = ("step", "stage", "sent_from", "entered_at", "left_at", "ended", "holds")
_OF_OPINION: Final = ("opinion_office", "opinion_asked_at", "opinion_came_at")
_author = aliased(Account)
_upper = aliased(Decision, name="upper_decision")
_annulment = aliased(Decision, name="annulment")
_stay = aliased(Visit, name="stay")
_asked = aliased(WorkItem, name="asked")
# All that both clocks are counted from: every stay in a step, and when it was on hold there.
_asked_at = (
    select(func.array_agg(_asked.opened_at))
    .where(_asked.visit_id == _stay.id, _asked.kind == WorkKind.ANSWER)
    .scalar_subquery()
)
_stays = (
    select(
        func.jsonb_agg(
            aggregate_order_by(
                func.jsonb_build_object(
                    *(part for name in _OF_A_STAY + _OF_OPINION for part in (name, getattr(_stay, name))),
                    "asked",
                    # A question is a work item of its own; where the clock never stood there was none.
                    case((_stay.holds.is_not(None), _asked_at)),
                ),
                _stay.ordinal,
            )
        )
    )
    .where(_stay.nomination_id == Nomination.id, _stay.voided_at.is_(None))
    .scalar_subquery()
)
_hold_words = (
    select(EventText.text)
    .join(Event, Event.id == EventText.event_id)
    .where(Event.stream == func.concat("nomination:", Nomination.id), Event.action == BuiltIn.HOLD)
    .order_by(Event.seq.desc())
    .limit(1)
    .scalar_subquery()
)
_actor = aliased(Account, name="actor")
# What was asked during this stay, and what was answered, in turn; only a stay whose clock stood can have any.
_questions = (
    select(
        func.jsonb_agg(
            aggregate_order_by(
                func.jsonb_build_object(
                    "action", Event.action, "text", EventText.text, "at", Event.recorded_at,
                    "by", Event.actor_id, "name", _actor.name, "back", Event.data["taken_back"],
                ),
                Event.seq,
            )
        )
    )
    .outerjoin(EventText, EventText.event_id == Event.id)
    .outerjoin(_actor, _actor.id == Event.actor_id)
    .where(
        Event.stream == func.concat("nomination:", Nomination.id),
        among(Event.action, (BuiltIn.REQUEST_INFO, BuiltIn.ANSWER_INFO)),
        Event.recorded_at >= Visit.entered_at,
    )
    .scalar_subquery()
)  # fmt: skip
# What was said when it was admitted late, itself or with all of its unit: that which holds longest.
_admitted_words = (
    select(EventText.text)
    .join(Event, Event.id == EventText.event_id)
    .where(
        Event.stream.in_(
            [func.concat("nomination:", Nomination.id), func.concat("expected_return:", ExpectedReturn.id)]
        ),
        Event.action == CourtesyAction.ADMIT_LATE,
        Event.data["until"].astext == func.to_char(admitted_until(), "YYYY-MM-DD"),
    )
    .order_by(Event.recorded_at.desc(), Event.seq.desc())
    .limit(1)
    .scalar_subquery()
)


def _select() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Nomination.id,
            Nomination.version,
            Nomination.definition_id,
            Nomination.subject_kind,
            Nomination.person_id,
            Nomination.subject_name,
            Nomination.subject_position,
            Nomination.achievement,
            Nomination.proposer,
            Nomination.state,
            Nomination.stage,
            Nomination.is_held,
            Nomination.created_by,
            Nomination.created_at,
            Nomination.closed_at,
            WorkflowDefinition.key.label("workflow"),
            WorkflowDefinition.version.label("workflow_version"),
            Round.code.label("round"),
            Round.title.label("round_title"),
            *AWARD_COLUMNS,
            *UNIT_COLUMNS,
            Cluster.code.label("cluster"),
            Cluster.kind.label("cluster_kind"),
            Person.code.label("person"),
            Visit.entered_at,
            Visit.sent_from,
            WorkItem.id.label("work_item_id"),
            WorkItem.due_at,
            WorkItem.owner_key,
            *holder_columns(),
            _author.name.label("author"),
            Submission.id.label("submission_id"),
            Submission.number.label("submission_number"),
            ExpectedReturn.due_on.label("return_due_on"),
            admitted_until().label("admitted_until"),
            case((admitted_until().is_not(None), _admitted_words)).label("admitted_words"),
            Nomination.unit_id,
            Nomination.audience,
            Nomination.decider,
            Nomination.recommendation,
            Nomination.voted_on,
            Nomination.vote,
            Nomination.upper_outcome,
            _stays.label("stays"),
            case((Nomination.is_held, _hold_words)).label("hold_words"),
            case((Visit.holds.is_not(None), _questions)).label("questions"),
            WorkItem.kind.label("work_kind"),
            AwardEdition.papers,
            HAS_PAPERS.label("has_papers"),
            Decision.kind,
            Decision.body,
            Decision.number,
            Decision.decided_on,
            Decision.signer,
            _upper.kind.label("upper_kind"),
            _upper.body.label("upper_body"),
            _upper.number.label("upper_number"),
            _upper.decided_on.label("upper_decided_on"),
            _upper.signer.label("upper_signer"),
            _annulment.kind.label("annulment_kind"),
            _annulment.body.label("annulment_body"),
            _annulment.number.label("annulment_number"),
            _annulment.decided_on.label("annulment_decided_on"),
            _annulment.signer.label("annulment_signer"),
            _annulment.decided_on.label("annulled_on"),
        )
        .join(WorkflowDefinition, WorkflowDefinition.id == Nomination.definition_id)
        .join(Round, Round.id == Nomination.round_id)
        .join(AwardEdition, AwardEdition.id == Nomination.award_edition_id)
        .join(Award, Award.id == AwardEdition.award_id)
        .join(Unit, Unit.id == Nomination.unit_id)
        .outerjoin(UnitEdition, named_edition(TODAY))
        .outerjoin(ClusterMember, in_cluster_of_round())
        .outerjoin(Cluster, Cluster.id == ClusterMember.cluster_id)
        .outerjoin(ExpectedReturn, owed_by_unit())
        .outerjoin(Person, Person.id == Nomination.person_id)
        .outerjoin(Submission, Submission.id == Nomination.submission_id)
        .outerjoin(Visit, open_visit_of_nomination())
        .outerjoin(WorkItem, open_work_of(Visit))
        .outerjoin(Account, taken_by())
        .join(_author, _author.id == Nomination.created_by)
        .outerjoin(Decision, Decision.id == Nomination.decision_id)
        .outerjoin(_upper, _upper.id == Nomination.upper_decision_id)
        .outerjoin(_annulment, _annulment.id == Nomination.annulment_id)
        .where(Nomination.id == bindparam("nomination_id", type_=BigInteger()), visible_to_any())
    )


READ_NOMINATION: Final = Statement(with_proposed_date(_select()))
"""Takes `nomination_id`, the local day `today`, and what `scope_values` says of who reads."""
