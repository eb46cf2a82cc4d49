"""The real collectives proposed for the Government's emulation flag of 2022, turned into files to import.

The source names collectives, year and award and nothing else. What an import needs besides is made here and
named so: codes of units, clusters with head and deputy, and people, who hold seats and do not exist.
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from tests.support.sector import TOP, Files

SOURCE: Final = Path(__file__).parents[3] / "shared/data/awards/vks_co_thi_dua_chinh_phu_2022.csv"
YEAR: Final = 2022
CLUSTERS: Final = 3
GENERATED: Final = "do bộ chuyển đổi đặt, nguồn không nêu"
_OFFICE: Final = {
    "QT": "admin@all",
    "GS": f"supervisor@unit:{TOP}",
    "TD": f"appraiser@council:{TOP}",
    "TK": f"council_secretary@council:{TOP}",
    "VT": f"head@unit:{TOP}",
}


@dataclass(frozen=True, slots=True)
class Collectives:
    """The names of the collectives by the codes made for them, and everything as files."""

    names: dict[str, str]
    files: Files


def real_collectives() -> Collectives:
    """Return the collectives with their files; skips, saying so, where the source is absent."""
    if not SOURCE.exists():
        pytest.skip(f"the real collectives are not here: {SOURCE}")
    with SOURCE.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert {(row["year"], row["nominee_type"]) for row in rows} == {(str(YEAR), "tập thể")}
    names = {f"TT{number:02}": row["nominee"] for number, row in enumerate(rows, 1)}
    return Collectives(names, Files(_org(names), _people(names), _clusters(list(names)), _accounts(names)))


def cluster_of(code: str) -> int:
    """Return the number of the generated cluster that a collective is in."""
    return int(code.removeprefix("TT")) % CLUSTERS + 1


def _org(names: dict[str, str]) -> str:
    head = ["code", "name", "parent", "valid_from", "council"]
    top = [TOP, "Viện kiểm sát nhân dân tối cao", "", "2022-01-01", f"Hội đồng ngành ({GENERATED})"]
    return _written([head, top, *([code, name, TOP, "2022-01-01", ""] for code, name in names.items())])


def _people(names: dict[str, str]) -> str:
    rows = [[part, f"Người {part} ({GENERATED})", TOP] for part in _OFFICE]
    rows += [
        [f"{code}-{part}", f"Người {part} ({GENERATED})", code] for code in names for part in ("CB", "TT")
    ]
    return _written([["code", "name", "unit"], *rows])


def _clusters(codes: Sequence[str]) -> str:
    rows, seen = [["year", "owner", "number", "name", "kind", "unit", "role"]], dict.fromkeys(range(9), 0)
    for code in codes:
        number = cluster_of(code)
        role = ("cụm trưởng", "cụm phó", "thành viên")[min(seen[number], 2)]
        seen[number] += 1
        name = f"Cụm số {number} ({GENERATED})"
        rows.append([str(YEAR), TOP, str(number), name, "cụm", code, role])
    return _written(rows)


def _accounts(names: dict[str, str]) -> str:
    rows = [[f"{part.lower()}@example.vn", part, part, key] for part, key in _OFFICE.items()]
    seats = {"CB": ("nominator",), "TT": ("unit_reviewer", "head")}
    rows += [
        [
            f"{code.lower()}-{part.lower()}@example.vn",
            f"{code} {part}",
            f"{code}-{part}",
            ";".join(f"{role}@unit:{code}" for role in roles),
        ]
        for code in names
        for part, roles in seats.items()
    ]
    return _written([["email", "name", "person", "grants"], *rows])


def _written(rows: Sequence[Sequence[str]]) -> str:
    quoted = ['"' + '","'.join(cell.replace('"', '""') for cell in row) + '"' for row in rows]
    return "\n".join(quoted) + "\n"
