"""What an entry of history tells beside its words, in the reader's language; what is empty is not said."""

import json
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Final

from api.catalogue import knows, say
from api.pages.writing import moment, seat_text
from workflow.messages import formats

_LONGEST: Final = 300
_NAMES: Final = ("audit.data_", "round.date_", "role.")
# What is told of by a key such as `head@unit:VKS-AG`, and what by the name of a round's date.
_SEATS: Final = frozenset({"grants", "key", "asked_key", "unstaffed"})
_DATES: Final = frozenset({"date"})


def data_text(data: Mapping[str, object], locale: str, seats: Mapping[str, str]) -> str:
    """Return what an entry tells as one line, cut where it is long; `seats` are the names of places."""
    text = "; ".join(_parts(data, locale, seats))
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def seats_in(data: Mapping[str, object]) -> Iterator[str]:
    """Yield the places of the keys that an entry tells, such as `unit:VKS-AG`."""
    for name in _SEATS & data.keys():
        told = data[name]
        for key in told if isinstance(told, list) else [told]:
            if isinstance(key, str) and "@" in key:
                yield key.partition("@")[2]


def _parts(data: Mapping[str, object], locale: str, seats: Mapping[str, str]) -> Iterator[str]:
    for name, value in data.items():
        if said := _said(name, value, locale, seats):
            yield f"{_word(name, locale)}: {said}"


def _word(name: str, locale: str) -> str:
    """Say a name; one that has no words yet stays as it was written, and nothing is lost."""
    found = next((f"{space}{name}" for space in _NAMES if knows(f"{space}{name}")), None)
    return say(locale, found) if found else name


def _said(name: str, value: object, locale: str, seats: Mapping[str, str]) -> str:
    match value:
        case None:
            return ""
        case Mapping():
            inner = ", ".join(_parts(value, locale, seats))
            return f"({inner})" if inner else ""
        case list():
            return ", ".join(filter(None, (_said(name, one, locale, seats) for one in value)))
        case str():
            return _line(name, value, locale, seats)
        case bool():
            return say(locale, "audit.said_yes" if value else "audit.said_no")
    return json.dumps(value)


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
    return moment(found, locale) if isinstance(found, datetime) else formats.day(found, locale, short=True)
