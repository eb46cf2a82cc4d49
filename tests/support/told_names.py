"""Every name under which history keeps what was done outside the steps of a route, read from the source."""

import ast
from collections.abc import Iterator
from functools import cache
from typing import Final

from tests.architecture.source import ROOT
from workflow.operations.routes.plan import GoneOver
from workflow.operations.setup.tidy import OVER
from workflow.store.base import table_of

_WRITERS: Final = frozenset({"append_event", "StreamEvent"})
_DATA_PLACE: Final = 2
# What functions of their own put together, and hand to the writers.
_ELSEWHERE: Final = (
    *("title", "parent", "directive_number", "directive_on", "number", "signed_on", "signer"),
    *("rung", "to", "around", "unreached", "unstaffed", "asked_key", "attachment", "submission"),
    *("pace", "digest_at", "quiet_from", "quiet_until", "no_information_since", "substitutes"),
    *("joined", "left", "began", "ended", "before", "after", "renamed", "replans", "first", "last"),
)


@cache
def told_names() -> frozenset[str]:
    """Return those names: of what is given to the writers of entries, there or in a variable beside them."""
    found = {*_ELSEWHERE, *GoneOver().counts(), *(table_of(model).name for model in OVER)}
    for path in (ROOT / "workflow" / "operations").rglob("*.py"):
        for function in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(function, ast.FunctionDef):
                found |= set(_names(function))
    return frozenset(found)


def _names(function: ast.FunctionDef) -> Iterator[str]:
    for call in ast.walk(function):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in _WRITERS:
            data = next((one.value for one in call.keywords if one.arg == "data"), None)
            if data is None and call.func.id == "StreamEvent":
                data = call.args[_DATA_PLACE]
            yield from _keys(data, function) if data is not None else ()


def _keys(data: ast.expr, function: ast.FunctionDef) -> Iterator[str]:
    """Yield the keys of a display, and those that a variable of the function is given."""
    for part in ast.walk(data):
        if isinstance(part, ast.Dict):
            yield from _written(part)
        if isinstance(part, ast.Name):
            yield from _given(part.id, function)


def _given(name: str, function: ast.FunctionDef) -> Iterator[str]:
    for step in ast.walk(function):
        match step:
            case ast.Assign(targets=[ast.Name(id=given)], value=value) if given == name:
                yield from _displayed(value)
            case ast.AnnAssign(target=ast.Name(id=given), value=ast.expr() as value) if given == name:
                yield from _displayed(value)
            case ast.AugAssign(target=ast.Name(id=given), value=value) if given == name:
                yield from _displayed(value)
            case ast.Subscript(value=ast.Name(id=given), slice=ast.Constant(value=str() as key)) if (
                given == name
            ):
                yield key


def _displayed(value: ast.expr) -> Iterator[str]:
    for part in ast.walk(value):
        if isinstance(part, ast.Dict):
            yield from _written(part)


def _written(display: ast.Dict) -> Iterator[str]:
    for key in display.keys:
        if isinstance(key, ast.Constant) and isinstance(key.value, str):
            yield key.value
