"""One round: its dates, what units owe it, and what its office can do: extend, close, open the next."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from flask import request
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from api.catalogue import knows, say
from api.edge import request_now, request_session, request_today
from api.inputs.rounds import ExtensionRequest, NothingToPropose
from api.pages.carry_out import carry_out, go_on
from api.pages.frame.address_words import narrowed_by
from api.pages.frame.seen_again import Page, answers
from api.pages.identity import current_actor, current_locale
from api.pages.once import claim_of_form, new_key
from api.pages.refusals import said_beside
from api.pages.routes import pages
from api.pages.typed import read_typed
from api.pages.writing import left_of, moment, render
from api.permissions import Permission, permission
from api.wording import ENGLISH, message_of
from workflow.domain.errors import PreviewStale, Reason, Refusal
from workflow.domain.facts import SignedDocument
from workflow.domain.papers.rules import kept_units
from workflow.domain.rights.policy import Actor, in_place_of
from workflow.domain.rights.roles_held import enters_votes, nominating_units
from workflow.domain.vocabulary import Role, RoundDate, Via
from workflow.operations.rounds.answers import answer_nothing, reopen_answer
from workflow.operations.rounds.extend import Extend, extend_round, preview_extension
from workflow.operations.rounds.extension import Extension, ExtensionOutcome, Warned
from workflow.operations.rounds.rounds import close_round
from workflow.queries.paging import unreadable
from workflow.queries.reference import AwardView, list_awards
from workflow.queries.rounds.returns import ReturnView, list_returns
from workflow.queries.rounds.views import RoundView, get_round
from workflow.queries.seats import name_units
from workflow.queries.votes.seats import signs

_WORDS: Final = {
    "signed_on": "form.paper_day",
    "units": "form.not_in_list",
    "day": "late.day_wrong",
    "until": "late_by.day_wrong",
}
_MOST_AWARDS: Final = 500
_UNITS: Final = 40
_MOST_DIGITS: Final = 6
_ANSWERS: Final = (Role.NOMINATOR, Role.UNIT_REVIEWER, Role.HEAD)
ROUND: Final = "/rounds/<path:round_code>"
"""The address of one round."""


@dataclass(frozen=True, slots=True)
class ReturnLine:
    """What one unit owes, in words; `left` is the time left, `may_...` what the reader may do for it."""

    row: ReturnView
    left: str
    may_answer: bool
    may_compose: bool
    may_ask: bool
    may_hand: bool
    is_late: bool


@pages.get(ROUND)
@permission(Permission.SIGNED_IN)
@narrowed_by()
def round_page(round_code: str) -> str:
    """Show one round."""
    return show_round(round_code)


def _is_preview() -> bool:
    return request.form.get("confirmed") != "yes"


@answers(f"{ROUND}/extend", is_look=_is_preview)
@permission(Permission.SIGNED_IN)
def extend(round_code: str) -> Page:
    """Show what an extension moves; the second time, sent from that page, move it."""

    def wanted() -> Extend:
        return read_typed(ExtensionRequest, _of_extension(), names={"date": "name"}).extend(round_code)

    def moved() -> ExtensionOutcome:
        return extend_round(
            request_session(),
            actor=current_actor(),
            extend=wanted(),
            via=Via.WEB,
            now=request_now(),
            claim=claim_of_form(),
        )

    def previewed(stale: Refusal | None = None) -> str:
        asked = wanted()
        shown = preview_extension(request_session(), actor=current_actor(), extend=asked, now=request_now())
        return _preview(round_code, asked, shown, stale)

    def looked_again(refusal: Refusal) -> str:
        # Where only time has passed it is no error of theirs: what moves by now is shown, and what is new.
        if isinstance(refusal, PreviewStale):
            return previewed(refusal)
        return show_round(round_code, refusal=refusal)

    def done(outcome: ExtensionOutcome) -> Response:
        count = len(outcome.view.returns) + len(outcome.view.nominations)
        return _back(round_code, say(current_locale(), "round.extended", count=count))

    if not _is_preview():
        return carry_out(moved, done=done, again=looked_again)
    return carry_out(previewed, done=str, again=lambda refusal: show_round(round_code, refusal=refusal))


@pages.post(f"{ROUND}/close")
@permission(Permission.SIGNED_IN)
def close(round_code: str) -> Response | tuple[str, int]:
    """Close the round to new nominations."""
    return carry_out(
        lambda: close_round(
            request_session(),
            actor=current_actor(),
            code=round_code,
            via=Via.WEB,
            now=request_now(),
            claim=claim_of_form(),
        ),
        done=lambda _: _back(round_code, say(current_locale(), "round.closed_now")),
        again=lambda refusal: show_round(round_code, refusal=refusal),
    )


@pages.post(f"{ROUND}/returns/<unit>/answer")
@permission(Permission.SIGNED_IN)
def answer(round_code: str, unit: str) -> Response | tuple[str, int]:
    """Take a unit's signed answer that it proposes nothing."""

    def answered() -> None:
        said = read_typed(NothingToPropose, request.form)
        answer_nothing(
            request_session(),
            actor=current_actor(),
            round_code=round_code,
            unit_code=unit,
            paper=SignedDocument(said.number, said.signed_on, said.signer),
            via=Via.WEB,
            now=request_now(),
            claim=claim_of_form(),
        )

    return carry_out(
        answered,
        done=lambda _: _back(round_code, say(current_locale(), "round.answered")),
        again=lambda refusal: show_round(round_code, refusal=refusal, unit=unit),
    )


@pages.post(f"{ROUND}/returns/<unit>/reopen")
@permission(Permission.SIGNED_IN)
def take_back(round_code: str, unit: str) -> Response | tuple[str, int]:
    """Take a unit's answer back: it owes its paper again."""
    return carry_out(
        lambda: reopen_answer(
            request_session(),
            actor=current_actor(),
            round_code=round_code,
            unit_code=unit,
            via=Via.WEB,
            now=request_now(),
            claim=claim_of_form(),
        ),
        done=lambda _: _back(round_code, say(current_locale(), "round.reopened")),
        again=lambda refusal: show_round(round_code, refusal=refusal),
    )


def _back(round_code: str, words: str) -> Response:
    return go_on(words, "pages.round_page", round_code=round_code)


def show_round(round_code: str, *, refusal: Refusal | None = None, unit: str = "") -> str:
    """Return the page as the round stands now; `unit` is whose answer was refused, its words still there."""
    actor, session, now, locale = current_actor(), request_session(), request_now(), current_locale()
    problem, wrong = said_beside(refusal, locale, _WORDS)
    view = get_round(session, code=round_code, now=now)
    owed = [
        _owed(row, view, actor, locale)
        for row in list_returns(session, actor=actor, round_code=round_code, now=now)
    ]
    first = lines_before()
    return render(
        "round.html",
        round=view,
        owed=owed,
        owed_here=owed[first : first + _UNITS],
        next=first + _UNITS if len(owed) > first + _UNITS else None,
        is_first=first == 0,
        awards=[one.title for one in _awards(now) if one.code in view.awards],
        mine=[one for one in owed if one.may_answer],
        runs=runs_rounds(actor),
        keeps_papers=bool(kept_units(actor)),
        enters_votes=enters_votes(actor, council=view.council),
        signs=signs(session, actor=actor, round_code=view.code, owner=view.owner.code),
        # They concern whoever can mend them: who opens and extends rounds.
        warnings=[message_of(one, locale) for one in view.warnings] if runs_rounds(actor) else [],
        date_names=tuple(RoundDate),
        problem=problem,
        wrong=wrong,
        refused_unit=unit,
        typed=request.form,
        today=request_today(),
        new_key=new_key,
    )


def lines_before() -> int:
    """Read how many lines lie before this page of a table that is read whole: any number is a place in it.

    Raises `UnreadableCursor`.
    """
    word = request.args.get("cursor", "0")
    if not (word.isascii() and word.isdigit() and len(word) <= _MOST_DIGITS):
        raise unreadable()
    return int(word)


def _awards(now: datetime) -> Sequence[AwardView]:
    return list_awards(request_session(), now=now, limit=_MOST_AWARDS, cursor=None).items


def runs_rounds(actor: Actor) -> bool:
    """Return whether somebody runs rounds anywhere; whether this one is theirs the operation says."""
    return actor.holds(Role.SUPERVISOR) or actor.holds(Role.ADMIN)


def _owed(row: ReturnView, view: RoundView, actor: Actor, locale: str) -> ReturnLine:
    keys = {f"{role}@unit:{row.unit.code}" for role in _ANSWERS}
    speaks = not in_place_of(actor, keys).keys.isdisjoint(keys)
    # What is admitted late may still be sent, though the round is closed.
    is_open = view.closed_at is None or (row.admitted_until or date.min) >= request_today()
    head = f"{Role.HEAD}@unit:{row.unit.code}"
    hands = {head, f"{Role.NOMINATOR}@unit:{row.unit.code}"}
    return ReturnLine(
        row,
        left_of(row.working_days_left, locale),
        speaks and is_open,
        is_open and row.unit.code in nominating_units(actor),
        may_ask=view.closed_at is None and row.is_silent and head in in_place_of(actor, {head}).keys,
        may_hand=is_open and row.is_silent and not in_place_of(actor, hands).keys.isdisjoint(hands),
        is_late=view.closed_at is not None or row.due_on < request_today(),
    )


def _of_extension() -> MultiDict[str, str]:
    """Return the form of an extension; only what units owe is extended for some of them."""
    typed = MultiDict(request.form)
    if typed.get("name") != RoundDate.UNIT_DEADLINE:
        typed.setlist("units", [])
    return typed


def _preview(round_code: str, wanted: Extend, shown: Extension, stale: Refusal | None) -> str:
    locale, session, now = current_locale(), request_session(), request_now()
    codes = {one.unit_code for one in shown.moves.returns} | {one.unit_code for one in shown.mails}
    codes |= {one.unit_code for one in shown.moves.nominations}
    return render(
        "round_extension.html",
        round=get_round(session, code=round_code, now=now),
        units=name_units(session, codes, today=request_today()),
        wanted=wanted,
        extension=shown,
        warnings=[_warning(one, locale) for one in shown.warnings],
        moved=_moved(shown, locale),
        changed=[message_of(reason, locale) for reason in stale.reasons] if stale else (),
        new_key=new_key,
    )


def _moved(shown: Extension, locale: str) -> Sequence[tuple[int, str, str, str]]:
    """Return each nomination that moves with its unit, and its due time before and from now on, in words."""
    return [
        (
            item.nomination_id,
            item.unit_code,
            moment(item.was_at, locale) if item.was_at else "",
            moment(item.due_at, locale) if item.due_at else "",
        )
        for item in shown.moves.nominations
    ]


def _warning(one: Warned, locale: str) -> str:
    if knows(key := f"round.warning_{one.code}"):
        return one.message if locale == ENGLISH else say(locale, key)
    return message_of(Reason(one.code, one.message, one.params), locale)
