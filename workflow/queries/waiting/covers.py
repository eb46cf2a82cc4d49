"""Which sums of what is over can stand for the stays that a reader asks about.

Only where so many stays are meant that measuring each would keep its reader waiting; see
docs/adr/0042-sums-of-what-is-over.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import ClassVar, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, func, not_, or_, select, true, tuple_
from sqlalchemy.orm import Session

from workflow.domain.errors import FieldError, InvalidField, Refusal
from workflow.queries.waiting.readers import Reader
from workflow.queries.waiting.visits import Chosen, conditions_of
from workflow.store.database import timezone_of
from workflow.store.nominations import Nomination, Visit
from workflow.store.stay_sums import EVER_STARTS, StaySum, SumSpan, stays_estimated

WORTH_IT: Final = 20_000
"""Of fewer summed stays each is measured: that takes under a tenth of a second, and is exact."""

MOST_MEASURED: Final = 300_000
"""To measure each of more takes longer than a reader waits, and than the database allows."""


_SLACK: Final = 10_000
"""More stays than end between two statements of one question."""


class StaysBeingCounted(Refusal):
    """So many stays are asked about that only their sums can say it, and these are still being made."""

    code: ClassVar[str] = "stays-being-counted"
    status: ClassVar[int] = 409
    title: ClassVar[str] = "Past stays are still being counted"

    def __init__(self, percent: int) -> None:
        """Say how many of a hundred stays are counted already."""
        super().__init__(
            f"After an upgrade the stays of the past are counted once; {percent}% are done. "
            "Ask again in some minutes, or for one round, one unit or a shorter time.",
            percent=str(percent),
        )


@dataclass(frozen=True, slots=True)
class Cover:
    """The sums that stand for stays: of these spans, and over all that began from `since` to `until`.

    `unsummed` is how many stays were in no sum at all when that was asked.
    """

    spans: Sequence[tuple[SumSpan, date]]
    since: datetime | None
    until: datetime | None
    by_unit: bool
    unsummed: int = 0

    within: ClassVar[float] = 0.025

    def left_out(self) -> list[ColumnElement[bool]]:
        """Return the conditions of what has ended and lies in none of the sums; no two hold of the same."""
        edges = (
            Visit.entered_at < self.since if self.since is not None else None,
            Visit.entered_at >= self.until if self.until is not None else None,
        )
        return [self._in_no_sum(), *(and_(Visit.is_summed, edge) for edge in edges if edge is not None)]

    def _in_no_sum(self) -> ColumnElement[bool]:
        """Return the condition of what no sum knows yet, with a bound that only its planner can reach.

        It says how few there are, so that each is looked up and no table read.
        """
        return Visit.id.in_(_unsummed(2 * self.unsummed + _SLACK))

    def holds(self, chosen: Chosen) -> ColumnElement[bool]:
        """Return the condition of the sums that say what is chosen."""
        unit = StaySum.unit_id
        return and_(
            tuple_(StaySum.span, StaySum.starts_on).in_(self.spans),
            unit != 0 if self.by_unit else unit == 0,
            _is_chosen(chosen),
        )


def covering(session: Session, reader: Reader, chosen: Chosen, *, by_unit: bool) -> Cover | None:
    """Return the sums to measure by, None where each stay can be measured or no sum says what is asked.

    Sums know neither rounds nor readers: they serve whoever counts everything. Raises `StaysBeingCounted`
    where they are not made yet of so many stays that each of these would have to be measured, `InvalidField`
    where no sum says what is asked of so many.
    """
    is_for_sums = reader.counts_everything and chosen.round_id is None and chosen.unit_id is None
    if not is_for_sums:
        return None
    unsummed = _unsummed_unless_too_many(session, chosen)
    cover = None if by_unit and chosen.edition_ids else _spans(session, chosen, by_unit=by_unit)
    summed = _visits(session, cover.holds(chosen)) if cover is not None else 0
    if summed < WORTH_IT:
        cover, summed = None, 0
    left_out = [or_(*cover.left_out())] if cover is not None else []
    are_many = _visits(session, _meant(session, chosen)) - summed > MOST_MEASURED
    # Sums are of whole months and years: of less, what would be measured is counted itself.
    if are_many and _are_many(session, *conditions_of(chosen), *left_out):
        message = "asks each stay of too many; choose whole years, one round, one unit or a shorter time"
        raise InvalidField(f"by: {message}", errors=[FieldError("by", message)])
    return replace(cover, unsummed=unsummed) if cover is not None else None


def _is_chosen(chosen: Chosen) -> ColumnElement[bool]:
    award = StaySum.award_edition_id
    return and_(
        award == 0 if chosen.edition_ids is None else award.in_(chosen.edition_ids),
        StaySum.stage == chosen.stage if chosen.stage is not None else true(),
        true() if chosen.definition_ids is None else StaySum.definition_id.in_(chosen.definition_ids),
    )


def _meant(session: Session, chosen: Chosen) -> ColumnElement[bool]:
    """Return the condition of sums of all units: of the months or years in which chosen stays may lie."""
    known = StaySum.unit_id == 0, _is_chosen(chosen)
    if chosen.since is None and chosen.until is None:
        return and_(StaySum.span == SumSpan.EVER, *known)
    is_of_award = chosen.edition_ids is not None
    span, begins = (SumSpan.YEAR, _year_of) if is_of_award else (SumSpan.MONTH, _month_of)
    zone = ZoneInfo(timezone_of(session))
    edges = (
        StaySum.starts_on >= begins(chosen.since.astimezone(zone).date()) if chosen.since else true(),
        StaySum.starts_on < chosen.until.astimezone(zone).date() if chosen.until else true(),
    )
    return and_(StaySum.span == span, *known, *edges)


def _visits(session: Session, condition: ColumnElement[bool]) -> int:
    return int(session.scalar(select(func.sum(StaySum.visits)).where(condition)) or 0)


def _unsummed_unless_too_many(session: Session, chosen: Chosen) -> int:
    """Return how many stays are in no sum yet; refuse to measure each where an upgrade has left too many."""
    unsummed = _count(session, _unsummed(MOST_MEASURED + 1))
    if unsummed <= MOST_MEASURED or not _are_many(session, *conditions_of(chosen)):
        return unsummed
    of_all = StaySum.award_edition_id == 0, StaySum.unit_id == 0
    summed = _visits(session, and_(StaySum.span == SumSpan.EVER, *of_all))
    # What the planner believes: a count of millions takes as long as what is refused here.
    stays = session.scalar(select(stays_estimated())) or 0
    percent = min(99, int(100 * summed / stays)) if stays > 0 else 0
    raise StaysBeingCounted(percent)


def _are_many(session: Session, *conditions: ColumnElement[bool]) -> bool:
    stays = select(Visit.id).join(Nomination, Nomination.id == Visit.nomination_id)
    return _count(session, stays.where(*conditions).limit(MOST_MEASURED + 1)) > MOST_MEASURED


def _unsummed(most: int) -> Select[UUID]:
    """Return so many of the stays that are over and in no sum yet, by the index that has these alone.

    The order chooses the index: a planner that still takes an eighth of all for unsummed, as it does for
    months after an upgrade, would else look for them in all there are.
    """
    is_unsummed = and_(Visit.left_at.is_not(None), not_(Visit.is_summed))
    return select(Visit.id).where(is_unsummed).order_by(Visit.left_at).limit(most)


def _count(session: Session, stays: Select[UUID]) -> int:
    return session.scalar(select(func.count()).select_from(stays.subquery())) or 0


def _spans(session: Session, chosen: Chosen, *, by_unit: bool) -> Cover | None:
    """Return the sums of whole spans, and where they end: of awards and units there are years alone."""
    in_years = by_unit or chosen.edition_ids is not None
    if chosen.since is None and chosen.until is None:
        return Cover([(SumSpan.EVER, EVER_STARTS)], None, None, by_unit)
    years = (func.min(StaySum.starts_on), func.max(StaySum.starts_on))
    row = session.execute(select(*years).where(StaySum.span == SumSpan.YEAR)).one()
    first: date | None = row[0]
    last: date | None = row[1]
    if first is None or last is None:
        return None
    zone = ZoneInfo(timezone_of(session))
    begins = _year_of if in_years else _month_of
    since = chosen.since.astimezone(zone) if chosen.since is not None else None
    until = chosen.until.astimezone(zone) if chosen.until is not None else None
    # Before the first sum and after the last there is nothing to read, however far somebody asks.
    low, high = first, date(last.year + 1, 1, 1)
    if since is not None and since > _midnight(low, zone):
        low = begins(since.date())
        low = low if _midnight(low, zone) == since else _after(low, is_year=in_years)
    if until is not None:
        high = min(high, begins(until.date()))
    if low >= high:
        return None
    return Cover(
        spans=_whole_spans(low, high),
        since=_midnight(low, zone) if since is not None else None,
        until=_midnight(high, zone) if until is not None else None,
        by_unit=by_unit,
    )


def _whole_spans(low: date, high: date) -> list[tuple[SumSpan, date]]:
    """Return the fewest years and months from one first of a month until before another."""
    spans = []
    while low < high:
        is_year = low.month == 1 and date(low.year + 1, 1, 1) <= high
        spans.append((SumSpan.YEAR if is_year else SumSpan.MONTH, low))
        low = _after(low, is_year=is_year)
    return spans


def _after(day: date, *, is_year: bool) -> date:
    months = day.year * 12 + day.month - 1 + (12 if is_year else 1)
    return date(months // 12, months % 12 + 1, 1)


def _year_of(day: date) -> date:
    return date(day.year, 1, 1)


def _month_of(day: date) -> date:
    return date(day.year, day.month, 1)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone)
