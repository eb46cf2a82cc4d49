"""How the parts of a definition are spelt in a file, and what each is read into."""

import re
from collections.abc import Iterable
from typing import Annotated, Final

from pydantic import (
    BeforeValidator,
    Field,
    PlainSerializer,
    StringConstraints,
    WithJsonSchema,
)

from workflow.domain.route.misread import NOT_TEXT
from workflow.domain.route.role_at import Owner, RoleAt
from workflow.domain.time.due import Due, parse_due
from workflow.domain.time.ladder import Offset
from workflow.domain.time.periods import DAY_UNITS, Budget, TimeUnit
from workflow.domain.vocabulary import RoleScope, RoundDate


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(NOT_TEXT)  # noqa: TRY004 - pydantic reports a ValueError with its place, not a TypeError
    return value


def _due(value: object) -> Budget | Due:
    return value if isinstance(value, Budget | Due) else parse_due(_text(value))


def _offset(value: object) -> Offset:
    return value if isinstance(value, Offset) else Offset.parse(_text(value))


def _role_at(value: object) -> RoleAt:
    return value if isinstance(value, RoleAt) else RoleAt.parse(_text(value))


def _by(value: object) -> RoleAt | Owner:
    return Owner.OF_STEP if value == Owner.OF_STEP else _role_at(value)


def _several(value: object) -> object:
    return [value] if isinstance(value, str) else value


def named(value: object) -> object:
    """Give the entry that a bare name stands for: its label in both languages is the name."""
    return {"name": value, "label": {"vi": value, "en": value}} if isinstance(value, str) else value


def _form(pattern: str) -> WithJsonSchema:
    """Tell an editor how a text is spelt that a parser reads."""
    return WithJsonSchema({"type": "string", "pattern": rf"^\s*({pattern})\s*$"})


def _one_of(words: Iterable[str]) -> str:
    return f"({'|'.join(re.escape(word) for word in words)})"


_TEXT: Final = {"type": "string"}
NAME_FORM: Final = r"^[a-z][a-z0-9_]{0,62}$"
_UNIT: Final = _one_of(TimeUnit)
_PERIOD: Final = rf"0*[1-9][0-9]{{0,3}} +{_UNIT}"
_DATE: Final = rf"round\.{_one_of(RoundDate)}"
_DUE: Final = rf"{_PERIOD}|{_DATE}|earlier\(\s*{_DATE}\s*,\s*{_PERIOD}\s*\)"
_OFFSET: Final = rf"due|[+-][0-9]{{1,4}}\s+{_one_of(DAY_UNITS)}|[0-9]{{1,4}}\s+percent"
_ROLE_AT: Final = rf"[^@]+@{_one_of(RoleScope)}"

Name = Annotated[str, StringConstraints(pattern=NAME_FORM)]
Words = Annotated[
    str,
    StringConstraints(min_length=1, max_length=200, strip_whitespace=True),
    # Its length counts without the blanks around it, which no schema leaves out.
    WithJsonSchema({"type": "string", "pattern": r"\S"}),
]
Names = Annotated[
    tuple[str, ...],
    BeforeValidator(_several),
    Field(min_length=1),
    WithJsonSchema({"anyOf": [_TEXT, {"type": "array", "items": _TEXT, "minItems": 1}]}),
]
DueText = Annotated[Budget | Due, BeforeValidator(_due), PlainSerializer(str), _form(_DUE)]
OffsetText = Annotated[Offset, BeforeValidator(_offset), PlainSerializer(str), _form(_OFFSET)]
RoleAtText = Annotated[RoleAt, BeforeValidator(_role_at), PlainSerializer(str), _form(_ROLE_AT)]
ByText = Annotated[
    RoleAt | Owner, BeforeValidator(_by), PlainSerializer(str), _form(f"{Owner.OF_STEP}|{_ROLE_AT}")
]
