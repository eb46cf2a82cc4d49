"""Which moves a definition may allow with a mailed code: a yes or no at a unit, and nothing else.

A mailbox is a weak proof of who somebody is (ASVS 5.0, 6.3.6): it is never enough for a council's word, for
what ends a nomination, or for what is signed.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from workflow.domain.route.definition import Move, Step
from workflow.domain.route.predicates import PREDICATES
from workflow.domain.route.role_at import RoleAt
from workflow.domain.vocabulary import FINAL_STAGES, RoleScope, Stage

_AT_A_UNIT: Final = frozenset({RoleScope.SUBJECT_UNIT, RoleScope.PARENT_UNIT})
_ASKS_NOTHING: Final = frozenset(PREDICATES) | {
    "dossier_complete",
    "on_time",
    "not_own_subject",
    "not_own_unit",
}
"""Guards that are met or not, whatever the one who acts adds: no document, no counts, no signature."""


def check_code(move: Move, steps: Mapping[str, Step]) -> Iterator[str]:
    """Yield why a move that says `by_code` may not; `steps` are those that could be read, by name."""
    if not move.by_code:
        return
    for name in (name for name in move.sources if name in steps):
        step = steps[name]
        if step.stage is not Stage.UNIT_REVIEW:
            yield f"by_code is for review at a unit alone, and step '{name}' has the stage '{step.stage}'"
        by = move.by if isinstance(move.by, RoleAt) else step.owner
        if by is not None and by.scope not in _AT_A_UNIT:
            yield f"by_code is for seats of units alone, and '{by}' is none"
        if len(move.dests_from(name)) > 1:
            yield f"by_code is for a yes or no, and move '{move.name}' asks where to"
    if move.reason_required:
        yield f"by_code is for a yes or no, and move '{move.name}' asks for a reason"
    yield from (
        f"by_code is for a yes or no, and the guard '{guard}' asks for more"
        for guard in move.guards
        if guard not in _ASKS_NOTHING
    )
    yield from (
        f"by_code is never for what ends a nomination, as '{name}' does"
        for name in move.dests
        if name in steps and steps[name].stage in FINAL_STAGES
    )
