"""One word means one thing: a public class has one home, and the glossary knows every noun of the record."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterable

import pytest

from tests.architecture.source import ROOT, python_files, short, tree
from workflow.store.tables import metadata

WORD = re.compile(r"`(\w+)`")


def homes(modules: Iterable[tuple[str, ast.Module]]) -> dict[str, list[str]]:
    """Return for each public class name every module that defines a class of that name at its top."""
    found: dict[str, list[str]] = defaultdict(list)
    for name, module in modules:
        for node in module.body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                found[node.name].append(name)
    return found


def words_of(glossary: str) -> set[str]:
    """Return every word of the code that a glossary's tables explain: those in the last column of a row."""
    rows = (line.rstrip("| ").split("|") for line in glossary.splitlines() if line.startswith("| "))
    return {
        word for cells in rows if all(cell.strip() for cell in cells[1:3]) for word in WORD.findall(cells[-1])
    }


def test_no_public_class_name_has_two_homes() -> None:
    found = homes((short(path), tree(path)) for path in python_files())
    assert {name: where for name, where in found.items() if len(where) > 1} == {}


def test_a_second_home_would_be_found() -> None:
    one, other = ast.parse("class Desk: ..."), ast.parse("class Desk: ...\nclass _Desk: ...")
    assert homes([("one", one), ("other", other)]) == {"Desk": ["one", "other"]}


@pytest.mark.parametrize("table", sorted(metadata.tables))
def test_the_glossary_explains_what_a_row_is(table: str) -> None:
    assert table in words_of((ROOT / "docs/glossary.md").read_text(encoding="utf-8"))


def test_a_word_that_is_not_translated_is_not_explained() -> None:
    assert words_of("| tờ trình | submission | `submission` |\n| | rung | `rung` |\n") == {"submission"}
