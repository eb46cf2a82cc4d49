"""How the parts of a definition are spelt in a file, and what each is read into."""

from typing import Annotated

from pydantic import (
    BeforeValidator,
    Field,
    PlainSerializer,
    StringConstraints,
)

from workflow.domain.route.misread import NOT_TEXT
from workflow.domain.route.role_at import Owner, RoleAt
from workflow.domain.time.due import Due, parse_due
from workflow.domain.time.ladder import Offset
from workflow.domain.time.workdays import Budget


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


Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
Words = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)]
Names = Annotated[tuple[str, ...], BeforeValidator(_several), Field(min_length=1)]
DueText = Annotated[Budget | Due, BeforeValidator(_due), PlainSerializer(str)]
OffsetText = Annotated[Offset, BeforeValidator(_offset), PlainSerializer(str)]
RoleAtText = Annotated[RoleAt, BeforeValidator(_role_at), PlainSerializer(str)]
ByText = Annotated[RoleAt | Owner, BeforeValidator(_by), PlainSerializer(str)]
