"""What somebody can do with a whole list: whom an action takes, what the others lack, where they go."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from workflow.domain.errors import Reason
from workflow.domain.rights.policy import NOT_YOURS, Actor
from workflow.domain.vocabulary import BuiltIn
from workflow.queries.nominations.moves import MoveKind, MoveView, moves_of
from workflow.queries.shapes import Titled, Words, state_words, words_of
from workflow.store.definitions import shown_definition
from workflow.store.locked import read_nominations

# Acts on one name only: mending its words, or choosing a person for it.
_OF_ONE_NAME: Final = frozenset({BuiltIn.EDIT, BuiltIn.REASSIGN})


@dataclass(frozen=True, slots=True)
class RefusedFor:
    """Why an action cannot be taken with some of the names: with how many, and with which."""

    reason: Reason
    names: int
    nomination_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Lead:
    """The step that an action leads some of its names to."""

    dest: Titled
    nomination_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ListAction:
    """One action on the names that stand in one step of one route: which it would take, why not the others.

    A move of the route that is the reader's to make is listed even where it takes nobody, with the reasons.
    `of` counts the names that stand in the step and know the action, `step` is the step's name, `leads` the
    next step by name where the action leaves no choice. `form` says what it asks for. `workflow` is the route
    by its key: two routes may share the names of steps and moves, and ask for other things by them.
    """

    name: str
    state: str
    workflow: Titled
    label: Words
    step: Words
    form: MoveView
    of: int
    takes: tuple[int, ...]
    leads: tuple[Lead, ...]
    refused: tuple[RefusedFor, ...]

    @property
    def key(self) -> str:
        """What no other action on the list is called."""
        return f"{self.name}@{self.state}@{self.workflow.code}"

    @property
    def is_open(self) -> bool:
        """Whether it would take at least one name."""
        return bool(self.takes)


def list_actions(
    session: Session, actor: Actor, open_ids: Sequence[int], now: datetime, *, preparing: bool = False
) -> tuple[ListAction, ...]:
    """Return every action on these names that is the actor's, in the order of the names' own actions.

    `preparing`: what they may propose to whoever decides, instead.
    """
    views: dict[tuple[str, str, str], list[tuple[int, MoveView]]] = defaultdict(list)
    steps: dict[tuple[str, str], tuple[Titled, Words]] = {}
    for nomination_id, locked in read_nominations(session, open_ids, actor=actor, now=now).items():
        state, definition = locked.facts.state, shown_definition(session, locked.definition_id)
        route = Titled(definition.key, words_of(definition.title))
        step = state_words(definition, state, locked.facts.cluster_kind)
        steps.setdefault((route.code, state), (route, step))
        for view in moves_of(
            session, actor=actor, locked=locked, now=now, with_assignees=False, preparing=preparing
        ):
            if view.name not in _OF_ONE_NAME:
                views[view.name, route.code, state].append((nomination_id, view))
    return tuple(
        _action(name, state, *steps[route, state], found)
        for (name, route, state), found in views.items()
        if any(view.is_open or (view.kind is MoveKind.MOVE and _is_theirs(view)) for _, view in found)
    )


def _is_theirs(view: MoveView) -> bool:
    return all(reason.code != NOT_YOURS for reason in view.refusals)


def _action(
    name: str, state: str, route: Titled, step: Words, found: Sequence[tuple[int, MoveView]]
) -> ListAction:
    takes = tuple(nomination_id for nomination_id, view in found if view.is_open)
    form = next((view for _, view in found if view.is_open), found[0][1])
    refused = _refused(found)
    return ListAction(name, state, route, form.label, step, form, len(found), takes, _leads(found), refused)


def _leads(found: Sequence[tuple[int, MoveView]]) -> tuple[Lead, ...]:
    by_step: dict[Titled, list[int]] = defaultdict(list)
    for nomination_id, view in found:
        if view.is_open and len(view.dests) == 1:
            by_step[view.dests[0]].append(nomination_id)
    return tuple(Lead(dest, tuple(ids)) for dest, ids in by_step.items())


def _refused(found: Sequence[tuple[int, MoveView]]) -> tuple[RefusedFor, ...]:
    """Return each reason with its names, the commonest first; two missing papers are two reasons."""
    reasons: dict[tuple[str, str], tuple[Reason, list[int]]] = {}
    for nomination_id, view in found:
        for reason in view.refusals:
            reasons.setdefault((reason.code, reason.message), (reason, []))[1].append(nomination_id)
    told = [RefusedFor(reason, len(ids), tuple(ids)) for reason, ids in reasons.values()]
    return tuple(sorted(told, key=lambda one: -one.names))
