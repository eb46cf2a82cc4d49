"""What people and collectives were given before, and what was said of people year by year."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from workflow.domain.eligibility.facts import FactKind, FactSource
from workflow.domain.vocabulary import SubjectKind
from workflow.store.base import Base, BigKey, known


class PastAward(Base):
    """An award of a year that a list says was given: to whom, by which decision, in which unit then.

    `person_id` is null for a collective, and for somebody nobody here is known by that name. `unit_id` is the
    unit then where it is known under that code or name, of a collective the unit that it is; `unit_name` as
    the list has it. Nominations that were decided here are no rows of it (docs/adr/0070).
    """

    __tablename__ = "past_award"
    __table_args__ = (
        known("subject_kind", SubjectKind),
        CheckConstraint("person_id IS NULL OR subject_kind = 'person'", name="person_of_person"),
        Index(
            "uq_past_award_person",
            "person_id", "award_id", "year",
            unique=True,
            postgresql_where="person_id IS NOT NULL",
        ),
        Index(
            "uq_past_award_unknown",
            "award_id", "year", "name_search", "unit_search",
            unique=True,
            postgresql_where="person_id IS NULL",
        ),
        Index("ix_past_award_list", "award_id", "year"),
        Index("ix_past_award_unit_id", "unit_id", "award_id", "year", postgresql_where="unit_id IS NOT NULL"),
    )  # fmt: skip

    id: Mapped[BigKey]
    award_id: Mapped[int] = mapped_column(ForeignKey("award.id"))
    year: Mapped[int]
    subject_kind: Mapped[str]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    subject_name: Mapped[str]
    name_search: Mapped[str]
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    unit_name: Mapped[str]
    unit_search: Mapped[str]
    number: Mapped[str] = mapped_column(server_default="")
    decided_on: Mapped[date | None]


class PersonFact(Base):
    """One thing that was said of somebody, in `slot` what it answers; of each slot one stands.

    It is never changed: who says it otherwise replaces it (`replaced_at`), and both stay with who said them.
    `said_by` is null for the command line.
    """

    __tablename__ = "person_fact"
    __table_args__ = (
        known("kind", FactKind),
        known("source", FactSource),
        CheckConstraint("months BETWEEN 0 AND 12", name="months_of_a_year"),
        CheckConstraint("until_on >= from_on", name="days_in_order"),
        Index(
            "uq_person_fact_slot",
            "person_id", "kind", "slot",
            unique=True,
            postgresql_where="replaced_at IS NULL",
        ),
        Index("ix_person_fact_said_by", "said_by", postgresql_where="said_by IS NOT NULL"),
        Index("ix_person_fact_person_id", "person_id", "id"),
    )  # fmt: skip

    id: Mapped[BigKey]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    kind: Mapped[str]
    slot: Mapped[str]
    year: Mapped[int]
    value: Mapped[str] = mapped_column(server_default="")
    months: Mapped[int | None]
    number: Mapped[str] = mapped_column(server_default="")
    from_on: Mapped[date | None]
    until_on: Mapped[date | None]
    source: Mapped[str]
    said_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    said_at: Mapped[datetime]
    replaced_at: Mapped[datetime | None]


class FactQuestion(Base):
    """A fact that is asked of the unit where somebody is, until a day; open until it is said.

    `event_id`: by which it was asked; of what was asked before letters told of it there is none.

    Whose unit that is, is asked of today: who moves takes their open questions along.
    """

    __tablename__ = "fact_question"
    __table_args__ = (
        known("kind", FactKind),
        Index(
            "uq_fact_question_open",
            "person_id", "kind", "year",
            unique=True,
            postgresql_where="answered_at IS NULL",
        ),
        Index("ix_fact_question_person_id", "person_id"),
        Index("ix_fact_question_asked_by", "asked_by"),
        Index("uq_fact_question_event_id", "event_id", unique=True),
    )  # fmt: skip

    id: Mapped[BigKey]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    kind: Mapped[str]
    year: Mapped[int]
    due_on: Mapped[date]
    asked_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    asked_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    event_id: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("event.id"))
