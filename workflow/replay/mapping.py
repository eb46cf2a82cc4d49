"""What the activities of a log mean: each a move made by a role, or ignored."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Final

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PrivateAttr,
    StrictStr,
    StringConstraints,
    ValidationError,
)

from workflow.domain.errors import InvalidLog
from workflow.domain.reading import Document, NotText, Place, decoded, meant, read_document
from workflow.domain.route.definition import Definition
from workflow.domain.route.misread import misread
from workflow.replay.log import LogEvent

IGNORE: Final = "ignore"
_LARGEST_BYTES: Final = 1024 * 1024
_EXPECTED: Final = "a mapping with workflow, case_prefix and events"


class MappedMove(BaseModel):
    """The move an activity stands for, and the role that makes it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    move: StrictStr
    by: StrictStr


def _meaning(value: object) -> object:
    """Take `ignore` for nothing, and refuse every other word: only a mapping can be a move."""
    if value == IGNORE:
        return None
    if isinstance(value, dict):
        return value
    close = meant(value, [IGNORE]) if isinstance(value, str) else ""
    hint = close if "did you mean" in close else ""
    raise ValueError(f"expected {{move: NAME, by: ROLE}} or {IGNORE}{hint}")


class Mapping(BaseModel):
    """A replay's mapping: the workflow to run, a prefix for what is made up, and every activity's meaning.

    An activity that means nothing (`ignore` in the file) is None.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    workflow: StrictStr
    case_prefix: Annotated[StrictStr, StringConstraints(pattern=r"^[A-Z][A-Z0-9]{0,7}$")]
    events: Annotated[dict[str, Annotated[MappedMove | None, BeforeValidator(_meaning)]], Field(min_length=1)]
    _name: str = PrivateAttr(default="the mapping")
    _document: Document = PrivateAttr(default_factory=Document)

    def move_of(self, event: LogEvent) -> MappedMove | None:
        """Return what an event's activity stands for, None when it is ignored."""
        return self.events[event.activity]

    def at(self, *place: str) -> str:
        """Say where in its file something stands, as in `mapping.yaml:7`."""
        return f"{self._name}:{self._document.line(place)}"

    def read_from(self, name: str, document: Document) -> None:
        """Remember which file said all this, and where."""
        self._name, self._document = name, document


def read_mapping(path: Path) -> Mapping:
    """Return a mapping file's content, or raise `InvalidLog` with every problem and its line."""
    document = read_document(_text(path), _EXPECTED)
    found = list(document.problems)
    mapping = None
    if isinstance(document.data, dict):
        try:
            mapping = Mapping.model_validate(document.data)
        except ValidationError as error:
            found += misread(error.errors(), document, _words_at)
    if mapping is None or found:
        lines = (f"{path.name}:{line}: {message}." for line, message in sorted(set(found)))
        raise InvalidLog("\n".join(lines))
    mapping.read_from(path.name, document)
    return mapping


def check_mapping(
    mapping: Mapping, definition: Definition, events: Sequence[LogEvent], *, log_name: str
) -> None:
    """Raise `InvalidLog` unless every mapped move exists for its role and every activity is mapped."""
    problems = [
        f"{mapping.at('events', activity)}: {activity!r}: {_unfit(move, definition)}."
        for activity, move in mapping.events.items()
        if move is not None and not _exists(move, definition)
    ]
    first_lines: dict[str, int] = {}
    for event in events:
        if event.activity not in mapping.events:
            first_lines.setdefault(event.activity, event.line)
    problems += [
        f"{log_name}:{line}: the mapping does not know the activity {activity!r}{_close(activity, mapping)}."
        for activity, line in first_lines.items()
    ]
    if problems:
        raise InvalidLog("\n".join(problems))


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > _LARGEST_BYTES:
            raise InvalidLog(f"{path.name}:1: larger than {_LARGEST_BYTES // 1024} KB; no mapping is.")
        return decoded(path.read_bytes())
    except NotText as error:
        raise InvalidLog(f"{path.name}:{error.line}: {error}.") from error
    except OSError as error:
        raise InvalidLog(f"{path.name}: cannot be read: {error.strerror}.") from error


def _words_at(place: Place) -> list[str]:
    part = MappedMove if place[:1] == ("events",) and len(place) > 1 else Mapping
    return list(part.model_fields)


def _unfit(move: MappedMove, definition: Definition) -> str:
    """Say what a move or its role should have been."""
    named = [one for one in definition.moves if one.name == move.move]
    if not named:
        names = dict.fromkeys(one.name for one in definition.moves)
        return f"'{definition.key}' has no move '{move.move}'{meant(move.move, names)}"
    roles = dict.fromkeys(
        by.role for one in named for source in one.sources if (by := definition.by_of(one, source))
    )
    return f"'{definition.key}' has no move '{move.move}' by '{move.by}'{meant(move.by, roles)}"


def _close(activity: str, mapping: Mapping) -> str:
    close = meant(activity, mapping.events)
    return close if "did you mean" in close else ""


def _exists(move: MappedMove, definition: Definition) -> bool:
    return any(
        one.name == move.move and (by := definition.by_of(one, source)) is not None and by.role == move.by
        for one in definition.moves
        for source in one.sources
    )
