"""Where the header of a table is: below titles, and over as many lines as its merged cells reach."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from workflow.imports.reading.columns import ImportKind, columns_named
from workflow.imports.rows import Row

_LOOKED_AT: Final = 20


@dataclass(frozen=True, slots=True)
class HeaderPlace:
    """The header as one row, the number of the row after it, and how many columns it names.

    `is_whole` says that no column that must be there is missing.
    """

    header: Row
    after: int
    known_count: int
    is_whole: bool


def find_header(kind: ImportKind, rows: Sequence[Row]) -> HeaderPlace:
    """Find the first row that names all that is needed, else the one that names most, else the first."""
    places = [_place(kind, rows, number) for number in range(min(len(rows), _LOOKED_AT))]
    if not places:
        return HeaderPlace(Row(1, ()), 0, 0, is_whole=False)
    whole = next((place for place in places if place.is_whole), None)
    most = max(places, key=lambda place: place.known_count)
    return whole or (most if most.known_count > 1 else places[0])


def _place(kind: ImportKind, rows: Sequence[Row], number: int) -> HeaderPlace:
    """Read the header that begins in a row: the lowest of its lines names a column, with those above it."""
    first, after = rows[number], number + 1
    while after < len(rows) and rows[after].line <= first.reach:
        after += 1
    block = rows[number:after]
    width = max(len(row.cells) for row in block)
    words = tuple(_lowest(block, place) for place in range(width))
    special = {place: cell for row in block for place, cell in row.special.items()}
    known_count, is_whole = columns_named(kind, words)
    return HeaderPlace(Row(block[-1].line, words, special), after, known_count, is_whole)


def _lowest(block: Sequence[Row], place: int) -> str:
    """Return the lowest word of a column of the header, empty where it has none."""
    words = (row.cells[place].strip() for row in reversed(block) if place < len(row.cells))
    return next((word for word in words if word), "")
