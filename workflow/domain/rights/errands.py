"""What takes longer than a page may, so that the worker does it, and who may ask for it."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Final

from workflow.domain.errors import NotFound
from workflow.domain.rights.policy import Actor, may_administer, may_audit


class ErrandKind(StrEnum):
    """What the worker is asked to do: each is done again from its beginning without harm."""

    VERIFY = "verify"
    REPLAN_SHOWN = "replan_shown"
    REPLAN = "replan"
    MIGRATE_SHOWN = "migrate_shown"
    MIGRATE = "migrate"


class ErrandState(StrEnum):
    """Where an errand stands. Whether it waits or is in hand, its lease says."""

    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"


_MAY: Final[Mapping[ErrandKind, Callable[[Actor], bool]]] = {
    ErrandKind.VERIFY: may_audit,
    ErrandKind.REPLAN_SHOWN: may_administer,
    ErrandKind.REPLAN: may_administer,
    ErrandKind.MIGRATE_SHOWN: may_administer,
    ErrandKind.MIGRATE: may_administer,
}
GOES_OVER: Final = frozenset({ErrandKind.MIGRATE_SHOWN, ErrandKind.MIGRATE})
"""What names a route and two of its versions."""
NEEDS_REASON: Final = frozenset({ErrandKind.REPLAN, ErrandKind.MIGRATE})
"""What is done with a reason, which whoever is concerned reads."""


def demand_errand(actor: Actor, kind: ErrandKind) -> None:
    """Raise `NotFound` for whoever may not ask for it: to them there is no such place."""
    if not _MAY[kind](actor):
        raise NotFound("There is no such page.")
