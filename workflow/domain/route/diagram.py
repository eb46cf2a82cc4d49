"""Definitions as people read them: a Mermaid picture of the route, and the page `docs/workflow.md`."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from workflow.domain.route.definition import DEFAULT_REASONS, Definition, Move, Step, Timing
from workflow.domain.route.guards import DECISION_GUARD, VOTE_GUARD
from workflow.domain.route.predicates import Decider, branches_of
from workflow.domain.vocabulary import SubjectKind

_BRANCH_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        SubjectKind.PERSON: "individuals",
        SubjectKind.COLLECTIVE: "collectives",
        Decider.HERE: "decided here",
        Decider.ABOVE: "decided above",
    },
    "vi": {
        SubjectKind.PERSON: "cá nhân",
        SubjectKind.COLLECTIVE: "tập thể",
        Decider.HERE: "thuộc thẩm quyền",
        Decider.ABOVE: "trình cấp trên",
    },
}
_FORM_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    DECISION_GUARD: {"en": "number, date, signer", "vi": "số, ngày, người ký"},
    VOTE_GUARD: {"en": "counts", "vi": "số phiếu"},
}
_INTRODUCTION: Final = (
    "# Workflows",
    "",
    "Written from `workflow/definitions` by `python -m tests.support.write_workflow_page`; a test fails when",
    "this page is stale. [Writing a route](writing-routes.md) has the words of such a file.",
    "",
    "Built in, and never a move: recall, withdraw, claim, release, reassign, take_over, hold, release_hold,",
    "undo, request_info, answer_info, ask_opinion, receive_opinion, record_outcome, annul, reinstate,",
    "prepare, prepare_again. A withdrawn nomination is in the state `withdrawn`, one whose award was",
    "annulled in `annulled`: every route has both without saying so. A return or rejection that needs a",
    "reason names one of these, unless the route has its own:",
)
# Marks that would end a label early in a Mermaid state diagram.
_PLAIN: Final = str.maketrans({'"': "'", ":": " ", ";": ",", "#": "", "\n": " ", "<": "(", ">": ")"})


def mermaid(definition: Definition, locale: str = "en") -> str:
    """Draw the route as a Mermaid state diagram, one arrow for each move from each step it leaves."""
    lines = ["stateDiagram-v2", "    direction TB"]
    lines += [f'    state "{_plain(step.label.text(locale))}" as {step.name}' for step in definition.steps]
    lines.append(f"    [*] --> {definition.initial}")
    for step in definition.steps:
        for move in definition.moves_from(step.name):
            words = _plain(_arrow_words(move, locale))
            lines += [f"    {step.name} --> {dest}: {words}" for dest in move.dests_from(step.name)]
    lines += [f"    {step.name} --> [*]" for step in definition.steps if step.final]
    return "\n".join(lines) + "\n"


def workflow_page(definitions: Sequence[Definition]) -> str:
    """Write `docs/workflow.md`: each route as a picture, its steps and its moves."""
    parts = list(_INTRODUCTION)
    parts += ["", "| Reason | Tiếng Việt | English |", "| --- | --- | --- |"]
    parts += [f"| `{entry.code}` | {entry.label.vi} | {entry.label.en} |" for entry in DEFAULT_REASONS]
    for definition in definitions:
        parts += ["", *_section(definition)]
    return "\n".join(parts) + "\n"


def _section(definition: Definition) -> list[str]:
    title = definition.title
    return [
        f"## {title.vi} ({title.en})",
        "",
        f"Key `{definition.key}`, version {definition.version}, calendar `{definition.calendar}`.",
        "",
        "```mermaid",
        mermaid(definition).rstrip(),
        "```",
        "",
        *_table(
            ("Step", "Stage", "Tiếng Việt", "English", "Owner", "Due", "Ladder"),
            (_step_row(step) for step in definition.steps),
        ),
        "",
        *_table(
            ("Move", "From", "To", "By", "Tiếng Việt", "English", "Needs"),
            (_move_row(move) for move in definition.moves),
        ),
    ]


def _step_row(step: Step) -> tuple[str, ...]:
    ladder = _ladder_words(step)
    without = f" (without {', '.join(step.without)})" if step.without else ""
    owner = f"`{step.owner}`" if step.owner else ""
    owner += f" (time of: {step.party})" if step.party else ""
    due = _due_words(step) if step.due else ""
    if step.returned is not None:
        due = f"{due or 'none'}; after a return {_due_words(step.returned)}"
        ladder = f"{ladder or 'none'}; after a return {_ladder_words(step.returned) or 'none'}"
    return (f"`{step.name}`{without}", step.stage, step.label.vi, step.label.en, owner, due, ladder)


def _due_words(timing: Timing) -> str:
    return f"{timing.due}" + (f" (doubled when: {timing.doubled_when})" if timing.doubled_when else "")


def _ladder_words(timing: Timing) -> str:
    return "; ".join(f"{rung.at}: {rung.do} {rung.to}" for rung in timing.rungs)


def _move_row(move: Move) -> tuple[str, ...]:
    needs = [f"`{guard}`" for guard in move.guards]
    if move.reason_required:
        needs.append("reason and comment")
    return (
        f"`{move.name}`",
        ", ".join(move.sources),
        ", ".join(move.dests),
        f"`{move.by}`",
        move.label.vi,
        move.label.en,
        ", ".join(needs),
    )


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> list[str]:
    lines = [head, tuple("---" for _ in head), *rows]
    return ["| " + " | ".join(cell.replace("|", "/") for cell in line) + " |" for line in lines]


def _arrow_words(move: Move, locale: str) -> str:
    language = "en" if locale.startswith("en") else "vi"
    remarks = [_BRANCH_WORDS[language][branch.value] for branch in branches_of(move.guards)]
    remarks += [words[language] for guard, words in _FORM_WORDS.items() if guard in move.guards]
    words = move.label.text(locale)
    return f"{words} ({', '.join(remarks)})" if remarks else words


def _plain(words: str) -> str:
    return words.translate(_PLAIN)
