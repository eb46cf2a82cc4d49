"""`check` on files nobody would write: it always answers, and what it lets pass can be lived through."""

import copy

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.definitions import SHIPPED, facts, text_of
from workflow.domain.checking.checking import check, load
from workflow.domain.errors import InvalidDefinition
from workflow.domain.moves.engine import offers
from workflow.domain.route.definition import Definition
from workflow.domain.vocabulary import SubjectKind

JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    st.floats(allow_nan=False),
    st.text(max_size=8),
    st.sampled_from(
        ["*", "draft", "approved", "owner", "5 working_days", "head@round", "subject_is_individual"]
    ),
    st.lists(st.sampled_from(["draft", "unit_review", "decision", "approved"]), max_size=3),
    st.dictionaries(st.sampled_from(["vi", "en", "name", "at"]), st.text(max_size=3), max_size=2),
)
LINES = {key: text_of(key).splitlines() for key in SHIPPED}


def places(value: object, place: tuple = ()) -> list[tuple]:
    """List the path of everything inside a plain value."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [place, *(found for key, part in inside for found in places(part, (*place, key)))]


def mangled(data: st.DataObject, raw: dict) -> dict:
    """Replace or remove a few things anywhere in a definition."""
    changed = copy.deepcopy(raw)
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.sampled_from([path for path in places(changed) if path]))
        holder = changed
        for key in place[:-1]:
            holder = holder[key]
        if data.draw(st.booleans()):
            holder[place[-1]] = data.draw(JUNK)
        else:
            del holder[place[-1]]
    return changed


def can_end(definition: Definition, kind: SubjectKind) -> bool:
    """Walk every button from the first step, and tell whether each step met leads to a final one."""
    leads: dict[str, set[str]] = {}
    waiting = [definition.initial]
    while waiting:
        state = waiting.pop()
        if state in leads:
            continue
        buttons = offers(definition, facts(state, subject_kind=kind))
        leads[state] = {step.name for button in buttons for step in button.dests}
        waiting += leads[state]
    ending = {state for state in leads if definition.is_final(state)}
    while found := {state for state in leads if leads[state] & ending} - ending:
        ending |= found
    return ending == set(leads)


@settings(max_examples=150, derandomize=True, deadline=None)
@given(data=st.data(), key=st.sampled_from(SHIPPED))
def test_a_mangled_definition_is_refused_with_lines_or_works_to_its_end(data, key):
    text = yaml.safe_dump(mangled(data, yaml.safe_load(text_of(key))), allow_unicode=True, sort_keys=False)
    problems = check(text, "mangled.yaml")
    assert all(1 <= problem.line <= text.count("\n") + 1 and problem.message for problem in problems)
    if problems:
        with pytest.raises(InvalidDefinition) as refused:
            load(text, "mangled.yaml")
        assert len(refused.value.errors) == len(problems)
        return
    definition = load(text, "mangled.yaml")
    assert all(can_end(definition, kind) for kind in SubjectKind)
    assert Definition.from_content(definition.content()) == definition


@settings(max_examples=250, derandomize=True, deadline=None)
@given(text=st.one_of(st.text(max_size=60), st.text(alphabet="ab:-[]{}&*!?|>#\"' \n\t", max_size=60)))
def test_any_text_at_all_gets_an_answer(text):
    assert check(text, "any.yaml")


@settings(max_examples=60, derandomize=True, deadline=None)
@given(data=st.data(), key=st.sampled_from(SHIPPED))
def test_lines_in_another_order_or_missing_get_an_answer_too(data, key):
    lines = list(LINES[key])
    del lines[data.draw(st.integers(0, len(lines) - 1))]
    one, other = (data.draw(st.integers(0, len(lines) - 1)) for _ in range(2))
    lines[one], lines[other] = lines[other], lines[one]
    text = "\n".join(lines)
    assert all(1 <= problem.line <= len(lines) + 1 for problem in check(text, "shuffled.yaml"))
