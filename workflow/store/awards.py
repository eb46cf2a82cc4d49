"""Published definitions, awards with their editions, campaigns, rounds."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from workflow.domain.vocabulary import RoundDate, SubjectKind
from workflow.store.base import Base, BigKey, known, object_in

_DATES = "|".join(RoundDate)


class WorkflowDefinition(Base):
    """One published definition; never changed, because every nomination pins the one it started on."""

    __tablename__ = "workflow_definition"
    __table_args__ = (object_in("content"), UniqueConstraint("key", "version"))

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
    """An award's names, kind and route under one legal regime, by content hash.

    `level` says whose decision it is (base, base_or_sector, sector, state); `papers` which papers its dossier
    needs; `vote_percent` how many of all council members must be in favour, null for more than half.
    """

    __tablename__ = "award_edition"
    __table_args__ = (known("subject_kind", SubjectKind), UniqueConstraint("award_id", "content_hash"))

    id: Mapped[BigKey]
    award_id: Mapped[int] = mapped_column(ForeignKey("award.id"), index=True)
    regime: Mapped[str]
    name_vi: Mapped[str]
    name_en: Mapped[str]
    subject_kind: Mapped[str]
    workflow_key: Mapped[str]
    level: Mapped[str] = mapped_column(server_default="base")
    papers: Mapped[list[str]] = mapped_column(ARRAY(Text()), server_default="{}")
    vote_percent: Mapped[int | None]
    content_hash: Mapped[str]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]


class Campaign(Base):
    """A movement (phong trào thi đua): a theme in a tree, launched by a directive."""

    __tablename__ = "campaign"

    id: Mapped[BigKey]
    code: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]
    year: Mapped[int]
    owner_unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("campaign.id"), index=True)
    directive_number: Mapped[str] = mapped_column(server_default="")
    directive_on: Mapped[date | None]
    created_at: Mapped[datetime]


class Round(Base):
    """One consideration (đợt xét): a period's achievements, the unit that runs it and its council.

    `dates` maps the round's dates by name (`unit_deadline`, `upper_deadline`, ...) to ISO days; a unit's own
    `unit_deadline` is its expected return's. A round without rows in `round_award` covers every award.
    `reminders_id` is the definition whose ladder reminds units of what they owe, null for the usual one.
    """

    __tablename__ = "round"
    __table_args__ = (
        CheckConstraint("period_to >= period_from", name="period_order"),
        object_in("dates"),
        CheckConstraint(
            "NOT jsonb_path_exists(dates, '$.keyvalue() ? "
            f'(!(@.key like_regex "^({_DATES})$") || @.value.type() != "string" '
            """|| !(@.value like_regex "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"))')""",
            name="dates_known",
        ),
    )

    id: Mapped[BigKey]
    code: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]
    year: Mapped[int]
    owner_unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    council_id: Mapped[int | None] = mapped_column(ForeignKey("council.id"))
    campaign_id: Mapped[int | None] = mapped_column(ForeignKey("campaign.id"), index=True)
    previous_id: Mapped[int | None] = mapped_column(ForeignKey("round.id"))
    reminders_id: Mapped[int | None] = mapped_column(ForeignKey("workflow_definition.id"))
    period_from: Mapped[date | None]
    period_to: Mapped[date | None]
    dates: Mapped[dict[str, object]] = mapped_column(server_default="{}")
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


class RoundAward(Base):
    """An award that a round covers."""

    __tablename__ = "round_award"

    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"), primary_key=True)
    award_id: Mapped[int] = mapped_column(ForeignKey("award.id"), primary_key=True)
