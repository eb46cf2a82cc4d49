"""The office above: it receives and appraises, the council votes, the head signs."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Final

from workflow.domain.facts import MoveRequest, SignedDocument, VoteEntry
from workflow.domain.vocabulary import BuiltIn, Role, UpperOutcome, VoteResult
from workflow.domain.votes import result_of
from workflow.simulate.habits import Punctuality
from workflow.simulate.lists import ABOVE
from workflow.simulate.questions import question
from workflow.simulate.reviews import (
    APPROVE,
    decide_pile,
    on_the_desk,
    piles,
    sent_back,
    turned_down,
)
from workflow.simulate.season import SESSION_DAYS, Season
from workflow.simulate.sector import COUNCIL_MEMBERS, TOP, unit_number
from workflow.simulate.stage import Waiting
from workflow.simulate.words import COMMENTS

_HELD_FROM: Final = 12
_RETURNED_SLOPPY, _RETURNED_OTHERS = 0.4, 0.04
_APPRAISAL_DAYS: Final = (4, 10)
_REJECTED_BY_OFFICE, _RETURNED_BY_OFFICE = 0.03, 0.06
_TIED, _NOT_PASSED, _ONE_AGAINST = 0.02, 0.06, 0.3
_SIGNED_AFTER: Final = 3
"""How many days after the vote the head signs."""
_CLOSED_AFTER: Final = 9
"""What the council did not carry nobody hurries with, and a reminder and an escalation tell of it."""


def receive(season: Season) -> None:
    """Have the office look through what came in, list by list, and send back what is not complete."""
    for (key, submission_id), items in piles(on_the_desk(season, "reception")).items():
        if season.stage.age(items[0]) >= 1:
            orders = {item.nomination_id: _at_reception(season, item) for item in items}
            decide_pile(season, key, orders, turn=submission_id or 0)


def _at_reception(season: Season, item: Waiting) -> MoveRequest:
    is_sloppy = season.plan.habits[unit_number(item.unit)].temper is Punctuality.SLOPPY
    share = _RETURNED_SLOPPY if is_sloppy else _RETURNED_OTHERS
    dice = season.chance("reception", item.nomination_id).random()
    is_first = item.nomination_id not in season.returned
    return sent_back("dossier_incomplete") if is_first and dice < share else APPROVE


def appraise(season: Season) -> None:
    """Have the standing body appraise each list after some days; one name is put on hold in a season."""
    for (key, submission_id), items in piles(on_the_desk(season, "appraisal")).items():
        days = season.chance("appraisal", submission_id).randint(*_APPRAISAL_DAYS)
        if season.stage.age(items[0]) < days:
            continue
        orders = {item.nomination_id: _at_appraisal(season, item) for item in items}
        if season.day >= _HELD_FROM and not season.has_held:
            season.has_held = True
            orders[items[0].nomination_id] = _hold()
        decide_pile(season, key, orders, turn=submission_id or 0)


def _hold() -> MoveRequest:
    reason = "under_verification"
    return MoveRequest(action=BuiltIn.HOLD, reason_code=reason, comment=COMMENTS[reason])


def _at_appraisal(season: Season, item: Waiting) -> MoveRequest:
    if (asked := question(season, item)) is not None:
        return asked
    dice = season.chance("appraise", item.nomination_id).random()
    if dice < _REJECTED_BY_OFFICE:
        return turned_down("standard_not_met")
    is_first = item.nomination_id not in season.returned
    return sent_back("achievement_unclear") if is_first and dice < _RETURNED_BY_OFFICE else APPROVE


def vote(season: Season) -> None:
    """Have the council sit on its days, vote on everything before it, and its secretary enter the counts."""
    if season.day not in SESSION_DAYS:
        return
    desks: dict[str, dict[int, MoveRequest]] = defaultdict(dict)
    for item in on_the_desk(season, "council"):
        desks[item.owner_key][item.nomination_id] = _voted(season, item)
    for key, orders in desks.items():
        done = decide_pile(season, key, orders)
        season.voted_on.update(dict.fromkeys(done, season.day))


def _voted(season: Season, item: Waiting) -> MoveRequest:
    dice = season.chance("vote", item.nomination_id).random()
    half = COUNCIL_MEMBERS // 2
    counts = VoteEntry(COUNCIL_MEMBERS, COUNCIL_MEMBERS, 0)
    if dice < _TIED:
        counts = VoteEntry(COUNCIL_MEMBERS, half, half, COUNCIL_MEMBERS - 2 * half)
    elif dice < _NOT_PASSED:
        counts = VoteEntry(COUNCIL_MEMBERS, half - 1, COUNCIL_MEMBERS - half + 1)
    elif dice < _ONE_AGAINST:
        counts = VoteEntry(COUNCIL_MEMBERS, COUNCIL_MEMBERS - 1, 1)
    is_passed = result_of(counts, item.vote_percent) is VoteResult.PASSED
    return MoveRequest(action="approve" if is_passed else "not_passed", vote=counts)


def sign(season: Season) -> None:
    """Have the head sign what the council recommends, some days after its vote, and close the rest."""
    desks: dict[str, list[Waiting]] = defaultdict(list)
    for item in on_the_desk(season, "decision"):
        is_passed = item.recommendation == VoteResult.PASSED
        days = _SIGNED_AFTER if is_passed else _CLOSED_AFTER
        if season.day - season.voted_on.get(item.nomination_id, 0) >= days:
            desks[item.owner_key].append(item)
    for key, items in desks.items():
        _sign_pile(season, key, items)


def _sign_pile(season: Season, key: str, items: Sequence[Waiting]) -> None:
    passed = [item for item in items if item.recommendation == VoteResult.PASSED]
    for is_above, book in ((False, "QĐ"), (True, "TTr")):
        meant = [item.nomination_id for item in passed if (item.decider == ABOVE) == is_above]
        if not meant:
            continue
        number = f"{100 + season.number(book)}/{book}-VKS"
        paper = SignedDocument(number, season.stage.today, season.head_of(0))
        decide_pile(season, key, dict.fromkeys(meant, MoveRequest(action="approve", decision=paper)))
        if is_above:
            season.sent_up.update(dict.fromkeys(meant, season.day))
    closed = [item.nomination_id for item in items if item.recommendation != VoteResult.PASSED]
    decide_pile(season, key, dict.fromkeys(closed, turned_down("standard_not_met")))


def hear_from_above(season: Season) -> None:
    """Have the secretary enter the first answer from above, some days after the names were submitted."""
    waiting = [number for number, day in season.sent_up.items() if season.day - day >= _ANSWERED_AFTER]
    if season.has_heard or not waiting or season.rests(_SECRETARY):
        return
    season.has_heard = True
    paper = SignedDocument(f"{1200 + season.plan.year % 100}/QĐ-TTg", season.stage.today, "Trần Đức Long")
    request = MoveRequest(action=BuiltIn.RECORD_OUTCOME, outcome=UpperOutcome.AWARDED, decision=paper)
    season.stage.decide(season.stage.actor(_SECRETARY), [(waiting[0], request)])


_SECRETARY: Final = f"{Role.COUNCIL_SECRETARY}@council:{TOP}"
_ANSWERED_AFTER: Final = 6
