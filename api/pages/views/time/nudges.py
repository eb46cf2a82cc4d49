"""Pressing whoever holds a nomination, or units that owe a round: what they were told last comes first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from flask import request
from werkzeug.wrappers import Response

from api.catalogue import say
from api.edge import request_now, request_session, request_today
from api.inputs.nudges import NudgeRequest, UnitsNudge
from api.pages.carry_out import carry_out, go_on
from api.pages.frame.seen_again import Page, answers
from api.pages.identity import current_actor, current_locale
from api.pages.once import claim_of_form, new_key
from api.pages.refusals import said_beside
from api.pages.routes import pages
from api.pages.typed import read_typed
from api.pages.writing import holder_text, moment, render
from api.permissions import Permission, permission
from api.wording import message_of
from workflow.domain.errors import Reason, Refusal
from workflow.domain.rights.nudges import LONGEST_NUDGE
from workflow.domain.vocabulary import Via
from workflow.operations.nudges.nudge import Nudged, nudge
from workflow.operations.nudges.units import UnitNudged, UnitsNudged, nudge_units
from workflow.queries.nominations.nomination import get_nomination
from workflow.queries.nudges.press import nudge_of, units_to_press
from workflow.queries.rounds.views import get_round
from workflow.queries.seats import name_seats

_ONE: Final = "/nominations/<int(max=9223372036854775807):nomination_id>/nudge"
_WORDS: Final = {"words": "nudge.too_long", "units": "nudge.choose"}
_UNITS: Final = "/rounds/<path:round_code>/nudge"


@dataclass(frozen=True, slots=True)
class UnitResult:
    """What became of one unit, in words."""

    unit: str
    told_count: int
    why: str


@pages.get(_ONE)
@permission(Permission.SIGNED_IN)
def nudge_page(nomination_id: int) -> str:
    """Show what was said last to whoever holds a nomination, and the form to press them."""
    return _shown(nomination_id)


@pages.post(_ONE)
@permission(Permission.SIGNED_IN)
def press(nomination_id: int) -> Response | tuple[str, int]:
    """Press whoever holds a nomination."""
    locale = current_locale()

    def pressed() -> Nudged:
        said = read_typed(NudgeRequest, request.form)
        return nudge(
            request_session(),
            actor=current_actor(),
            nomination_id=nomination_id,
            words=said.words,
            via=Via.WEB,
            now=request_now(),
            claim=claim_of_form(),
        )

    return carry_out(
        pressed,
        done=lambda done: go_on(
            say(locale, "nudge.done", count=done.told_count), "pages.nomination", nomination_id=nomination_id
        ),
        again=lambda refusal: _shown(nomination_id, refusal),
    )


@pages.get(_UNITS)
@permission(Permission.SIGNED_IN)
def nudge_units_page(round_code: str) -> str:
    """Show the silent units of a round with what was said to each last, and the form to press them."""
    return _shown_units(round_code)


@answers(_UNITS)
@permission(Permission.SIGNED_IN)
def press_units(round_code: str) -> Page:
    """Press the units that were ticked, and show what became of each."""

    def pressed() -> UnitsNudged:
        said = read_typed(UnitsNudge, request.form)
        return nudge_units(
            request_session(),
            actor=current_actor(),
            round_code=round_code,
            units=said.units,
            words=said.words,
            via=Via.WEB,
            now=request_now(),
            claim=claim_of_form(),
        )

    return carry_out(
        pressed,
        done=lambda done: _shown_units(round_code, results=done.results),
        again=lambda refusal: _shown_units(round_code, refusal),
        recalled=UnitsNudged.again,
    )


def _shown(nomination_id: int, refusal: Refusal | None = None) -> str:
    actor, locale, session, now = current_actor(), current_locale(), request_session(), request_now()
    view = get_nomination(session, actor=actor, nomination_id=nomination_id, now=now)
    before = nudge_of(session, actor=actor, nomination_id=nomination_id, now=now)
    seats = name_seats(session, {view.holder.seat} if view.holder else set(), today=request_today())
    problem, wrong = said_beside(refusal, locale, _WORDS)
    return render(
        "nudge.html",
        nomination=view,
        holder=holder_text(view.holder, seats, locale),
        reminders=before.reminders,
        refusals=[_words(one, locale) for one in before.refusals],
        problem=_reasons(refusal, locale) or problem,
        wrong=wrong,
        typed=request.form,
        longest_nudge=LONGEST_NUDGE,
        new_key=new_key,
    )


def _shown_units(round_code: str, refusal: Refusal | None = None, results: Sequence[UnitNudged] = ()) -> str:
    actor, locale, session, now = current_actor(), current_locale(), request_session(), request_now()
    problem, wrong = said_beside(refusal, locale, _WORDS)
    units = units_to_press(session, actor=actor, round_code=round_code, now=now)
    names = {one.row.unit.code: one.row.unit.name for one in units}
    return render(
        "nudge_units.html",
        round=get_round(session, code=round_code, now=now),
        units=units,
        ticked=request.form.getlist("units") if refusal else request.args.getlist("units"),
        results=[
            UnitResult(
                names.get(one.unit, one.unit),
                one.told_count,
                _words(one.refused, locale) if one.refused else "",
            )
            for one in results
        ],
        problem=_reasons(refusal, locale) or problem,
        wrong=wrong,
        typed=request.form if refusal else {},
        longest_nudge=LONGEST_NUDGE,
        new_key=new_key,
    )


def _reasons(refusal: Refusal | None, locale: str) -> str:
    return " ".join(_words(reason, locale) for reason in refusal.reasons) if refusal is not None else ""


def _words(reason: Reason, locale: str) -> str:
    """Say why not, with the instant of an earlier nudge as people write one."""
    at = reason.params.get("at")
    if not at:
        return message_of(reason, locale)
    shown = moment(datetime.fromisoformat(at), locale)
    by = reason.params.get("by") or say(locale, "nomination.somebody")
    return say(locale, "nudge.already", by=by, at=shown)
