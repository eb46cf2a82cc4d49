"""Answers as JSON: written without asking each word for its value, and the same as pydantic writes them."""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from uuid import UUID

from pydantic import TypeAdapter

from api.rest.answers import _writer
from workflow.queries.paging import Page


class Colour(StrEnum):
    """Words."""

    RED = "red"
    HALF = 'h"alf \u1ec7'


@dataclass(frozen=True, slots=True)
class Inner:
    """A row within a row."""

    colour: Colour | None
    colours: tuple[Colour, ...]


@dataclass(frozen=True, slots=True)
class Outer:
    """A row with words at every place where one may stand."""

    id: UUID
    at: datetime
    colour: Colour
    by_colour: dict[Colour, int]
    inner: Inner | None
    word: Colour | str
    number: int | Colour


def test_words_are_written_as_pydantic_writes_them_at_every_place() -> None:
    row = Outer(
        UUID(int=7),
        datetime(2026, 3, 2, 8, 0, tzinfo=UTC),
        Colour.HALF,
        {Colour.RED: 1, Colour.HALF: 2},
        Inner(None, (Colour.RED, Colour.HALF)),
        "anything",
        Colour.RED,
    )
    for rows in ((row,), ()):
        page = Page(rows, None)
        assert _writer(Page[Outer]).to_json(page) == TypeAdapter(Page[Outer]).dump_json(page)
