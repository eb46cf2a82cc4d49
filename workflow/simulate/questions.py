"""What reviewers ask who nominates: some of it is answered in days, some never, and is taken back."""

from typing import Final

from workflow.domain.facts import MoveRequest
from workflow.domain.vocabulary import BuiltIn, Role
from workflow.simulate.season import Season
from workflow.simulate.stage import Waiting
from workflow.simulate.words import ANSWERS, QUESTIONS

_ASKED: Final = 0.05
_FORGOTTEN: Final = 0.2
_ANSWER_DAYS: Final = (1, 3)
_TAKEN_BACK_AFTER: Final = 8
"""How many working days a reviewer waits: the day of the question is over, and they were told so."""


def question(season: Season, item: Waiting) -> MoveRequest | None:
    """Return what a reviewer asks of one in twenty names, each once; None of all others."""
    if item.nomination_id in season.asked:
        return None
    dice = season.chance("ask", item.nomination_id, item.state)
    if dice.random() >= _ASKED:
        return None
    return MoveRequest(action=BuiltIn.REQUEST_INFO, comment=dice.choice(QUESTIONS))


def answer_questions(season: Season) -> None:
    """Have who nominates answer what is asked of them, and reviewers take back what nobody answers."""
    for item in season.desk:
        if not item.is_asked:
            continue
        key = _who_answers(season, item)
        if key is not None and not season.rests(key):
            words = season.chance("answer", item.nomination_id).choice(ANSWERS)
            request = MoveRequest(action=BuiltIn.ANSWER_INFO, comment=words)
            season.stage.decide(season.stage.actor(key), [(item.nomination_id, request)])


def _who_answers(season: Season, item: Waiting) -> str | None:
    dice = season.chance("answered", item.nomination_id)
    if dice.random() < _FORGOTTEN:
        is_over = season.stage.age(item) >= _TAKEN_BACK_AFTER
        return season.asked[item.nomination_id] if is_over else None
    is_day = season.stage.age(item) >= dice.randint(*_ANSWER_DAYS)
    return f"{Role.NOMINATOR}@unit:{item.unit}" if is_day else None
