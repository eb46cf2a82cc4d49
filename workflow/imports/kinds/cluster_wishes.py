"""The rows of a file of clusters, gathered into each cluster as the file wants it."""

from dataclasses import dataclass, field

from workflow.domain.clusters.officers import ClusterKind, Headed
from workflow.imports.kinds.units import KnownUnit, Units
from workflow.imports.reading.cells import Cells
from workflow.operations.clusters.clusters import BIGGEST_NUMBER, FIRST_YEAR, LAST_YEAR

_KINDS = {
    "cum": ClusterKind.CLUSTER,
    "cụm": ClusterKind.CLUSTER,
    "cluster": ClusterKind.CLUSTER,
    "khoi": ClusterKind.BLOCK,
    "khối": ClusterKind.BLOCK,
    "block": ClusterKind.BLOCK,
}
HEAD, DEPUTY, MEMBER = "head", "deputy", "member"
_ROLES = {
    "head": HEAD, "cụm trưởng": HEAD, "khối trưởng": HEAD, "trưởng": HEAD,
    "deputy": DEPUTY, "cụm phó": DEPUTY, "khối phó": DEPUTY, "phó": DEPUTY,
    "member": MEMBER, "thành viên": MEMBER,
}  # fmt: skip
_HOW = {
    "appointed": Headed.APPOINTED, "phân công": Headed.APPOINTED, "bổ nhiệm": Headed.APPOINTED,
    "elected": Headed.ELECTED, "bầu": Headed.ELECTED, "suy tôn": Headed.ELECTED,
}  # fmt: skip


@dataclass(slots=True)
class ClusterWish:
    """A cluster as the file lists it; the cells of the row that named it first and those of its officers."""

    code: str
    year: int
    owner: KnownUnit
    number: int
    cells: Cells
    name: str = ""
    kind: ClusterKind | None = None
    how: Headed | None = None
    members: dict[int, tuple[KnownUnit, Cells]] = field(default_factory=dict)
    officers: dict[str, tuple[KnownUnit, Cells]] = field(default_factory=dict)

    def officer(self, role: str) -> int | None:
        """Give the id of the unit in an office."""
        return self.officers[role][0].unit_id if role in self.officers else None


def read_row(cells: Cells, units: Units, wishes: dict[str, ClusterWish]) -> None:
    """Add a row to the cluster it belongs to."""
    year = cells.whole("year", least=FIRST_YEAR, most=LAST_YEAR)
    number = cells.whole("number", least=1, most=BIGGEST_NUMBER)
    owner, unit = units.find(cells, "owner"), units.find(cells, "unit")
    kind, how = cells.choice("kind", _KINDS), cells.choice("how", _HOW)
    role = cells.choice("role", _ROLES) if cells.text("role") else MEMBER
    if year is None or number is None or owner is None or unit is None or role is None:
        return
    code = f"{year}/{owner.code}/{number}"
    wish = wishes.setdefault(code, ClusterWish(code, year, owner, number, cells))
    name = cells.text("name")
    for column, given, there in (
        ("name", name, wish.name),
        ("kind", kind, wish.kind),
        ("how", how, wish.how),
    ):
        if given and there and given != there:
            cells.bad(column, f"another line says '{there}' for cluster {code}")
    wish.name, wish.kind, wish.how = wish.name or name, wish.kind or kind, wish.how or how
    if unit.unit_id in wish.members:
        cells.bad(
            "unit", f"is in this cluster twice; the first is in line {wish.members[unit.unit_id][1].line}"
        )
    wish.members.setdefault(unit.unit_id, (unit, cells))
    if role != MEMBER:
        if role in wish.officers:
            cells.bad("role", f"cluster {code} has one already, in line {wish.officers[role][1].line}")
        wish.officers.setdefault(role, (unit, cells))
