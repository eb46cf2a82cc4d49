"""Which step of its way a nomination stands at, and how many there are."""

from collections.abc import Iterable
from dataclasses import dataclass

from workflow.domain.route.definition import Definition
from workflow.domain.route.forecast import steps_ahead
from workflow.domain.vocabulary import FINAL_STAGES, Stage, SubjectKind


@dataclass(frozen=True, slots=True)
class OnTheWay:
    """The stage is the `number`-th `of` so many that such a nomination passes, the last that it is decided.

    Of several that stand at different stages, `number` is that of the one furthest behind, `furthest` of the
    one furthest ahead.
    """

    number: int
    of: int
    furthest: int


def on_the_way(definition: Definition, state: str, kind: SubjectKind) -> OnTheWay | None:
    """Return where on its way a nomination is, None once nothing is ahead of it.

    Behind it are the stages of the longest way that lie before its step, whatever it skipped or repeated.
    """
    if not definition.has_step(state) or definition.stage_of(state) in FINAL_STAGES:
        return None
    here, place = definition.stage_of(state), definition.position(state)
    way = (definition.step(definition.initial), *steps_ahead(definition, definition.initial, kind))
    behind = {step.stage for step in way if definition.position(step.name) < place} - {here}
    ahead = {step.stage for step in steps_ahead(definition, state, kind)} - behind - {here}
    number = len(behind) + 1
    return OnTheWay(number, number + len(ahead | {Stage.APPROVED}), number)


def together(ways: Iterable[OnTheWay | None]) -> OnTheWay | None:
    """Return where several are together, on the longest of their ways; None where none is on one."""
    found = [way for way in ways if way is not None]
    if not found:
        return None
    return OnTheWay(
        min(way.number for way in found),
        max(way.of for way in found),
        max(way.furthest for way in found),
    )
