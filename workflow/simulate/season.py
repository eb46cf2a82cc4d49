"""One season in hand: its round, its days, how everybody behaves, and what has happened on the way."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from random import Random

from workflow.domain.rights.policy import Actor
from workflow.domain.vocabulary import PaperKind, Role
from workflow.simulate.habits import UNIT_DEADLINE_DAY, Habit
from workflow.simulate.sector import HEAD, Sector, person_code
from workflow.simulate.stage import Scenery, Waiting

UPPER_DAY = UNIT_DEADLINE_DAY + 51
"""The day by which everything lies at the upper level: what the proposed dates leave for the work between."""
CLOSES_ON = UPPER_DAY + 1
SESSION_DAYS = frozenset(range(16, CLOSES_ON, 6))
"""The days on which the council sits: every sixth."""
STUCK_CLUSTER = 3
PAPER_CLUSTER = 2


@dataclass(frozen=True, slots=True)
class SeasonPlan:
    """What a season begins with: year, round, the units that take part with their habits, who rests when.

    From the day that `rests` names for a key, nobody acts in that seat any more: in a demo it is left to
    whoever tries it.
    """

    year: int
    round_code: str
    title: str
    habits: Mapping[int, Habit]
    seed: str
    rests: Mapping[str, int] = field(default_factory=dict)
    previous_code: str | None = None


@dataclass(slots=True)
class Season:
    """A season being played; `day` is the number of the working day, 0 when the round opens.

    Of nominations, by id: `returned` came back once, `left_alone` nobody touches any more, `asked` says in
    which seat something was asked about it, `voted_on` and `sent_up` on which day of the season. `numbers`
    are the books of outgoing papers, `desk` is what lay on all desks this morning: what comes in during the
    day waits for the next.
    """

    stage: Scenery
    sector: Sector
    plan: SeasonPlan
    round_id: int
    opened_on: date
    papers_of: Mapping[str, tuple[PaperKind, ...]]
    names: Mapping[str, str]
    day: int = 0
    returned: set[int] = field(default_factory=set)
    left_alone: set[int] = field(default_factory=set)
    asked: dict[int, str] = field(default_factory=dict)
    voted_on: dict[int, int] = field(default_factory=dict)
    sent_up: dict[int, int] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)
    desk: Sequence[Waiting] = ()
    has_held: bool = False
    has_stuck: bool = False
    has_heard: bool = False

    def chance(self, *words: object) -> Random:
        """Return the dice for one question, the same whenever it is asked in the same season."""
        return Random(":".join(map(str, (self.plan.seed, *words))))  # noqa: S311 - a play, no secret

    def look(self) -> None:
        """Read what lies on all desks: once a day, which is often enough for a season."""
        self.desk = self.stage.waiting(self.round_id)

    def rests(self, key: str) -> bool:
        """Return whether nobody acts in this seat any more."""
        since = self.plan.rests.get(key)
        return since is not None and self.day >= since

    def number(self, kind: str) -> int:
        """Return the next number of a book of outgoing papers."""
        self.numbers[kind] = self.numbers.get(kind, 0) + 1
        return self.numbers[kind]

    def unit_of(self, actor: Actor) -> str | None:
        """Return the code of the unit that somebody heads, None for anybody else."""
        heads = [key.partition("@unit:")[2] for key in actor.keys if key.startswith(f"{Role.HEAD}@unit:")]
        return heads[0] if heads else None

    def head_of(self, unit: int) -> str:
        """Return the name of a unit's head, who signs its papers."""
        return self.names[person_code(unit, HEAD)]
