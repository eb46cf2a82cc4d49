"""The tests themselves: each can fail, none waits by the clock, none replaces what it should try."""

import ast
from collections.abc import Collection, Iterator

import pytest

from tests.architecture.source import ROOT, found_in, python_files, references, tree
from tests.support.sharing import shared

TEST_FILES = python_files("tests")
DOUBLES = ("unittest.mock", "pytest_mock")
WAITS = frozenset({"communicate", "join", "result", "run", "urlopen", "wait", "wait_for"})
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


def short_waits(module: ast.Module) -> list[int]:
    """Return the lines that wait for what must come, and for a number of seconds of their own."""
    waits_for_nothing = {
        id(node.operand)
        for node in ast.walk(module)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)
    }
    return [
        node.lineno
        for node in ast.walk(module)
        if isinstance(node, ast.Call) and called_name(node) in WAITS and id(node) not in waits_for_nothing
        for limit in [
            *(word.value for word in node.keywords if word.arg in {"seconds", "timeout"}),
            *(node.args if called_name(node) == "wait" else ()),
        ]
        if isinstance(limit, ast.Constant) and isinstance(limit.value, int | float)
    ]


def test_every_test_can_fail():
    helpers = expecting_helpers()

    def cannot_fail(path):
        return [test.name for test in functions_of(tree(path)) if not expects(test, helpers)]

    assert found_in(TEST_FILES, cannot_fail) == {}


def test_no_test_stands_in_for_what_it_tries():
    def doubles(path):
        return [name for name, _ in references(tree(path)) if name.startswith(DOUBLES)]

    assert found_in(TEST_FILES, doubles) == {}


def test_no_test_gives_up_before_a_busy_machine_answers():
    found = found_in(TEST_FILES, lambda path: short_waits(tree(path)))
    assert found == {}, "wait for PATIENCE (tests/support/patience.py)"


@pytest.mark.parametrize(
    "line",
    ["assert wait_for(is_there, seconds=5)", "thread.join(timeout=10)", "assert process.wait(10) == 0"],
)
def test_a_test_that_gives_up_early_would_be_found(line):
    assert short_waits(ast.parse(line))


@pytest.mark.parametrize(
    "line", ["assert not wait_for(is_there, seconds=0.5)", "thread.join(timeout=PATIENCE)"]
)
def test_a_wait_for_what_must_not_come_may_be_short(line):
    assert not short_waits(ast.parse(line))


def test_no_two_functions_of_a_file_share_a_name():
    def doubled(path):
        names = [node.name for node in tree(path).body if isinstance(node, ast.FunctionDef)]
        return {name for name in names if names.count(name) > 1}

    assert found_in(TEST_FILES, doubled) == {}, "the later one silently replaces the earlier"


@pytest.mark.parametrize("body", ["pass", "decide()", "assert True", "assert (found, 'message')"])
def test_a_test_that_cannot_fail_would_be_found(body):
    [test] = functions_of(ast.parse(f"def test_something():\n    {body}\n"))
    assert not expects(test)


def test_what_the_tests_of_a_file_share_is_made_by_one_worker():
    dear = ("tests/integration/", "tests/functional/", "tests/browser/")

    def parted(path):
        name = path.relative_to(ROOT).as_posix()
        is_shared = 'scope="module"' in path.read_text(encoding="utf-8") and name.startswith(dear)
        return ["parted"] if is_shared and shared(f"{name}::test_a") != shared(f"{name}::test_b[1]") else []

    assert found_in(TEST_FILES, parted) == {}

    def marked(path):
        return [name for name, _ in references(tree(path)) if name.endswith(".xdist_group")]

    assert found_in(TEST_FILES, marked) == {}, "the mark reaches nobody"
