"""One line of the table: ours beside its limit of the same run, with gate and goal."""

from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """What one measurement came to. `number` is the row of the performance targets that sets gate and goal.

    `value` is the ratio that they speak of; less of it is better where `less_is_better`, as for cost or time.
    """

    number: int
    work: str
    ours: str
    limit: str
    value: float
    unit: str
    gate: float | None
    goal: float | None
    less_is_better: bool = False

    def reaches(self, mark: float | None) -> bool:
        """Return whether the ratio is as good as the mark, or there is none."""
        return mark is None or (self.value <= mark if self.less_is_better else self.value >= mark)

    @property
    def verdict(self) -> str:
        """Say which of the two marks is met, and by how much the next one is missed, if there are any."""
        if self.gate is None and self.goal is None:
            return ""
        if self.reaches(self.goal) and self.reaches(self.gate):
            return "goal met" if self.goal is not None else "gate met"
        missed, mark = ("gate", self.gate) if not self.reaches(self.gate) else ("goal", self.goal)
        assert mark is not None
        share = abs(self.value / mark - 1)
        return f"{'GATE' if missed == 'gate' else 'goal'} missed by {share:.0%}"

    def cells(self) -> tuple[str, ...]:
        """Return the cells of the printed table."""
        return (
            str(self.number),
            self.work,
            self.ours,
            self.limit,
            f"{self.value:.2f}{self.unit}",
            self._mark(self.gate),
            self._mark(self.goal),
            self.verdict,
        )

    def as_dict(self) -> dict[str, object]:
        """Return the row as JSON can hold it."""
        return asdict(self) | {"verdict": self.verdict, "gate_met": self.reaches(self.gate)}

    def _mark(self, mark: float | None) -> str:
        if mark is None:
            return ""
        return f"{'<=' if self.less_is_better else '>='} {mark:g}{self.unit}"


def table(rows: list[Row], *, beside: str = "limit") -> str:
    """Return the rows as aligned text; `beside` heads the column of what ours is measured by."""
    head = ("#", "work", "ours", beside, "ratio", "gate", "goal", "")
    cells = [head, *(row.cells() for row in rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(head))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in cells
    ]
    return "\n".join([lines[0], "-" * len(lines[0]), *lines[1:]])
