"""Sums of stays that are over: hints, made of `visit` by the sweep, which could be thrown away and made anew.

See docs/adr/0042-sums-of-what-is-over.md.
"""

from datetime import date
from enum import StrEnum
from math import log
from typing import Final

from sqlalchemy import (
    ColumnElement,
    ForeignKey,
    SmallInteger,
    UniqueConstraint,
    case,
    cast,
    column,
    func,
    literal,
    select,
    table,
)
from sqlalchemy.dialects.postgresql import ARRAY, REGCLASS
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import Float, Integer

from workflow.store.base import Base, BigKey, known

EVER_STARTS: Final = date(1, 1, 1)
GROWTH: Final = 1.05
NOTHING: Final = -(2**15)
"""The bucket of what took no time."""


_pg_class: Final = table("pg_class", column("oid"), column("reltuples", Float))


class SumSpan(StrEnum):
    """How long a time one sum covers: all there is, or the stays that began in one year or month."""

    EVER = "ever"
    YEAR = "year"
    MONTH = "month"


class Measure(StrEnum):
    """What is measured of a stay, by the clock or in working time: all of it, the wait, the rest."""

    WHOLE = "whole"
    WAITING = "waiting"
    SERVICE = "service"
    WORKING_WHOLE = "working_whole"
    WORKING_WAITING = "working_waiting"
    WORKING_SERVICE = "working_service"


class StaySum(Base):
    """The summed stays of one step that began in one span: of all, of an award's edition, or of a unit.

    `award_edition_id` and `unit_id` are 0 where all are meant; months are summed of all alone. `late` is of
    those that were `dated`, `again` of those that were not the first of their nomination; the longest
    finished ones are kept exactly.
    """

    __tablename__ = "stay_sum"
    __table_args__ = (
        known("span", SumSpan),
        UniqueConstraint(
            "span", "starts_on", "unit_id", "award_edition_id", "definition_id", "step", "stage",
            name="uq_stay_sum_of",
        ),
    )  # fmt: skip

    id: Mapped[BigKey]
    span: Mapped[str]
    starts_on: Mapped[date]
    award_edition_id: Mapped[int]
    unit_id: Mapped[int]
    definition_id: Mapped[int]
    step: Mapped[str]
    stage: Mapped[str]
    visits: Mapped[int]
    finished: Mapped[int]
    dated: Mapped[int]
    late: Mapped[int]
    again: Mapped[int]
    longest_seconds: Mapped[float | None] = mapped_column(Float)
    longest_minutes: Mapped[int | None]


class StaySpread(Base):
    """How one measure of a sum is spread: in bucket `b` lie the stays of 1.05^b up to 1.05^(b+1) seconds.

    `buckets` are in order, and beside each stands how many stays lie `upto` it, itself included; the lowest
    bucket of all holds those that took no time.
    """

    __tablename__ = "stay_spread"

    sum_id: Mapped[int] = mapped_column(ForeignKey("stay_sum.id"), primary_key=True)
    measure: Mapped[str] = mapped_column(primary_key=True)
    buckets: Mapped[list[int]] = mapped_column(ARRAY(SmallInteger))
    upto: Mapped[list[int]] = mapped_column(ARRAY(Integer))


def bucket_of(seconds: ColumnElement[float]) -> ColumnElement[int]:
    """Return the bucket that a time lies in."""
    return case((seconds <= 0, NOTHING), else_=cast(func.floor(func.ln(seconds) / log(GROWTH)), SmallInteger))


def seconds_in(bucket: ColumnElement[int]) -> ColumnElement[float]:
    """Return the seconds that stand for a bucket: off by at most 2.44 % of any time that lies in it."""
    middle = func.power(literal(GROWTH, Float), cast(bucket, Float) + 1, type_=Float) * (2 / (1 + GROWTH))
    return case((bucket == NOTHING, literal(0.0, Float)), else_=middle)


def stays_estimated() -> ColumnElement[int]:
    """Return about how many stays there are, as the planner believes; -1 before it has looked."""
    regclass = cast(literal("visit"), REGCLASS)
    return select(_pg_class.c.reltuples).where(_pg_class.c.oid == regclass).scalar_subquery()
