"""What a run of faults has shown, as rows of a table that `make faults` prints."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from typing import Final, TypeAlias

MARK: Final = "figure"
_ENOUGH: Final = 3.0
"""None bad in n trials says, at 95 %, that fewer than 3 in n are: the rule of three."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One fault: how often it was made and seen to have happened, in how many trials something was wrong."""

    fault: str
    trials: int
    bad: int
    seen: str

    @property
    def bound(self) -> str:
        """Return the upper bound of the bad share at 95 %, where none was bad."""
        return f"{_ENOUGH / self.trials:.2%}" if not self.bad and self.trials > _ENOUGH else "-"


Note: TypeAlias = Callable[[Figure], None]


def table(figures: Iterable[Figure]) -> list[str]:
    """Return the lines of a Markdown table."""
    rows = [
        [*(str(getattr(figure, each.name)) for each in fields(Figure)), figure.bound] for figure in figures
    ]
    names = ["Fault", "Trials", "Bad", "Seen", "95 % bound (3/n)"]
    return [f"| {' | '.join(row)} |" for row in [names, ["---"] * len(names), *rows]]
