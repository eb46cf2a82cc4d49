"""What an entry of history tells beside its words, in the reader's language; what is empty is not said."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

from api.catalogue import knows, say
from api.edge import edge
from api.pages.writing import seat_text
from workflow.messages import formats

_BEGINS: Final = frozenset({"first", "since", "valid_from", "period_from"})
_ENDS: Final = frozenset({"last", "until", "valid_to", "period_to"})
_LONGEST: Final = 300
_NAMES: Final = ("audit.data_", "round.date_", "role.")
# What is told of by a key such as `head@unit:VKS-AG`, by the name of a round's date, by the id of an account.
_SEATS: Final = frozenset({"grants", "key", "asked_key", "unstaffed"})
_DATES: Final = frozenset({"date"})
_PEOPLE: Final = frozenset({"accounts", "assignee", "began", "substitutes"})
# Who had work before, where beside it stands who has it now; elsewhere any value of before.
_HAD: Final = "was"
_HAS: Final = "assignee"


@dataclass(frozen=True, slots=True)
class ToldNames:
    """What places such as `unit:VKS-AG` are called, and the people of accounts."""

    seats: Mapping[str, str] = field(default_factory=dict)
    people: Mapping[int, str] = field(default_factory=dict)


def data_text(data: Mapping[str, object], locale: str, names: ToldNames) -> str:
    """Return what an entry tells as one line, cut where it is long."""
    text = "; ".join(_parts(data, locale, names))
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def seats_in(data: Mapping[str, object]) -> Iterator[str]:
    """Yield the places of the keys that an entry tells, such as `unit:VKS-AG`."""
    for name in _SEATS & data.keys():
        told = data[name]
        for key in told if isinstance(told, list) else [told]:
            if isinstance(key, str) and "@" in key:
                yield key.partition("@")[2]


def accounts_in(data: Mapping[str, object]) -> Iterator[int]:
    """Yield the accounts that an entry tells of, at whatever depth."""
    for name, told in data.items():
        if isinstance(told, Mapping):
            yield from accounts_in(told)
        elif _is_of_people(name, data):
            yield from (one for one in (told if isinstance(told, list) else [told]) if isinstance(one, int))


def _is_of_people(name: str, data: Mapping[str, object]) -> bool:
    return name in _PEOPLE or (name == _HAD and _HAS in data)


def _parts(data: Mapping[str, object], locale: str, names: ToldNames) -> Iterator[str]:
    # The record keeps short names before long ones, so the last day before the first, and parts the two.
    for name, value in sorted(data.items(), key=lambda told: (told[0] in _BEGINS | _ENDS, told[0] in _ENDS)):
        is_named = isinstance(value, Mapping) or _is_of_people(name, data)
        known = names if is_named else ToldNames(names.seats)
        if said := _said(name, value, locale, known):
            yield f"{_word(name, locale)}: {said}"


def _word(name: str, locale: str) -> str:
    """Say a name; one that has no words yet stays as it was written, and nothing is lost."""
    found = next((f"{space}{name}" for space in _NAMES if knows(f"{space}{name}")), None)
    return say(locale, found) if found else name


def _said(name: str, value: object, locale: str, names: ToldNames) -> str:
    match value:
        case None:
            return ""
        case Mapping():
            inner = ", ".join(_parts(value, locale, names))
            return f"({inner})" if inner else ""
        case list():
            return ", ".join(filter(None, (_said(name, one, locale, names) for one in value)))
        case str():
            return _line(name, value, locale, names.seats)
        case bool():
            return say(locale, "audit.said_yes" if value else "audit.said_no")
    return (names.people.get(value) if isinstance(value, int) else None) or json.dumps(value)


def _line(name: str, value: str, locale: str, seats: Mapping[str, str]) -> str:
    if name in _SEATS and "@" in value:
        return seat_text(value, seats, locale)
    return _word(value, locale) if name in _DATES else _instant(value, locale)


def _instant(value: str, locale: str) -> str:
    """Say a day or an instant as people write it; anything else stays as it is."""
    try:
        found = datetime.fromisoformat(value) if "T" in value else date.fromisoformat(value)
    except ValueError:
        return value
    if isinstance(found, datetime):
        # Said in files too, where no blank is tied.
        return formats.moment(found.astimezone(edge().settings.zone), locale)
    return formats.day(found, locale, short=True)
