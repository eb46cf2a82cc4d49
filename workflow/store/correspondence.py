"""Everything a mail is checked against and written from, as it stands at the moment of sending: one read."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy import BigInteger, Select, Text, and_, any_, bindparam, case, cast, exists, func, or_, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session, aliased
from sqlalchemy.types import Uuid

from workflow.store.access import Account, Grant
from workflow.store.awards import AwardEdition, Round
from workflow.store.base import among
from workflow.store.clusters import kind_of_cluster
from workflow.store.conditions import (
    TODAY,
    edition_of_unit,
    is_active,
    is_away,
    is_in_force,
    is_open,
    told_stand_ins,
)
from workflow.store.history import Event, EventText
from workflow.store.mail import MailPreference, Outbox
from workflow.store.names_counted import names_of_unit
from workflow.store.nominations import Decision, Nomination, WorkItem
from workflow.store.organisation import Unit, UnitEdition
from workflow.store.people import told_loans
from workflow.store.submissions import ExpectedReturn, Submission


@dataclass(frozen=True, slots=True)
class Promise:
    """One outbox row with its reader, what it is about, its work and the event it tells of.

    It is about a nomination or about what a unit owes a round; `unit_code` and the round are of either.
    `unit_names`: where letters say it, how many names the unit has in the round, and how many to decide.
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
    nomination_id: int | None
    state: str | None
    is_held: bool | None
    cluster_kind: str | None
    nomination_closed_at: datetime | None
    subject_name: str | None
    definition_id: int | None
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
    unit_names: Sequence[int] | None

    @property
    def due_to_leave_at(self) -> datetime:
        """When it was to leave: at its reader's hour where it waited for that, else as it was promised."""
        return max(self.created_at, self.put_off_until or self.created_at)


@dataclass(frozen=True, slots=True)
class Office:
    """A unit as a letter names it: what it is called today, whom to telephone there, whom answers reach.

    `mailbox` gets copies, None where there is none or where somebody signs in by that address.
    """

    name: str
    officer_name: str
    officer_telephone: str
    officer_email: str = ""
    mailbox: str | None = None


_assignee = aliased(Account)
_actor = aliased(Account)
_owner = aliased(Unit)
_of_it = aliased(Event)


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
                is_away(Outbox.account_id, Event.data["key"].astext),
            ).label("is_away"),
            Outbox.nomination_id,
            Nomination.state,
            Nomination.is_held,
            kind_of_cluster().label("cluster_kind"),
            Nomination.closed_at.label("nomination_closed_at"),
            Nomination.subject_name,
            Nomination.definition_id,
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
            names_of_unit().label("unit_names"),
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


_PROMISES = _select()
_OFFICES = (
    select(
        Unit.code,
        UnitEdition.name,
        UnitEdition.officer_name,
        UnitEdition.officer_telephone,
        UnitEdition.officer_email,
        # A copy to somebody's own address would pass by what that person may see.
        case((~exists().where(Account.email == Unit.mailbox), Unit.mailbox)),
    )
    .join(UnitEdition, edition_of_unit(TODAY))
    .where(Unit.code == any_(bindparam("codes", type_=ARRAY(Text))))
)


def read_promises(session: Session, ids: Iterable[UUID], *, today: date) -> list[Promise]:
    """Return the mails of those ids with what is true of them now, the oldest first."""
    rows = session.execute(_PROMISES, {"ids": list(ids), "today": today})
    return [Promise(*row) for row in rows]


Seated: TypeAlias = tuple[int, str]
"""Somebody who sits in a seat today: the account and its name."""


def read_seated(session: Session, keys: Iterable[str], *, today: date) -> dict[str, list[Seated]]:
    """Return for each key the active accounts that hold it today, by name; an empty seat is left out.

    In the place of whoever is away stand those who act for them.
    """
    rows = session.execute(
        select(
            Grant.key,
            Account.id,
            Account.name,
            told_stand_ins(Account.id, Grant.key, today).label("stand_ins"),
        )
        .join(Account, Account.id == Grant.account_id)
        .where(
            among(Grant.key, set(keys)),
            is_active(Account),
            is_in_force(Grant, today),
        )
        .order_by(Grant.key, Account.name, Account.id)
    )
    seated: dict[str, list[Seated]] = defaultdict(list)
    for key, account_id, name, told in rows:
        people = [(account_id, name)] if told is None else [(one[0], one[4]) for one in told]
        seated[key] += [one for one in people if one not in seated[key]]
    return {key: people for key, people in seated.items() if people}


def read_offices(session: Session, codes: Iterable[str | None], *, today: date) -> dict[str, Office]:
    """Return today's name and officer of each unit by code; a code that names no unit today is left out."""
    wanted = sorted({code for code in codes if code})
    if not wanted:
        return {}
    rows = session.execute(_OFFICES, {"codes": wanted, "today": today})
    return {row.code: Office(*row[1:]) for row in rows}


def read_names(session: Session, account_ids: Iterable[int]) -> dict[int, str]:
    """Return the names of active accounts by id; asks nothing where there are none."""
    wanted = set(account_ids)
    if not wanted:
        return {}
    rows = session.execute(
        select(Account.id, Account.name).where(among(Account.id, wanted), is_active(Account))
    )
    return {row.id: row.name for row in rows}
