"""Published definitions, awards with their editions, rounds."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from workflow.store.base import Base, BigKey


class WorkflowDefinition(Base):
    """One published definition; never changed, because every nomination pins the one it started on."""

    __tablename__ = "workflow_definition"
    __table_args__ = (UniqueConstraint("key", "version"),)

    id: Mapped[BigKey]
    key: Mapped[str]
    version: Mapped[int]
    content_hash: Mapped[str] = mapped_column(unique=True)
    content: Mapped[dict[str, object]]
    published_at: Mapped[datetime]


class Award(Base):
    """A title or form of commendation by its lasting code."""

    __tablename__ = "award"

    id: Mapped[BigKey]
    code: Mapped[str] = mapped_column(unique=True)


class AwardEdition(Base):
    """An award's names, kind and route under one legal regime, by content hash."""

    __tablename__ = "award_edition"
    __table_args__ = (UniqueConstraint("award_id", "content_hash"),)

    id: Mapped[BigKey]
    award_id: Mapped[int] = mapped_column(ForeignKey("award.id"), index=True)
    regime: Mapped[str]
    name_vi: Mapped[str]
    name_en: Mapped[str]
    subject_kind: Mapped[str]
    workflow_key: Mapped[str]
    content_hash: Mapped[str]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]


class Round(Base):
    """One consideration (đợt xét): a year's achievements, the unit that runs it and its council."""

    __tablename__ = "round"

    id: Mapped[BigKey]
    code: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]
    year: Mapped[int]
    owner_unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    council_id: Mapped[int | None] = mapped_column(ForeignKey("council.id"))
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
