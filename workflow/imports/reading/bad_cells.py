"""What is wrong with a file, cell by cell: collected to the end, so that one reading names everything."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from workflow.domain.errors import FieldError, InvalidImport

MOST_SHOWN: Final = 200
_LONGEST_SHOWN: Final = 60


@dataclass(frozen=True, slots=True)
class BadCell:
    """One cell that cannot be taken. `line` is 0 where the whole file is meant, `column` empty for a row.

    `order` is how far to the right the cell stands, so that problems are named as one reads.
    """

    line: int
    column: str
    value: str
    reason: str
    order: int = 0

    @property
    def place(self) -> str:
        """Give where it is and what it holds, in one line."""
        parts = [f"line {self.line}" if self.line else "", self.column]
        place = ", ".join(part for part in parts if part) or "file"
        return f"{place} '{shown(self.value)}'" if self.value else place


class BadFile(InvalidImport):
    """A file that was not taken, with its bad cells in the order of lines, the first 200 of `count`."""

    def __init__(self, found: Sequence[BadCell]) -> None:
        """Name each cell in a line as well."""
        ordered = sorted(found, key=lambda cell: (cell.line, cell.order))
        self.cells = tuple(ordered[:MOST_SHOWN])
        errors = [FieldError(cell.place, cell.reason) for cell in self.cells]
        if len(ordered) > MOST_SHOWN:
            errors.append(
                FieldError("file", f"{len(ordered)} problems in all; the first {MOST_SHOWN} are named")
            )
        super().__init__(
            f"The file has {len(ordered)} problems; nothing was changed.",
            errors=errors,
            count=str(len(ordered)),
        )


@dataclass(slots=True)
class BadCells:
    """The bad cells found so far; a cell that was named is not named again for what follows from it.

    `locale` is the installation's language: in English columns and choices are told by their English words.
    """

    locale: str = "vi"
    found: list[BadCell] = field(default_factory=list)
    _known: set[BadCell] = field(default_factory=set)

    def add(self, line: int, column: str, value: str, reason: str, *, order: int = 0) -> None:
        """Note a bad cell, once."""
        cell = BadCell(line, column, value, reason, order)
        if cell not in self._known:
            self._known.add(cell)
            self.found.append(cell)

    def demand_none(self) -> None:
        """Raise `InvalidImport` naming every bad cell in the order of lines, the first 200 in full."""
        if self.found:
            raise BadFile(self.found)


def unreadable(reason: str) -> BadFile:
    """Return the refusal of a file that cannot be read at all."""
    return BadFile([BadCell(0, "", "", reason)])


def shown(value: str) -> str:
    """Return a cell's content fit for one line of a terminal: short, and nothing in it that is not seen."""
    plain = "".join(letter if letter.isprintable() else f"\\u{ord(letter):04x}" for letter in value)
    return plain if len(plain) <= _LONGEST_SHOWN else f"{plain[:_LONGEST_SHOWN]}..."
