"""Which moves may be left to a mailed code: a yes or no at a unit, and `check` says why not others."""

import re

import pytest

from tests.support.definitions import shipped, text_of
from workflow.domain.checking.checking import check, load

UNIT = "  - name: approve\n    from: unit_review\n    to: council\n"
CODE = "    by_code: true\n"


def said(text: str) -> list[str]:
    return [one.message for one in check(text, "x.yaml") if "by_code" in one.message]


def with_code(before: str) -> str:
    """Return the standard route with a code on the move that begins so."""
    text = text_of("standard")
    assert text.count(before) == 1, before
    return text.replace(before, before + CODE)


def test_a_review_at_a_unit_may() -> None:
    text = with_code(UNIT)
    assert check(text, "x.yaml") == []
    definition = load(text, "x.yaml")
    assert [move.by_code for move in definition.moves if move.name == "approve"][1]
    # What says nothing of codes is what it was.
    assert "by_code" not in str(shipped("standard").content())


@pytest.mark.parametrize(
    ("before", "why"),
    [
        (
            "  - name: submit\n    from: draft\n    to: unit_review\n",
            "and step 'draft'",
        ),
        (
            "  - name: approve\n    from: cluster_review\n    to: council\n",
            "review at a unit alone, and step 'cluster_review'",
        ),
        ("  - name: approve\n    from: council\n    to: decision\n", "'council'"),
        (
            "  - name: approve\n    from: decision\n    to: approved\n",
            "guard 'decision_recorded' asks for more",
        ),
        ("  - name: approve\n    from: decision\n    to: approved\n", "never for what ends a nomination"),
        (
            "    from: [unit_review, cluster_review, council]\n    to: [draft, unit_review]\n",
            "asks for a reason",
        ),
        (
            "    from: [unit_review, cluster_review, council, decision]\n    to: rejected\n",
            "never for what ends a nomination, as 'rejected' does",
        ),
    ],
)
def test_anything_else_is_refused_with_its_reason(before: str, why: str) -> None:
    assert any(why in message for message in said(with_code(before)))


def test_a_unit_is_not_enough_where_more_is_asked() -> None:
    text = with_code(UNIT)
    place = text.index(UNIT)
    asks = re.sub(r"guards: \[([^]]*)\]", r"guards: [\1, paper_signed]", text[place:], count=1)
    assert said(text[:place] + asks) == [
        "by_code is for a yes or no, and the guard 'paper_signed' asks for more"
    ]
    ways = text.replace(UNIT + CODE, UNIT.replace("to: council", "to: [council, cluster_review]") + CODE)
    assert "by_code is for a yes or no, and move 'approve' asks where to" in said(ways)
    above = text[:place] + text[place:].replace(
        "by: unit_reviewer@subject.unit", "by: council_secretary@council", 1
    )
    assert said(above) == ["by_code is for seats of units alone, and 'council_secretary@council' is none"]
    assert said(text.replace(CODE, "    by_code: perhaps\n"))
