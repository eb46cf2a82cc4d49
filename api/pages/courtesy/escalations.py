"""What will be reported to superiors in the next working days, and holding it back."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from flask import request
from werkzeug.wrappers import Response

from api.catalogue import say
from api.edge import request_now, request_session, request_today
from api.escalations import EscalationView, list_escalations
from api.inputs.escalations import DAYS_SHOWN, HoldRequest
from api.pages.carry_out import carry_out, go_on
from api.pages.frame.address_words import narrowed_by, number_asked
from api.pages.frame.seen_again import was_sent
from api.pages.identity import current_actor, current_locale
from api.pages.once import claim_of_form, new_key
from api.pages.refusals import said_beside
from api.pages.routes import pages
from api.pages.typed import read_typed
from api.pages.writing import holder_text, render, seat_text
from api.permissions import Permission, permission
from workflow.domain.errors import Refusal
from workflow.domain.numerals import number_in
from workflow.domain.rights.escalation_rights import LONGEST_HOLD
from workflow.domain.vocabulary import Via
from workflow.operations.escalations.hold_back import hold_escalation, release_escalation
from workflow.queries.escalations.coming import MOST_DAYS
from workflow.queries.seats import name_seats

_PAGE: Final = 50
_OFFERED: Final = (1, DAYS_SHOWN, 5, MOST_DAYS)


@dataclass(frozen=True, slots=True)
class _Row:
    """One escalation in words."""

    view: EscalationView
    name: str
    holder: str
    told: str


@pages.get("/escalations")
@permission(Permission.SIGNED_IN)
@narrowed_by("days")
def escalations() -> str:
    """Show what will be reported to whom, to the office that may hold it back."""
    return _shown()


@pages.post("/escalations/<uuid:escalation_id>/hold")
@permission(Permission.SIGNED_IN)
def hold_back(escalation_id: UUID) -> Response | tuple[str, int]:
    """Hold one back."""
    return carry_out(
        lambda: hold_escalation(
            request_session(),
            actor=current_actor(),
            hold=read_typed(HoldRequest, request.form).hold(escalation_id),
            via=Via.WEB,
            now=request_now(),
            claim=claim_of_form(),
        ),
        done=lambda _: _back("escalations.hold_done"),
        again=lambda refusal: _shown(refusal, escalation_id),
    )


@pages.post("/escalations/<uuid:escalation_id>/release")
@permission(Permission.SIGNED_IN)
def let_go(escalation_id: UUID) -> Response | tuple[str, int]:
    """Let one go that was held back."""
    return carry_out(
        lambda: release_escalation(
            request_session(),
            actor=current_actor(),
            rung_id=escalation_id,
            via=Via.WEB,
            now=request_now(),
            claim=claim_of_form(),
        ),
        done=lambda _: _back("escalations.release_done"),
        again=lambda refusal: _shown(refusal, escalation_id),
    )


def _back(word: str) -> Response:
    return go_on(say(current_locale(), word), "pages.escalations", days=_days())


def _days() -> int:
    if was_sent():
        carried = number_in(request.form.get("ahead", "")) or 0
        return carried if carried in range(1, MOST_DAYS + 1) else DAYS_SHOWN
    return number_asked("days", least=1, most=MOST_DAYS) or DAYS_SHOWN


def _shown(refusal: Refusal | None = None, refused_id: UUID | None = None) -> str:
    session, locale, days = request_session(), current_locale(), _days()
    page = list_escalations(
        session,
        actor=current_actor(),
        days=days,
        now=request_now(),
        limit=_PAGE,
        cursor=request.args.get("cursor"),
    )
    keys = {view.escalation.holder.key for view in page.items} | {view.seat or "" for view in page.items}
    seats = name_seats(session, {key.partition("@")[2] for key in keys if key}, today=request_today())
    problem, wrong = said_beside(refusal, locale)
    return render(
        "escalations.html",
        rows=[_Row(view, *_words(view, seats, locale)) for view in page.items],
        next=page.next,
        is_first="cursor" not in request.args,
        days=days,
        offered=sorted({*_OFFERED, days}),
        longest_hold=LONGEST_HOLD,
        problem=problem,
        wrong=wrong,
        refused_id=refused_id,
        typed=request.form,
        new_key=new_key,
    )


def _words(view: EscalationView, seats: dict[str, str], locale: str) -> tuple[str, str, str]:
    """Return what one is called, in whose hands it is, and to whom it will be reported."""
    one = view.escalation
    file = one.nomination_id and say(locale, "escalations.number", id=one.nomination_id)
    name = one.subject or file or say(locale, "submissions.of_unit", unit=one.unit.name)
    names = ", ".join(who.name for who in view.told)
    if not names:
        told = say(locale, "escalations.to_nobody")
    elif view.seat is None:
        told = say(locale, "escalations.to_taker", names=names)
    else:
        told = say(locale, "escalations.to", names=names, seat=seat_text(view.seat, seats, locale))
    return name, holder_text(one.holder, seats, locale), told
