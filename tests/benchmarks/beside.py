"""Two checkouts measured in turn on one machine: whether a change cost anything, whatever the day is like."""

import json
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any, Final

TURNS: Final = 3
_HEAD: Final = ("#", "work", "here", "there", "unit", "here / there")


@dataclass(frozen=True, slots=True)
class Pair:
    """The ratio of one line of the table, the median of both sides' turns."""

    number: int
    work: str
    unit: str
    here: float
    there: float

    def cells(self) -> tuple[str, ...]:
        """Return the cells of the printed table."""
        return (
            str(self.number), self.work, f"{self.here:.2f}", f"{self.there:.2f}", self.unit,
            f"{self.here / self.there:.2f}" if self.there else "",
        )  # fmt: skip


def beside(here: Path, there: Path, words: Sequence[str], *, turns: int = TURNS) -> list[Pair]:
    """Run the benchmark of both checkouts `turns` times, one after the other, with the same words.

    Only what both measure under one name is compared. Raises `subprocess.CalledProcessError` where one fails.
    """
    found: dict[Path, dict[tuple[int, str, str], list[float]]] = {
        here: defaultdict(list),
        there: defaultdict(list),
    }
    for turn in range(turns):
        for checkout in (here, there) if turn % 2 == 0 else (there, here):
            for row in _measure(checkout, words):
                found[checkout][row["number"], row["work"], row["unit"]].append(row["value"])
    both = sorted(found[here].keys() & found[there].keys())
    return [Pair(*line, here=median(found[here][line]), there=median(found[there][line])) for line in both]


def _measure(checkout: Path, words: Sequence[str]) -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory(prefix="commendo-beside-") as into:
        python = checkout / ".venv" / "bin" / "python"
        subprocess.run(
            [python, "-m", "tests.benchmarks", *words, "--into", into],
            cwd=checkout,
            check=True,
            stdout=sys.stderr,
        )
        rows: list[dict[str, Any]] = json.loads((Path(into) / "latest.json").read_text(encoding="utf-8"))[
            "rows"
        ]
        return rows


def pairs_table(pairs: Sequence[Pair]) -> str:
    """Return the pairs as aligned text."""
    cells = [_HEAD, *(pair.cells() for pair in pairs)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(_HEAD))]
    lines = ["  ".join(map(str.ljust, line, widths)).rstrip() for line in cells]
    return "\n".join([lines[0], "-" * len(lines[0]), *lines[1:]])
