"""The tests themselves: each can fail, none waits by the clock, none replaces what it should try."""

import ast
from collections.abc import Collection, Iterator

import pytest

from tests.architecture.source import python_files, references, short, tree

TEST_FILES = python_files("tests")
DOUBLES = ("unittest.mock", "pytest_mock")
EXPECTING_CALLS = frozenset({"raises", "fail", "warns", "run_state_machine_as_test"})


def functions_of(module: ast.Module) -> Iterator[ast.FunctionDef]:
    """Yield the test functions of a module, methods included."""
    for node in ast.walk(module):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            yield node


def called_name(node: ast.Call) -> str:
    """Return the last part of the name that is called, or nothing."""
    if isinstance(node.func, ast.Attribute):
        return node.func.attr
    return node.func.id if isinstance(node.func, ast.Name) else ""


def expects(function: ast.FunctionDef, helpers: Collection[str] = ()) -> bool:
    """Whether a function states an expectation: an assert on what varies, or a call that expects."""
    for node in ast.walk(function):
        if isinstance(node, ast.Assert) and not isinstance(node.test, ast.Constant | ast.Tuple):
            return True
        if isinstance(node, ast.Raise) and "AssertionError" in ast.unparse(node):
            return True
        if isinstance(node, ast.Call) and called_name(node) in {*EXPECTING_CALLS, *helpers}:
            return True
    return False


def expecting_helpers() -> frozenset[str]:
    """Return the names of helpers, in any test file, that state an expectation on behalf of their caller."""
    return frozenset(
        node.name
        for path in TEST_FILES
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("test_") and expects(node)
    )


@pytest.mark.parametrize("path", TEST_FILES, ids=short)
def test_every_test_can_fail(path):
    helpers = expecting_helpers()
    assert [test.name for test in functions_of(tree(path)) if not expects(test, helpers)] == []


@pytest.mark.parametrize("path", TEST_FILES, ids=short)
def test_no_test_stands_in_for_what_it_tries(path):
    assert [name for name, _ in references(tree(path)) if name.startswith(DOUBLES)] == []


@pytest.mark.parametrize("path", TEST_FILES, ids=short)
def test_no_two_functions_of_a_file_share_a_name(path):
    names = [node.name for node in tree(path).body if isinstance(node, ast.FunctionDef)]
    assert sorted(names) == sorted(set(names)), "the later one silently replaces the earlier"


@pytest.mark.parametrize("body", ["pass", "decide()", "assert True", "assert (found, 'message')"])
def test_a_test_that_cannot_fail_would_be_found(body):
    [test] = functions_of(ast.parse(f"def test_something():\n    {body}\n"))
    assert not expects(test)
