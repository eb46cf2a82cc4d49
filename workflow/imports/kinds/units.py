"""Finding the units that rows name, by code or by exact name."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from workflow.domain.near import did_you_mean
from workflow.domain.text import fold
from workflow.imports.reading.cells import Cells
from workflow.store.organisation import Unit, UnitEdition

_MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class KnownUnit:
    """A unit by its newest edition; `edition_id` is None for one that only the file has."""

    unit_id: int
    code: str
    name: str
    parent_id: int | None = None
    officer_name: str = ""
    officer_telephone: str = ""
    officer_email: str = ""
    edition_id: int | None = None
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class Units:
    """All units by code, and the codes that share a name or a spelling, both by their folded form."""

    by_code: Mapping[str, KnownUnit]
    by_name: Mapping[str, Sequence[str]]
    by_spelling: Mapping[str, Sequence[str]]

    def stored(self, code: str) -> str:
        """Return the known code that reads the same, the code itself where there is none."""
        same = self.by_spelling.get(fold(code), ())
        return same[0] if code not in self.by_code and len(same) == 1 else code

    def meant(self, word: str) -> Sequence[str]:
        """Return the codes of the units that a word may mean."""
        folded = fold(word)
        if word in self.by_code:
            return (word,)
        return self.by_spelling.get(folded) or self.by_name.get(folded, ())

    def find(self, cells: Cells, column: str) -> KnownUnit | None:
        """Give the unit a cell names; None where it is empty, or noted as bad when it is not one unit.

        A code goes before a name; case, kinds of blank and look-alike letters do not count in either.
        """
        word = cells.text(column)
        if not word:
            return None
        codes = self.meant(word)
        if len(codes) == 1:
            return self.by_code[codes[0]]
        if codes:
            named = ", ".join(sorted(codes)[:_MOST_NAMED])
            cells.bad(column, f"{len(codes)} units have this name; say which by its code: {named}")
        else:
            known = [*self.by_code, *(unit.name for unit in self.by_code.values())]
            cells.bad(column, f"no unit has this code or exact name{did_you_mean(word, known)}")
        return None


def load_units(session: Session) -> Units:
    """Return every unit by its newest edition."""
    rows = session.execute(
        select(Unit.id, Unit.code, UnitEdition)
        .join(UnitEdition, UnitEdition.unit_id == Unit.id)
        .ext(distinct_on(Unit.id))
        .order_by(Unit.id, UnitEdition.valid_from.desc())
    )
    return units_of(
        [
            KnownUnit(
                row.id,
                row.code,
                row.UnitEdition.name,
                row.UnitEdition.parent_id,
                row.UnitEdition.officer_name,
                row.UnitEdition.officer_telephone,
                row.UnitEdition.officer_email,
                row.UnitEdition.id,
                row.UnitEdition.valid_from,
                row.UnitEdition.valid_to,
            )
            for row in rows
        ]
    )


def units_of(units: Sequence[KnownUnit]) -> Units:
    """Return units by code and by name."""
    names: dict[str, list[str]] = defaultdict(list)
    spellings: dict[str, list[str]] = defaultdict(list)
    for unit in units:
        names[fold(unit.name)].append(unit.code)
        spellings[fold(unit.code)].append(unit.code)
    return Units({unit.code: unit for unit in units}, names, spellings)


def once(rows: Sequence[Cells], column: str) -> list[tuple[str, Cells]]:
    """Give the rows with what names each, noting those that a row before names already.

    Two words that a reader takes for the same are the same.
    """
    first: dict[str, int] = {}
    found = []
    for cells in rows:
        word = cells.text(column)
        if not word:
            continue
        line = first.setdefault(fold(word), cells.line)
        if line != cells.line:
            cells.bad(column, f"is there twice; the first is in line {line}")
            continue
        found.append((word, cells))
    return found
