"""Opening a round, its dates counted back or taken over from last year's; mending one; opening one again."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date
from types import MappingProxyType
from typing import Final

from flask import request
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from api.catalogue import say
from api.edge import request_now, request_session
from api.inputs.rounds import RoundAmendment, RoundOpening
from api.pages.carry_out import carry_out, go_on
from api.pages.frame.seen_again import Page, answers
from api.pages.identity import current_actor, current_locale
from api.pages.once import claim_of_form, new_key
from api.pages.refusals import said_beside
from api.pages.routes import pages
from api.pages.typed import day_said, read_typed
from api.pages.views.one_round import ROUND, runs_rounds, show_round
from api.pages.writing import render, typed_text
from api.permissions import Permission, permission
from api.wording import message_of
from workflow.domain.errors import Forbidden, Refusal
from workflow.domain.time.calendar_doubts import calendar_doubts
from workflow.domain.time.reasons import reasons_backwards
from workflow.domain.time.round_dates import propose_dates
from workflow.domain.time.typed_days import day_or_none
from workflow.domain.vocabulary import RoundDate, Via
from workflow.operations.rounds.amend import amend_round
from workflow.operations.rounds.proposal import RoundProposal, propose_next_round
from workflow.operations.rounds.reopen import reopen_round
from workflow.operations.rounds.returns import round_calendar
from workflow.operations.rounds.rounds import NewRound, open_round
from workflow.queries.clusters.choices import unit_choices
from workflow.queries.reference import AwardView, list_awards
from workflow.queries.rounds.campaigns import campaign_choices
from workflow.queries.rounds.ladders import routes_with_a_ladder
from workflow.queries.rounds.returns import list_returns
from workflow.queries.rounds.views import get_round
from workflow.queries.shapes import Named
from workflow.words.due import due_sentence

_MOST: Final = 1000
_NAMES: Final = {"period": "period_to", **{f"dates.{name}": name.value for name in RoundDate}}
_WORDS: Final = {
    "code": "form.code",
    "title": "form.required",
    "owner": "form.not_in_list",
    "campaign": "form.not_in_list",
    "awards": "form.not_in_list",
    "units": "form.not_in_list",
    "reminders": "round.reminders_differ",
    "period_to": "form.period",
}
_AMEND_WORDS: Final = {"unit_deadline": "round.nothing_to_owe_by"}


@pages.get("/rounds/new")
@permission(Permission.SIGNED_IN)
def new_round() -> str:
    """Show an empty round, or last year's a year later with everything that changed."""
    _demand_right()
    like = request.args.get("like")
    if not like:
        return _page(_filled(request.args), None)
    proposal = propose_next_round(request_session(), code=like, now=request_now())
    return _page(_proposed(proposal), proposal)


def _is_proposal() -> bool:
    return request.form.get("what") == "propose"


@answers("/rounds/new", is_look=_is_proposal)
@permission(Permission.SIGNED_IN)
def open_new_round() -> Page:
    """Count the dates back and show them; the second button opens the round with what the form then says."""
    _demand_right()
    if _is_proposal():
        return _page(_filled(request.form), None)
    locale = current_locale()

    def opened() -> NewRound:
        new = _asked().round()
        open_round(
            request_session(),
            actor=current_actor(),
            new=new,
            via=Via.WEB,
            now=request_now(),
            claim=claim_of_form(),
        )
        return new

    def done(new: NewRound) -> Response:
        is_asking = RoundDate.UNIT_DEADLINE in new.dates and (new.unit_codes or new.asks_all_units)
        words = say(locale, "round.opened" if is_asking else "round.opened_unasked")
        return go_on(words, "pages.round_page", round_code=new.code)

    def again(refusal: Refusal) -> str:
        problem, wrong = said_beside(refusal, locale, _WORDS, _NAMES)
        return _page(request.form, None, problem=problem, wrong=wrong)

    return carry_out(opened, done=done, again=again)


@pages.post(f"{ROUND}/reopen")
@permission(Permission.SIGNED_IN)
def open_again(round_code: str) -> Response | tuple[str, int]:
    """Open a closed round again."""
    return carry_out(
        lambda: reopen_round(
            request_session(),
            actor=current_actor(),
            code=round_code,
            via=Via.WEB,
            now=request_now(),
            claim=claim_of_form(),
        ),
        done=lambda _: go_on(
            say(current_locale(), "round.reopened_now"), "pages.round_page", round_code=round_code
        ),
        again=lambda refusal: show_round(round_code, refusal=refusal),
    )


@pages.get(f"{ROUND}/amend")
@permission(Permission.SIGNED_IN)
def amend_page(round_code: str) -> str:
    """Show what can be mended of a round that is open: its title, and what can join it."""
    _demand_right()
    return _amending(round_code, MultiDict())


@pages.post(f"{ROUND}/amend")
@permission(Permission.SIGNED_IN)
def amend(round_code: str) -> Response | tuple[str, int]:
    """Mend the title of a round, and let awards and units join it."""
    _demand_right()
    locale = current_locale()

    def amended() -> None:
        amend_round(
            request_session(),
            actor=current_actor(),
            amend=read_typed(RoundAmendment, _mended()).amendment(round_code),
            via=Via.WEB,
            now=request_now(),
            claim=claim_of_form(),
        )

    def again(refusal: Refusal) -> str:
        problem, wrong = said_beside(refusal, locale, _WORDS | _AMEND_WORDS)
        return _amending(round_code, request.form, problem=problem, wrong=wrong)

    return carry_out(
        amended,
        done=lambda _: go_on(say(locale, "round.amended"), "pages.round_page", round_code=round_code),
        again=again,
    )


def _mended() -> MultiDict[str, str]:
    """Return the form without a title that stands as it was shown: somebody may have given another since."""
    typed = MultiDict(request.form)
    if typed.get("title") == typed.get("shown_title"):
        typed.poplist("title")
    return typed


def _amending(
    round_code: str,
    typed: MultiDict[str, str],
    *,
    problem: str = "",
    wrong: Mapping[str, str] = MappingProxyType({}),
) -> str:
    session, now = request_session(), request_now()
    found = get_round(session, code=round_code, now=now)
    owed = list_returns(session, actor=current_actor(), round_code=round_code, now=now)
    asked = {one.unit.code for one in owed}
    awards = list_awards(session, now=now, limit=_MOST, cursor=None).items
    return render(
        "round_amend.html",
        round=found,
        typed=typed or MultiDict({"title": found.title}),
        problem=problem,
        wrong=wrong,
        # A round without a list of awards covers every one.
        awards=[one for one in awards if found.awards and one.code not in found.awards],
        units=[one for one in unit_choices(session, now=now) if one.code not in asked],
        new_key=new_key,
    )


def _demand_right() -> None:
    if not runs_rounds(current_actor()):
        raise Forbidden(say(current_locale(), "round.not_yours"))


def _asked() -> RoundOpening:
    """Return the round the form asks for, or raise `NotTaken`."""
    days = {name.value: day_said(text) for name in RoundDate if (text := request.form.get(name, "").strip())}
    return read_typed(RoundOpening, request.form, names=_NAMES, more={"dates": days})


def _filled(given: MultiDict[str, str]) -> MultiDict[str, str]:
    """Return what was typed with the dates that are missing counted back from those that are there."""
    typed, days = MultiDict(given), _days(given)
    if days:
        for name, day in propose_dates(days, round_calendar(request_session())).items():
            typed.setdefault(name, "")
            typed[name] = typed_text(day)
    return typed


def _days(given: MultiDict[str, str]) -> dict[RoundDate, date]:
    """Return the dates that were typed and can be read."""
    days = {}
    for name in RoundDate:
        with suppress(ValueError):
            if day := day_or_none(given.get(name, "")):
                days[name] = day
    return days


def _proposed(proposal: RoundProposal) -> MultiDict[str, str]:
    new = proposal.new
    typed: MultiDict[str, str] = MultiDict(
        {
            "code": new.code,
            "title": new.title,
            "year": str(new.year),
            "owner": new.owner_unit_code,
            "previous": new.previous_code or "",
            "period_from": typed_text(new.period_from) if new.period_from else "",
            "period_to": typed_text(new.period_to) if new.period_to else "",
            **{str(name): typed_text(day) for name, day in new.dates.items()},
        }
    )
    typed.setlist("awards", list(new.award_codes))
    typed.setlist("units", list(new.unit_codes))
    return typed


def _page(
    typed: MultiDict[str, str],
    proposal: RoundProposal | None,
    *,
    problem: str = "",
    wrong: Mapping[str, str] = MappingProxyType({}),
) -> str:
    session, now, locale = request_session(), request_now(), current_locale()
    calendar, days = round_calendar(session), _days(typed)
    doubts = calendar_doubts(calendar, days.values())
    counted = reasons_backwards(days, calendar)
    awards = list_awards(session, now=now, limit=_MOST, cursor=None).items
    units = unit_choices(session, now=now)
    return render(
        "round_new.html",
        warnings=[message_of(one, locale) for one in doubts],
        typed=typed,
        proposal=proposal,
        problem=problem,
        wrong=wrong,
        date_names=tuple(RoundDate),
        why={str(name): due_sentence(reason, locale) for name, reason in counted.items()},
        awards=awards,
        units=units,
        named=_named(awards, units, locale),
        campaigns=campaign_choices(session),
        ladders=routes_with_a_ladder(session),
        new_key=new_key,
    )


def _named(awards: Sequence[AwardView], units: Sequence[Named], locale: str) -> dict[str, str]:
    """Return what awards and units of today are called, by code; what is no more keeps its code."""
    return {one.code: one.title.text(locale) for one in awards} | {one.code: one.name for one in units}
