"""Units with their editions over time, people, clusters of a year, councils."""

from collections.abc import Callable, Mapping
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, func, literal_column
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy.orm import Mapped, mapped_column

from workflow.domain.clusters.officers import ClusterKind, Headed
from workflow.domain.names import title_sort
from workflow.store.base import Base, BigKey, known


def _sorted_by(column: str) -> Callable[[DefaultExecutionContext], str]:
    """Return the default of a sort key: that of another column of the same row."""

    def key(context: DefaultExecutionContext) -> str:
        given: Mapping[str, str] = context.get_current_parameters()  # type: ignore[no-untyped-call]  # SQLAlchemy gives it no types
        return title_sort(given[column])

    return key


class Unit(Base):
    """A unit by its lasting code; what history reads of it as of a day lives in its editions.

    `mailbox` gets copies of the letters about work to those who sit there (docs/adr/0056).
    """

    __tablename__ = "unit"

    id: Mapped[BigKey]
    code: Mapped[str] = mapped_column(unique=True)
    code_sort: Mapped[str] = mapped_column(default=_sorted_by("code"))
    mailbox: Mapped[str | None]


class UnitEdition(Base):
    """What a unit was called, where it belonged and whom to telephone, between two days.

    `valid_to` is exclusive; null means until further notice. History reads the edition of its day. A unit
    whose last edition has ended is no more: nobody is asked for it again, and what it left is read by that
    edition's name. `named_until` is the day from which the next edition names it, null in the last.
    """

    __tablename__ = "unit_edition"
    __table_args__ = (
        CheckConstraint("valid_to IS NULL OR valid_to > valid_from", name="valid_order"),
        CheckConstraint("named_until IS NULL OR named_until >= valid_to", name="named_while_valid"),
        Index("uq_unit_edition_current", "unit_id", unique=True, postgresql_where="valid_to IS NULL"),
        Index("uq_unit_edition_last", "unit_id", unique=True, postgresql_where="named_until IS NULL"),
    )

    id: Mapped[BigKey]
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    name: Mapped[str]
    name_search: Mapped[str]
    name_sort: Mapped[str] = mapped_column(default=_sorted_by("name"))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"), index=True)
    officer_name: Mapped[str] = mapped_column(server_default="")
    officer_telephone: Mapped[str] = mapped_column(server_default="")
    officer_email: Mapped[str] = mapped_column(server_default="")
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    named_until: Mapped[date | None]


class Person(Base):
    """A member of staff who can be nominated, may hold an account, and belongs to one unit.

    Two of one name are told apart by `born_on`, null where nobody said it. `managed_by_unit_id` is the unit
    whose head decides on them where it is not the round's own: the deciding authority depends on the award
    and on who manages the nominee. `left_on` is the first day on which they are of the staff no more; they
    can still be proposed, by who names them.
    """

    __tablename__ = "person"
    __table_args__ = (
        Index(
            "ix_person_managed_by_unit_id",
            "managed_by_unit_id",
            postgresql_where="managed_by_unit_id IS NOT NULL",
        ),
        Index("ix_person_trigrams", func.trigrams(literal_column("name_search")), postgresql_using="gin"),
    )

    id: Mapped[BigKey]
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    name_search: Mapped[str]
    name_sort: Mapped[str]
    position: Mapped[str] = mapped_column(server_default="")
    born_on: Mapped[date | None]
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    managed_by_unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    left_on: Mapped[date | None]


class Cluster(Base):
    """A cluster or block of one year; numbering changes by year, so the key is year, owner, number.

    Head and deputy are member units, appointed by the owner or elected by the members (`headed_how`), in
    office from the day `officers_from`. Who sits there are rows of `grant` (docs/adr/0025).
    """

    __tablename__ = "cluster"
    __table_args__ = (
        UniqueConstraint("year", "owner_unit_id", "number"),
        CheckConstraint("head_unit_id <> deputy_unit_id", name="two_officers"),
        known("kind", ClusterKind),
        known("headed_how", Headed),
    )

    id: Mapped[BigKey]
    code: Mapped[str] = mapped_column(unique=True)
    year: Mapped[int]
    owner_unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    number: Mapped[int]
    name: Mapped[str]
    kind: Mapped[str] = mapped_column(server_default="cluster")
    head_unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    deputy_unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    headed_how: Mapped[str | None]
    officers_from: Mapped[date | None]


class BarredUnit(Base):
    """A unit that was not considered for emulation in a year: it may not head a cluster in the next one."""

    __tablename__ = "barred_unit"

    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True)
    reason: Mapped[str]
    entered_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    entered_at: Mapped[datetime]


class ClusterMember(Base):
    """A unit's place in a cluster; unique per year and owner through the cluster it names."""

    __tablename__ = "cluster_member"
    __table_args__ = (UniqueConstraint("unit_id", "year", "owner_unit_id"),)

    cluster_id: Mapped[int] = mapped_column(ForeignKey("cluster.id"), primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    year: Mapped[int]
    owner_unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))


class Council(Base):
    """The emulation and commendation council of a unit; it advises and never decides."""

    __tablename__ = "council"

    id: Mapped[BigKey]
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), unique=True)
    name: Mapped[str]
