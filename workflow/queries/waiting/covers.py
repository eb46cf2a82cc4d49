"""Which sums of what is over can stand for the stays that a reader asks about.

Only where so many stays are meant that measuring each would keep its reader waiting; see
docs/adr/0042-sums-of-what-is-over.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, ClassVar, Final
from zoneinfo import ZoneInfo

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    func,
    not_,
    or_,
    select,
    tuple_,
)
from sqlalchemy.orm import Session

from workflow.domain.rights.scope import Scope
from workflow.queries.waiting.visits import Chosen
from workflow.store.awards import Round
from workflow.store.database import timezone_of
from workflow.store.nominations import Nomination, Visit
from workflow.store.organisation import Unit
from workflow.store.stay_sums import EVER_STARTS, StaySum, SumSpan
from workflow.store.visible import rounds_run_by

WORTH_IT: Final = 200_000
"""Of fewer summed stays each is measured: that takes under a second, and is exact."""


@dataclass(frozen=True, slots=True)
class Cover:
    """The sums that stand for stays: of these spans, and over all that began from `since` to `until`."""

    spans: Sequence[tuple[SumSpan, date]]
    since: datetime | None
    until: datetime | None
    by_unit: bool

    within: ClassVar[float] = 0.025

    def is_left_out(self) -> ColumnElement[bool]:
        """Return the condition of stays that lie in none of the sums."""
        edges = [
            edge
            for edge in (
                Visit.entered_at < self.since if self.since is not None else None,
                Visit.entered_at >= self.until if self.until is not None else None,
            )
            if edge is not None
        ]
        unsummed = and_(Visit.left_at.is_not(None), not_(Visit.is_summed))
        return or_(Visit.left_at.is_(None), unsummed, *edges)

    def holds(self) -> ColumnElement[bool]:
        """Return the condition of the sums."""
        return and_(
            tuple_(StaySum.span, StaySum.starts_on).in_(self.spans),
            StaySum.award_edition_id == 0 if self.by_unit else StaySum.unit_id == 0,
        )


def covering(session: Session, scope: Scope, chosen: Chosen, *, by_unit: bool) -> Cover | None:
    """Return the sums to measure by, None where each stay can be measured or no sum says what is asked.

    Sums know neither rounds nor readers: they serve whoever counts everything.
    """
    has_sums = chosen.round_id is None and chosen.unit_id is None and not (by_unit and chosen.edition_ids)
    if not has_sums:
        return None
    cover = _spans(session, chosen, by_unit=by_unit)
    if cover is None:
        return None
    summed = session.scalar(select(func.sum(StaySum.visits)).where(cover.holds(), *conditions_of(chosen)))
    if (summed or 0) < WORTH_IT or not _counts_everything(session, scope):
        return None
    return cover


def _spans(session: Session, chosen: Chosen, *, by_unit: bool) -> Cover | None:
    if chosen.since is None and chosen.until is None:
        return Cover([(SumSpan.EVER, EVER_STARTS)], None, None, by_unit)
    years = (func.min(StaySum.starts_on), func.max(StaySum.starts_on))
    row = session.execute(select(*years).where(StaySum.span == SumSpan.YEAR)).one()
    first: date | None = row[0]
    last: date | None = row[1]
    if first is None or last is None:
        return None
    zone = ZoneInfo(timezone_of(session))
    # Of units there are sums of whole years alone: most months of a unit have a handful of stays.
    begins = _year_of if by_unit else _month_of
    since = chosen.since.astimezone(zone) if chosen.since is not None else None
    until = chosen.until.astimezone(zone) if chosen.until is not None else None
    low, high = first, date(last.year + 1, 1, 1)
    if since is not None:
        low = begins(since.date())
        low = low if _midnight(low, zone) == since else _after(low, by_unit=by_unit)
    if until is not None:
        high = begins(until.date())
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
        low = _after(low, by_unit=is_year)
    return spans


def _after(day: date, *, by_unit: bool) -> date:
    months = day.year * 12 + day.month - 1 + (12 if by_unit else 1)
    return date(months // 12, months % 12 + 1, 1)


def _year_of(day: date) -> date:
    return date(day.year, 1, 1)


def _month_of(day: date) -> date:
    return date(day.year, day.month, 1)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone)


def _counts_everything(session: Session, scope: Scope) -> bool:
    """Return whether none lies outside: of a unit that is not covered, in a round that is not run."""
    if scope.is_everything or scope.counts_everything:
        return True
    covered = sorted(scope.units | scope.counted)
    outside: Select[int] = (
        select(Round.id)
        .join(Unit, Unit.id.not_in(covered))
        .where(
            Round.id.not_in(rounds_run_by(scope.seats)),
            select(Nomination.id)
            .where(Nomination.round_id == Round.id, Nomination.unit_id == Unit.id)
            .exists(),
        )
    )
    return not session.scalar(select(outside.exists()))


def conditions_of(chosen: Chosen) -> list[ColumnElement[bool]]:
    """Return the conditions that the filters set for the sums."""
    tests: tuple[tuple[Any, Any], ...] = (
        (StaySum.stage.__eq__, chosen.stage),
        (StaySum.award_edition_id.in_, chosen.edition_ids),
        (StaySum.definition_id.in_, chosen.definition_ids),
    )
    return [test(value) for test, value in tests if value is not None]
