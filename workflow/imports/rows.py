"""Rows as people see them: the text of each cell, and what is known of a cell beyond its text."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a workbook whose text does not say all.

    `trouble` is why its text cannot be taken, `no_day` why it is no day although it looks like one; `number`
    is the exact value of a number, in digits. `width` counts the columns that it is merged over.
    """

    text: str
    day: date | None = None
    number: str = ""
    trouble: str = ""
    no_day: str = ""
    width: int = 1

    @property
    def is_special(self) -> bool:
        """Tell whether the text alone does not say all of it."""
        return bool(self.trouble or self.no_day or self.day) or self.width > 1


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of one row and the line of the file it begins on.

    `special` are, by place, the cells whose text does not say all; `reach` is the last line that a cell of
    this row is merged down to.
    """

    line: int
    cells: tuple[str, ...]
    special: Mapping[int, Cell] = field(default_factory=dict)
    reach: int = 0
    is_hidden: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of a text file or of one sheet of a workbook, without the empty ones.

    `hidden_columns` are the places of columns that hold values and are not shown.
    """

    title: str
    rows: tuple[Row, ...]
    is_hidden: bool = False
    hidden_columns: frozenset[int] = frozenset()
