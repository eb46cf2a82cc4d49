"""Who ends a transaction: at the edge one function gives one up, one lets go what was read, and no other."""

import ast

from tests.architecture.source import found_in, python_files, tree

ENDS = {
    "api/edge.py": "give_up_transaction: of a form that is refused, before the page that says so",
    "api/commands/calendar/command.py": "a command has no request: what it read is let go before it begins",
    "api/commands/replay.py": "as above",
    "api/commands/rounds.py": "as above",
    "api/commands/simulate.py": "as above",
    "api/commands/tidy.py": "as above",
}
"""Where a transaction may be given up, and why there."""


def rollbacks(module: ast.Module) -> list[int]:
    """Return the lines on which a transaction is given up by hand."""
    return [
        node.lineno
        for node in ast.walk(module)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "rollback"
    ]


def test_the_edge_gives_up_a_transaction_in_one_place() -> None:
    found = found_in(python_files("api"), lambda path: rollbacks(tree(path)))
    assert set(found) - set(ENDS) == set()


def test_a_rollback_by_hand_would_be_found() -> None:
    assert rollbacks(ast.parse("def f(session):\n    session.rollback()\n")) == [2]
