"""The matrix of faults: each scenario of `scenarios/` on a whole installation, judged by one oracle."""

import math
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path

import pytest

from tests.faults.rig.clients import Act
from tests.faults.rig.installation import Installation, Setup, installation
from tests.faults.rig.letters import Row, judge, too_soon
from tests.faults.rig.oracle import Witnesses, findings
from tests.faults.rig.report import keep
from tests.faults.rig.run import Run
from tests.faults.rig.sink import Taken
from tests.faults.rig.trial import PLAIN, Proof, Scenario
from tests.support.figures import Figure, Note
from tests.support.patience import PATIENCE

SEED = int(os.environ.get("FAULT_SEED", "1"))
SHARE = float(os.environ.get("FAULT_SHARE", "1"))
"""Which share of the times that a scenario asks for is enough: for whoever tries one out."""

FOUND = tuple(
    replace(scenario, times=math.ceil(SHARE * scenario.times))
    for path in sorted((Path(__file__).parent / "scenarios").glob("*.py"))
    for scenario in import_module(f"tests.faults.scenarios.{path.stem}").SCENARIOS
)


class Rigs:
    """One installation at a time; the next scenario of the same setup has the same one."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._running: Installation | None = None

    def of(self, setup: Setup) -> Installation:
        """Return an installation of this setup, begun now where the one that runs is another's."""
        if self._running is None or self._running.setup != setup:
            self.end()
            self._running = self._stack.enter_context(installation(setup))
        return self._running

    def end(self) -> None:
        """End the one that runs."""
        self._running = None
        self._stack.close()


@pytest.fixture(scope="module")
def rigs() -> Iterator[Rigs]:
    running = Rigs()
    try:
        yield running
    finally:
        running.end()


def row(scenario: Scenario) -> object:
    limit = pytest.mark.timeout(1800 + 3 * scenario.seconds)
    marks = [limit] if scenario.is_fast else [limit, pytest.mark.deep]
    if scenario.cannot:
        marks.append(pytest.mark.skip(reason=scenario.cannot))
    return pytest.param(scenario, id=scenario.name.replace(" ", "-"), marks=marks)


def in_order() -> list[Scenario]:
    """Return the scenarios, those of one setup side by side."""
    setups = list(dict.fromkeys(scenario.setup for scenario in FOUND))
    return sorted(FOUND, key=lambda scenario: setups.index(scenario.setup))


@pytest.mark.parametrize("scenario", [row(scenario) for scenario in in_order()])
def test_whatever_breaks_nothing_is_lost_or_doubled(rigs: Rigs, scenario: Scenario, note: Note) -> None:
    rig = rigs.of(scenario.setup)
    run = Run(rig, scenario, SEED)
    verdict = run()
    keep(verdict)
    note(Figure(scenario.name, verdict.actions, len(verdict.wrong), verdict.seen()))
    said = "\n".join([*verdict.wrong, rig.log()[-4000:]])
    if verdict.wrong:
        # Whatever it left behind must not be found again by the next.
        rigs.end()
    assert not verdict.wrong, said


@contextmanager
def nothing(rig: Installation) -> Iterator[Proof]:
    yield lambda: len(rig.sink.taken)


@dataclass(frozen=True)
class Calm:
    """What three witnesses say of a run in which nothing was broken."""

    seen: Witnesses
    taken: Sequence[Taken]

    def findings(self, *, acts: Sequence[Act] | None = None, taken: Sequence[Taken] | None = None) -> str:
        """Return what the oracle says when one of the witnesses says something else."""
        seen = self.seen if acts is None else replace(self.seen, acts=acts)
        post = judge(seen, self.taken if taken is None else taken, windows=(), dead=0)
        return "\n".join([*findings(seen), *post.wrong])


@pytest.fixture(scope="module")
def calm(rigs: Rigs) -> Calm:
    run = Run(rigs.of(PLAIN), Scenario("nothing broken", nothing, PATIENCE, stays_green=True, times=30), SEED)
    assert run().wrong == []
    return Calm(run.seen, run.taken)


def test_the_oracle_has_nothing_against_a_run_without_a_fault(calm: Calm) -> None:
    assert calm.findings() == ""
    assert len(calm.seen.acts) > 20
    assert len(calm.taken) > 5


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (lambda acts: acts[1:], "unasked or double"),
        (lambda acts: [*acts, acts[-1]], "lost"),
        (lambda acts: [replace(act, version=9) for act in acts], "told"),
        (lambda acts: [replace(act, unit="F9") for act in acts], "letters owed and not promised"),
    ],
)
def test_the_oracle_finds_an_action_lost_doubled_or_not_asked_for(calm: Calm, change: Callable, word: str):
    assert word in calm.findings(acts=change(list(calm.seen.acts)))


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (lambda taken: taken[1:], "that no server took"),
        (lambda taken: [*taken, taken[0]], "outside the window"),
        (lambda taken: [*taken, replace(taken[0], message_id="<none>")], "nobody promised"),
        (lambda taken: [replace(each, recipient="a@b") for each in taken], "went to a@b"),
        (
            lambda taken: [replace(each, begun_at=each.begun_at + timedelta(days=1)) for each in taken],
            "after its work was done",
        ),
    ],
)
def test_the_oracle_finds_a_letter_lost_doubled_misled_or_late(calm: Calm, change: Callable, word: str):
    assert word in calm.findings(taken=change(list(calm.taken)))


@pytest.mark.parametrize(
    ("reason", "wrong"),
    [("", 1), ("maybe_sent_twice", 1), ("maybe_sent, not repeated: on_hold", 0)],
)
def test_the_oracle_tells_what_a_letter_goes_out_without_from_what_it_says(reason: str, wrong: int):
    asked, again = datetime(2026, 11, 29, 9, tzinfo=UTC), datetime(2026, 11, 29, 9, 1, tzinfo=UTC)
    about = Row(
        nomination_id=1,
        notice="reminder",
        mail_class="task",
        state="sent",
        reason=reason,
        message_id="<one>",
        email="head@example.vn",
        created_at=asked - timedelta(minutes=1),
        closed_at=None,
        is_held=True,
        is_question=False,
        sent_at=again,
    )
    letter = Taken("<one>", about.email, again, again, is_told=True)
    found = too_soon([letter], {"<one>": [about]}, {1: [(asked, again + timedelta(hours=1))]})
    assert len(list(found)) == wrong
