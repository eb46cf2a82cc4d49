"""The council's results of a round in one grid: typed or pasted from a sheet, checked, recorded in one go.

Each line answers for itself, as those of a list do: what can be recorded is, and what cannot comes back with
the reason and all that was typed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from flask import request

from api.catalogue import say
from api.edge import request_now, request_session, request_today
from api.inputs.votes import CouncilSessionBody
from api.pages.carry_out import carry_out, refuse
from api.pages.council.answers import names_of, refusals_of, why_not
from api.pages.council.grid_form import CheckedLine, GridLine, Session, check, fill, read_lines
from api.pages.council.pasted import COLUMNS, LineProblem, read_pasted
from api.pages.frame.address_words import narrowed_by
from api.pages.frame.seen_again import Page, answers, taken_up
from api.pages.identity import current_actor, current_locale
from api.pages.once import claim_of_form, new_key
from api.pages.refusals import told
from api.pages.routes import pages
from api.pages.typed import NotTaken, read_typed
from api.pages.views.one_round import ROUND
from api.pages.writing import render
from api.permissions import Permission, permission
from workflow.domain.errors import Refusal
from workflow.operations.nominations.answers import ListOutcome
from workflow.operations.nominations.decide_many import decide_inbox
from workflow.queries.rounds.views import get_round
from workflow.queries.votes.recorded import RecordedVote, votes_of
from workflow.queries.votes.waiting_names import MOST_NAMES, Asks, WaitingName, WaitingNames, waiting_names

VOTES: Final = f"{ROUND}/votes"
_RECORD: Final = "record"
_OF_SESSION: Final = ("members", "present")


@dataclass(frozen=True, slots=True)
class _Sheet:
    """The grid as it stands: what waits, each line that was typed, what is wrong in the session."""

    round_code: str
    award: str
    waiting: WaitingNames
    lines: Mapping[int, GridLine] = field(default_factory=dict)
    checked: Mapping[int, CheckedLine] = field(default_factory=dict)
    wrong: Mapping[str, str] = field(default_factory=dict)
    pasted: str = ""
    problems: Sequence[LineProblem] = ()

    @property
    def ready(self) -> list[CheckedLine]:
        """The lines that can be recorded as they were typed."""
        return [] if self.wrong else [one for one in self.checked.values() if one.command is not None]


@dataclass(frozen=True, slots=True)
class _Left:
    """A line that came back: who it is, as far as it may be seen, what was typed, and why."""

    nomination_id: int
    name: str
    award: str
    typed: str
    why: str


@pages.get(VOTES)
@permission(Permission.SIGNED_IN)
@narrowed_by("award")
def votes(round_code: str) -> str:
    """Show the names that wait for the council's result, a line each."""
    award = request.args.get("award", "")
    return _show(_Sheet(round_code, award, _waiting(round_code, award)))


def _is_check() -> bool:
    return request.form.get("do") != _RECORD or bool(request.form.get("pasted", "").strip())


@answers(VOTES, is_look=_is_check)
@permission(Permission.SIGNED_IN)
def enter_votes(round_code: str) -> Page:
    """Check what was typed or pasted; record it where that was asked for and nothing was pasted just now."""
    is_record = not _is_check()
    award = request.form.get("award", "")
    sheet = _read(round_code, award, _waiting(round_code, award))
    if not is_record or (taken_up() is None and not sheet.ready):
        problem = "" if sheet.checked or not is_record else say(current_locale(), "votes.nothing_typed")
        return refuse({}, lambda _: _show(sheet, problem=problem)) if is_record else _show(sheet)
    session, actor, now = request_session(), current_actor(), request_now()
    items = [one.command for one in sheet.ready if one.command is not None]
    return carry_out(
        lambda: decide_inbox(session, actor=actor, items=items, now=now, claim=claim_of_form()),
        done=lambda outcome: _recorded(sheet, outcome),
        again=lambda refusal: _show(sheet, problem=_problem(refusal)),
        recalled=ListOutcome.again,
    )


def _problem(refusal: Refusal) -> str:
    return told(refusal, current_locale())


def _waiting(round_code: str, award: str) -> WaitingNames:
    return waiting_names(
        request_session(),
        actor=current_actor(),
        round_code=round_code,
        asks=Asks.VOTE,
        award=award or None,
        now=request_now(),
    )


def _read(round_code: str, award: str, waiting: WaitingNames) -> _Sheet:
    """Read the form: the session, each line, and what was pasted into the lines of those who wait."""
    locale, text = current_locale(), request.form.get("pasted", "")
    typed = {name: request.form.get(name, "") for name in _OF_SESSION}
    wrong: dict[str, str] = {}
    voted_on = request_today()
    try:
        voted_on = read_typed(CouncilSessionBody, request.form, required=("voted_on",)).voted_on
    except NotTaken as refusal:
        wrong = {name: words for name, words in refusal.words.items() if name in {*_OF_SESSION, "voted_on"}}
    if voted_on > request_today():
        wrong["voted_on"] = say(locale, "votes.future")
    pasted = read_pasted(text, [one for one in waiting.names if one.is_open])
    lines = fill(read_lines(request.form), pasted.cells, waiting.names)
    names = {one.nomination_id: one for one in waiting.names}
    session = Session(typed, voted_on)
    checked = {
        number: check(line, session, names.get(number), locale)
        for number, line in lines.items()
        if line.is_typed
    }
    unsaid = [name for name in _OF_SESSION if not typed[name].strip()]
    for name in unsaid:
        # Said once above instead of beside each of two hundred lines.
        if checked and all(name in one.wrong for one in checked.values()):
            wrong[name] = say(locale, "form.required")
    return _Sheet(round_code, award, waiting, lines, checked, wrong, pasted.rest, pasted.problems)


def _recorded(sheet: _Sheet, outcome: ListOutcome) -> str:
    """Show what was recorded, what was not and why, and the lines that are left."""
    session, actor, now, locale = request_session(), current_actor(), request_now(), current_locale()
    done = {item.nomination_id for item in outcome.done}
    why = {item.nomination_id: why_not(item, locale) for item in outcome.items if item.refused is not None}
    votes = votes_of(session, actor=actor, nomination_ids=sorted(done), now=now)
    left = _Sheet(
        sheet.round_code,
        sheet.award,
        _waiting(sheet.round_code, sheet.award),
        {number: line for number, line in sheet.lines.items() if number not in done},
        {number: line for number, line in sheet.checked.items() if number not in done},
    )
    return _show(
        left,
        done=[votes[number] for number in votes],
        done_count=len(done),
        why=why,
    )


def _show(
    sheet: _Sheet,
    *,
    problem: str = "",
    done: Sequence[RecordedVote] = (),
    done_count: int = 0,
    why: Mapping[int, str] | None = None,
) -> str:
    """Return the page: the grid of those who may be entered, and apart those who may not and why."""
    names = sheet.waiting.names
    open_names = [one for one in names if one.is_open]
    gone = [line for number, line in sheet.lines.items() if line.is_typed and number not in _ids(open_names)]
    return render(
        "votes.html",
        round=get_round(request_session(), code=sheet.round_code, now=request_now()),
        chosen=sheet.award,
        sheet=sheet,
        names=open_names,
        set_aside=[(one, refusals_of(one)) for one in names if not one.is_open],
        awards=_awards(sheet.waiting, sheet.award),
        columns=COLUMNS,
        left=_left(gone, why or {}),
        why=why or {},
        done=done,
        done_count=done_count,
        problem=problem,
        counts=_counts(sheet),
        most=MOST_NAMES,
        typed=request.form,
        today=request_today(),
        new_key=new_key,
    )


def _ids(names: Sequence[WaitingName]) -> set[int]:
    return {one.nomination_id for one in names}


def _awards(waiting: WaitingNames, chosen: str) -> dict[str, str]:
    """Return the awards to choose among, by code; one that was chosen stays though nobody waits for it."""
    awards = waiting.awards or [one.award for one in waiting.names]
    found = {one.code: one.title.text(current_locale()) for one in awards}
    return found if not chosen or chosen in found else {**found, chosen: chosen}


def _counts(sheet: _Sheet) -> dict[str, int]:
    """Count the lines that were typed: those that can be recorded and those with something wrong."""
    wrong = sum(one.command is None for one in sheet.checked.values())
    return {"typed": len(sheet.checked), "wrong": wrong, "ready": len(sheet.checked) - wrong}


def _left(gone: Sequence[GridLine], why: Mapping[int, str]) -> list[_Left]:
    """Return the lines of those who do not wait here any more, with the numbers that were typed for them."""
    locale, known = current_locale(), names_of([line.nomination_id for line in gone])
    return [
        _Left(
            line.nomination_id,
            *known.get(line.nomination_id, ("", "")),
            typed=", ".join(
                f"{say(locale, f'votes.{column}')}: {text}" for column, text in line.cells.items() if text
            ),
            why=why.get(line.nomination_id) or say(locale, "votes.not_waiting"),
        )
        for line in gone
    ]
