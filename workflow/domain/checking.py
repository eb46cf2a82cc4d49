"""Whether a definition file can be used: every problem at once, each with its line.

First the words (each part on its own), then the route as a whole (`route_checks`).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from workflow.domain.definition import (
    Definition,
    Label,
    Move,
    ReasonEntry,
    RoleEntry,
    Rung,
    Step,
)
from workflow.domain.errors import FieldError, InvalidDefinition
from workflow.domain.reading import Document, Place, meant, read_document
from workflow.domain.route_checks import check_route

_PARTS: Final[dict[str, type[BaseModel]]] = {
    "steps": Step,
    "moves": Move,
    "roles": RoleEntry,
    "reasons": ReasonEntry,
    "ladder": Rung,
    "label": Label,
    "public_label": Label,
    "title": Label,
}
_QUOTED_LENGTH: Final = 60
_QUOTED: Final = re.compile("'([^']+)'")


@dataclass(frozen=True, order=True, slots=True)
class Problem:
    """Something wrong with a definition file; `line` counts from 1."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


def check(text: str, filename: str) -> list[Problem]:
    """List every problem of a definition file by line; an empty list means it can be published."""
    return _examine(text, filename)[1]


def load(text: str, filename: str) -> Definition:
    """Build the definition of a file, or raise InvalidDefinition with every problem."""
    definition, problems = _examine(text, filename)
    if definition is None or problems:
        count = "one problem" if len(problems) == 1 else f"{len(problems)} problems"
        raise InvalidDefinition(
            f"{filename} has {count}: "
            + "; ".join(f"line {found.line}: {found.message}" for found in problems),
            errors=[FieldError(f"{found.file}:{found.line}", found.message) for found in problems],
        )
    return definition


def _examine(text: str, filename: str) -> tuple[Definition | None, list[Problem]]:
    document = read_document(text)
    found = list(document.problems)
    definition = None
    if isinstance(document.data, dict):
        try:
            definition = Definition.model_validate(document.data)
        except ValidationError as error:
            found.extend(_structural(error.errors(), document))
        found.extend(check_route(document))
    return definition, sorted({Problem(filename, line, message) for line, message in found})


def _structural(errors: Iterable[ErrorDetails], document: Document) -> Iterable[tuple[int, str]]:
    for error in errors:
        place: Place = error["loc"]
        yield document.line(place), _in_words(error, place)


def _in_words(error: ErrorDetails, place: Place) -> str:
    word = next((str(part) for part in reversed(place) if isinstance(part, str)), "the file")
    value = error["input"]
    quoted = repr(value) if len(repr(value)) <= _QUOTED_LENGTH else repr(value)[:_QUOTED_LENGTH] + "..."
    match error["type"]:
        case "missing":
            said = f"'{word}' is missing"
        case "extra_forbidden":
            said = f"unknown word '{word}'{meant(word, _words_at(place[:-1]))}"
        case "enum":
            said = f"unknown {word} {quoted}{meant(str(value), _QUOTED.findall(error['ctx']['expected']))}"
        case "value_error":
            said = f"{word}: {error['ctx']['error']}"
        case "string_pattern_mismatch":
            said = f"{word}: {quoted} is not a name (lower-case letters, digits and _, a letter first)"
        case "too_short" | "string_too_short":
            said = f"'{word}' must not be empty"
        case _:
            said = f"{word}: {error['msg'][0].lower()}{error['msg'][1:]}, not {quoted}"
    return said


def _words_at(place: Place) -> list[str]:
    """Give the words that may stand at a place of the file."""
    names = [part for part in place if isinstance(part, str)]
    part = _PARTS.get(names[-1], Definition) if names else Definition
    return [info.alias or name for name, info in part.model_fields.items()]
