"""What is still ahead of a nomination, on the way that takes longest."""

from tests.support.definitions import shipped
from workflow.domain.route.definition import Definition
from workflow.domain.route.forecast import steps_ahead
from workflow.domain.vocabulary import SubjectKind

SHORT = shipped("simplified").content()
SUBMIT = next(move for move in SHORT["moves"] if move["name"] == "submit")
REVIEW = next(step for step in SHORT["steps"] if step["name"] == "unit_review")


def test_a_long_route_in_which_steps_may_be_skipped_is_looked_through_once():
    # As many ways as there are to climb forty stairs by one or two: walked one by one they take minutes.
    names = [f"step_{number:02}" for number in range(40)]
    moves = [
        SUBMIT | {"from": [here], "to": [ahead]}
        for place, here in enumerate(names)
        for ahead in names[place + 1 : place + 3]
    ]
    steps = [REVIEW | {"name": name} for name in names]
    long = Definition.from_content(SHORT | {"initial": names[0], "steps": steps, "moves": moves})
    ahead = steps_ahead(long, names[0], SubjectKind.PERSON)
    assert [step.name for step in ahead] == names[1:]
