"""Who is away: my own absence with who acts for me, and for an office those of its people."""

from collections.abc import Mapping
from typing import Any, Final

from flask import request
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from api.catalogue import say
from api.edge import request_now, request_session, request_today
from api.inputs.absences import AbsenceAnnouncement, AbsenceCorrection
from api.pages.carry_out import carry_out, go_on
from api.pages.frame.address_words import narrowed_by
from api.pages.frame.seen_again import was_sent
from api.pages.identity import current_actor, current_locale
from api.pages.once import FIELD, claim_of_form, new_key
from api.pages.refusals import said_beside
from api.pages.routes import pages
from api.pages.typed import NotTaken, read_typed
from api.pages.writing import render, seat_text
from api.permissions import Permission, permission
from workflow.domain.errors import Conflict, Forbidden, InvalidField, Refusal
from workflow.domain.vocabulary import Via
from workflow.operations.people.absences import announce_absence, correct_absence, end_absence
from workflow.queries.absences import (
    MOST_PEOPLE,
    AbsenceChoices,
    AbsenceView,
    absence_choices,
    accounts_of,
    get_absence,
    is_an_office,
    list_absences,
    people_of_office,
)
from workflow.queries.seats import name_seats

ASKED: Final = 3
"""How many substitutes the form asks for; where a program named more, it shows them all."""
_PAGE: Final = 50
_MOST_DIGITS: Final = 18
_NAMES: Final = {"key": "seat"}
"""A form's own `key` is what makes a form sent twice one form."""
_ID: Final = "<int(max=9223372036854775807):absence_id>"


@pages.get("/me/absence")
@permission(Permission.SIGNED_IN)
@narrowed_by()
def my_absence() -> str:
    """Show my absences, those in which I act, and the form to say that I am away."""
    return _mine(None)


@pages.post("/me/absence")
@permission(Permission.SIGNED_IN)
def leave() -> Response | tuple[str, int]:
    """Say that I am away, or show what is wrong beside its field."""
    return _announce("pages.my_absence", _mine)


@pages.get("/absences")
@permission(Permission.SIGNED_IN)
@narrowed_by()
def absences() -> str:
    """Show who of my office's people is away, and of whom I may say it."""
    return _office(None)


@pages.get("/absences/new")
@permission(Permission.SIGNED_IN)
def new_absence() -> str | tuple[str, int]:
    """Show the form for somebody of my office; of nobody named, the page that asks for whom."""
    if not any(request.args.get(name) for name in ("account_id", "email")):
        if "account_id" not in request.args:
            return _office(None)
        unsaid = NotTaken({"account_id": say(current_locale(), "form.person_missing")})
        return _office(unsaid), unsaid.status
    return _for_another(None)


@pages.post("/absences/new")
@permission(Permission.SIGNED_IN)
def send_away() -> Response | tuple[str, int]:
    """Say for my office that somebody is away, or show what is wrong beside its field."""
    return _announce("pages.absences", _for_another)


@pages.get(f"/absences/{_ID}")
@permission(Permission.SIGNED_IN)
def absence(absence_id: int) -> str:
    """Show one absence with the form that puts it right."""
    return _one(absence_id, None)


@pages.post(f"/absences/{_ID}")
@permission(Permission.SIGNED_IN)
def change_absence(absence_id: int) -> Response | tuple[str, int]:
    """Write other days or other substitutes, from now on."""
    actor, locale = current_actor(), current_locale()

    def changed() -> None:
        said = read_typed(AbsenceCorrection, _filled(), required=("first", "last"))
        correct_absence(
            request_session(),
            actor=actor,
            absence_id=absence_id,
            changes=said.changes(),
            via=Via.WEB,
            now=request_now(),
        )

    return carry_out(
        changed,
        done=lambda _: go_on(say(locale, "absence.saved"), "pages.absence", absence_id=absence_id),
        again=lambda refusal: _one(absence_id, refusal),
        refused=(Conflict, InvalidField),
    )


@pages.post(f"/absences/{_ID}/end")
@permission(Permission.SIGNED_IN)
def finish_absence(absence_id: int) -> Response | tuple[str, int]:
    """End an absence at once."""
    actor, locale = current_actor(), current_locale()
    view = get_absence(request_session(), actor=actor, absence_id=absence_id, now=request_now())
    back = "pages.my_absence" if view.person.id == actor.account_id else "pages.absences"

    def ended() -> None:
        end_absence(request_session(), actor=actor, absence_id=absence_id, via=Via.WEB, now=request_now())

    return carry_out(
        ended,
        done=lambda _: go_on(say(locale, "absence.ended"), back),
        again=lambda refusal: _one(absence_id, refusal),
        refused=(Conflict,),
    )


def _announce(done: str, again: Any) -> Response | tuple[str, int]:  # noqa: ANN401 - a page that takes a refusal
    actor, locale = current_actor(), current_locale()

    def announced() -> None:
        said = read_typed(AbsenceAnnouncement, _filled(), names=_NAMES, required=("first", "last"))
        announce_absence(
            request_session(),
            actor=actor,
            new=said.absence(actor.account_id),
            via=Via.WEB,
            now=request_now(),
            claim=claim_of_form(),
        )

    return carry_out(
        announced,
        done=lambda _: go_on(say(locale, "absence.announced"), done),
        again=again,
        refused=(Conflict, InvalidField),
    )


def _filled() -> MultiDict[str, str]:
    """Return the form without the substitutes that were left open: nobody is named there."""
    left = [(name, text) for name, text in request.form.items(multi=True) if name != "substitutes" or text]
    return MultiDict((name, text) for name, text in left if name not in {FIELD, "csrf_token"})


def _mine(refusal: Refusal | None) -> str:
    actor, session, now = current_actor(), request_session(), request_now()
    choices = absence_choices(session, actor=actor, account_id=actor.account_id, now=now)
    page = list_absences(session, actor=actor, now=now, limit=_PAGE, cursor=request.args.get("cursor"))
    return _page("my_absence.html", choices, refusal, listed=page.items, next=page.next)


def _office(refusal: Refusal | None) -> str:
    actor, session, now = current_actor(), request_session(), request_now()
    if not is_an_office(actor):
        raise Forbidden(say(current_locale(), "absence.no_office"))
    page = list_absences(
        session, actor=actor, now=now, limit=_PAGE, cursor=request.args.get("cursor"), is_office=True
    )
    people = people_of_office(session, actor=actor, now=now)
    return _page(
        "absences.html",
        None,
        refusal,
        listed=page.items,
        next=page.next,
        people=people[:MOST_PEOPLE],
        are_more=len(people) > MOST_PEOPLE,
    )


def _for_another(refusal: Refusal | None) -> str:
    actor, session, now = current_actor(), request_session(), request_now()
    typed = request.form.get("account_id") or request.args.get("account_id", "")
    account_id = int(typed) if typed.isascii() and typed.isdecimal() and len(typed) <= _MOST_DIGITS else 0
    if not account_id and "email" in request.args:
        account_id = next(iter(accounts_of(session, [request.args["email"]]).values()), 0)
    choices = absence_choices(session, actor=actor, account_id=account_id, now=now)
    return _page("absence_new.html", choices, refusal)


def _one(absence_id: int, refusal: Refusal | None) -> str:
    actor, session, now = current_actor(), request_session(), request_now()
    view = get_absence(session, actor=actor, absence_id=absence_id, now=now)
    choices = None
    if view.can_change:
        choices = absence_choices(session, actor=actor, account_id=view.person.id, now=now)
    return _page("absence.html", choices, refusal, view=view, listed=(view,))


def _page(
    template: str,
    choices: AbsenceChoices | None,
    refusal: Refusal | None,
    **more: Any,  # noqa: ANN401 - what a template shows
) -> str:
    locale = current_locale()
    problem, wrong = said_beside(refusal, locale, names=_NAMES)
    listed: tuple[AbsenceView, ...] = more.get("listed", ())
    keys = {view.key for view in listed if view.key} | set(choices.seats if choices else ())
    typed = _typed(more.get("view"))
    seats = name_seats(request_session(), {key.partition("@")[2] for key in keys}, today=request_today())
    return render(
        template,
        **more,
        choices=choices,
        problem=problem,
        wrong=wrong,
        typed=typed,
        seat_names={key: seat_text(key, seats, locale) for key in keys},
        asked=max(ASKED, len(typed["substitutes"])),
        key=new_key(),
        is_first="cursor" not in request.args,
    )


def _typed(view: AbsenceView | None) -> Mapping[str, Any]:
    """Return what stands in the fields: what was typed, else what the absence says."""
    if was_sent():
        return {**request.form, "substitutes": request.form.getlist("substitutes")}
    if view is None:
        return {"substitutes": []}
    return {"first": view.first, "last": view.last, "substitutes": [str(one.id) for one in view.substitutes]}
