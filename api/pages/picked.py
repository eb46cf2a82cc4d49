"""Names that were ticked, as an address carries them: `12-40,45` for a list of many."""

from collections.abc import Iterable
from contextlib import suppress
from typing import Final

from workflow.domain.errors import InvalidField
from workflow.domain.numerals import whole_number
from workflow.operations.nominations.decide_many import MOST_AT_ONCE

_FIELD: Final = "names"


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
