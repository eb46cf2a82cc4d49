"""What people and collectives were given before: awards out of lists that somebody kept elsewhere."""

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

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
