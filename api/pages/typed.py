"""A form of a page, read with the model that programs are read with: what one edge refuses, both refuse.

The form is written as the JSON that a program would send and read as that is read. Every wrong field comes
back by its name with words in the visitor's language; what was typed stays with the request.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from types import NoneType, UnionType
from typing import Annotated, Any, Final, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from werkzeug.datastructures import MultiDict

from api.catalogue import say
from api.pages.identity import current_locale
from api.reading import Input, read_said
from workflow.domain.errors import FieldError, InvalidField
from workflow.domain.numerals import whole_number
from workflow.domain.time.typed_days import read_day

Form = TypeVar("Form", bound=Input)
Names = Mapping[str, str]
"""Where a form calls a field of the model otherwise: the field's path, such as `decision.number`."""

_NONE: Final[Mapping[str, Any]] = {}
_TICKS: Final = {"true": True, "1": True, "on": True, "false": False, "0": False, "": False}
_TWICE: Final = "form.twice"
# What a form asks for that nothing was chosen in, where "required" does not say what.
_UNCHOSEN: Final[Mapping[str, str]] = {
    "assignee_id": "form.person_missing",
    "account_id": "form.person_missing",
    **dict.fromkeys(("kind", "how", "purpose"), "form.not_in_list"),
}
_WORDS: Final[Mapping[str, str]] = {
    "missing": "form.required",
    "string_too_short": "form.required",
    "too_short": "form.required",
    "string_too_long": "form.too_long",
    "too_long": "form.too_many",
    "enum": "form.not_in_list",
    "uuid_parsing": "form.not_in_list",
    "int_type": "form.number",
    "greater_than_equal": "form.at_least",
    "less_than_equal": "form.at_most",
    "day": "form.date",
    "code": "form.code",
    "character": "form.character",
    "value_error": "form.required",
}


class NotTaken(InvalidField):
    """A form that cannot be taken; `words` say by each of its fields why, in the visitor's language."""

    def __init__(self, words: Names) -> None:
        """Carry the words by the name of each field."""
        self.words = dict(words)
        errors = [FieldError(name, message) for name, message in words.items()]
        super().__init__(" ".join(self.words.values()), errors=errors)


@dataclass(frozen=True, slots=True)
class _Kind:
    """What a field of a model takes: its type, whether nothing is allowed, whether an empty text is one."""

    type: Any
    is_nullable: bool
    is_text: bool
    has_default: bool

    @classmethod
    def of(cls, annotation: Any, *, has_default: bool = False) -> "_Kind":  # noqa: ANN401 - any annotation
        constraints: list[Any] = []
        is_nullable = False
        while (origin := get_origin(annotation)) in {Annotated, Union, UnionType}:
            parts = get_args(annotation)
            if origin is Annotated:
                constraints += parts[1:]
                annotation = parts[0]
            else:
                is_nullable = NoneType in parts
                annotation = next(part for part in parts if part is not NoneType)
        is_code = any(getattr(one, "min_length", None) for one in constraints)
        return cls(annotation, is_nullable, annotation is str and not is_code, has_default)


def read_typed(
    model: type[Form],
    typed: MultiDict[str, str],
    *,
    names: Names = _NONE,
    required: Sequence[str] = (),
    more: Mapping[str, object] = _NONE,
    many: Collection[str] = (),
) -> Form:
    """Return what a form says as the model, or raise `NotTaken` with words for every wrong field.

    An empty text is a text. Any other field left empty is nothing where the model allows that, unless it is
    among `required`. `more` are parts that no single field of the form is, `many` the fields of the form that
    may be there more than once beside the lists of the model.
    """
    said = {**said_by(model, typed, names=names, required=required), **more}
    words = {name: say(current_locale(), _TWICE) for name in _twins(model, typed, names, many)}
    try:
        read = read_said(model, said)
    except ValidationError as problem:
        for one in problem.errors(include_url=False):
            name = name_of(one["loc"], names)
            words.setdefault(name, word_of(one, _UNCHOSEN.get(name, "form.required")))
    if words:
        raise NotTaken(words)
    return read


def said_by(
    model: type[BaseModel],
    typed: MultiDict[str, str],
    *,
    names: Names = _NONE,
    required: Sequence[str] = (),
    above: str = "",
) -> dict[str, object]:
    """Return a form as the JSON that a program would send for the model, unread fields as they were typed."""
    said: dict[str, object] = {}
    for key, path, kind in _fields(model, above):
        name = names.get(path, path)
        if isinstance(kind.type, type) and issubclass(kind.type, BaseModel):
            inner = said_by(kind.type, typed, names=names, above=f"{path}.")
            if _is_there(kind.type, inner):
                said[key] = inner
        elif get_origin(kind.type) is list:
            values = typed.getlist(name)
            if values or not kind.is_nullable or path in required:
                said[key] = [_read(text, _Kind.of(get_args(kind.type)[0])) for text in values]
        elif name in typed or path in required:
            text = typed.get(name, "")
            is_left = not text.strip() and not kind.is_text and path not in required
            if is_left and kind.is_nullable:
                said[key] = None
            elif not (is_left and kind.type is int and kind.has_default):
                said[key] = _read(text, kind)
    # Of a group that stands or falls as a whole, such as number, day and signer, none was filled in.
    texts = [value for value in said.values() if not isinstance(value, dict)]
    return said if not above or any(texts) else {k: v for k, v in said.items() if isinstance(v, dict)}


def name_of(loc: Sequence[str | int], names: Names) -> str:
    """Return the field of a form that a place in the model's input is about: of lists the whole list."""
    parts = [str(part) for part in loc]
    for count in range(len(parts), 0, -1):
        if (name := names.get(".".join(parts[:count]))) is not None:
            return name
    return parts[0] if parts else ""


def beside(errors: Sequence[FieldError], names: Names = _NONE, words: Names = _NONE) -> dict[str, str]:
    """Return the words for fields that the rules refused, by the form's names.

    `words` are keys for fields that have a sentence of their own; every other cannot be read.
    """
    found: dict[str, str] = {}
    for error in errors:
        name = name_of(error.field.split("."), names)
        found.setdefault(name, say(current_locale(), words.get(name, "form.unreadable")))
    return found


def day_said(text: str) -> str:
    """Return a typed day as programs write it, what is none as it was typed."""
    with suppress(ValueError):
        return read_day(text).isoformat()
    return text


def _fields(model: type[BaseModel], above: str) -> Iterator[tuple[str, str, _Kind]]:
    for name, field in model.model_fields.items():
        key = field.alias or name
        annotation = Annotated[field.annotation, *field.metadata] if field.metadata else field.annotation
        yield key, f"{above}{key}", _Kind.of(annotation, has_default=not field.is_required())


def _twins(
    model: type[BaseModel], typed: MultiDict[str, str], names: Names, many: Collection[str]
) -> list[str]:
    """Return the fields of a form that are there more than once and are no list."""
    lists = {names.get(path, path) for _, path, kind in _fields(model, "") if get_origin(kind.type) is list}
    return [name for name, texts in typed.lists() if len(texts) > 1 and name not in lists | {*many}]


def _is_there(model: type[BaseModel], said: Mapping[str, object]) -> bool:
    """Return whether a group was filled in: a part that it asks for, any part where it asks for none."""
    asked = [key for key, field in model.model_fields.items() if field.is_required()]
    groups = [value for value in said.values() if isinstance(value, dict)]
    return bool(groups) or any(said[key] not in {None, ""} for key in asked or [*said] if key in said)


def _read(text: str, kind: _Kind) -> object:
    """Return a typed text as JSON has it; what is no number or day goes as it is, for the model to refuse."""
    if kind.type is int:
        with suppress(InvalidField):
            return whole_number(text, field="") if text.strip() else text
    elif kind.type is date:
        return day_said(text)
    elif kind.type is bool:
        return _TICKS.get(text, text)
    return text


def word_of(problem: ErrorDetails, missing: str = "form.required") -> str:
    """Say what is wrong with one field; what was left empty has to be filled in, whatever it takes."""
    given = problem["input"]
    is_empty = given is None or (isinstance(given, str) and not given.strip())
    # A text that was looked at before its length is counted like a list.
    kind = f"string_{problem['type']}" if isinstance(given, str) else problem["type"]
    key = missing if is_empty else _WORDS.get(kind, _WORDS.get(problem["type"], "form.unreadable"))
    return say(current_locale(), key, **problem.get("ctx", {}))
