"""Everything a mail is checked against and written from, as it stands at the moment of sending: one read."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    DateTime,
    Select,
    Text,
    and_,
    any_,
    bindparam,
    case,
    cast,
    exists,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session, aliased
from sqlalchemy.types import Uuid

from workflow.domain.notices import FACTS_TOLD
from workflow.domain.vocabulary import NoticeKind, Role, WorkKind
from workflow.store.access import Account, Grant
from workflow.store.asked_facts import AskedFact, asked_fact, told_fact
from workflow.store.awards import AwardEdition, Round
from workflow.store.base import among
from workflow.store.clusters import kind_of_cluster
from workflow.store.conditions import TODAY, is_away, is_in_force, is_open
from workflow.store.database import local_day
from workflow.store.history import Event, EventText
from workflow.store.mail import MailPreference, Outbox
from workflow.store.mentions import named_as
from workflow.store.nominations import Decision, Nomination, WorkItem
from workflow.store.organisation import Unit
from workflow.store.people import told_loans
from workflow.store.preparations import waits_to_be_prepared
from workflow.store.proposals import DateProposal, stands
from workflow.store.questions_told import waits_in_vain, words_of_question
from workflow.store.set_aside import PutAside, lies_aside
from workflow.store.statements import Statement
from workflow.store.submissions import ExpectedReturn, Submission
from workflow.store.substitutes import is_named_in
from workflow.store.takers import acts_for


@dataclass(frozen=True, slots=True)
class Promise:
    """One outbox row with its reader, what it is about, its work and the event it tells of.

    It is about a nomination or about what a unit owes a round; `unit_code` and the round are of either.
    `is_unanswered`: it tells that nobody answered which other date was asked for, and nobody did; or what was
    sent back to its reader, who did not prepare it anew.
    `named_as`: it tells of a comment that waits to be read, by this key of whom it names.
    """

    id: UUID
    notice: str
    mail_class: str
    created_at: datetime
    put_off_until: datetime | None
    fold_key: str
    account_id: int
    email: str
    reader_name: str
    locale: str
    disabled_at: datetime | None
    keys: Sequence[str] | None
    loans: Sequence[Mapping[str, Any]] | None
    is_away: bool
    acting_id: int | None
    is_named: bool
    nomination_id: int | None
    state: str | None
    is_held: bool | None
    cluster_kind: str | None
    nomination_closed_at: datetime | None
    subject_name: str | None
    definition_id: int | None
    created_by: int | None
    award_vi: str | None
    award_en: str | None
    unit_code: str | None
    round_owner_code: str | None
    work_item_id: UUID | None
    work_closed_at: datetime | None
    owner_key: str | None
    assignee_id: int | None
    assignee_name: str | None
    assignee_disabled_at: datetime | None
    due_at: datetime | None
    reason_code: str | None
    event_data: Mapping[str, object] | None
    actor_name: str | None
    words: str | None
    decision_number: str | None
    decided_on: date | None
    signer: str | None
    decision_kind: str | None
    expected_return_id: int | None
    round_code: str | None
    round_title: str | None
    return_due_on: date | None
    return_closed_at: datetime | None
    accountable_id: int | None
    submission_id: int | None
    submission_number: str | None
    pace: str | None
    digest_at: time | None
    quiet_from: time | None
    quiet_until: time | None
    no_information_since: datetime | None
    last_seq: int | None
    asked_on: date | None
    is_unanswered: bool
    named_as: str | None
    is_set_aside: bool
    work_kind: str | None = None
    question: str | None = None
    told_fact: Mapping[str, Any] | None = None

    @property
    def fact(self) -> AskedFact | None:
        """The fact that it asks for, or tells of."""
        return asked_fact(self.told_fact)

    @property
    def due_to_leave_at(self) -> datetime:
        """When it was to leave: at its reader's hour where it waited for that, else as it was promised."""
        return max(self.created_at, self.put_off_until or self.created_at)


_assignee = aliased(Account)
_actor = aliased(Account)
_owner = aliased(Unit)
_of_it = aliased(Event)
_NOW = bindparam("now", type_=DateTime(timezone=True))
# What waits nowhere any more is told to whoever sits where it was proposed.
# Null beside no unit: word of stuck work has none, and stays its reader's own.
_PROPOSES = literal(f"{Role.NOMINATOR}@unit:", Text()) + Unit.code
# The seat as which its reader was told; who asked for a date was not, their question names whom they asked.
_TO_ASKERS = sorted(FACTS_TOLD)
_TOLD_AS = case(
    (among(Outbox.notice, _TO_ASKERS), Event.data["asked_as"].astext),
    (Outbox.notice == NoticeKind.MENTIONED, named_as()),
    (Outbox.notice != NoticeKind.DATE_LAPSED, Event.data["key"].astext),
)


def _select() -> Select[*tuple[Any, ...]]:
    keys = (
        select(func.array_agg(Grant.key))
        .where(Grant.account_id == Outbox.account_id, is_in_force(Grant, TODAY))
        .scalar_subquery()
    )
    return (
        select(
            Outbox.id,
            Outbox.notice,
            Outbox.mail_class,
            Outbox.created_at,
            Outbox.put_off_until,
            Outbox.fold_key,
            Outbox.account_id,
            Account.email,
            Account.name.label("reader_name"),
            Account.locale,
            Account.disabled_at,
            keys.label("keys"),
            told_loans(Outbox.account_id).label("loans"),
            # From where the work waits, or from where they were told of it.
            or_(
                is_away(Outbox.account_id, WorkItem.owner_key),
                is_away(Outbox.account_id, _TOLD_AS),
            ).label("is_away"),
            acts_for(Account, func.coalesce(_TOLD_AS, WorkItem.owner_key, _PROPOSES)).label("acting_id"),
            is_named_in(Event.data, Outbox.account_id).label("is_named"),
            Outbox.nomination_id,
            Nomination.state,
            Nomination.is_held,
            kind_of_cluster().label("cluster_kind"),
            Nomination.closed_at.label("nomination_closed_at"),
            Nomination.subject_name,
            Nomination.definition_id,
            Nomination.created_by,
            AwardEdition.name_vi.label("award_vi"),
            AwardEdition.name_en.label("award_en"),
            Unit.code.label("unit_code"),
            _owner.code.label("round_owner_code"),
            Outbox.work_item_id,
            WorkItem.closed_at.label("work_closed_at"),
            WorkItem.owner_key,
            WorkItem.assignee_id,
            _assignee.name.label("assignee_name"),
            _assignee.disabled_at.label("assignee_disabled_at"),
            WorkItem.due_at,
            Event.reason_code,
            Event.data.label("event_data"),
            # Who is nominated learns the reviewers' names with the result, by mail as on the page.
            case(
                (and_(Account.person_id == Nomination.person_id, is_open(Nomination)), None),
                else_=_actor.name,
            ).label("actor_name"),
            EventText.text.label("words"),
            Decision.number.label("decision_number"),
            Decision.decided_on,
            Decision.signer,
            Decision.kind.label("decision_kind"),
            Outbox.expected_return_id,
            Round.code.label("round_code"),
            Round.title.label("round_title"),
            ExpectedReturn.due_on.label("return_due_on"),
            # A nomination under way goes on after its round has closed; what a unit owes does not.
            case(
                (
                    ExpectedReturn.id.is_not(None),
                    func.coalesce(ExpectedReturn.sent_at, ExpectedReturn.answered_at, Round.closed_at),
                )
            ).label("return_closed_at"),
            ExpectedReturn.accountable_id,
            Submission.id.label("submission_id"),
            Submission.number.label("submission_number"),
            MailPreference.pace,
            MailPreference.digest_at,
            MailPreference.quiet_from,
            MailPreference.quiet_until,
            MailPreference.no_information_since,
            select(func.max(_of_it.seq))
            .where(_of_it.stream == func.concat("nomination:", Outbox.nomination_id))
            .scalar_subquery()
            .label("last_seq"),
            # The other date that was asked for its work and still waits for an answer.
            select(DateProposal.day).where(stands()).correlate(WorkItem).scalar_subquery().label("asked_on"),
            case(
                (Outbox.notice == NoticeKind.DATE_LAPSED, waits_in_vain()),
                (Outbox.notice == NoticeKind.PREPARE_AGAIN, waits_to_be_prepared(Outbox.event_id)),
                else_=False,
            ).label("is_unanswered"),
            case((Outbox.notice == NoticeKind.MENTIONED, named_as())).label("named_as"),
            exists()
            .where(PutAside.account_id == Outbox.account_id, lies_aside(_NOW))
            .correlate(Outbox, WorkItem)
            .label("is_set_aside"),
            WorkItem.kind.label("work_kind"),
            case((WorkItem.kind == WorkKind.ANSWER, words_of_question())).label("question"),
            told_fact().label("told_fact"),
        )
        .join(Account, Account.id == Outbox.account_id)
        .outerjoin(MailPreference, MailPreference.account_id == Outbox.account_id)
        .outerjoin(Nomination, Nomination.id == Outbox.nomination_id)
        .outerjoin(AwardEdition, AwardEdition.id == Nomination.award_edition_id)
        .outerjoin(Submission, Submission.id == Nomination.submission_id)
        .outerjoin(ExpectedReturn, ExpectedReturn.id == Outbox.expected_return_id)
        .outerjoin(Unit, Unit.id == func.coalesce(Nomination.unit_id, ExpectedReturn.unit_id))
        .outerjoin(Round, Round.id == func.coalesce(Nomination.round_id, ExpectedReturn.round_id))
        .outerjoin(_owner, _owner.id == Round.owner_unit_id)
        .outerjoin(WorkItem, WorkItem.id == Outbox.work_item_id)
        .outerjoin(_assignee, _assignee.id == WorkItem.assignee_id)
        .outerjoin(Event, Event.id == Outbox.event_id)
        .outerjoin(_actor, _actor.id == Event.actor_id)
        .outerjoin(EventText, EventText.event_id == Event.id)
        .outerjoin(Decision, Decision.id == cast(Event.data["decision"].astext, BigInteger))
        .where(Outbox.id == any_(bindparam("ids", type_=ARRAY(Uuid))))
        .order_by(Outbox.created_at, Outbox.id)
    )


_PROMISES = Statement(_select())


def read_promises(session: Session, ids: Iterable[UUID], *, now: datetime) -> list[Promise]:
    """Return the mails of those ids with what is true of them now, the oldest first."""
    values = {"ids": list(ids), "today": local_day(session, now), "now": now}
    return [Promise(*row) for row in _PROMISES.fetch(session, values)]
