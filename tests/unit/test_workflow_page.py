"""The page about the routes is written from the definitions, and the pictures can be drawn."""

import re

from tests.support.definitions import SHIPPED, shipped
from tests.support.write_workflow_page import PAGE, written
from workflow.domain.route.diagram import mermaid

ARROW = re.compile(r"^    (\[\*\]|\w+) --> (\[\*\]|\w+)(: [^:;#\"<>]+)?$")
STATE = re.compile(r"^    state \"[^\":;#<>]+\" as \w+$")


def test_the_page_says_what_the_definitions_say():
    assert PAGE.read_text(encoding="utf-8") == written(), (
        "docs/workflow.md is stale: run python -m tests.support.write_workflow_page"
    )


def test_every_line_of_a_picture_is_one_that_mermaid_reads():
    for key in SHIPPED:
        for locale in ("vi", "en"):
            head, direction, *lines = mermaid(shipped(key), locale).splitlines()
            assert (head, direction.strip()) == ("stateDiagram-v2", "direction TB")
            assert [line for line in lines if not (ARROW.match(line) or STATE.match(line))] == []


def test_the_picture_has_an_arrow_for_every_move_and_says_whom_it_is_for():
    picture = mermaid(shipped("standard"))
    assert "unit_review --> cluster_review: Endorse (collectives)" in picture
    assert "unit_review --> council: Endorse (individuals)" in picture
    assert "decision --> approved: Sign the decision (number, date, signer)" in picture
    assert picture.count("Return") == 8
    assert "[*] --> draft" in picture
    assert "approved --> [*]" in picture
    assert "unit_review --> unit_review" not in picture


def test_the_picture_speaks_vietnamese_too():
    assert "unit_review --> council: Nhất trí đề nghị (cá nhân)" in mermaid(shipped("standard"), "vi")


def test_marks_that_would_break_the_picture_are_left_out_of_labels():
    step = shipped("standard").step("draft")
    label = step.label.model_copy(update={"en": 'A "draft": <b>#1</b>; done'})
    definition = shipped("standard").model_copy(
        update={"steps": (step.model_copy(update={"label": label}), *shipped("standard").steps[1:])}
    )
    assert "    state \"A 'draft'  (b)1(/b), done\" as draft\n" in mermaid(definition)
