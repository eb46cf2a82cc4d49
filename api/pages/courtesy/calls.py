"""Reaching whoever is late by other ways than mail: a text for a chat, and a note of a telephone call."""

from functools import partial
from typing import Final

from flask import request, url_for
from werkzeug.wrappers import Response

from api.catalogue import say
from api.edge import request_now, request_session, request_today
from api.inputs.escalations import CallRequest
from api.pages.carry_out import carry_out, go_on
from api.pages.identity import current_actor, current_locale
from api.pages.once import claim_of_form, new_key
from api.pages.refusals import said_beside, told
from api.pages.routes import pages
from api.pages.typed import read_typed
from api.pages.writing import holder_text, render
from api.permissions import Permission, permission
from api.zalo import chat_texts
from workflow.domain.errors import Refusal
from workflow.domain.vocabulary import Via
from workflow.operations.escalations.telephone import Call, note_call
from workflow.queries.escalations.open_to import units_to_call
from workflow.queries.nominations.contact import call_refused
from workflow.queries.nominations.nomination import get_nomination
from workflow.queries.paging import BIGGEST_ID
from workflow.queries.rounds.returns import list_returns
from workflow.queries.rounds.views import get_round
from workflow.queries.seats import name_seats, unit_officers
from workflow.queries.sight import read_seen

_CALL: Final = f"/nominations/<int(max={BIGGEST_ID}):nomination_id>/call"
_REACH: Final = "/rounds/<path:round_code>/reach"
_WORDS: Final = {"called_on": "calls.called_wrong", "follow_up_on": "calls.again_wrong"}


@pages.get(_REACH)
@permission(Permission.SIGNED_IN)
def reach(round_code: str) -> str:
    """Show texts to paste into a chat for silent units, and where calls to them are noted."""
    return _round(round_code)


@pages.post(f"{_REACH}/<unit>")
@permission(Permission.SIGNED_IN)
def called_unit(round_code: str, unit: str) -> Response | tuple[str, int]:
    """Note a call to a unit."""
    return carry_out(
        lambda: _note(read_typed(CallRequest, request.form).call(round_code=round_code, unit_code=unit)),
        done=lambda _: go_on(say(current_locale(), "calls.noted"), "pages.reach", round_code=round_code),
        again=lambda refusal: _round(round_code, refusal, unit),
    )


@pages.get(_CALL)
@permission(Permission.SIGNED_IN)
def call(nomination_id: int) -> str:
    """Show the form of a call about a nomination."""
    return _nomination(nomination_id)


@pages.post(_CALL)
@permission(Permission.SIGNED_IN)
def called(nomination_id: int) -> Response | tuple[str, int]:
    """Note a call about a nomination."""
    return carry_out(
        lambda: _note(read_typed(CallRequest, request.form).call(nomination_id=nomination_id)),
        done=lambda _: go_on(
            say(current_locale(), "calls.noted"), "pages.nomination", nomination_id=nomination_id
        ),
        again=lambda refusal: _nomination(nomination_id, refusal),
    )


def _note(said: Call) -> bool:
    return note_call(
        request_session(),
        actor=current_actor(),
        call=said,
        via=Via.WEB,
        now=request_now(),
        claim=claim_of_form(),
    )


def _round(round_code: str, refusal: Refusal | None = None, unit: str = "") -> str:
    session, actor, locale, now = request_session(), current_actor(), current_locale(), request_now()
    problem, wrong = said_beside(refusal, locale, _WORDS)
    view = get_round(session, code=round_code, now=now)
    owed = list_returns(session, actor=actor, round_code=round_code, now=now)
    of_round = partial(chat_texts, session, view, owed, locale=locale)
    texts = of_round()
    silent = [one for one in texts if one.unit is not None]
    wanted = dict.fromkeys(request.args.getlist("units"))
    ticked = [one.unit for one in silent if one.unit in wanted]
    return render(
        "reach.html",
        round=view,
        silent=silent,
        left={one.unit.code: one.working_days_left for one in owed},
        ticked=ticked,
        has_answered=len(ticked) < len(wanted),
        chosen=of_round(units=ticked)[0] if ticked else None,
        texts=texts,
        officers=unit_officers(session, [one.unit for one in silent if one.unit], today=request_today()),
        mine=units_to_call(session, actor=actor, round_code=round_code, now=now),
        refused_unit=unit,
        **_form(problem, wrong),
    )


def _nomination(nomination_id: int, refusal: Refusal | None = None) -> str:
    session, actor, locale, now = request_session(), current_actor(), current_locale(), request_now()
    view = get_nomination(session, actor=actor, nomination_id=nomination_id, now=now)
    locked = read_seen(session, actor=actor, nomination_id=nomination_id, now=now)
    # After a refusal what was typed stands in its form again.
    refused = refusal is None and call_refused(session, locked, actor=actor)
    seats = name_seats(session, {view.holder.seat} if view.holder else set(), today=request_today())
    problem, wrong = said_beside(refusal, locale, _WORDS)
    return render(
        "call.html",
        nomination=view,
        holder=holder_text(view.holder, seats, locale),
        why_not=told(refused, locale) if refused else "",
        action=url_for("pages.called", nomination_id=nomination_id),
        **_form(problem, wrong),
    )


def _form(problem: str, wrong: dict[str, str]) -> dict[str, object]:
    return {
        "problem": problem,
        "wrong": wrong,
        "typed": request.form,
        "today": request_today(),
        "new_key": new_key,
    }
