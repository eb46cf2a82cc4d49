"""Units with their editions over time, people, clusters of a year, councils."""

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from workflow.store.base import Base, BigKey


class Unit(Base):
    """A unit by its lasting code; everything that changes about it lives in its editions."""

    __tablename__ = "unit"

    id: Mapped[BigKey]
    code: Mapped[str] = mapped_column(unique=True)


class UnitEdition(Base):
    """What a unit was called, where it belonged and whom to telephone, between two days.

    `valid_to` is exclusive; null means until further notice. History reads the edition of its day.
    """

    __tablename__ = "unit_edition"
    __table_args__ = (
        CheckConstraint("valid_to IS NULL OR valid_to > valid_from", name="valid_order"),
        Index("uq_unit_edition_current", "unit_id", unique=True, postgresql_where="valid_to IS NULL"),
    )

    id: Mapped[BigKey]
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    name: Mapped[str]
    name_search: Mapped[str]
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"), index=True)
    officer_name: Mapped[str] = mapped_column(server_default="")
    officer_telephone: Mapped[str] = mapped_column(server_default="")
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]


class Person(Base):
    """A member of staff who can be nominated, may hold an account, and belongs to one unit."""

    __tablename__ = "person"

    id: Mapped[BigKey]
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    name_search: Mapped[str]
    name_sort: Mapped[str]
    position: Mapped[str] = mapped_column(server_default="")
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)


class Cluster(Base):
    """A cluster or block of one year; numbering changes by year, so the key is year, owner, number."""

    __tablename__ = "cluster"
    __table_args__ = (UniqueConstraint("year", "owner_unit_id", "number"),)

    id: Mapped[BigKey]
    code: Mapped[str] = mapped_column(unique=True)
    year: Mapped[int]
    owner_unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    number: Mapped[int]
    name: Mapped[str]


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
