"""One road for every commit: an operation commits as its last line, and nobody else does."""

import ast
from collections.abc import Iterator

import pytest

from tests.architecture.source import python_files, short, tree

OPERATIONS = "workflow/operations"
ELSEWHERE = {
    ("deadlines/claims.py", "release_ended_claims"): "a transaction for each batch of those that ended",
    ("deadlines/emptied_seats.py", "tell_of_emptied_seats"): "a transaction for each seat that emptied",
    ("deadlines/facts_passed_on.py", "ask_who_follows"): "a transaction for each batch of what was left",
    ("mail/deliver.py", "_claim"): "a lease is taken before anything is sent, and nothing is sent inside it",
    ("mail/deliver.py", "_note_on_its_way"): "noted before the message goes out, with nothing open meanwhile",
    ("mail/deliver.py", "_wake_others"): "one short statement between two letters",
    ("mail/hands.py", "_keep"): "a lease is held by a thread beside the sending",
    ("mail/hands.py", "give_back"): "a lease is given back when the process is told to stop",
    ("mail/mailbox.py", "send"): "the page stands in for a mail server, which has a transaction of its own",
    (
        "mail/settling.py",
        "put_off",
    ): "mails of a claim that may not leave yet wait before others are sent",
    ("mail/settling.py", "_committed"): "settled after it was sent, with the beginning of the next",
    ("mail/settling.py", "close"): "a link that was kept for single statements goes back to the pool",
    ("mail/withheld.py", "_surely_handed_on"): "a transaction for each mail that another is to read",
    ("setup/tidy.py", "tidy"): "what went is told once all of it went, and only where anything did",
    ("setup/tidy.py", "_remove"): "some pages of a table a transaction, so that nobody waits for long",
    ("people/sign_in.py", "sign_in"): "no transaction is open while a password is hashed",
    ("people/sign_in_limits.py", "admit"): "a try that is refused forgets the old ones too",
    ("sweep/escalate.py", "_note_failure"): "what failed is rolled back; that it failed is kept",
    ("sweep/heartbeat.py", "_note"): "a sign of life is no part of the work it is about",
}
"""Commits of an operation that are not its last line, by file and function, each with its reason."""


def commits(module: ast.Module) -> Iterator[tuple[str, bool]]:
    """Yield the function of every commit, and whether it is a public one's last line before its return."""
    for function in ast.walk(module):
        if isinstance(function, ast.FunctionDef):
            is_public = function in module.body and not function.name.startswith("_")
            for statement in filter(_is_commit, _own(function)):
                yield function.name, is_public and statement is _last_line(function)


def _last_line(function: ast.FunctionDef) -> ast.stmt | None:
    """Return the last statement before the return, None where the return asks the session for more."""
    *before, end = function.body
    if not isinstance(end, ast.Return):
        return end
    asks = any(isinstance(node, ast.Name) and node.id == "session" for node in ast.walk(end))
    return None if asks or not before else before[-1]


def _own(function: ast.FunctionDef) -> Iterator[ast.AST]:
    """Yield everything in a function that is in no function inside it."""
    waiting: list[ast.AST] = list(function.body)
    while waiting:
        node = waiting.pop()
        if not isinstance(node, ast.FunctionDef):
            yield node
            waiting += ast.iter_child_nodes(node)


def _is_commit(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Call)
        and isinstance(node.value.func, ast.Attribute)
        and node.value.func.attr == "commit"
    )


def test_an_operation_commits_as_its_last_line_and_nowhere_else() -> None:
    found = {
        (short(path).removeprefix(f"{OPERATIONS}/"), name)
        for path in python_files(OPERATIONS)
        for name, is_last in commits(tree(path))
        if not is_last
    }
    assert found == set(ELSEWHERE), "a commit moved: mend the operation, or the list with its reason"


def test_neither_the_edge_nor_a_task_commits() -> None:
    found = [(short(path), name) for path in python_files("api", "tasks") for name, _ in commits(tree(path))]
    assert found == []


def test_what_only_reads_is_committed_in_one_place() -> None:
    rooms = ("workflow/store", "workflow/queries", "workflow/messages", "workflow/domain", "workflow/words")
    found = {(short(path), name) for path in python_files(*rooms) for name, _ in commits(tree(path))}
    # The schema's own commits are the owner's, between two versions; a link's is what all others come to.
    assert {(path, name) for path, name in found if not path.endswith("/schema.py")} == {
        ("workflow/store/reads.py", "end_read"),
        ("workflow/store/links.py", "commit"),
    }


def test_one_place_says_which_requests_only_read() -> None:
    asking = {"READ ONLY", "postgresql_readonly", "read_only", "reads_only"}
    found = {
        short(path)
        for path in python_files("api", "tasks", "workflow")
        if asking & {word for node in ast.walk(tree(path)) for word in _words(node)}
    }
    assert found == {"api/edge.py", "workflow/store/reads.py", "workflow/store/links.py"}


def _words(node: ast.AST) -> tuple[str, ...]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return (node.value,)
    if isinstance(node, ast.Attribute):
        return (node.attr,)
    return (node.id,) if isinstance(node, ast.Name) else ()


@pytest.mark.parametrize(
    ("body", "is_right"),
    [
        ("def decide(session):\n    write()\n    session.commit()\n    return 1", True),
        ("def close(session):\n    session.commit()", True),
        ("def decide(session):\n    session.commit()\n    return write(session)", False),
        ("def decide(session):\n    session.commit()\n    write()\n    return 1", False),
        ("def decide(session):\n    if done:\n        session.commit()\n    return 1", False),
        ("def decide(session):\n    with session:\n        session.commit()\n        return 2", False),
        ("def _write(session):\n    session.commit()", False),
        ("def decide(session):\n    def do():\n        session.commit()\n    do()", False),
        ("class Desk:\n    def close(self):\n        self.session.commit()", False),
    ],
)
def test_a_commit_that_is_not_the_last_line_would_be_found(body: str, is_right: bool) -> None:  # noqa: FBT001 - a row of the table
    assert [is_last for _, is_last in commits(ast.parse(body))] == [is_right]
