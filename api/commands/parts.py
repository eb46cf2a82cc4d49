"""What the composition root puts into the commands' hands: they may not know the tasks themselves."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    # The root makes these at every start, `--help` included, which must not pay for a database driver.
    from api.commands.reach import CommandReach
    from workflow.operations.mail.post import Transport
    from workflow.operations.sweep.sweep import Swept


@dataclass(frozen=True, slots=True)
class Parts:
    """The processes that rest on the tasks; each runs until a signal ends it and answers the exit code.

    `wake` makes the hint that a web process gives after a commit; `transport` speaks to a mail server by its
    URL; `probes` ask whether broker and mail server are well. `prepare` loads all of it, for a process that
    has to wait anyway.
    """

    worker: Callable[[CommandReach], int]
    beat: Callable[[CommandReach], int]
    wake: Callable[[CommandReach], Callable[[], None]]
    sweep: Sweep
    transport: Callable[[str], Transport]
    probes: Callable[[CommandReach], Mapping[str, Callable[[], bool]]]
    prepare: Callable[[], object]


class Sweep(Protocol):
    """Does all due work once, or until a pass changes nothing."""

    def __call__(self, reach: CommandReach, *, until_idle: bool) -> Swept:
        """Return what was done."""
