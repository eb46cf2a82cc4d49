"""Where a route leads: which steps can be reached, and from which the end can be.

The graph is drawn from the plain data, so that a slip in one part does not hide a dead end in another: a
misspelt step counts as the one it resembles, and what cannot be guessed counts as leading on.
"""

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from workflow.domain.reading import Document
from workflow.domain.route.predicates import (
    BRANCHES,
    COMBINATIONS,
    Branch,
    Combination,
    Decider,
    branches_of,
    contradicting,
    lets_pass,
)
from workflow.domain.vocabulary import SubjectKind

_WORDS: Mapping[str, str] = {
    SubjectKind.PERSON: "individuals",
    SubjectKind.COLLECTIVE: "collectives",
    Decider.HERE: "awards decided here",
    Decider.ABOVE: "awards decided above",
}


@dataclass(frozen=True, slots=True)
class RawMove:
    """A move as far as it could be read."""

    name: str
    sources: tuple[str, ...]
    dests: tuple[str, ...]
    guards: tuple[str, ...]


def raw_moves(data: Mapping[str, object]) -> dict[int, RawMove]:
    """Give the moves of a file by place, each as far as it could be read."""
    moves = data.get("moves")
    return {
        number: RawMove(
            str(entry.get("name", "")),
            _words(entry.get("from")),
            _words(entry.get("to")),
            _words(entry.get("guards")),
        )
        for number, entry in enumerate(moves if isinstance(moves, list) else [])
        if isinstance(entry, dict)
    }


def raw_steps(data: Mapping[str, object]) -> dict[int, tuple[str, bool]]:
    """Give the steps of a file by place: the name and whether it is final."""
    steps = data.get("steps")
    return {
        number: (entry["name"], entry.get("final") is True)
        for number, entry in enumerate(steps if isinstance(steps, list) else [])
        if isinstance(entry, dict) and isinstance(entry.get("name"), str)
    }


def check_graph(document: Document, data: Mapping[str, object]) -> Iterator[tuple[int, str]]:
    """Find steps that cannot be reached, steps without a way to the end, and moves never open."""
    steps = raw_steps(data)
    finals = {name for name, is_final in steps.values() if is_final}
    names = [name for name, _ in steps.values()]
    initial = _resembling(data.get("initial"), names)
    moves = raw_moves(data)
    for number, move in moves.items():
        for name in sorted(finals & set(move.sources)):
            line = document.line(("moves", number, "from"))
            yield line, f"move '{move.name}' leaves '{name}', which is final"
    if not names:
        return
    if not finals:
        yield document.line(("steps",)), "there is no final step"
    if initial is None:
        return
    ways = {kind: _ways(moves, names, kind) for kind in COMBINATIONS}
    reached = {kind: _reach({initial}, edges) for kind, edges in ways.items()}
    ending = {kind: _reach({*finals, _SOMEWHERE}, _turned(edges)) for kind, edges in ways.items()}
    for number, (name, is_final) in steps.items():
        line = document.line(("steps", number))
        kinds = [kind for kind in COMBINATIONS if name in reached[kind]]
        if not kinds:
            yield line, f"step '{name}' cannot be reached from '{initial}'"
            kinds = list(COMBINATIONS)
        stuck = [kind for kind in kinds if name not in ending[kind]]
        if finals and stuck and not is_final:
            whose = "" if len(stuck) == len(kinds) else f" for {_whose(stuck)}"
            yield line, f"step '{name}' is a dead end{whose}: no final step can be reached from it"
    yield from _never_open(document, moves, reached)


_SOMEWHERE = "?"


def _whose(kinds: list[Combination]) -> str:
    """Return whom some kinds of nomination have in common and no other has, else the first of them."""
    for branch in BRANCHES.values():
        if [kind for kind in COMBINATIONS if branch in kind] == kinds:
            return _in_words([branch])
    return _in_words([branch for branch in BRANCHES.values() if branch in kinds[0]])


def _in_words(branches: list[Branch]) -> str:
    return ", ".join(_WORDS[branch.value] for branch in branches)


def _never_open(
    document: Document, moves: dict[int, RawMove], reached: dict[Combination, set[str]]
) -> Iterator[tuple[int, str]]:
    """Find moves for one kind of nomination out of steps which only other kinds reach."""
    for number, move in moves.items():
        branches = branches_of(move.guards)
        if not branches or contradicting(move.guards):
            continue
        kinds = [kind for kind in COMBINATIONS if lets_pass(move.guards, kind)]
        for name in move.sources:
            is_reached = any(name in steps for steps in reached.values())
            if is_reached and not any(name in reached[kind] for kind in kinds):
                line = document.line(("moves", number, "guards"))
                whose = _in_words(branches)
                yield line, f"move '{move.name}' can never be made: {whose} never reach '{name}'"


def _ways(moves: dict[int, RawMove], names: list[str], kind: Combination) -> dict[str, set[str]]:
    """Give, for each step, where a nomination of that kind can go."""
    ways: dict[str, set[str]] = {name: set() for name in names}
    for move in moves.values():
        if not lets_pass(move.guards, kind):
            continue
        sources = names if "*" in move.sources else [_resembling(name, names) for name in move.sources]
        for source in sources:
            if source is not None:
                dests = {_resembling(name, names) or _SOMEWHERE for name in move.dests} or {_SOMEWHERE}
                ways[source] |= dests - {source}
    return ways


def _turned(ways: dict[str, set[str]]) -> dict[str, set[str]]:
    turned: dict[str, set[str]] = {}
    for source, dests in ways.items():
        for dest in dests:
            turned.setdefault(dest, set()).add(source)
    return turned


def _reach(start: set[str], ways: Mapping[str, set[str]]) -> set[str]:
    found: set[str] = set()
    waiting = set(start)
    while waiting:
        name = waiting.pop()
        found.add(name)
        waiting |= ways.get(name, set()) - found
    return found


def _resembling(word: object, names: list[str]) -> str | None:
    if not isinstance(word, str):
        return None
    return word if word in names else next(iter(difflib.get_close_matches(word, names, n=1)), None)


def _words(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    return tuple(word for word in value if isinstance(word, str)) if isinstance(value, list) else ()
