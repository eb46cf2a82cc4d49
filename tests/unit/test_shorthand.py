"""What a definition file says once for many steps: written out before anything reads it, lines kept."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from api.cli import commendo
from tests.support.definitions import SHIPPED, shipped, text_of
from tests.unit.test_definition_check import SMALL
from workflow.domain.checking.checking import check, load
from workflow.domain.checking.explaining import explained
from workflow.domain.route.definition import Definition, Move, ReasonEntry, RoleEntry, RungEntry, Step
from workflow.domain.route.diagram import mermaid
from workflow.domain.route.shorthand import BUILT_IN, MOST_RUNGS, Defaults, Shorthand

WRITING = Path(__file__).parents[2] / "docs" / "writing-routes.md"
# Taken before a file could say anything in short.
HASHES = {
    "annual": "be5d6ff54a097162af5d7a4af9e8a984240b86d2665cbffda91fb091c55503cf",
    "standard": "a1440d9b7d1583f68958dc85e7b098c933dc11e83ba0b805dbbd630c19005ae4",
    "simplified": "2cb86e3ceffcad0ada71336708a11aa10dd45e5c75c9a0eda61ebc0ec532ccda",
    "declaration": "e8cc66bdaf33ad62707a20bfec81d07f8c9c259c943d641e714be9d87d6d6798",
}
EVERYTHING_HASH = "bac150595c6b5c6b9f01dca69fb287d9aa0ffa4891b398ae6491b587a55a4bcf"
EVERYTHING = Path(__file__).with_name("everything.yaml").read_text(encoding="utf-8")
"""A file with every word that the language has, and nothing in short."""
RUNGS = """\
      - {at: -2 working_days, do: remind, to: holder}
      - {at: due, do: remind, to: holder}
"""
USUAL = """\
ladders:
  usual:
    - {at: -2 working_days, do: remind, to: holder}
    - {at: due, do: remind, to: holder}
"""
SHORT = SMALL.replace(f"    ladder:\n{RUNGS}", "    ladder: usual\n") + USUAL
"""`SMALL` with its one ladder named: the step names it in line 14, and it stands in lines 24 to 26."""

CHECKS = [
    # what is replaced, by what, and every problem that is said
    ("ladder: usual", "ladder: usul", [(14, "unknown ladder 'usul'; did you mean 'usual'? There are usual")]),
    (
        "ladder: usual",
        "ladder: moon",
        [
            (14, "unknown ladder 'moon'; there are usual"),
            (24, "the ladder 'usual' is used by no step"),
        ],
    ),
    (
        "ladder: usual",
        "ladder: on",
        [(14, "unknown ladder 'on'; there are usual"), (24, "the ladder 'usual' is used by no step")],
    ),
    (USUAL, "", [(14, "unknown ladder 'usual': the file has no ladders")]),
    (
        "  usual:\n",
        "  Usual:\n",
        [
            (14, "unknown ladder 'usual'; did you mean 'Usual'? There are Usual"),
            (24, "ladders: 'Usual' is not a name (lower-case letters, digits and _, a letter first)"),
        ],
    ),
    (
        "-2 working_days",
        "+2 working_days",
        [(26, "ladder 'usual': rungs are out of order, 'due' comes before the one above it")],
    ),
    ("-2 working_days", "due", [(26, "ladder 'usual': the rung 'due' is there 2 times")]),
    ("holder}", "hodler}", [(25, "unknown to 'hodler'; did you mean 'holder'?")]),
    (
        "-2 working_days",
        "soon",
        [(25, "at: expected 'due', '-2 working_days', '+1 calendar_days' or '50 percent', not 'soon'")],
    ),
    (", to: holder}", "}", [(25, "'to' is missing")]),
    (
        "- {at: due, do: remind, to: holder}",
        "- usual",
        [(26, "usual: a mapping with at, do, to, warn is expected, not 'usual'")],
    ),
    (
        "  usual:\n",
        "  usual: other\n  other:\n",
        [
            (24, "usual: a list, such as [other], is expected, not 'other'"),
            (25, "the ladder 'other' is used by no step"),
        ],
    ),
    (
        "  usual:\n",
        "  usual: []\n  other:\n",
        [
            (24, "the ladder 'usual' has no rungs; a step has none by ladder: []"),
            (25, "the ladder 'other' is used by no step"),
        ],
    ),
    (
        "    due: 5 working_days\n",
        "",
        [
            (9, "step 'review' has a ladder but no due to count it from"),
            (9, "step 'review' is a review step without due: nobody would be reminded"),
        ],
    ),
    ("final: true", "final: true, ladder: usual", [(17, "step 'done' is final and cannot have a ladder")]),
    (
        "ladders:\n",
        "defaults: {due: 4 working_days}\nladders:\n",
        [(23, "the default due counts nowhere: every review step has its own")],
    ),
    (
        "ladders:\n",
        "defaults: {ladder: usul, owner: x}\nladders:\n",
        [
            (23, "unknown ladder 'usul'; did you mean 'usual'? There are usual"),
            (23, "unknown word 'owner'; known are due, ladder"),
        ],
    ),
    (
        "ladders:\n",
        "defaults: {due: }\nladders:\n",
        [(23, "due: a period or a date of the round is expected, not nothing")],
    ),
    (
        "ladders:\n",
        "defaults: usual\nladders:\n",
        [(23, "defaults: a mapping with due, ladder is expected, not 'usual'")],
    ),
]


def said(text: str) -> list[tuple[int, str]]:
    return [(problem.line, problem.message) for problem in check(text, "small.yaml")]


@pytest.mark.parametrize("key", SHIPPED)
def test_the_shipped_files_are_what_installations_have_published(key):
    assert shipped(key).content_hash == HASHES[key]


def test_a_file_that_says_nothing_in_short_keeps_its_hash():
    assert load(EVERYTHING, "everything.yaml").content_hash == EVERYTHING_HASH


def test_a_named_ladder_is_its_rungs_to_every_reader():
    short, long = load(SHORT, "small.yaml"), load(SMALL, "small.yaml")
    assert short == long
    assert (short.content_hash, mermaid(short)) == (long.content_hash, mermaid(long))
    assert "ladders" not in short.content()
    assert Definition.from_content(short.content()) == long


@pytest.mark.parametrize(("old", "new", "found"), CHECKS, ids=[f"{c[1][:40]!r}" for c in CHECKS])
def test_a_problem_of_the_short_form_is_told_once_and_where_it_stands(old, new, found):
    # The same words stand elsewhere in the file too.
    begins = SHORT.index(USUAL) if old in USUAL else 0
    assert old in SHORT[begins:]
    assert said(SHORT[:begins] + SHORT[begins:].replace(old, new, 1)) == found


def test_a_ladder_that_many_steps_share_is_told_once_and_one_that_a_due_disorders_for_that_step():
    shared = SHORT.replace("due: 3 calendar_days", "due: 3 calendar_days, ladder: usual")
    assert said(shared.replace("-2 working_days", "+2 working_days")) == [
        (26, "ladder 'usual': rungs are out of order, 'due' comes before the one above it")
    ]
    # Half of 5 days lies before the second day before the end; half of 20 does not.
    percent = SHORT.replace("at: due,", "at: 50 percent,").replace("due: 5 w", "due: 20 w")
    [(line, words)] = said(percent)
    assert (line, words[:59]) == (26, "ladder 'usual' under step 'review': rungs are out of order,")
    assert said(percent.replace("due: 20 w", "due: 2 w")) == []


def test_a_default_counts_where_nothing_is_said_and_is_never_added_to_what_is():
    text = SMALL.replace("    due: 5 working_days\n", "").replace(", due: 3 calendar_days", "")
    text += "defaults: {due: 4 working_days, ladder: [{at: due, do: remind, to: group}]}\n"
    definition = load(text, "small.yaml")
    found = {step.name: (str(step.due), [rung.to for rung in step.rungs]) for step in definition.steps}
    assert found == {
        "draft": ("None", []),
        "review": ("4 working_days", ["holder", "holder"]),
        "panel": ("4 working_days", ["group"]),
        "done": ("None", []),
    }


def test_an_empty_ladder_is_a_ladder_of_ones_own_and_a_return_takes_the_default_too():
    draft = "owner: nominator@subject.unit"
    text = SMALL.replace("owner: clerk@council", "owner: clerk@council, ladder: []").replace(
        draft, f"{draft}, returned: {{due: 2 working_days}}"
    )
    definition = load(text + "defaults: {ladder: usual}\n" + USUAL, "small.yaml")
    assert definition.step("panel").rungs == ()
    assert definition.step("draft").rungs == ()
    assert [str(rung.at) for rung in definition.step("draft").returned.rungs] == ["-2 working_days", "due"]


def test_a_misspelt_stage_is_not_told_as_a_missing_due_too():
    text = SHORT.replace("    due: 5 working_days\n", "").replace("stage: unit_review", "stage: unit_reviw")
    assert said(text + "defaults: {due: 4 working_days}\n") == [
        (10, "unknown stage 'unit_reviw'; did you mean 'unit_review'?")
    ]


def test_a_small_file_cannot_grow_by_naming_one_long_ladder_often():
    rungs = "".join(f"    - {{at: +{n} working_days, do: remind, to: holder}}\n" for n in range(1, 501))
    steps = "".join(f"  - {{name: s{n}, ladder: long}}\n" for n in range(300))
    found = said(f"key: long\nladders:\n  long:\n{rungs}steps:\n{steps}")
    assert (3, f"long: 500 entries; at most {MOST_RUNGS} are taken") in found


@pytest.mark.parametrize("key", SHIPPED)
def test_the_explanation_is_a_file_of_the_same_content_that_says_nothing_in_short(key):
    full = explained(text_of(key), f"{key}.yaml")
    assert check(full, f"{key}.yaml") == []
    assert load(full, f"{key}.yaml").content_hash == HASHES[key]
    assert not re.search(r"^(ladders|defaults):|ladder: \w|[&*]id", full, re.MULTILINE)


def test_the_explanation_says_which_step_got_what_from_which_line():
    head = [line for line in explained(SHORT, "small.yaml").splitlines() if line.startswith("#")]
    assert head == [
        f"# small.yaml: fine; in full (content {load(SMALL, 'small.yaml').content_hash}):",
        "#   step 'review': ladder 'usual', line 24",
    ]
    origins = explained(text_of("declaration"), "declaration.yaml")
    assert "#   step 'checked': the default due, line 17\n" in origins


def test_the_page_about_writing_a_route_shows_a_file_that_works_and_names_every_word():
    page = WRITING.read_text(encoding="utf-8")
    [file] = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    assert check(file, "commendation.yaml") == []
    parts = (Definition, Shorthand, Defaults, Step, Move, RoleEntry, ReasonEntry, RungEntry)
    words = {info.alias or name for part in parts for name, info in part.model_fields.items()}
    assert words - set(re.findall(r"`(\w+)`", page)) == set()
    assert f"at most {MOST_RUNGS}" in page


def test_the_command_shows_a_file_in_full_that_it_takes_again(tmp_path):
    short, long = tmp_path / "short.yaml", tmp_path / "long.yaml"
    short.write_text(SHORT, encoding="utf-8")

    def run(*words: object) -> Result:
        return CliRunner().invoke(commendo, ["workflow", "check", *map(str, words)])

    shown = run("--explain", short)
    assert shown.exit_code == 0
    long.write_text(shown.stdout, encoding="utf-8")
    assert run(short, long).stdout.splitlines() == [f"{short}: fine", f"{long}: fine"]
    answer = json.loads(run("--explain", "--json", short).stdout)
    assert answer["problems"] == []
    [review] = [step for step in answer["explained"][str(short)]["steps"] if step["name"] == "review"]
    assert [rung["at"] for rung in review["ladder"]] == ["-2 working_days", "due"]
    long.write_text(SHORT.replace("ladder: usual", "ladder: usul"), encoding="utf-8")
    refused = run("--explain", short, long)
    assert (refused.exit_code, refused.stdout) == (1, shown.stdout)
    assert refused.stderr.splitlines() == [
        f"{long}:14: unknown ladder 'usul'; did you mean 'usual'? There are usual"
    ]


def test_a_ladder_that_is_built_in_needs_no_words_in_the_file_and_comes_to_the_long_form():
    for name, rungs in BUILT_IN.items():
        short = SHORT.replace("ladder: usual", f"ladder: {name}").replace(USUAL, "")
        [step] = [one for one in load(short, "short.yaml").steps if one.rungs]
        spelt = [{"at": str(one.at), "do": str(one.do), "to": str(one.to)} for one in step.rungs]
        assert spelt == [dict(rung) for rung in rungs]
    # A ladder of the file is the file's, whatever it is called.
    own = SHORT.replace("usual", "standard")
    assert [len(step.rungs) for step in load(own, "own.yaml").steps if step.rungs] == [2]
