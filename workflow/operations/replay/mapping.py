"""What the activities of a log mean: each a move made by a role, or ignored."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from workflow.domain.definition import Definition
from workflow.domain.errors import InvalidLog
from workflow.operations.replay.log import LogEvent


class MappedMove(BaseModel):
    """The move an activity stands for, and the role that makes it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    move: str
    by: str


class Mapping(BaseModel):
    """A replay's mapping: the workflow to run, a prefix for what is made up, and every activity's meaning."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    workflow: str
    case_prefix: Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9]{0,7}$")]
    events: Annotated[dict[str, MappedMove | Literal["ignore"]], Field(min_length=1)]

    def move_of(self, event: LogEvent) -> MappedMove | None:
        """Return what an event's activity stands for, None when it is ignored."""
        meant = self.events[event.activity]
        return meant if isinstance(meant, MappedMove) else None


def read_mapping(path: Path) -> Mapping:
    """Return a mapping file's content, or raise `InvalidLog` with every problem and its place."""
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise InvalidLog(f"{path.name}: cannot be read: {error}.") from error
    try:
        return Mapping.model_validate(content)
    except ValidationError as error:
        problems = (f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
        raise InvalidLog("\n".join(f"{path.name}: {problem}." for problem in problems)) from error


def check_mapping(
    mapping: Mapping, definition: Definition, events: Sequence[LogEvent], *, log_name: str
) -> None:
    """Raise `InvalidLog` unless every mapped move exists for its role and every activity is mapped."""
    problems = [
        f"{activity!r}: '{definition.key}' has no move '{meant.move}' by '{meant.by}'."
        for activity, meant in mapping.events.items()
        if isinstance(meant, MappedMove) and not _exists(meant, definition)
    ]
    first_lines: dict[str, int] = {}
    for event in events:
        if event.activity not in mapping.events:
            first_lines.setdefault(event.activity, event.line)
    problems += [
        f"{log_name}:{line}: the mapping does not know the activity {activity!r}."
        for activity, line in first_lines.items()
    ]
    if problems:
        raise InvalidLog("\n".join(problems))


def _exists(meant: MappedMove, definition: Definition) -> bool:
    return any(
        move.name == meant.move and (by := definition.by_of(move, source)) is not None and by.role == meant.by
        for move in definition.moves
        for source in move.sources
    )
