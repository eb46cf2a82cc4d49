"""A statement has one text, however many values it is given: the driver prepares what it sees again."""

import ast

from tests.architecture.source import found_in, python_files, short, tree

EXCEPTIONS = {
    "workflow/store/attested.py": "asked when grants or clusters are attested, seldom and of few",
    "workflow/store/codes.py": "asked of the rows of an import, all at once",
    "workflow/store/drafts.py": "asked when drafts are made, all at once",
    "workflow/store/conditions.py": "stages of the rules, the same each time",
    "workflow/queries/history/checkpoint.py": "pairs, asked by the command that signs checkpoints",
}
"""Where a list is written out value by value, and why that is no harm there."""
SOURCES = python_files("workflow/store", "workflow/queries")


def lists_written_out(module: ast.Module) -> list[str]:
    """Return where a column is compared with a list whose length the values decide."""
    return [
        f"line {node.lineno}: {ast.unparse(node)}"
        for node in ast.walk(module)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"in_", "not_in"}
        and any(map(_has_any_length, node.args))
    ]


def _has_any_length(value: ast.expr) -> bool:
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Name):
        return value.func.id in {"sorted", "list", "set", "tuple"}
    return isinstance(value, ast.ListComp | ast.SetComp | ast.GeneratorExp)


def test_a_column_is_compared_with_one_array_and_not_with_a_list():
    others = [path for path in SOURCES if short(path) not in EXCEPTIONS]
    found = found_in(others, lambda path: lists_written_out(tree(path)))
    assert found == {}, "use `among` of workflow/store/base.py"


def test_every_exception_is_still_needed():
    needed = {short(path) for path in SOURCES if lists_written_out(tree(path))}
    assert needed == set(EXCEPTIONS)


def test_a_list_written_out_would_be_found():
    assert lists_written_out(ast.parse("Unit.id.in_(sorted(ids)), Unit.id.not_in([one for one in ids])"))
