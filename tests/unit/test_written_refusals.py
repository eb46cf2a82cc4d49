"""Every refusal is noted as JSON and read again as what it was."""

import json
from collections.abc import Iterator

import pytest

import api.wsgi  # noqa: F401 - with it every kind of refusal is known
from api.pages.frame import written_refusal
from api.pages.typed import NotTaken
from workflow.domain.errors import FieldError, InvalidField, Reason, Refusal
from workflow.domain.text import BadCharacter
from workflow.imports.reading.bad_cells import BadCell, BadFile
from workflow.queries.waiting.covers import StaysBeingCounted


def kinds(kind: type[Refusal]) -> Iterator[type[Refusal]]:
    for one in kind.__subclasses__():
        yield one
        yield from kinds(one)


# Those that are not made of a sentence with its rules and fields.
OWN = {
    NotTaken: NotTaken({"comment": "Cần điền."}),
    BadCharacter: BadCharacter("comment", 3, "\0", "is no letter"),
    BadFile: BadFile([BadCell(2, "name", "x", "cannot be read", 1)]),
    StaysBeingCounted: StaysBeingCounted(40),
}


def a_refusal(kind: type[Refusal]) -> Refusal:
    return OWN.get(kind) or kind(
        "Somebody was faster.",
        reasons=[Reason("late", "It is late.", {"day": "1"})],
        errors=[FieldError("comment", "cannot be read")],
        changed_by="An",
    )


@pytest.mark.parametrize("kind", list(kinds(Refusal)), ids=lambda kind: kind.__name__)
def test_a_refusal_is_read_again_as_what_it_was(kind: type[Refusal]) -> None:
    refusal = a_refusal(kind)
    again = written_refusal.read(json.loads(json.dumps(written_refusal.written(refusal))))
    assert type(again) is kind
    assert vars(again) | _unsaid(again) == vars(refusal) | _unsaid(again)
    assert str(again) == str(refusal)


def _unsaid(again: Refusal) -> dict[str, object]:
    """Return what no page asks a refusal for: where the character stands is in its sentence too."""
    return {"place": 0, "character": ""} if isinstance(again, BadCharacter) else {}


def test_names_of_refusals_are_unique() -> None:
    names = [kind.__name__ for kind in kinds(Refusal)]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("noted", [{}, {"kind": "OfALaterRelease"}, {"kind": InvalidField.code}])
def test_what_is_not_known_is_no_refusal(noted: dict[str, str]) -> None:
    assert written_refusal.read(noted) is None
