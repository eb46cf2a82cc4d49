"""What the reading of files says in English is said in Vietnamese, sentence by sentence as it is spelt."""

import ast
import re

import pytest

from api.catalogue import catalogue
from api.pages.views.admin.words import said
from tests.architecture.source import python_files, tree

PART = re.compile(r"\{[^{}]*\}")
TOLD = ("bad", "add", "unreadable")
ENGLISH = {key: text for key, text in catalogue("en").items() if key.startswith("import_said.")}


def shape(text: str) -> str:
    return PART.sub("{}", text)


def spelt(node: ast.expr) -> str | None:
    """Return a literal with braces for its parts, None for anything else."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(
            str(one.value) if isinstance(one, ast.Constant) else f"{{{ast.unparse(one.value)}}}"
            for one in node.values
            if isinstance(one, ast.Constant | ast.FormattedValue)
        )
    return None


def sentences() -> list[str]:
    """Return what the import says where a cell or a file is refused, as it is spelt there."""
    found = []
    for path in python_files("workflow"):
        if "/imports/" not in str(path):
            continue
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in TOLD:
                found += [text for one in node.args if (text := spelt(one)) and " " in PART.sub("", text)]
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("notes.append"):
                found += [text for one in node.args if (text := spelt(one))]
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) in {"reason", "trouble"}:
                found += [text for text in [spelt(node.value)] if text]
            if isinstance(node, ast.keyword) and node.arg in {"trouble", "no_day"}:
                found += [text for text in [spelt(node.value)] if text]
    # What another sentence is put in whole is asked for where that is spelt.
    return sorted({one for one in found if PART.sub("", one).strip("; ")})


@pytest.mark.parametrize("sentence", sentences())
def test_every_refused_cell_has_words_in_vietnamese(sentence: str) -> None:
    example = PART.sub("7", re.sub(r"; \{[^{}]*\}$", "", sentence))
    assert said(example, "vi") != example
    assert said(example, "en") == example


def test_many_sentences_were_found() -> None:
    assert len(sentences()) > 60


@pytest.mark.parametrize(
    ("english", "vietnamese"),
    [
        ("nobody has this code; did you mean 'NV 21'?", "không ai có mã này; có phải 'NV 21' không?"),
        ("must be one of off, work", "phải là một trong off, work"),
        ("column 7", "cột 7"),
        (
            "a date or time and not text (shown as d/m); the spreadsheet computed an error here",
            "là ngày hoặc giờ, không phải văn bản (hiện dạng d/m); bảng tính báo lỗi ở ô này",
        ),
        ("something nobody ever said; is required", "something nobody ever said; is required"),
    ],
)
def test_a_sentence_is_found_with_its_parts(english: str, vietnamese: str) -> None:
    assert said(english, "vi") == vietnamese


def test_the_words_for_a_sentence_are_no_words_for_another() -> None:
    for text in ENGLISH.values():
        assert said(shape(text).replace("{}", "7"), "vi"), text
