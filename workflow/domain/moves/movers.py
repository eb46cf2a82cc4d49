"""Who could make some move with a nomination where it stands: what an open step has to have."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from workflow.domain.facts import Facts, MoveRequest
from workflow.domain.rights.policy import refuse_subject
from workflow.domain.rights.routing import Holder, resolve, with_ties
from workflow.domain.route.definition import Definition, Move
from workflow.domain.route.guards import VOTE_GUARD, not_own_subject, not_own_unit
from workflow.domain.route.predicates import PREDICATES
from workflow.domain.vocabulary import Role, Stage

_OF_COUNCIL: Final = frozenset({Role.COUNCIL_SECRETARY, Role.COUNCIL_MEMBER})
_OF_WHO_ACTS: Final = {guard.__name__: guard for guard in (not_own_subject, not_own_unit)}


def mover_keys(definition: Definition, facts: Facts) -> frozenset[str]:
    """Return the keys that the moves out of the present step belong to; none where there is no such step."""
    return frozenset(key for key, _, _ in _open_moves(definition, facts) if key is not None)


def movers(
    definition: Definition, facts: Facts, holders: Mapping[str, Sequence[Holder]], *, taker: Holder | None
) -> frozenset[int]:
    """Return the accounts that may make some move now, as `policy.refuse_move` and the guards would say.

    `facts` are those of nobody in particular; `holders` says who holds each of the `mover_keys` today,
    `taker` who took the work. What a form or a paper has to bring is left out: somebody can come to meet it.
    """
    found: set[int] = set()
    for key, is_owners, move in _open_moves(definition, facts):
        people = (taker,) if is_owners and taker is not None else holders.get(key or "", ())
        found |= {one.account_id for one in people if not _is_barred(definition, facts, move, one)}
    return frozenset(found)


def awaits_council(definition: Definition, state: str) -> bool:
    """Return whether a council has to meet before the nomination leaves this step."""
    if not definition.has_step(state):
        return False
    owner = definition.step(state).owner
    meets = owner is not None and owner.role in _OF_COUNCIL
    return meets or any(VOTE_GUARD in move.guards for move in definition.moves_from(state))


def _open_moves(definition: Definition, facts: Facts) -> Iterator[tuple[str | None, bool, Move]]:
    """Yield the moves of the nomination's branch, each with its key and whether it is the step's owner's."""
    if not definition.has_step(facts.state):
        return
    owner = str(definition.step(facts.state).owner)
    for move in definition.moves_from(facts.state):
        if any(PREDICATES[guard](facts) for guard in move.guards if guard in PREDICATES):
            continue
        by = str(definition.by_of(move, facts.state))
        yield (facts.owner_key if by == owner else resolve(by, facts.seats)), by == owner, move


def _is_barred(definition: Definition, facts: Facts, move: Move, holder: Holder) -> bool:
    """Return whether who they are keeps somebody from a move: as the nominee, or by a guard that asks it."""
    seen = with_ties(facts, holder)
    if holder.absent is not None:
        seen = with_ties(seen, holder.absent)
    is_drafting = definition.stage_of(facts.state) is Stage.DRAFT
    return refuse_subject(seen, is_drafting=is_drafting) is not None or any(
        _OF_WHO_ACTS[guard](seen, MoveRequest(move.name)) for guard in move.guards if guard in _OF_WHO_ACTS
    )
