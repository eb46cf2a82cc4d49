"""The JSON Schema of the language knows every word that `check` knows, and refuses no file that is fine."""

import json
import re
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner
from jsonschema_rs import Draft202012Validator, meta

from api.cli import commendo
from tests.support.definitions import SHIPPED, text_of
from tests.unit.test_definition_check import CHECKS, SMALL
from tests.unit.test_shorthand import CHECKS as SHORT_CHECKS
from tests.unit.test_shorthand import EVERYTHING, SHORT
from workflow.domain.checking.checking import check
from workflow.domain.route.schema import definition_schema
from workflow.domain.route.shorthand import BUILT_IN

WRITING = Path(__file__).parents[2] / "docs" / "writing-routes.md"
EXAMPLES = re.findall(r"```yaml\n(key:.*?)```", WRITING.read_text(encoding="utf-8"), re.DOTALL)
FINE = {
    **{key: text_of(key) for key in SHIPPED},
    **{
        f"ladder {name}": SHORT.replace("ladder: usual", f"ladder: {name}").partition("ladders:")[0]
        for name in BUILT_IN
    },
    **{f"documented {number}": text for number, text in enumerate(EXAMPLES)},
    "small": SMALL,
    "short": SHORT,
    "everything": EVERYTHING,
}
# What a file is refused for word by word. All else is wrong with the route that the words make, for `check`.
OF_WORDS = re.compile(
    r"unknown (word|stage|calendar|to|without|guard|unit) |did you mean '(remind|dossier_com)|unknown scope|"
    r"is missing|is expected, not '|is not a name|expected (role@scope|'due')|no date of a round|a period is|"
    r"date of the round first|not supported|at least 1|must not be empty|cannot switch off|has no rungs|"
    r"unknown ladder 'on'"
)
WRONG = [
    *((SMALL, old, new) for old, new, *_ in CHECKS if new != "from: *"),  # which is no YAML
    *((SHORT, old, new) for old, new, _ in SHORT_CHECKS),
]


def refusals(text: str) -> list[str]:
    errors = Draft202012Validator(definition_schema()).iter_errors(yaml.safe_load(text))
    return [error.message for error in errors]


def test_it_is_a_schema_of_its_dialect():
    assert meta.is_valid(definition_schema())


@pytest.mark.parametrize("name", FINE)
def test_a_file_that_can_be_published_is_taken(name):
    assert check(FINE[name], "one.yaml") == []
    assert refusals(FINE[name]) == []


@pytest.mark.parametrize(("text", "old", "new"), WRONG, ids=[repr(new[:40]) for _, _, new in WRONG])
def test_a_wrong_word_is_refused_and_a_wrong_route_is_left_to_the_check(text, old, new):
    wrong = text.replace(old, new, 1)
    said = [problem.message for problem in check(wrong, "one.yaml")]
    assert said
    assert bool(refusals(wrong)) == any(OF_WORDS.search(message) for message in said), (refusals(wrong), said)


def test_the_command_prints_it_without_a_database():
    for asked in (["workflow", "schema"], ["workflow", "schema", "--json"]):
        result = CliRunner().invoke(commendo, asked, catch_exceptions=False)
        assert (result.exit_code, json.loads(result.output)) == (0, definition_schema())
