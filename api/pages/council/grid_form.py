"""The grid of a council's results as it was sent: each line read by the model for programs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final

from pydantic import ValidationError
from werkzeug.datastructures import MultiDict

from api.catalogue import say
from api.inputs.submissions import InboxDecision
from api.pages.council.pasted import COLUMNS, plain_count
from api.pages.typed import word_of
from api.reading import read_said
from workflow.domain.errors import InvalidField
from workflow.domain.facts import VoteEntry
from workflow.domain.numerals import whole_number
from workflow.domain.vocabulary import Via, VoteResult
from workflow.domain.votes import COUNTS_FIELD, demand_counts, result_of
from workflow.operations.nominations.commands import Command
from workflow.queries.votes.waiting_names import WaitingName

_SEEN: Final = "seen"
_OF_SESSION: Final = ("members", "present")
_NONE: Final[Mapping[str, str]] = {}


@dataclass(frozen=True, slots=True)
class GridLine:
    """One line as it was typed: whose, at which version it was seen, and its cells by column."""

    nomination_id: int
    version: int
    cells: Mapping[str, str]

    @property
    def is_typed(self) -> bool:
        """Whether anything was entered in it."""
        return any(text.strip() for text in self.cells.values())


@dataclass(frozen=True, slots=True)
class CheckedLine:
    """A line that was read: its order with the counts, or what is wrong by column; `result` where known."""

    line: GridLine
    command: Command | None = None
    result: VoteResult | None = None
    wrong: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Session:
    """What is said once for all lines: members and voters as typed, and the day of the session."""

    typed: Mapping[str, str]
    voted_on: date


def read_lines(form: MultiDict[str, str]) -> dict[int, GridLine]:
    """Return the lines of the form in its order, by nomination; a line that names none is passed over."""
    lines: dict[int, GridLine] = {}
    for name in form:
        prefix, _, number = name.partition("-")
        if prefix != _SEEN:
            continue
        try:
            nomination_id = whole_number(number, field=_SEEN, least=1)
            version = whole_number(form[name], field=_SEEN)
        except InvalidField:
            continue
        cells = {column: form.get(f"{column}-{nomination_id}", "") for column in COLUMNS}
        lines[nomination_id] = GridLine(nomination_id, version, cells)
    return lines


def fill(
    lines: Mapping[int, GridLine], pasted: Mapping[int, Mapping[str, str]], names: Sequence[WaitingName]
) -> dict[int, GridLine]:
    """Return the lines with what was pasted in their cells; a cell that the sheet leaves empty stays."""
    filled = {one.nomination_id: GridLine(one.nomination_id, one.version, _NONE) for one in names} | dict(
        lines
    )
    for nomination_id, cells in pasted.items():
        line = filled[nomination_id]
        given = {name: text for name, text in cells.items() if text}
        filled[nomination_id] = replace(line, cells={**line.cells, **given})
    return filled


def check(line: GridLine, session: Session, name: WaitingName | None, locale: str) -> CheckedLine:
    """Read one line as the order that a program would send; `name` is None of what does not wait any more."""
    counts = {column: _cell(line, session, column) for column in COLUMNS}
    if not counts["blank"]:
        counts["blank"] = "0"
    # All that is wrong in a line is said at once: what is no number beside what is left empty.
    empty = {column: say(locale, "form.required") for column, text in counts.items() if not text}
    said = {
        "nomination": line.nomination_id,
        "version": line.version,
        "occurred_on": session.voted_on.isoformat(),
        "decision": {"counts": {column: _number(text) for column, text in counts.items() if text}},
    }
    try:
        read = read_said(InboxDecision, said)
    except ValidationError as problem:
        errors = problem.errors(include_url=False)
        return CheckedLine(
            line, wrong={str(one["loc"][-1]): word_of(one) for one in reversed(errors)} | empty
        )
    if empty:
        return CheckedLine(line, wrong=empty)
    command = Command(line.nomination_id, line.version, read.move, Via.WEB)
    entry = command.request.vote
    if entry is None:
        raise RuntimeError("a line of the grid was read without its counts")
    wrong = _impossible(entry, locale)
    if wrong or name is None:
        return CheckedLine(line, None if wrong else command, wrong=wrong)
    return CheckedLine(line, command, result_of(entry, name.percent))


def _cell(line: GridLine, session: Session, column: str) -> str:
    """Return a cell as a number is written, that of the session where the line has none of its own."""
    text = plain_count(line.cells.get(column, ""))
    return text or (plain_count(session.typed.get(column, "")) if column in _OF_SESSION else "")


def _number(text: str) -> object:
    try:
        return whole_number(text, field=COUNTS_FIELD)
    except InvalidField:
        return text


def _impossible(entry: VoteEntry, locale: str) -> dict[str, str]:
    """Say of counts that cannot be, beside the cell that is to be looked at."""
    try:
        demand_counts(entry)
    except InvalidField as refusal:
        cast = entry.in_favour + entry.against + entry.blank
        parts = {"cast": cast, "present": entry.present, "members": entry.members}
        columns = {error.field.rpartition(".")[2] for error in refusal.errors}
        if entry.present is not None and entry.present > entry.members:
            return {"present": say(locale, "votes.more_than_members", **parts)}
        if "present" in columns:
            return {"present": say(locale, "votes.do_not_add_up", **parts)}
        return {column: say(locale, "form.votes_differ") for column in columns}
    return {}
