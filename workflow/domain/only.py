"""Some things and no others, as an address names them: numbers, runs of them as first-last."""

import re
from collections.abc import Sequence
from itertools import groupby
from typing import Final

from workflow.domain.errors import FieldError, InvalidField

LONGEST: Final = 3600
_MOST_RUNS: Final = 500
_RUN: Final = re.compile(r"([1-9][0-9]{0,17})(?:-([1-9][0-9]{0,17}))?")


def spell_runs(ids: Sequence[int]) -> str:
    """Spell numbers in rising order as an address takes them, as in 12,15-18."""
    runs = [
        [number for _, number in run]
        for _, run in groupby(enumerate(ids), key=lambda placed: placed[1] - placed[0])
    ]
    return ",".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)


def read_runs(only: str) -> list[tuple[int, int]]:
    """Return first and last of each run that `only` names. Raises `InvalidField` for anything else."""
    words = only.split(",")
    found = [_RUN.fullmatch(word.strip()) for word in words]
    runs = [(int(one[1]), int(one[2] or one[1])) for one in found if one is not None]
    if len(runs) != len(words) or len(words) > _MOST_RUNS or any(first > last for first, last in runs):
        message = "is not a list of numbers, as in 12,15-18"
        raise InvalidField(f"only: {message}", errors=[FieldError("only", message)])
    return runs
