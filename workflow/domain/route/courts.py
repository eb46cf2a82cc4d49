"""Whose court each step of a route is, and with which move the dossier is complete: what both clocks go by.

A step belongs to the party that its file names; else to the nominator where a draft lies there or its owner
is who drafts; else to the party of its stage.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Final

from workflow.domain.facts import Opinion
from workflow.domain.route.definition import Definition
from workflow.domain.route.guards import DOSSIER_GUARD
from workflow.domain.time.parties import Party, PartyTurn, Pause
from workflow.domain.vocabulary import Ending, Stage

_OF_STAGE: Final = {
    Stage.DRAFT: Party.NOMINATOR,
    Stage.UNIT_REVIEW: Party.UNIT,
    Stage.CLUSTER_REVIEW: Party.CLUSTER,
    Stage.COUNCIL: Party.COUNCIL,
}


@dataclass(frozen=True, slots=True)
class StayInStep:
    """A stay as it is recorded: the step with its stage, from which it came, since when, how it ended.

    `opinion` is that of an outside office that was asked during it.
    """

    step: str
    stage: Stage
    sent_from: str | None
    entered_at: datetime
    ended: Ending | None = None
    opinion: Opinion | None = None


def party_of(definition: Definition, step: str, stage: Stage) -> Party:
    """Return whose court a step is; `stage` speaks for one that this version of the route does not have."""
    if definition.has_step(step):
        found = definition.step(step)
        if found.party is not None:
            return found.party
        if found.owner is not None and found.owner == definition.starter:
            return Party.NOMINATOR
    # What was decided was the council's last.
    return _OF_STAGE.get(stage, Party.COUNCIL)


def turns_of(definition: Definition, stays: Sequence[StayInStep]) -> list[PartyTurn]:
    """Return the stays of a nomination, in their order, as the clocks see them."""
    parties = [party_of(definition, stay.step, stay.stage) for stay in stays]
    turns = [PartyTurn(party, stay.entered_at) for party, stay in zip(parties[:1], stays[:1], strict=True)]
    for (earlier, stay), (before, party) in zip(pairwise(stays), pairwise(parties), strict=True):
        turns += _outside(earlier, before, until=stay.entered_at)
        if party is not Party.NOMINATOR:
            completes = _completes(definition, earlier.step, stay.step)
            turns.append(PartyTurn(party, stay.entered_at, completes))
        else:
            is_same_hand = before is Party.NOMINATOR
            pause = turns[-1].pause if is_same_hand else _why_back(definition, earlier, stay)
            turns.append(PartyTurn(party, stay.entered_at, pause=pause))
    return turns + (_outside(stays[-1], parties[-1]) if stays else [])


def _outside(stay: StayInStep, party: Party, *, until: datetime | None = None) -> list[PartyTurn]:
    """Return what of a stay is the time of an outside office: from the day it was asked until it answered.

    A stay that ends before takes it back; the next one may have begun earlier than was recorded.
    """
    opinion = stay.opinion
    if opinion is None or party is Party.NOMINATOR:
        return []
    turns = [PartyTurn(Party.OUTSIDE, opinion.asked_at)]
    if opinion.came_at is not None:
        turns.append(PartyTurn(party, opinion.came_at))
    return [turn for turn in turns if until is None or turn.since < until]


def _why_back(definition: Definition, earlier: StayInStep, stay: StayInStep) -> Pause:
    if earlier.ended is Ending.RECALLED:
        return Pause.TAKEN_BACK
    return Pause.RETURNED if definition.came_back(stay.step, earlier.step) else Pause.ASKED


def _completes(definition: Definition, source: str, dest: str) -> bool:
    """Return whether the dossier is complete once it has gone from one step to another.

    Where every move between the two asks for all papers; else where none asks for them any more.
    """
    moves = [move for move in definition.moves_from(source) if dest in move.dests_from(source)]
    if moves and all(DOSSIER_GUARD in move.guards for move in moves):
        return True
    return not any(DOSSIER_GUARD in guards for guards in _ahead(definition, dest))


def _ahead(definition: Definition, step: str) -> Iterator[tuple[str, ...]]:
    """Yield the guards of every move that may still come before the nominator has it again."""
    waiting, seen = [step], {step}
    while waiting:
        name = waiting.pop()
        if not definition.has_step(name) or _is_nominators(definition, name):
            continue
        for move in definition.moves_from(name):
            yield move.guards
            fresh = [dest for dest in move.dests_from(name) if dest not in seen]
            seen.update(fresh)
            waiting += fresh


def _is_nominators(definition: Definition, name: str) -> bool:
    step = definition.step(name)
    return not step.final and party_of(definition, name, step.stage) is Party.NOMINATOR
