"""Row 3: what the state machine itself costs of a decision, and whether that grows with what it has seen."""

from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median
from time import perf_counter
from typing import Any

from tests.benchmarks.decisions import ours
from tests.benchmarks.rows import Row
from tests.benchmarks.scene import ROUTE, Scene, add_drafts
from workflow.domain.moves import engine

_A_DICT = {(source, action): dest for _, source, action, dest in ROUTE}


def machine_rows(scene: Scene, *, nominations: int) -> list[Row]:
    """Carry nominations through the route, timing the machine where it runs: between two statements."""
    drafts = add_drafts(scene, nominations)
    seconds: list[float] = []
    with _timed_machine() as machine:
        for nomination_id in drafts:
            for decision in ours(scene, nomination_id):
                began = perf_counter()
                decision()
                seconds.append(perf_counter() - began)
    looked_up = _seconds_of_a_look_up(len(machine))
    half = len(machine) // 2
    return [
        Row(
            3,
            "state machine, of a decision's time",
            f"{median(machine) * 1e6:.1f} us",
            f"{looked_up * 1e6:.1f} us a dict",
            100 * (median(machine) - looked_up) / median(seconds),
            " %",
            5.0,
            2.0,
            less_is_better=True,
        ),
        Row(
            3,
            f"  its second {half:,} moves beside the first",
            f"{median(machine[half:]) * 1e6:.1f} us",
            f"{median(machine[:half]) * 1e6:.1f} us",
            median(machine[half:]) / median(machine[:half]),
            "x",
            None,
            None,
            less_is_better=True,
        ),
    ]


@contextmanager
def _timed_machine() -> Iterator[list[float]]:
    """Note how long the machine takes each time that the engine asks it."""
    seconds: list[float] = []
    asked = engine._run_machine

    def timed(*question: Any) -> None:
        began = perf_counter()
        asked(*question)
        seconds.append(perf_counter() - began)

    engine._run_machine = timed  # type: ignore[assignment]  # stands in for it while it is timed
    try:
        yield seconds
    finally:
        engine._run_machine = asked


def _seconds_of_a_look_up(count: int) -> float:
    seconds = []
    for _ in range(count):
        began = perf_counter()
        _A_DICT["unit_review", "approve"]
        seconds.append(perf_counter() - began)
    return median(seconds)
