"""What is in force, open, active or kept is asked in one place, so that it means one thing."""

import ast

from tests.architecture.source import ROOT, found_in, python_files, short, tree

HOME = ROOT / "workflow/store/conditions.py"
ENDINGS = frozenset({"valid_to", "closed_at", "disabled_at", "removed_at", "dead_at"})
EXCEPTIONS = {
    "workflow/operations/history/record.py": "asks whether a change that it is given ends the nomination",
}
SOURCES = [path for path in python_files() if path != HOME and "migrations" not in path.parts]


def own_spellings(module: ast.Module) -> list[str]:
    """Return where a module asks by itself whether a column that ends something is null."""
    return [
        f"line {node.lineno}: {node.func.value.attr}"
        for node in ast.walk(module)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "is_"
        and isinstance(node.func.value, ast.Attribute)
        and node.func.value.attr in ENDINGS
    ]


def test_a_condition_that_others_ask_too_is_asked_in_one_place():
    others = [path for path in SOURCES if short(path) not in EXCEPTIONS]
    assert found_in(others, lambda path: own_spellings(tree(path))) == {}


def test_every_exception_is_still_needed():
    assert [name for name in EXCEPTIONS if not own_spellings(tree(ROOT / name))] == []


def test_a_condition_spelt_anew_would_be_found():
    assert own_spellings(ast.parse("select(Grant.key).where(or_(Grant.valid_to.is_(None), later))"))
