"""What of a list is agreed to as it comes, and what wants a look of its own first."""

from dataclasses import replace
from typing import Any

import pytest

from workflow.domain.moves.attention import Concern, NameFacts, looks_for

CLEAN = NameFacts(
    is_held=False,
    is_asked=False,
    ways=1,
    asks_for_more=False,
    lacks_papers=False,
    was_returned=False,
    is_changed=False,
    is_unrecommended=False,
)


def test_a_name_with_one_way_on_and_nothing_to_note_wants_no_look() -> None:
    assert looks_for(CLEAN) == ()


@pytest.mark.parametrize(
    ("change", "look"),
    [
        ({"is_held": True}, Concern.HELD),
        ({"ways": 0}, Concern.CLOSED),
        ({"ways": 2}, Concern.WAYS),
        ({"asks_for_more": True}, Concern.FORM),
        ({"ways": 0, "asks_for_more": True}, Concern.FORM),
        ({"lacks_papers": True}, Concern.PAPERS),
        ({"was_returned": True}, Concern.RETURNED),
        ({"is_changed": True}, Concern.CHANGED),
        ({"is_unrecommended": True}, Concern.UNRECOMMENDED),
    ],
)
def test_each_thing_that_is_not_as_usual_wants_a_look(change: dict[str, Any], look: Concern) -> None:
    assert looks_for(replace(CLEAN, **change)) == (look,)


def test_of_a_name_on_hold_nothing_more_is_said() -> None:
    facts = replace(CLEAN, is_held=True, ways=0, lacks_papers=True, was_returned=True)
    assert looks_for(facts) == (Concern.HELD,)


def test_a_name_whose_nominator_owes_an_answer_is_not_agreed_to_as_it_comes() -> None:
    assert looks_for(replace(CLEAN, is_asked=True, lacks_papers=True)) == (Concern.ASKED, Concern.PAPERS)
