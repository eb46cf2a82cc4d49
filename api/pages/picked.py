"""Names that were ticked, as an address carries them: `12-40,45` for a list of many; what each is picked for.

A form has a field `pick-12` for each name, whose value is an action; an address has `approve:12-40,45`.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Final

from workflow.domain.errors import InvalidField
from workflow.domain.numerals import whole_number
from workflow.operations.nominations.decide_many import MOST_AT_ONCE

_FIELD: Final = "names"
PICK: Final = "pick-"
"""What the field of a name is called before its number."""

Picks = Mapping[int, str]
"""An action for each name that was picked."""


def write_picked(ids: Iterable[int]) -> str:
    """Return ids in order, those that follow one another as the first and the last of them."""
    runs: list[list[int]] = []
    for number in sorted(set(ids)):
        if runs and number == runs[-1][-1] + 1:
            runs[-1][1:] = [number]
        else:
            runs.append([number])
    return ",".join("-".join(map(str, run)) for run in runs)


def read_picked(text: str) -> frozenset[int]:
    """Return the ids that a text names, at most as many as one request may; what is none is passed over."""
    found: set[int] = set()
    for part in text.split(","):
        first, _, last = part.partition("-")
        with suppress(InvalidField):
            start = whole_number(first, field=_FIELD)
            end = whole_number(last or first, field=_FIELD)
            found.update(range(start, min(end + 1, start + MOST_AT_ONCE - len(found))))
    return frozenset(found)


def picks_in(form: Iterable[tuple[str, str]]) -> dict[int, str]:
    """Return what a form picks for each name, at most for as many as one request may name."""
    found: dict[int, str] = {}
    for name, action in form:
        if name.startswith(PICK) and action and len(found) < MOST_AT_ONCE:
            with suppress(InvalidField):
                found[whole_number(name.removeprefix(PICK), field=_FIELD)] = action
    return found


def write_picks(picks: Picks) -> list[str]:
    """Return what was picked as an address has it, one text for each action."""
    named: dict[str, list[int]] = defaultdict(list)
    for nomination_id, action in picks.items():
        named[action].append(nomination_id)
    return [f"{action}:{write_picked(ids)}" for action, ids in named.items()]


def read_picks(texts: Sequence[str]) -> dict[int, str]:
    """Return what the texts of an address pick; of a name that two of them name the last holds."""
    found: dict[int, str] = {}
    for text in texts:
        action, _, ids = text.rpartition(":")
        if action:
            found |= dict.fromkeys(sorted(read_picked(ids)), action)
    return dict(list(found.items())[:MOST_AT_ONCE])


def write_seen(versions: Mapping[int, int]) -> str:
    """Return the version in which each name was seen, as one field of a form carries them."""
    return ",".join(f"{nomination_id}.{version}" for nomination_id, version in versions.items())


def read_seen(text: str) -> dict[int, int]:
    """Return the versions that a field says names were seen in; what is none is passed over."""
    found: dict[int, int] = {}
    for part in text.split(",")[:MOST_AT_ONCE]:
        nomination_id, _, version = part.partition(".")
        with suppress(InvalidField):
            found[whole_number(nomination_id, field=_FIELD)] = whole_number(version, field=_FIELD)
    return found
