"""Whether a definition file can be used: every problem at once, each with its line.

First the words (each part on its own), then the route as a whole (`route_checks`).
"""

from contextlib import suppress
from dataclasses import dataclass
from typing import Final, TypeVar

from pydantic import BaseModel, ValidationError

from workflow.domain.checking.route_checks import check_owed, check_route
from workflow.domain.errors import FieldError, InvalidDefinition
from workflow.domain.reading import Document, Place, read_document
from workflow.domain.route.definition import (
    Definition,
    Label,
    Move,
    OwedPaper,
    ReasonEntry,
    RoleEntry,
    RungEntry,
    Step,
)
from workflow.domain.route.misread import misread
from workflow.domain.route.shorthand import Defaults, Shorthand, written_out
from workflow.domain.vocabulary import Role, RoleScope

_PARTS: Final[dict[str, type[BaseModel]]] = {
    "steps": Step,
    "moves": Move,
    "roles": RoleEntry,
    "reasons": ReasonEntry,
    "ladder": RungEntry,
    "owed": OwedPaper,
    "label": Label,
    "public_label": Label,
    "title": Label,
    "defaults": Defaults,
}

# What stands in for a field that could not be read, so that the rest of its part is still looked at.
_STAND_INS: Final[dict[str, object]] = {
    "label": {"vi": "?", "en": "?"},
    "public_label": {"vi": "?", "en": "?"},
    "owner": f"{Role.HEAD}@{RoleScope.ROUND}",
    "by": f"{Role.HEAD}@{RoleScope.ROUND}",
    "due": "1000 working_days",
    "ladder": [],
    "without": [],
    "guards": [],
}

_Part = TypeVar("_Part", bound=BaseModel)


@dataclass(frozen=True, order=True, slots=True)
class DefinitionProblem:
    """Something wrong with a definition file; `line` counts from 1."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


def check(text: str, filename: str) -> list[DefinitionProblem]:
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


def read_in_full(text: str) -> Document:
    """Return what a definition file says with its named ladders and defaults written out."""
    return written_out(read_document(text), _words_at)


def _examine(text: str, filename: str) -> tuple[Definition | None, list[DefinitionProblem]]:
    document = read_in_full(text)
    found = list(document.problems)
    definition = None
    if isinstance(document.data, dict):
        try:
            definition = Definition.model_validate(document.data)
        except ValidationError as error:
            found.extend(misread(error.errors(), document, _words_at))
        steps, moves = document.data.get("steps"), document.data.get("moves")
        found.extend(check_route(document, _readable(steps, Step), _readable(moves, Move)))
        found.extend(check_owed(document, _readable([document.data.get("owed")], OwedPaper).get(0)))
    return definition, sorted({DefinitionProblem(filename, line, message) for line, message in found})


def _words_at(place: Place) -> list[str]:
    """Give the words that may stand at a place of the file."""
    names = [part for part in place if isinstance(part, str)]
    if not names:
        return _words_of(Definition) + _words_of(Shorthand)
    if names[0] == "ladders":
        return _words_of(RungEntry) if len(names) > 1 else []
    return _words_of(_PARTS.get(names[-1], Definition))


def _words_of(part: type[BaseModel]) -> list[str]:
    return [info.alias or name for name, info in part.model_fields.items()]


def _readable(value: object, part: type[_Part]) -> dict[int, _Part]:
    """Read the entries of a list by their place in it, mending what does not matter to the route."""
    found = {}
    for number, entry in enumerate(value if isinstance(value, list) else []):
        with suppress(ValidationError):  # what is wrong with it is reported with the words
            found[number] = part.model_validate(_mended(entry, part))
    return found


def _mended(entry: object, part: type[BaseModel]) -> object:
    try:
        part.model_validate(entry)
    except ValidationError as error:
        if not isinstance(entry, dict):
            return entry
        mended = dict(entry)
        for problem in error.errors():
            word = problem["loc"][0] if problem["loc"] else None
            if problem["type"] == "extra_forbidden" and len(problem["loc"]) == 1:
                mended.pop(word, None)
            elif word in _STAND_INS:
                mended[word] = _STAND_INS[str(word)]
        return mended
    return entry
