"""The real clusters of the sector, 2020 to 2023, turned into files that can be imported.

The source names units and clusters in words; what an import needs besides, codes of units and the owner of
each cluster, is made here from those words. Years, members, heads and deputies are as published.
"""

import csv
import io
import re
from pathlib import Path

import pytest

from tests.support.office import TOP
from workflow.domain.names import name_search

SOURCE = Path(__file__).parents[3] / "shared" / "data" / "awards" / "vks_clusters.csv"
_CLUSTER = re.compile(r"(Cụm thi đua số (\d+)) \((.+)\)")


def real_clusters() -> tuple[str, str]:
    """Return a file of the units and one of the clusters; skips, saying so, where the source is absent."""
    if not SOURCE.exists():
        pytest.skip(f"the real clusters are not here: {SOURCE}")
    with SOURCE.open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    units: dict[str, str | None] = {}
    clusters = []
    for row in rows:
        name, number, owner = _CLUSTER.fullmatch(row["cluster"]).groups()
        is_sector = owner == "ngành KSND"
        owner_code = TOP if is_sector else code_of(owner)
        if not is_sector:
            units.setdefault(owner, TOP)
        units.setdefault(row["unit"], owner_code)
        clusters.append([row["year"], owner_code, number, name, "cụm", code_of(row["unit"]), row["role"]])
    organisation = [[code_of(name), name, parent, "01/01/2019"] for name, parent in units.items()]
    return (
        _written(["code", "name", "parent", "valid_from"], organisation),
        _written(["năm", "đơn vị tổ chức", "số", "tên cụm", "loại", "đơn vị", "vai trò"], clusters),
    )


def code_of(name: str) -> str:
    """Return a code made from a unit's name: `VKSND tỉnh Nghệ An` is VKS-TINH-NGHE-AN."""
    return "VKS-" + name_search(name.removeprefix("VKSND ")).upper().replace(" ", "-")


def _written(header: list[str], rows: list[list[str]]) -> str:
    out = io.StringIO()
    csv.writer(out).writerows([header, *rows])
    return out.getvalue()
