"""A refusal as it is noted beside the form that was refused, and read again for the page that says so."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any, Final

from api.pages.typed import NotTaken
from workflow.domain.errors import FieldError, Reason, Refusal
from workflow.imports.reading.bad_cells import BadCell, BadFile

_WORDS: Final = "words"
_CELLS: Final = "cells"


def written(refusal: Refusal) -> dict[str, Any]:
    """Return a refusal with all that a page says of it, as JSON has it."""
    noted: dict[str, Any] = {
        "kind": type(refusal).__name__,
        "detail": refusal.detail,
        "reasons": [asdict(reason) for reason in refusal.reasons],
        "errors": [asdict(error) for error in refusal.errors],
        "params": dict(refusal.params),
    }
    if isinstance(refusal, NotTaken):
        noted[_WORDS] = refusal.words
    if isinstance(refusal, BadFile):
        noted[_CELLS] = [asdict(cell) for cell in refusal.cells]
    return noted


def read(noted: Mapping[str, Any]) -> Refusal | None:
    """Return the refusal that was written so; None of nothing, and of a kind that this release has not."""
    kind = next((one for one in _kinds(Refusal) if one.__name__ == noted.get("kind")), None)
    if kind is None:
        return None
    refusal = kind.__new__(kind)
    Refusal.__init__(
        refusal,
        noted["detail"],
        reasons=[Reason(**reason) for reason in noted["reasons"]],
        errors=[FieldError(**error) for error in noted["errors"]],
        **noted["params"],
    )
    if isinstance(refusal, NotTaken):
        refusal.words = noted[_WORDS]
    if isinstance(refusal, BadFile):
        refusal.cells = tuple(BadCell(**cell) for cell in noted[_CELLS])
    return refusal


def _kinds(kind: type[Refusal]) -> Iterator[type[Refusal]]:
    for one in kind.__subclasses__():
        yield one
        yield from _kinds(one)
