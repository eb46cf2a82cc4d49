"""Why something is due when it is, in one sentence of either language."""

from collections.abc import Iterator, Sequence
from datetime import date

from workflow.domain.time.days import cited_paper
from workflow.domain.time.hours import HoursPeriod
from workflow.domain.time.periods import TimeUnit
from workflow.domain.time.reasons import ClosingHour, DueBasis, DueReason, SkippedDays
from workflow.words.catalogue import word
from workflow.words.days import day_name, day_words


def due_sentence(reason: DueReason, locale: str) -> str:
    """Return the reason in words, without a capital and without a full stop, as after a colon."""
    return ", ".join(_clauses(reason, locale))


def _clauses(reason: DueReason, locale: str) -> Iterator[str]:
    yield _basis(reason, locale)
    if reason.doubled is not None:
        one, asked_on = reason.doubled, day_words(reason.doubled.asked_on, locale)
        key = _of_unit("doubled" if one.office else "doubled_unnamed", reason.unit)
        yield _say(locale, key, count=one.count, office=one.office, day=asked_on)
    if reason.first_due_on is not None:
        yield _say(locale, "first", day=day_words(reason.first_due_on, locale))
    if reason.skipped:
        runs = [_off(run, reason.due_on, locale) for run in reason.skipped]
        yield _say(locale, "skipped", days=_listed(runs, locale))
    if reason.worked:
        days = [day_words(day, locale, of_year=reason.due_on.year) for day in reason.worked]
        yield _say(locale, "worked", days=_listed(days, locale))
    if reason.hours is not None:
        why = _cited(reason.hours, locale)
        yield _say(locale, "open_why" if why else "open", hours=reason.hours.hours, why=why)
    if reason.closing is not None:
        why = _cited(reason.closing, locale)
        yield _say(locale, "closes_why" if why else "closes", hour=f"{reason.closing.at:%H:%M}", why=why)
    for doubt in reason.doubts:
        yield _say(locale, doubt.state, year=doubt.year)


def _basis(reason: DueReason, locale: str) -> str:
    of_round = _say(locale, reason.round_date) if reason.round_date else ""
    start = day_words(reason.counted_from, locale) if reason.counted_from else ""
    if reason.counted_at is not None:
        start = _say(locale, "clock", hour=f"{reason.counted_at:%H:%M}", day=start)
    if reason.basis is DueBasis.UNTOLD or reason.count is None:
        return _say(locale, reason.basis, date=of_round)
    unit = reason.unit.removesuffix("s") if reason.count == 1 else reason.unit
    days = _say(locale, unit, count=reason.count)
    basis = _of_unit(reason.basis, reason.unit)
    return _say(locale, basis, days=days, given=reason.given, start=start, date=of_round)


def _of_unit(key: str, unit: TimeUnit) -> str:
    """Return the words of a count of days, or those of hours."""
    return f"{key}_hours" if unit is TimeUnit.WORKING_HOURS else key


def _cited(said: ClosingHour | HoursPeriod, locale: str) -> str:
    return "; ".join(part for part in (said.name, _decision(said.decision, locale)) if part)


def _decision(said: str, locale: str) -> str:
    """Return what a day rests on, a date in it written as the reader does."""
    paper = cited_paper(said)
    if paper is None:
        return said
    return _say(locale, "paper", number=paper.number, day=day_words(paper.signed_on, locale))


def _off(run: SkippedDays, due_on: date, locale: str) -> str:
    days = day_words(run.first, locale, of_year=due_on.year)
    if run.last != run.first:
        days = _say(locale, "run", first=days, last=day_words(run.last, locale, of_year=due_on.year))
    name = day_name(run.name, locale)
    why = "; ".join(part for part in (name, _decision(run.decision, locale)) if part)
    return _say(locale, "days_off", days=days, why=why) if why else days


def _listed(parts: Sequence[str], locale: str) -> str:
    *first, last = parts
    return _say(locale, "list_and").join(part for part in (", ".join(first), last) if part)


def _say(locale: str, key: str, **parts: object) -> str:
    return word(locale, f"due_why.{key}", **parts)
