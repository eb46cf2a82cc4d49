"""A replay's mapping as people write it: what is wrong has a line and words of the file."""

import re

import pytest

from tests.support.definitions import shipped
from workflow.domain.errors import InvalidLog
from workflow.replay.mapping import check_mapping, read_mapping

GOOD = """\
# what the activities mean
workflow: declaration
case_prefix: DD
events:
  Submitted: {move: submit, by: employee}
  Paid: {move: pay, by: payment_system}
  Saved: ignore
"""
_WORKSHOP = re.compile(
    r"MappedMove|literal|Literal|instance|datetime|input|None\b|dict|Errno|pydantic|stream end"
)


def refusal(tmp_path, text):
    path = tmp_path / "map.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(InvalidLog) as refused:
        check_mapping(read_mapping(path), shipped("declaration"), [], log_name="log.csv")
    assert not _WORKSHOP.search(refused.value.detail), refused.value.detail
    return refused.value.detail.splitlines()


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("Saved: ignore", "Saved: ignor", "7: Saved: expected {move: NAME, by: ROLE} or ignore; did"),
        ("Saved: ignore", "Saved:", "7: Saved: expected {move: NAME, by: ROLE} or ignore"),
        ("Saved: ignore", "Saved: 2026-01-01", "7: Saved: expected {move"),
        ("Saved: ignore", "Saved: [ignore]", "7: Saved: expected {move"),
        ("{move: pay, by: payment_system}", "{move: pay}", "6: 'by' is missing."),
        ("{move: pay, by", "{mvoe: pay, by", "6: unknown word 'mvoe'; did you mean 'move'?"),
        ("{move: pay, by", "{move: 3, by", "6: move: text is expected, not '3'; put it in quotes"),
        ("{move: pay, by", "{move: [pay], by", "6: move: text is expected, not a list"),
        ("move: pay,", "move: payy,", "6: 'Paid': 'declaration' has no move 'payy'; did you mean 'pay'?"),
        ("by: payment_system", "by: payments", "6: 'Paid': 'declaration' has no move 'pay' by 'payments'"),
        ("case_prefix: DD", "case_prefix: dd", "3: case_prefix: 'dd' is not a prefix (one to eight"),
        ("case_prefix: DD", "case_prefix: 12", "3: case_prefix: text is expected, not '12'"),
        ("workflow: declaration", "workflow: [declaration]", "2: workflow: text is expected, not a list"),
        ("workflow: declaration\n", "", "2: 'workflow' is missing."),
        ("case_prefix", "case_prefx", "3: unknown word 'case_prefx'; did you mean 'case_prefix'?"),
        ("  Paid:", "  Submitted:", "6: 'Submitted' is said twice; the first is in line 5."),
        ("  Paid:", "\tPaid:", "6: not YAML: a tab; indent with blanks."),
        ("Saved: ignore", "Saved: &x ignore", "7: '&x': anchors and aliases are not allowed"),
        ("events:\n", "events: 5\nx:\n", "4: events: a mapping"),
    ],
)  # fmt: skip
def test_a_problem_of_a_mapping_has_a_line_and_says_what_was_meant(tmp_path, old, new, told):
    found = refusal(tmp_path, GOOD.replace(old, new, 1))
    assert [line for line in found if line.startswith(f"map.yaml:{told}")], found


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "map.yaml:1: the file is empty; expected a mapping with workflow, case_prefix and events."),
        (b"- a\n", "map.yaml:1: expected a mapping with workflow, case_prefix and events."),
        ("workflow: café\n".encode("latin-1"), "map.yaml:1: is not UTF-8: the byte 0xE9"),
        (GOOD.encode("utf-16"), "map.yaml:1: is UTF-16; save it as UTF-8."),
        (b"#" * 2_000_000, "map.yaml:1: larger than 1024 KB; no mapping is."),
        (b"a: &a [x,x]\nb: &b [*a,*a]\n", "map.yaml:1: '&a': anchors and aliases are not allowed"),
    ],
)
def test_a_file_that_is_no_mapping_says_so(tmp_path, content, told):
    assert [line for line in refusal(tmp_path, content) if line.startswith(told)]


def test_a_folder_and_a_file_that_is_not_there_are_named(tmp_path):
    for path, told in ((tmp_path, "Is a directory"), (tmp_path / "gone.yaml", "No such file")):
        with pytest.raises(InvalidLog, match=told) as refused:
            read_mapping(path)
        assert "Errno" not in refused.value.detail


def test_what_is_ignored_moves_nothing(tmp_path):
    path = tmp_path / "map.yaml"
    path.write_text(f"\ufeff{GOOD}", encoding="utf-8")
    mapping = read_mapping(path)
    assert mapping.events["Saved"] is None
    assert mapping.events["Paid"].move == "pay"
