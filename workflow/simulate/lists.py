"""What a unit writes: whom it lists for what, its submissions, sending them, mending what came back."""

from collections import defaultdict
from collections.abc import Iterator
from random import Random
from typing import Final

from workflow.domain.facts import MoveRequest, SignedDocument
from workflow.domain.papers.kinds import PaperLevel, PaperRoot, level_of
from workflow.domain.vocabulary import BuiltIn, PaperKind, Role, Via
from workflow.operations.nominations.nominate import Edit, edit
from workflow.operations.submissions.compose import (
    NewSubmission,
    SubmissionEdit,
    create_submission,
    edit_submission,
)
from workflow.operations.submissions.lists import ComposedList
from workflow.operations.submissions.rows import ListRow
from workflow.simulate.habits import Habit
from workflow.simulate.season import Season
from workflow.simulate.sector import DRAFTER, HEAD, person_code, unit_code, unit_number
from workflow.simulate.stage import Waiting
from workflow.simulate.words import ACHIEVEMENTS, MENDED

_SENT: Final = MoveRequest(action="submit")
_GIVEN_UP: Final = 0.1
_DRAFT: Final = "draft"
ABOVE: Final = "state"
_ABOVE_AWARD: Final = "CSTD_TOAN_QUOC"
# What is decided above waits for one more opinion before the unit sends it.
DAYS_FOR_ABOVE: Final = 3
_COLLECTIVE: Final = ("TTLDTT", "TTLDXS", "CTD_NGANH")
_PERSONAL: Final = ("LDTT", "CSTDCS", "CSTD_NGANH")


def choose(unit: int, size: int, habit: Habit, chance: Random) -> list[tuple[int | None, str]]:
    """Return whom a unit of so many people lists: a place (None for the unit itself) and an award each."""
    places = [place for place in range(size) if place != HEAD]
    chance.shuffle(places)
    if habit.puts_head:
        places.insert(0, HEAD)
    collective = [(None, award) for award in _COLLECTIVE[: 1 + (chance.random() < 0.4) + (unit % 9 == 0)]]  # noqa: PLR2004 - chances of the play
    advanced = [(place, _PERSONAL[0]) for place in places]
    others = [place for place in places if place != HEAD]
    soldiers = [(place, _PERSONAL[1]) for place in others[: max(1, size // 3)]]
    of_sector = [(place, _PERSONAL[2]) for place in others[:1] if unit % 7 == 0]
    wanted = [*advanced[:2], *collective, *soldiers, *of_sector, *advanced[2:]]
    spare = [(place, award) for award in _PERSONAL[1:] for place in others if (place, award) not in wanted]
    return (wanted + spare)[: habit.names]


def write_list(season: Season, unit: int) -> None:
    """Have a unit's drafter compose the list and put the submissions to it."""
    stage, code = season.stage, unit_code(unit)
    actor = stage.actor(f"{Role.NOMINATOR}@unit:{code}")
    paper = SignedDocument(f"{10 + unit}/TTr-{code}", stage.today, season.head_of(unit))
    with stage.deed() as (session, now):
        new = NewSubmission(season.plan.round_code, code, list(_rows(season, unit)), paper)
        made = create_submission(session, actor=actor, new=new, via=Via.WEB, now=now)
    stage.counts["submissions"] += len(made.submissions)
    stage.counts["nominations"] += sum(paper.names for paper in made.submissions)
    stage.refusals.update(problem.reason.code for row in made.rows for problem in row.problems)
    _number_the_rest(season, unit, made)
    _put_papers(season, unit, made)


def _rows(season: Season, unit: int) -> Iterator[ListRow]:
    """Yield one row for each person, with every award proposed, and one for the unit itself."""
    habit, chance = season.plan.habits[unit], season.chance("list", unit)
    awards: dict[int | None, list[str]] = defaultdict(list)
    for place, award in choose(unit, season.sector.sizes[unit], habit, chance):
        awards[place].append(award)
    if habit.goes_above:
        place = next((place for place in awards if place is not None and place != HEAD), DRAFTER)
        awards[place].append(_ABOVE_AWARD)
    proposer = season.names[person_code(unit, DRAFTER)]
    for place, codes in awards.items():
        person = None if place is None else person_code(unit, place)
        yield ListRow(person, tuple(codes), chance.choice(ACHIEVEMENTS), proposer)


def _number_the_rest(season: Season, unit: int, made: ComposedList) -> None:
    """Give the submissions to other deciding bodies a number of their own."""
    stage, code = season.stage, unit_code(unit)
    for place, paper in enumerate(made.submissions[1:], start=1):
        words = SubmissionEdit(f"{10 + unit}{'abc'[place - 1]}/TTr-{code}", stage.today, season.head_of(unit))
        with stage.deed() as (session, now):
            edit_submission(
                session,
                actor=stage.actor(f"{Role.NOMINATOR}@unit:{code}"),
                submission_id=paper.submission_id,
                version=paper.version,
                changes=words,
                via=Via.WEB,
                now=now,
            )


def _put_papers(season: Season, unit: int, made: ComposedList) -> None:
    stage = season.stage
    actor = stage.actor(f"{Role.NOMINATOR}@unit:{unit_code(unit)}")
    stage.next_minute()
    wanted: dict[int, set[PaperKind]] = defaultdict(set)
    for row in made.rows:
        for listed in row.listed:
            for kind in season.papers_of[listed.award_code]:
                if level_of(kind) is PaperLevel.NOMINATION:
                    stage.put_paper(actor, PaperRoot.NOMINATION, listed.nomination_id, kind)
                elif kind is not PaperKind.CLUSTER_MINUTES:
                    wanted[listed.submission_id].add(kind)
    for submission_id, kinds in wanted.items():
        for kind in sorted(kinds):
            stage.put_paper(actor, PaperRoot.SUBMISSION, submission_id, kind)


def send_lists(season: Season) -> None:
    """Have every unit whose day it is send its drafts to its head, and mend what came back earlier."""
    waiting: dict[str, list[Waiting]] = defaultdict(list)
    for item in season.desk:
        if item.state == _DRAFT and _goes_today(season, item):
            waiting[item.unit].append(item)
    for code, items in waiting.items():
        actor = season.stage.actor(f"{Role.NOMINATOR}@unit:{code}")
        orders = {item.nomination_id: _sent_or_given_up(season, item) for item in items}
        for item in items:
            if item.nomination_id in season.returned and orders[item.nomination_id] is _SENT:
                _mend(season, item)
        season.stage.decide(actor, list(orders.items()))


def _sent_or_given_up(season: Season, item: Waiting) -> MoveRequest:
    """Return what a unit does with a draft: it sends it, or withdraws one in ten of what came back."""
    is_back = item.nomination_id in season.returned
    if is_back and season.chance("give up", item.nomination_id).random() < _GIVEN_UP:
        return MoveRequest(action=BuiltIn.WITHDRAW)
    return _SENT


def _goes_today(season: Season, item: Waiting) -> bool:
    """Return whether a draft is sent today: the list on its day, what came back some days after that."""
    unit = unit_number(item.unit)
    if season.rests(f"{Role.NOMINATOR}@unit:{item.unit}"):
        return False
    if item.nomination_id in season.returned:
        return season.stage.age(item) >= season.chance("mend", item.nomination_id).randint(1, 3)
    extra = DAYS_FOR_ABOVE if item.decider == ABOVE else 0
    return season.day >= season.plan.habits[unit].sends_on + extra


def _mend(season: Season, item: Waiting) -> None:
    stage = season.stage
    with stage.deed() as (session, now):
        edit(
            session,
            actor=stage.actor(f"{Role.NOMINATOR}@unit:{item.unit}"),
            nomination_id=item.nomination_id,
            version=item.version,
            changes=Edit(
                achievement=season.chance("words", item.nomination_id).choice(ACHIEVEMENTS) + MENDED
            ),
            via=Via.WEB,
            now=now,
        )
