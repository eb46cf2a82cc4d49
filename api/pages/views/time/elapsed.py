"""How long something took, or has so far, as pages say it: net in working time, gross by the calendar."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from math import ceil
from typing import Final

from api.pages.frame.together import say_on_page
from api.pages.writing import day_of, working_days
from workflow.domain.time.hours import WORKING_DAY_MINUTES
from workflow.domain.time.parties import Party
from workflow.messages import formats
from workflow.queries.nominations.clocks import ClocksView, PartyTime, TimeSpent

_HOUR: Final = 60


@dataclass(frozen=True, slots=True)
class PartyLine:
    """What one party had: whose, and both times in words; `is_before` the dossier was complete."""

    label: str
    times: str
    is_before: bool = False


@dataclass(frozen=True, slots=True)
class ShownClocks:
    """The two clocks of a nomination in words; `started_on` is None while they have not begun."""

    text: str
    reason: str
    started_on: date | None
    net: str
    gross: str
    lines: tuple[PartyLine, ...]


def shown_clocks(clocks: ClocksView | None, kind: str | None, locale: str) -> ShownClocks | None:
    """Return the clocks of a nomination in words; `kind` is that of its unit's cluster."""
    if clocks is None:
        return None
    return ShownClocks(
        text=clocks.text.of_kind(kind).text(locale),
        reason=clocks.reason or "",
        started_on=day_of(clocks.started_at) if clocks.started_at else None,
        net=net_time(clocks.net.working_minutes, locale),
        gross=calendar_days(clocks.gross.calendar_days, locale),
        lines=tuple(line for one in clocks.parties for line in _lines(one, kind, locale)),
    )


def both_times(days: int, calendar: int, locale: str) -> str:
    """Say full working days with the days of the calendar behind them: "3 working days (5 calendar days)"."""
    return say_on_page(
        locale, "span.both", net=working_days(days, locale), gross=calendar_days(calendar, locale)
    )


def net_time(minutes: int, locale: str) -> str:
    """Say working minutes in days, to a tenth; in hours, rounded up, only under a day."""
    if minutes < WORKING_DAY_MINUTES:
        return say_on_page(locale, "span.hours", count=ceil(minutes / _HOUR))
    days = round(minutes / WORKING_DAY_MINUTES, 1)
    return say_on_page(locale, "span.working_days", count=formats.number(days, locale))


def calendar_days(count: int, locale: str) -> str:
    """Say so many days of the calendar."""
    return say_on_page(locale, "span.calendar_days", count=formats.number(count, locale))


def _lines(one: PartyTime, kind: str | None, locale: str) -> Iterator[PartyLine]:
    words = one.label.of_kind(kind).text(locale)
    label = words[:1].upper() + words[1:]
    has_drafted = one.before != TimeSpent(0, 0, 0)
    if has_drafted:
        yield _line(label, one.before, locale, is_before=True)
    if not has_drafted or one.party is not Party.NOMINATOR or one.spent != TimeSpent(0, 0, 0):
        yield _line(label, one.spent, locale)


def _line(label: str, spent: TimeSpent, locale: str, *, is_before: bool = False) -> PartyLine:
    net, gross = net_time(spent.working_minutes, locale), calendar_days(spent.calendar_days, locale)
    return PartyLine(label, say_on_page(locale, "span.both", net=net, gross=gross), is_before)
