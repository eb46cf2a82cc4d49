"""History tells what happened: what a button asks for in English is told there as done."""

from tests.support.definitions import SHIPPED, shipped
from workflow.queries.shapes import Words
from workflow.words.catalogue import read_words
from workflow.words.past import past

# What tells already what happened, or names a thing that came.
EVENTS = {
    "Escalation",
    "Date moved with the round or the calendar",
    "Gave more time",
    "Held the report back",
    "Kept long enough: the group has it again",
    "Let the report go",
    "Put forward",
    "Put on hold",
    "Reminder",
    "Telephoned",
    "Undone",
    "Went over to another version of the route",
    "What stood when the system was upgraded",
    "Took a comment back",
    "Asked for another date",
    "The date asked for was not given",
    "Admitted late by exception",
}


def test_every_action_and_every_move_that_ships_is_told_as_done() -> None:
    ours = {text for key, text in read_words("workflow", "en").items() if key.startswith("action.")}
    moves = {move.label.en for key in SHIPPED for move in shipped(key).moves}
    said = ours | moves
    assert {text for text in said if past(text) == text} == EVENTS
    assert not {text for text in said if past(past(text)) != past(text)}


def test_vietnamese_and_what_an_own_route_calls_a_move_stay_as_they_are() -> None:
    assert Words("Trả lại để hoàn thiện", "Return").as_happened() == Words(
        "Trả lại để hoàn thiện", "Returned"
    )
    assert Words("Gõ chiêng", "Ring the gong").as_happened() == Words("Gõ chiêng", "Ring the gong")
