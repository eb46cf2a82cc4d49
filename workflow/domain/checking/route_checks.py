"""Whether the parts of a definition make a route that works: names, seats, time, guards."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Final

from workflow.domain.checking.code_checks import check_code
from workflow.domain.checking.route_graph import RawMove, check_graph, raw_moves, raw_steps
from workflow.domain.papers.rules import PaperAction
from workflow.domain.reading import NO_STAR, Document, Place, meant
from workflow.domain.remarks import Remark
from workflow.domain.rights.scope import SUBTREE_ROLES
from workflow.domain.route.definition import (
    REVIEW_STAGES,
    SWITCHABLE,
    Move,
    OwedPaper,
    Step,
    Timing,
)
from workflow.domain.route.guards import DECISION_GUARD, GUARDS, VOTE_GUARD, VOTE_RESULT_GUARDS
from workflow.domain.route.predicates import contradicting, exclude_each_other
from workflow.domain.route.role_at import Owner, RoleAt
from workflow.domain.route.states import BUILT_IN_STATES
from workflow.domain.time.due import budget_of
from workflow.domain.time.ladder import reminders_replaced, rungs_out_of_order
from workflow.domain.vocabulary import FINAL_STAGES, BuiltIn, Recipient, Role, RoleScope

Found = tuple[int, str]

RESERVED_ACTIONS: Final = (
    frozenset(BuiltIn)
    | frozenset(PaperAction)
    | frozenset(Remark)
    | {
        "delegate",
        "undo",
    }
)
"""Actions that are built in, now or by the contract later, and therefore never names of moves."""

_RUNG_CHECKS: Final = (
    (rungs_out_of_order, "rungs are out of order, '{at}' comes before the one above it"),
    (
        reminders_replaced,
        "the reminder '{at}' to {to} gives way to the warning of an escalation; move it, or `warn: false`",
    ),
)
_READS_ONLY: Final = frozenset({Role.AUDITOR})
_NEVER_ENTERS_DECISIONS: Final = frozenset({Role.NOMINATOR})


def check_route(document: Document, steps: Mapping[int, Step], moves: Mapping[int, Move]) -> Iterator[Found]:
    """Find what is wrong with a route beyond its spelling.

    `steps` and `moves` are those that could be read, by their place in the file.
    """
    data = document.data if isinstance(document.data, dict) else {}
    names = [name for name, _ in raw_steps(data).values()]
    yield from _check_names(document, data, names)
    roles = frozenset(Role) | frozenset(_entries(data.get("roles"), "name").values())
    for number, step in steps.items():
        line = document.line(("steps", number))
        yield from ((line, f"step '{step.name}' {message}") for message in _check_step(step))
        if step.owner is not None:
            owner_line = document.line(("steps", number, "owner"))
            yield from ((owner_line, message) for message in _check_role(step.owner, roles))
            if step.name == data.get("initial") and step.owner.scope is not RoleScope.SUBJECT_UNIT:
                drafts = f"{step.owner.role}@{RoleScope.SUBJECT_UNIT}"
                yield owner_line, f"step '{step.name}' is drafted for a unit; its owner must be '{drafts}'"
        yield from _check_ladder(document, number, step)
    owned = {step.name for step in steps.values() if step.owner is not None or step.final}
    ownerless = {step.name for step in steps.values()} - owned
    for number, move in moves.items():
        yield from _check_move(document, number, move, roles)
        word = document.line(("moves", number, "by_code"))
        yield from (
            (word, message) for message in check_code(move, {one.name: one for one in steps.values()})
        )
        if move.by is Owner.OF_STEP:
            line = document.line(("moves", number, "by"))
            for name in sorted(ownerless & set(move.sources)):
                yield line, f"move '{move.name}' is by the owner, but step '{name}' has none"
    raw = raw_moves(data)
    yield from _check_step_words(document, raw, names)
    yield from _check_twins(document, raw)
    # A way that could not be read is reported itself; what it leaves unreachable would hide it.
    if len(steps) == len(raw_steps(data)) and len(moves) == len(_listed(data.get("moves"))):
        yield from check_graph(document, data)


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _entries(value: object, key: str) -> dict[int, str]:
    """Give the names in a list of mappings or plain words."""
    found = {}
    for number, entry in enumerate(_listed(value)):
        name = entry.get(key) if isinstance(entry, dict) else entry
        if isinstance(name, str):
            found[number] = name
    return found


def _check_names(document: Document, data: dict[str, object], names: list[str]) -> Iterator[Found]:
    initial = data.get("initial")
    if isinstance(initial, str) and initial not in names:
        yield document.line(("initial",)), f"unknown step '{initial}'{meant(initial, names)}"
    for part, key in (("steps", "name"), ("roles", "name"), ("reasons", "code")):
        entries = _entries(data.get(part), key)
        seen: set[str] = set()
        for number, name in entries.items():
            line = document.line((part, number))
            if name in seen:
                yield line, f"'{name}' is declared twice under {part}"
            seen.add(name)
            if part == "roles" and name in list(Role):
                yield line, f"the role '{name}' is built in and need not be declared"
            if part == "steps" and name in BUILT_IN_STATES:
                yield line, f"'{name}' is built in and cannot be a step"


def _check_step(step: Step) -> Iterator[str]:
    if step.stage in BUILT_IN_STATES.values():
        yield f"cannot have the stage '{step.stage}', which is built in"
    elif step.final != (step.stage in FINAL_STAGES):
        is_final = "is final" if step.final else "is not final"
        yield f"{is_final}, but its stage is '{step.stage}': exactly approved and rejected are final"
    yield from _check_final_step(step) if step.final else _check_open_step(step)


def _check_final_step(step: Step) -> Iterator[str]:
    for is_there, word in (
        (step.owner, "an owner"),
        (step.due, "a due date"),
        (step.doubled_when, "time that is doubled"),
        (step.rungs, "a ladder"),
        (step.returned, "a timing after a return"),
        (step.party, "a party"),
    ):
        if is_there:
            yield f"is final and cannot have {word}"


def _check_open_step(step: Step) -> Iterator[str]:
    is_review = step.stage in REVIEW_STAGES
    without = "is a review step without" if is_review else "has no"
    if step.owner is None:
        yield f"{without} owner: nobody could work on it"
    if step.due is None and is_review:
        yield f"{without} due: nobody would be reminded"
    if step.due is None and step.rungs:
        yield "has a ladder but no due to count it from"
    for timing, after in ((step, ""), (step.returned, " after a return")):
        if timing is None or timing.doubled_when is None:
            continue
        if not is_review:
            yield f"doubles its time{after}, but only a review step asks an outside office"
        elif timing.due is None or budget_of(timing.due) is None:
            yield f"doubles its time{after}, but has no period that could be doubled"
    for action in step.without:
        if action not in SWITCHABLE:
            yield f"cannot switch off '{action}': only {', '.join(sorted(SWITCHABLE))}"


def _check_ladder(document: Document, number: int, step: Step) -> Iterator[Found]:
    for place, timing in ((("steps", number), step), (("steps", number, "returned"), step.returned)):
        if timing is not None:
            yield from _check_rungs(document, place, f"step '{step.name}'", timing)


def check_owed(document: Document, owed: OwedPaper | None) -> Iterator[Found]:
    """Find what is wrong with the ladder of what units owe a round; its day is the round's."""
    if owed is None:
        return
    yield from _check_rungs(document, ("owed",), "what units owe", owed)
    for place, rung in enumerate(owed.rungs):
        if rung.to is Recipient.STANDING_BODY:
            line = document.line(("owed", "ladder", place))
            yield line, f"the rung '{rung.at}' goes to {rung.to}, which no unit has: write head or next_level"


def _check_rungs(document: Document, place: Place, name: str, timing: Timing | OwedPaper) -> Iterator[Found]:
    there = (*place, "ladder")
    origin = document.origins.get(there)
    whose = origin or name
    # What a shared ladder has wrong by itself is told once; a due may disorder it for one step alone.
    due = timing.due if isinstance(timing, Timing) else None
    budget = budget_of(due) if due is not None else None
    longer = timing.while_asked(is_asked=True).due if isinstance(timing, Timing) else None
    for find, says in _RUNG_CHECKS if due is not None or isinstance(timing, OwedPaper) else ():
        always = find(timing.ladder, None) if origin else ()
        normal = find(timing.ladder, budget)
        # A ladder in order for one period may not be for twice as many days.
        when_doubled = find(timing.ladder, budget_of(longer)) if longer not in {None, due} else ()
        for ordinal in (*normal, *(one for one in when_doubled if one not in normal)):
            entry = timing.rungs[ordinal - 1]
            under = f" under {name}" if origin and ordinal not in always else ""
            under += "" if ordinal in normal else " when its time is doubled"
            line = document.line((*there, ordinal - 1))
            yield line, f"{whose}{under}: {says.format(at=entry.at, to=entry.to)}"
    for rung, count in Counter(timing.ladder).items():
        if count > 1:
            last = len(timing.ladder) - 1 - timing.ladder[::-1].index(rung)
            line = document.line((*there, last))
            yield line, f"{whose}: the rung '{rung.at}' is there {count} times"


def _check_role(at: RoleAt, roles: frozenset[str]) -> Iterator[str]:
    if at.role not in roles:
        yield f"unknown role '{at.role}'{meant(at.role, sorted(roles))} (roles of your own stand under roles)"
    elif at.scope is RoleScope.ALL and at.role not in SUBTREE_ROLES:
        sits = ", ".join(sorted(SUBTREE_ROLES - _READS_ONLY))
        yield (
            f"nobody ever holds '{at}': only {sits} sit at @{RoleScope.ALL}, every other role at a place; "
            f"write '{at.role}@{RoleScope.SUBJECT_UNIT}'"
        )
    elif at.role in _READS_ONLY:
        yield f"the role '{at.role}' only reads and can neither own a step nor make a move"


def _check_move(document: Document, number: int, move: Move, roles: frozenset[str]) -> Iterator[Found]:
    place = ("moves", number)
    if move.name in RESERVED_ACTIONS:
        yield document.line((*place, "name")), f"'{move.name}' is built in and cannot be a move"
    if isinstance(move.by, RoleAt):
        yield from ((document.line((*place, "by")), message) for message in _check_role(move.by, roles))
        if DECISION_GUARD in move.guards and move.by.role in _NEVER_ENTERS_DECISIONS:
            line = document.line((*place, "by"))
            yield line, f"`by` and guards contradict: a {move.by.role} never enters a signed decision"
    for position, guard in enumerate(move.guards):
        line = document.line((*place, "guards", position))
        if guard not in GUARDS:
            yield line, f"unknown guard '{guard}'{meant(guard, sorted(GUARDS))}"
        elif guard in move.guards[:position]:
            yield line, f"the guard '{guard}' is there twice"
    yield from _check_guards(document, number, move)


def _check_guards(document: Document, number: int, move: Move) -> Iterator[Found]:
    """Find guards that no request can meet together."""
    line = document.line(("moves", number, "guards"))
    if torn := contradicting(move.guards):
        yield line, f"the guards {' and '.join(torn)} contradict: move '{move.name}' could never be made"
    results = [guard for guard in VOTE_RESULT_GUARDS if guard in move.guards]
    if len(results) > 1:
        yield line, f"the guards {' and '.join(results)} contradict: move '{move.name}' could never be made"
    if results and VOTE_GUARD not in move.guards:
        yield line, f"the guard {results[0]} needs {VOTE_GUARD}: nobody would be asked for the counts"


def _check_step_words(document: Document, moves: dict[int, RawMove], names: list[str]) -> Iterator[Found]:
    for number, move in moves.items():
        for word, listed in (("from", move.sources), ("to", move.dests)):
            for position, name in enumerate(listed):
                line = document.line(("moves", number, word, position))
                if name == "*":
                    yield line, NO_STAR
                elif name not in names:
                    yield line, f"unknown step '{name}'{meant(name, names)}"
                elif name in listed[:position]:
                    yield line, f"'{name}' is there twice under {word}"
        for name in move.sources:
            if name in names and set(move.dests) == {name}:
                line = document.line(("moves", number))
                yield line, f"move '{move.name}' leads from '{name}' to itself"


def _check_twins(document: Document, moves: dict[int, RawMove]) -> Iterator[Found]:
    """Find two moves of one name in one state whose guards do not exclude each other."""
    for number, move in moves.items():
        for earlier, other in moves.items():
            if earlier >= number or move.name != other.name:
                continue
            shared = [name for name in move.sources if name in other.sources]
            if shared and not exclude_each_other(move.guards, other.guards):
                line = document.line(("moves", number))
                first = document.line(("moves", earlier))
                both = f"move '{move.name}' leaves '{shared[0]}' here and in line {first}"
                yield line, f"{both}, and their guards do not exclude each other"
