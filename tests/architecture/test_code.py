"""Small habits that the trade has paid for, held for all of the code."""

import ast

import pytest

from tests.architecture.source import found_in, python_files, tree

# A message whose time lies beyond the broker's visibility timeout runs again and again (docs/adr/0001).
DELAYING_ARGUMENTS = frozenset({"eta", "countdown"})
RETRYING_ARGUMENTS = frozenset({"autoretry_for", "retry_backoff", "default_retry_delay"})


def delayed_messages(module: ast.Module) -> list[str]:
    """Return every call of a module that would let the broker keep a date or try again by itself."""
    found = []
    for node in ast.walk(module):
        if not isinstance(node, ast.Call):
            continue
        given = {keyword.arg for keyword in node.keywords if keyword.arg}
        found += [
            f"line {node.lineno}: {name}="
            for name in sorted(given & (DELAYING_ARGUMENTS | RETRYING_ARGUMENTS))
        ]
        if isinstance(node.func, ast.Attribute) and node.func.attr == "retry":
            found.append(f"line {node.lineno}: .retry()")
    return found


def open_sources(module: ast.Module) -> list[int]:
    """Return the lines where a move is given every state as its source, which hides moves nobody meant."""
    return [
        node.lineno
        for node in ast.walk(module)
        if isinstance(node, ast.Call)
        for keyword in node.keywords
        if keyword.arg == "source" and isinstance(keyword.value, ast.Constant) and keyword.value.value == "*"
    ]


def test_no_date_is_left_to_the_broker():
    assert found_in(python_files(), lambda path: delayed_messages(tree(path))) == {}


def test_every_move_names_the_states_it_leaves():
    assert found_in(python_files(), lambda path: open_sources(tree(path))) == {}


@pytest.mark.parametrize(
    "source",
    [
        "look.apply_async(countdown=30)",
        "look.apply_async(kwargs={}, eta=soon)",
        "self.retry(exc=broken)",
        "task(autoretry_for=(OSError,))",
    ],
)
def test_a_date_left_to_the_broker_would_be_found(source):
    assert delayed_messages(ast.parse(source))


def test_an_open_source_would_be_found():
    assert open_sources(ast.parse("machine.add_transition('x', source='*', dest='y')")) == [1]
