"""What coming mails are about and who reads them, by name as far as the asker may know it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, literal, select, true
from sqlalchemy.orm import Session

from workflow.domain.clusters.words import of_kind
from workflow.domain.rights.policy import Actor
from workflow.domain.route.definition import Definition, Label
from workflow.domain.time.workdays import CalendarName
from workflow.domain.vocabulary import NoticeKind
from workflow.operations.foresight.coming import Coming, WhyTold
from workflow.operations.foresight.readers import watched
from workflow.store.access import Account
from workflow.store.awards import AwardEdition, Round
from workflow.store.base import among
from workflow.store.calendars import calendar_in_force
from workflow.store.clusters import kind_of_cluster
from workflow.store.conditions import is_reachable, named_edition, open_work_of
from workflow.store.definitions import shown_definition
from workflow.store.nominations import Nomination, WorkItem
from workflow.store.organisation import Person, Unit, UnitEdition
from workflow.store.people_seen import in_sight
from workflow.store.records import FactQuestion
from workflow.store.submissions import ExpectedReturn
from workflow.store.visible import visible


@dataclass(frozen=True, slots=True)
class MailReader:
    """Who will be written to; `is_unreachable`: mails to that address come back today."""

    id: int
    name: str
    email: str
    is_unreachable: bool


@dataclass(frozen=True, slots=True)
class About:
    """A nomination, what a unit owes a round, or a fact that it is asked for, as a coming mail tells of it.

    `subject` is None for a nomination of which the asker knows that it is there and not whose. `award` is
    what it is for and `step` where it is now, None for what a unit owes. Of a fact `person_code` and
    `subject` say whose it is.
    """

    nomination_id: int | None
    expected_return_id: int | None
    subject: str | None
    unit_code: str
    unit_name: str
    round_code: str
    round_title: str
    step: Label | None
    due_at: datetime | None
    person_code: str | None = None
    award: Label | None = None


@dataclass(frozen=True, slots=True)
class ComingItem:
    """One line of a coming mail: what it is about, and why it is told."""

    about: About
    notice: NoticeKind
    why: WhyTold


@dataclass(frozen=True, slots=True)
class Register:
    """Who and what the asker may read of, by their ids."""

    readers: Mapping[int, MailReader]
    nominations: Mapping[int, About]
    returns: Mapping[int, About] = field(default_factory=dict)
    facts: Mapping[int, About] = field(default_factory=dict)

    def about(self, coming: Coming) -> About | None:
        """Return what a coming mail is about, None where that is not the asker's to know."""
        if coming.fact_question_id is not None:
            return self.facts.get(coming.fact_question_id)
        if coming.nomination_id is not None:
            return self.nominations.get(coming.nomination_id)
        return self.returns.get(coming.expected_return_id or 0)


def register_of(
    session: Session, coming: Iterable[Coming], *, actor: Actor | None, mine: bool, today: date
) -> Register:
    """Return the register of coming mails. Without an actor the command line knows everything."""
    every = list(coming)
    seen = true() if actor is None or mine else watched(actor)
    rows = session.execute(
        select(Account.id, Account.name, Account.email, is_reachable(Account).label("is_reachable")).where(
            among(Account.id, {one.account_id for one in every if one.account_id is not None})
        )
    )
    readers = {row.id: MailReader(row.id, row.name, row.email, not row.is_reachable) for row in rows}
    return Register(
        readers,
        _nominations(session, {one.nomination_id for one in every} - {None}, seen, actor, today),
        _returns(session, {one.expected_return_id for one in every} - {None}, seen, today),
        _facts(session, {one.fact_question_id for one in every} - {None}, actor, mine=mine, today=today),
    )


def _nominations(
    session: Session, ids: set[Any], seen: ColumnElement[bool], actor: Actor | None, today: date
) -> dict[int, About]:
    named = literal(value=True) if actor is None else visible(actor.scope)
    rows = session.execute(
        select(
            Nomination.id,
            Nomination.subject_name,
            Nomination.definition_id,
            Nomination.state,
            kind_of_cluster().label("cluster_kind"),
            named.label("is_named"),
            Unit.code,
            UnitEdition.name,
            Round.code.label("round_code"),
            Round.title.label("round_title"),
            AwardEdition.name_vi,
            AwardEdition.name_en,
            WorkItem.due_at,
        )
        .join(Unit, Unit.id == Nomination.unit_id)
        .outerjoin(UnitEdition, named_edition(today))
        .join(Round, Round.id == Nomination.round_id)
        .join(AwardEdition, AwardEdition.id == Nomination.award_edition_id)
        .outerjoin(WorkItem, open_work_of(Nomination))
        .outerjoin(ExpectedReturn, ExpectedReturn.id == WorkItem.expected_return_id)
        .where(among(Nomination.id, ids), seen)
    )
    return {
        row.id: About(
            nomination_id=row.id,
            expected_return_id=None,
            subject=row.subject_name if row.is_named else None,
            unit_code=row.code,
            unit_name=row.name or row.code,
            round_code=row.round_code,
            round_title=row.round_title,
            step=_step(shown_definition(session, row.definition_id), row.state, row.cluster_kind),
            due_at=row.due_at,
            award=Label(vi=row.name_vi, en=row.name_en),
        )
        for row in rows
    }


def _returns(session: Session, ids: set[Any], seen: ColumnElement[bool], today: date) -> dict[int, About]:
    rows = session.execute(
        select(
            ExpectedReturn.id,
            Unit.code,
            UnitEdition.name,
            Round.code.label("round_code"),
            Round.title.label("round_title"),
            WorkItem.due_at,
        )
        .join(Unit, Unit.id == ExpectedReturn.unit_id)
        .outerjoin(UnitEdition, named_edition(today))
        .join(Round, Round.id == ExpectedReturn.round_id)
        .outerjoin(WorkItem, open_work_of(ExpectedReturn))
        .outerjoin(Nomination, Nomination.id == WorkItem.nomination_id)
        .where(among(ExpectedReturn.id, ids), seen)
    )
    return {
        row.id: About(
            nomination_id=None,
            expected_return_id=row.id,
            subject=None,
            unit_code=row.code,
            unit_name=row.name or row.code,
            round_code=row.round_code,
            round_title=row.round_title,
            step=None,
            due_at=row.due_at,
        )
        for row in rows
    }


def _facts(
    session: Session, ids: set[Any], actor: Actor | None, *, mine: bool, today: date
) -> dict[int, About]:
    """Return what units are asked of people in sight, or by their own letters; not of the asker."""
    if not ids:
        return {}
    seen = true() if actor is None or mine else in_sight(actor)
    if actor is not None and actor.person_id is not None:
        seen = and_(seen, Person.id != actor.person_id)
    rows = session.execute(
        select(FactQuestion.id, Person.code.label("person_code"), Person.name, Unit.code, FactQuestion.due_on)
        .add_columns(UnitEdition.name.label("unit_name"))
        .join(Person, Person.id == FactQuestion.person_id)
        .join(Unit, Unit.id == Person.unit_id)
        .outerjoin(UnitEdition, named_edition(today))
        .where(among(FactQuestion.id, ids), seen)
    )
    return {
        row.id: About(
            nomination_id=None,
            expected_return_id=None,
            subject=row.name,
            unit_code=row.code,
            unit_name=row.unit_name or row.code,
            round_code="",
            round_title="",
            step=None,
            due_at=calendar_in_force(session, CalendarName.LOCAL, unit=row.code).closes_at(row.due_on),
            person_code=row.person_code,
        )
        for row in rows
    }


def _step(definition: Definition, state: str, kind: str | None) -> Label | None:
    if not definition.has_step(state):
        return None
    label = definition.step(state).label
    return Label(vi=of_kind(label.vi, kind), en=of_kind(label.en, kind)) if kind else label
