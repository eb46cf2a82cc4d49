"""Other dates for open work: whoever has it asks for one, whoever is above gives it or says no."""

from collections.abc import Callable
from typing import Any, Final

from flask import request, url_for
from werkzeug.wrappers import Response

from api.catalogue import say
from api.edge import request_now, request_session, request_today
from api.inputs.escalations import DateRequest, GiveDateRequest, RefuseDateRequest
from api.inputs.rounds import AdmissionRequest
from api.pages.action_form import via_of_form
from api.pages.carry_out import carry_out, go_on
from api.pages.courtesy.late import show_late
from api.pages.identity import current_actor, current_locale
from api.pages.once import claim_of_form, new_key
from api.pages.refusals import said_beside
from api.pages.routes import pages
from api.pages.typed import read_typed
from api.pages.views.one_round import ROUND, show_round
from api.pages.writing import due_of, render
from api.permissions import Permission, permission
from workflow.domain.errors import Refusal
from workflow.domain.vocabulary import CourtesyAction, Via
from workflow.operations.escalations.date_talk import propose_date, refuse_date
from workflow.operations.escalations.more_time import give_more_time
from workflow.operations.rounds.admit_late import admit_late
from workflow.operations.rounds.unit_dates import propose_unit_date, refuse_unit_date
from workflow.queries.escalations.proposed_dates import may_ask_for_date
from workflow.queries.nominations.nomination import get_nomination
from workflow.queries.paging import BIGGEST_ID
from workflow.queries.sight import read_seen

_NOMINATION: Final = f"/nominations/<int(max={BIGGEST_ID}):nomination_id>"
_UNIT: Final = f"{ROUND}/returns/<unit>"


@pages.get(f"{_NOMINATION}/date")
@permission(Permission.SIGNED_IN)
def date_page(nomination_id: int) -> str:
    """Show the form that asks for another date."""
    return _shown(nomination_id)


@pages.post(f"{_NOMINATION}/date")
@permission(Permission.SIGNED_IN)
def ask_date(nomination_id: int) -> Response | tuple[str, int]:
    """Ask for another date."""
    actor = current_actor()
    return carry_out(
        lambda: propose_date(
            request_session(),
            actor=actor,
            wanted=read_typed(DateRequest, request.form).of_nomination(nomination_id),
            **_how(via_of_form(actor, nomination_id, CourtesyAction.PROPOSE_DATE)),
        ),
        done=lambda _: _to_nomination("dates.asked", nomination_id),
        again=lambda refusal: _shown(nomination_id, refusal),
    )


@pages.post(f"{_NOMINATION}/late/give")
@permission(Permission.SIGNED_IN)
def give_date(nomination_id: int) -> Response | tuple[str, int]:
    """Give the date that was asked for."""
    return _answered(
        nomination_id,
        "late.given",
        lambda: give_more_time(
            request_session(),
            wanted=read_typed(GiveDateRequest, request.form).more_time(nomination_id),
            **_mine(),
        ),
    )


@pages.post(f"{_NOMINATION}/late/refuse")
@permission(Permission.SIGNED_IN)
def refuse_asked_date(nomination_id: int) -> Response | tuple[str, int]:
    """Refuse the date that was asked for."""
    return _answered(
        nomination_id,
        "dates.refused_done",
        lambda: refuse_date(
            request_session(),
            wanted=read_typed(RefuseDateRequest, request.form).of_nomination(nomination_id),
            **_mine(),
        ),
    )


@pages.post(f"{_UNIT}/date")
@permission(Permission.SIGNED_IN)
def ask_unit_date(round_code: str, unit: str) -> Response | tuple[str, int]:
    """Ask for another day for what a unit owes."""
    return _of_unit(
        round_code,
        unit,
        "dates.asked",
        lambda: propose_unit_date(
            request_session(),
            wanted=read_typed(DateRequest, request.form).of_unit(round_code, unit),
            **_mine(),
        ),
    )


@pages.post(f"{_UNIT}/refuse-date")
@permission(Permission.SIGNED_IN)
def refuse_asked_unit_date(round_code: str, unit: str) -> Response | tuple[str, int]:
    """Refuse a unit the day that it asked for."""
    wanted = RefuseDateRequest
    return _of_unit(
        round_code,
        unit,
        "dates.refused_done",
        lambda: refuse_unit_date(
            request_session(), wanted=read_typed(wanted, request.form).of_unit(round_code, unit), **_mine()
        ),
    )


@pages.post(f"{_UNIT}/admit-late")
@permission(Permission.SIGNED_IN)
def admit_late_unit(round_code: str, unit: str) -> Response | tuple[str, int]:
    """Take what a unit sends after its date, by exception."""
    wanted = AdmissionRequest
    return _of_unit(
        round_code,
        unit,
        "late_by.done",
        lambda: admit_late(
            request_session(), wanted=read_typed(wanted, request.form).admission(round_code, unit), **_mine()
        ),
    )


def _answered(nomination_id: int, said: str, deed: Callable[[], object]) -> Response | tuple[str, int]:
    return carry_out(
        deed,
        done=lambda _: _to_nomination(said, nomination_id),
        again=lambda refusal: show_late(nomination_id, refusal),
    )


def _of_unit(round_code: str, unit: str, said: str, deed: Callable[[], object]) -> Response | tuple[str, int]:
    return carry_out(
        deed,
        done=lambda _: go_on(say(current_locale(), said), "pages.round_page", round_code=round_code),
        again=lambda refusal: show_round(round_code, unit=unit, refusal=refusal),
    )


def _mine() -> dict[str, Any]:
    return {"actor": current_actor(), **_how()}


def _how(via: Via = Via.WEB) -> dict[str, Any]:
    return {"via": via, "now": request_now(), "claim": claim_of_form()}


def _to_nomination(said: str, nomination_id: int) -> Response:
    return go_on(say(current_locale(), said), "pages.nomination", nomination_id=nomination_id)


def _shown(nomination_id: int, refusal: Refusal | None = None) -> str:
    session, actor, locale, now = request_session(), current_actor(), current_locale(), request_now()
    view = get_nomination(session, actor=actor, nomination_id=nomination_id, now=now)
    seen = read_seen(session, actor=actor, nomination_id=nomination_id, now=now)
    problem, wrong = said_beside(refusal, locale, {"day": "late.day_wrong"})
    return render(
        "ask_date.html",
        nomination=view,
        due=due_of(view.due_at, None, locale, view.due_explained),
        may_ask=may_ask_for_date(session, seen, actor=actor),
        action=url_for("pages.ask_date", nomination_id=nomination_id),
        problem=problem,
        wrong=wrong,
        typed=request.form,
        today=request_today(),
        new_key=new_key,
    )
