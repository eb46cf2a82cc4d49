"""What a route says of the paper that units owe a round: read, written out, checked, compared, drawn."""

import pytest
import yaml

from tests.support.definitions import shipped
from tests.unit.test_definition_check import SMALL
from workflow.domain.checking.checking import check, load
from workflow.domain.checking.explaining import explained
from workflow.domain.route.definition import Definition
from workflow.domain.route.differences import DifferenceKind, differences
from workflow.domain.route.schema import definition_schema
from workflow.domain.time.return_ladder import RETURN_LADDER

RUNGS = "[{at: -3 working_days, do: remind, to: group}, {at: +2 working_days, do: escalate, to: head}]"
CHASE = f"ladders: {{chase: {RUNGS}}}\n"
LINE = len(SMALL.splitlines()) + 1


def owing(ladder: str) -> str:
    return f"{SMALL}owed: {{ladder: {ladder}}}\n"


def test_the_usual_ladder_has_a_name() -> None:
    definition = load(owing("owed"), "s.yaml")
    assert definition.owed is not None
    assert definition.owed.ladder == RETURN_LADDER


def test_a_ladder_of_the_file_is_written_out_and_hashed_as_its_rungs() -> None:
    by_name = load(owing("chase") + CHASE, "s.yaml")
    assert by_name.content_hash == load(owing(RUNGS), "s.yaml").content_hash
    assert Definition.from_content(by_name.content()).owed == by_name.owed
    said = explained(owing("chase") + CHASE, "s.yaml")
    assert f"#   what units owe: ladder 'chase', line {LINE + 1}" in said
    assert yaml.safe_load(said)["owed"]["ladder"][0]["at"] == "-3 working_days"


def test_a_route_that_says_nothing_of_it_has_the_content_it_had() -> None:
    assert "owed" not in shipped("standard").content()


@pytest.mark.parametrize(
    ("ladder", "says"),
    [
        ("chaze", "unknown ladder 'chaze': the file has no ladders"),
        ("5", "unknown ladder '5'"),
        ("[{at: due, do: remind, to: nobody}]", "unknown to 'nobody'"),
        ("[{at: 2 working_days, do: remind, to: group}]", "at: "),
        ("[{att: due, do: remind, to: group}]", "unknown word 'att'; did you mean 'at'?"),
        (
            "[{at: due, do: remind, to: group}, {at: -2 working_days, do: remind, to: group}]",
            "what units owe: rungs are out of order, '-2 working_days' comes before the one above it",
        ),
        (
            "[{at: due, do: remind, to: group}, {at: due, do: remind, to: group}]",
            "what units owe: the rung 'due' is there 2 times",
        ),
        (
            "[{at: due, do: remind, to: standing_body}]",
            "the rung 'due' goes to standing_body, which no unit has: write head or next_level",
        ),
    ],
)
def test_what_is_wrong_with_it_is_named_at_its_line(ladder: str, says: str) -> None:
    found = check(owing(ladder), "s.yaml")
    assert any(one.line == LINE and says in one.message for one in found), found


def test_it_needs_a_ladder_and_knows_no_other_word() -> None:
    assert any("'ladder' is missing" in one.message for one in check(f"{SMALL}owed: {{}}\n", "s.yaml"))
    said = check(f"{SMALL}owed: {{ladder: owed, due: 5 working_days}}\n", "s.yaml")
    assert any("unknown word 'due'" in one.message for one in said)


def test_nobody_is_reminded_where_it_says_so() -> None:
    definition = load(owing("[]"), "s.yaml")
    assert definition.owed is not None
    assert definition.owed.ladder == ()


def test_another_ladder_is_a_difference() -> None:
    one, other = load(owing("owed"), "s.yaml"), load(owing("[]"), "s.yaml")
    [found] = differences(one, other, {})
    assert found.kind is DifferenceKind.LADDER_OWED
    assert found.was.startswith("-10 working_days remind group; ")
    assert found.now == ""
    [appeared] = differences(load(SMALL, "s.yaml"), one, {})
    assert appeared.was == ""


def test_the_schema_knows_the_word_and_the_short_form() -> None:
    parts = definition_schema()
    assert "owed" in parts["properties"]
    assert {"type": "string"} in parts["$defs"]["OwedPaper"]["properties"]["ladder"]["anyOf"]
