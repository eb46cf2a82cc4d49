"""What a list is narrowed to, in words: whoever came by a link chose nothing, and its fields are folded."""

from collections.abc import Iterable
from typing import Final

from api.catalogue import say
from api.pages.writing import award
from workflow.domain.time.typed_days import read_day
from workflow.messages.formats import day
from workflow.queries.choices import FilterChoices

_BETWEEN: Final = "; "


def narrowed_to(said: Iterable[str | None]) -> str:
    """Return conditions in words as one text, empty where there is none."""
    return _BETWEEN.join(word for word in said if word)


def within_days(first: str, last: str, locale: str) -> list[str]:
    """Return from and until which day is asked for; the days are ones that can be read, or empty."""
    ends = (("from", first), ("to", last))
    return [
        say(locale, f"bottlenecks.narrowed_{end}", day=day(read_day(typed), locale))
        for end, typed in ends
        if typed
    ]


def called(
    choices: FilterChoices,
    locale: str,
    *,
    unit: str | None = None,
    round_code: str | None = None,
    award_code: str | None = None,
) -> list[str]:
    """Return what the unit, round and award of an address are called; a code that nobody has as it is."""
    units = {item.code: item.name for item in choices.units}
    rounds = {item.code: item.name for item in choices.rounds}
    awards = {item.code: award(item.title, locale) for item in choices.awards}
    named = ((units, unit), (rounds, round_code), (awards, award_code))
    return [names.get(code, code) for names, code in named if code]
