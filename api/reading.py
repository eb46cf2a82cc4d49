"""Reading what a request says, strictly: JSON and nothing else, every field known, each wrong one named.

The shape of a request (missing, unknown, mistyped fields) is refused with 400; a value of the right shape
that cannot be taken (too long, a NUL, a day in the future) with 422.
"""

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import date, time
from json import JSONDecodeError
from typing import Annotated, Any, Final, LiteralString, NoReturn, TypeVar

from apiflask.schema_adapters import registry
from apiflask.schema_adapters.pydantic import PydanticAdapter
from flask import Request
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    PlainValidator,
    RootModel,
    StringConstraints,
    ValidationError,
)
from pydantic_core import ErrorDetails, PydanticCustomError, PydanticKnownError
from werkzeug.datastructures import MultiDict

from api.problems import MalformedRequest, UnsupportedMediaType
from workflow.domain.errors import FieldError, InvalidField
from workflow.domain.numerals import iso_day
from workflow.domain.text import (
    LONGEST_CODE,
    LONGEST_LINE,
    LONGEST_PROSE,
    BadCharacter,
    address_code,
    composed,
    normalise,
    visible,
)
from workflow.domain.time.typed_days import read_hour
from workflow.queries.paging import DEFAULT_LIMIT, MAX_LIMIT

_BODY: Final = "json"
_QUERY: Final = "query"
_VALUE_ERRORS: Final = frozenset(
    {
        "string_too_long",
        "string_too_short",
        "value_error",
        "greater_than_equal",
        "less_than_equal",
        *("character", "code", "day", "hour", "text"),
    }
)
_MESSAGES: Final = {
    "missing": "is required",
    "extra_forbidden": "is not a field of this request",
}
_MOST_ERRORS: Final = 20
_LONGEST_ECHO: Final = 100
Read = TypeVar("Read")


def _unified(value: object) -> object:
    # Counted as it is stored: a browser sends two characters for each end of a line, some write é as two.
    return composed(value.replace("\r\n", "\n")) if isinstance(value, str) else value


def _one_line(value: str) -> str:
    return _taken(normalise, value, single_line=True)


def _code(value: str) -> str:
    code = _one_line(value)
    if not code:
        raise PydanticKnownError("string_too_short", {"min_length": 1})
    return code


def _many_lines(value: str) -> str:
    return _taken(normalise, value)


def _address_code(value: str) -> str:
    return _taken(address_code, value, kind="code")


def _day(value: object) -> date:
    # Read here: the library takes digits alone for seconds since 1970, and nobody means that.
    return _taken(iso_day, value if isinstance(value, str) else "", kind="day", field="day")


def _hour(value: object) -> time:
    # Read here for the same reason: digits alone are seconds to the library.
    hour = read_hour(value) if isinstance(value, str) else None
    if hour is None:
        raise PydanticCustomError("hour", "is no hour of the day, such as 07:30")
    return hour


def _taken(read: Callable[..., Read], value: str, *, kind: LiteralString = "text", **options: object) -> Read:
    """Read a value with a gate of the domain, whose refusal gets a kind that pages have words for."""
    try:
        return read(value, **options)
    except BadCharacter as refused:
        context = {"place": refused.place, "character": refused.character}
        raise PydanticCustomError("character", _literal(refused), context) from refused
    except InvalidField as refused:
        raise PydanticCustomError(kind, _literal(refused)) from refused


def _literal(refused: InvalidField) -> LiteralString:
    return refused.errors[0].message


Code = Annotated[
    str,
    StringConstraints(min_length=1, max_length=LONGEST_CODE),
    BeforeValidator(_unified),
    AfterValidator(_code),
]
"""A short word that names something, such as a unit's code."""

Line = Annotated[
    str, StringConstraints(max_length=LONGEST_LINE), BeforeValidator(_unified), AfterValidator(_one_line)
]
"""A text of one line, such as a name."""

Prose = Annotated[
    str, StringConstraints(max_length=LONGEST_PROSE), BeforeValidator(_unified), AfterValidator(_many_lines)
]
"""A text of several paragraphs."""


AddressCode = Annotated[
    str,
    StringConstraints(min_length=1, max_length=LONGEST_CODE),
    BeforeValidator(_unified),
    AfterValidator(_address_code),
    Field(description="A code that is part of an address: without / \\\\ ? # %, and not 'new'."),
]
"""The code of something new that has an address of its own."""

Sought = Annotated[str, StringConstraints(max_length=LONGEST_LINE), AfterValidator(visible)]
"""Words to search by: what cannot be seen in them does not count."""

Day = Annotated[date, PlainValidator(_day, json_schema_input_type=date)]
"""A day that one can count from, of the years 1900 to 2200."""

Hour = Annotated[
    time,
    PlainValidator(_hour, json_schema_input_type=str),
    # A `format: time` has an offset from UTC (RFC 3339); these hours are of the installation.
    PlainSerializer(lambda hour: hour.isoformat("minutes"), return_type=str),
    Field(examples=["07:30"]),
]
"""An hour and minute of the day."""


class Input(BaseModel):
    """What every body and query has in common: no field that is not named, nothing guessed."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Paging(Input):
    """The part of a list that is asked for: how many at most, and where the last page ended."""

    limit: int = Field(default=DEFAULT_LIMIT, ge=1, le=MAX_LIMIT, description="How many at most.")
    cursor: Annotated[str, StringConstraints(max_length=512)] | None = Field(
        default=None, description="The `next` of the page before."
    )


class StrictAdapter(PydanticAdapter):
    """Reads bodies and queries for APIFlask as strictly as this interface promises, and describes them."""

    def validate_input(self, request: Request, location: str, **_options: Any) -> BaseModel:  # noqa: ANN401 - APIFlask's own signature
        """Return the body or query as the model, or refuse it naming every wrong field."""
        try:
            if location == _BODY:
                return self.model_class.model_validate_json(_body(request), strict=True)
            return self.model_class.model_validate_strings(_single(request.args))
        except ValidationError as problem:
            _refuse(problem.errors(include_url=False, include_input=False), location)

    def get_openapi_schema(self, **options: Any) -> dict[str, Any]:  # noqa: ANN401 - APIFlask's own signature
        """Return the JSON schema: of what is read for inputs, of what is written for answers."""
        mode = "serialization" if issubclass(self.model_class, RootModel) else "validation"
        schema: dict[str, Any] = super().get_openapi_schema(**{**options, "mode": mode})
        return schema


# Before any route is declared: APIFlask asks its registry once for each.
registry.register("pydantic", StrictAdapter)


def _body(request: Request) -> bytes:
    raw = request.get_data(cache=True)
    if not raw and not request.content_length:
        return b"{}"
    if request.mimetype != "application/json":
        raise UnsupportedMediaType("Send the body as 'Content-Type: application/json'.")
    json_object(raw)
    return raw


def json_object(raw: bytes) -> dict[str, Any]:
    """Return the JSON object of a body, or raise `MalformedRequest` saying where reading stopped."""
    try:
        found = json.loads(raw, object_pairs_hook=_without_twins, parse_constant=_refuse_constant)
    except JSONDecodeError as problem:
        message = f"line {problem.lineno}, column {problem.colno}: {problem.msg}"
        raise MalformedRequest(f"The body is not JSON: {message}.") from problem
    except (UnicodeDecodeError, RecursionError, ValueError) as problem:
        message = "it is not UTF-8" if isinstance(problem, UnicodeDecodeError) else str(problem)
        raise MalformedRequest(f"The body cannot be read: {message}.") from problem
    if not isinstance(found, dict):
        raise MalformedRequest("The body must be one JSON object.")
    return found


def _without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        twin = next(name for name, times in Counter(name for name, _ in pairs).items() if times > 1)
        raise ValueError(f"the field '{twin[:_LONGEST_ECHO]}' is there twice")
    return found


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number of JSON")


Form = TypeVar("Form", bound=Input)


def read_form(model: type[Form], fields: MultiDict[str, str]) -> Form:
    """Return what the fields of a form say, or refuse them as those of a query are refused."""
    try:
        return model.model_validate_strings(_single(fields))
    except ValidationError as problem:
        _refuse(problem.errors(include_url=False, include_input=False), "body")


def read_said(model: type[Form], said: Mapping[str, object]) -> Form:
    """Return what is said, read as the JSON of a request is read. Raises pydantic's `ValidationError`."""
    return model.model_validate_json(json.dumps(said), strict=True)


def _single(arguments: MultiDict[str, str]) -> dict[str, str]:
    twins = sorted(name for name, values in arguments.lists() if len(values) > 1)
    if twins:
        errors = [FieldError(name, "is there twice") for name in twins]
        raise MalformedRequest("Something is said twice.", errors=errors)
    return arguments.to_dict()


def _refuse(problems: Sequence[ErrorDetails], location: str) -> NoReturn:
    errors = [FieldError(_path(problem), _message(problem)) for problem in problems[:_MOST_ERRORS]]
    where = "query" if location == _QUERY else "body"
    detail = f"The {where} cannot be taken: " + "; ".join(f"{e.field} {e.message}" for e in errors) + "."
    if all(problem["type"] in _VALUE_ERRORS for problem in problems):
        raise InvalidField(detail, errors=errors)
    raise MalformedRequest(detail, errors=errors)


def _path(problem: ErrorDetails) -> str:
    # A stranger's own field name comes back to them, but not without end.
    return ".".join(str(part) for part in problem["loc"])[:_LONGEST_ECHO] or "body"


def _message(problem: ErrorDetails) -> str:
    written = _MESSAGES.get(problem["type"]) or problem["msg"].removeprefix("Value error, ")
    return written[0].lower() + written[1:]
