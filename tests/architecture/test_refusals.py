"""Every refusal has a code of its own, a status, and words; none is a bare error of Python."""

import ast
import inspect
import re

import pytest

from tests.architecture.source import found_in, python_files, references, tree
from workflow.domain import errors
from workflow.domain.errors import Refusal

REFUSALS = [
    kind
    for _, kind in inspect.getmembers(errors, inspect.isclass)
    if issubclass(kind, Refusal) and kind is not Refusal
]
CODE = re.compile(r"^[a-z]+(-[a-z]+)*$")


def swallowed(module: ast.Module) -> list[int]:
    """Return the lines of handlers that catch everything and do nothing, which hides every other error."""
    return [
        handler.lineno
        for handler in ast.walk(module)
        if isinstance(handler, ast.ExceptHandler)
        and (
            handler.type is None
            or (isinstance(handler.type, ast.Name) and handler.type.id.endswith("Exception"))
        )
        and all(isinstance(line, ast.Pass | ast.Continue) for line in handler.body)
    ]


@pytest.mark.parametrize("kind", REFUSALS, ids=lambda kind: kind.__name__)
def test_every_refusal_states_code_status_and_title(kind):
    assert CODE.match(vars(kind)["code"])
    assert vars(kind)["title"]
    assert vars(kind)["status"] in {401, 403, 404, 409, 412, 413, 422, 428, 429, 503}


def test_no_two_refusals_share_a_code():
    codes = [kind.code for kind in REFUSALS]
    assert sorted(codes) == sorted(set(codes))


def test_every_refusal_is_raised_somewhere():
    used = {name.rpartition(".")[2] for path in python_files() for name, _ in references(tree(path))}
    assert {kind.__name__ for kind in REFUSALS} - used == set()


def test_nothing_is_silently_swallowed():
    assert found_in(python_files(), lambda path: swallowed(tree(path))) == {}


def test_a_swallowed_error_would_be_found():
    assert swallowed(ast.parse("try:\n    decide()\nexcept Exception:\n    pass\n")) == [3]
