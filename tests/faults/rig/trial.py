"""What a scenario is, and what is known of one while it runs.

How a scenario is written: a file in `tests/faults/scenarios/` holds a tuple `SCENARIOS`, each a row of data,
and the functions that do what the rows name. A fault is a context manager over the rig: what it does before
`yield` is the beginning, what after it the end, and it yields a function that says how often the fault was
seen to have happened, which is asked just before the end. None seen and the scenario has failed. Waiting, the
clients, the recovery and the oracle are the runner's business (`run.py`). A file is found by being there.

    @contextmanager
    def frozen(rig: Installation) -> Iterator[Proof]:
        rig.broker.signal(signal.SIGSTOP)
        yield lambda: int(not answers(rig))
        rig.broker.signal(signal.SIGCONT)

    SCENARIOS = (Scenario("Redis frozen for 30 s", frozen, seconds=30, red=frozenset({"broker"})),)
"""

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, field
from typing import Final, TypeAlias

from tests.faults.rig.installation import Installation, Setup

Proof: TypeAlias = Callable[[], int]
Fault: TypeAlias = Callable[[Installation], AbstractContextManager[Proof]]
PLAIN: Final = Setup()
RECOVERY_SECONDS: Final = 90.0
RED_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True)
class Scenario:
    """One row of the matrix.

    `red` names the checks of /readyz of which one must be red within a minute; `stays_green`: none may be.
    `copies` is how many letters may have gone twice for each time that the fault was seen: a sender that is
    cut off between the end of a message and its mark costs one for each sender. `dead` is how many
    letters the fault may kill for good, None for any number: only a server that refuses them does.
    `bears` says that clients may be told to come again later; else every request must be answered at once.
    `is_fast` says that it belongs to the gate: what a dead sender held is set free early (`run.py`).
    `rests` says that what a server may have taken may rest long afterwards, by design; only that is called.
    A scenario with `times` is over as soon as the fault was seen so often, and has failed when it was not
    within `seconds`. `before` prepares what the oracle shall not ask about. `cannot` says why this machine
    cannot have the fault. `demand` yields findings that only this fault can have.
    """

    name: str
    fault: Fault
    seconds: float
    setup: Setup = PLAIN
    red: frozenset[str] = frozenset()
    stays_green: bool = False
    bears: bool = False
    copies: int = 0
    dead: int | None = 0
    rests: bool = False
    is_fast: bool = False
    times: int = 0
    before: Callable[[Installation], None] = lambda _rig: None
    cannot: str = ""
    demand: Callable[[Installation], Iterable[str]] = lambda _rig: ()


@dataclass
class Verdict:
    """What a scenario has shown; every name in `wrong` makes it bad. Times are in seconds."""

    scenario: str
    seed: int
    fired: int = 0
    actions: int = 0
    retries: int = 0
    slowest: float = 0.0
    letters: int = 0
    copies: int = 0
    kills: int = 0
    rungs: int = 0
    red_after: float | None = None
    back_after: float | None = None
    load: float = 0.0
    took: float = 0.0
    troubles: dict[str, int] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    def seen(self) -> str:
        """Return in a few words what happened."""
        said = (
            f"seen {self.fired}, {self.retries} asked again, slowest {self.slowest:.1f} s, "
            f"{self.letters} letters, {self.copies} copies, {self.kills} kills"
        )
        times = {"red": self.red_after, "back": self.back_after}
        return ", ".join(
            [said, *(f"{name} after {at:.0f} s" for name, at in times.items() if at is not None)]
        )

    def as_dict(self) -> dict[str, object]:
        """Return it as JSON takes it."""
        return asdict(self)


def all_of(seen: Iterable[bool]) -> int:
    """Return how often a fault of several parts was seen: as often as it has parts, or never."""
    parts = list(seen)
    return len(parts) if all(parts) else 0
