"""Work that was reported as late, for whoever is above it: give it more time, hand it on, or act."""

from typing import Final

from flask import request
from werkzeug.wrappers import Response

from api.catalogue import say
from api.edge import request_now, request_session, request_today
from api.inputs.escalations import MoreTimeRequest
from api.pages.carry_out import carry_out, go_on
from api.pages.identity import current_actor, current_locale
from api.pages.once import claim_of_form, new_key
from api.pages.refusals import said_beside, told
from api.pages.routes import pages
from api.pages.typed import read_typed
from api.pages.writing import due_of, holder_text, render
from api.permissions import Permission, permission
from api.wording import message_of
from workflow.domain.errors import Refusal
from workflow.domain.vocabulary import Via
from workflow.operations.escalations.more_time import give_more_time
from workflow.queries.escalations.open_to import more_time_refused
from workflow.queries.escalations.proposed_dates import may_answer_date
from workflow.queries.nominations.moves import hand_on_refused
from workflow.queries.nominations.nomination import get_nomination
from workflow.queries.paging import BIGGEST_ID
from workflow.queries.seats import name_seats
from workflow.queries.sight import read_seen

_LATE: Final = f"/nominations/<int(max={BIGGEST_ID}):nomination_id>/late"


@pages.get(_LATE)
@permission(Permission.SIGNED_IN)
def late(nomination_id: int) -> str:
    """Show what can be decided of late work."""
    return show_late(nomination_id)


@pages.post(f"{_LATE}/more-time")
@permission(Permission.SIGNED_IN)
def more_time(nomination_id: int) -> Response | tuple[str, int]:
    """Give it more time."""
    return carry_out(
        lambda: give_more_time(
            request_session(),
            actor=current_actor(),
            wanted=read_typed(MoreTimeRequest, request.form).more_time(nomination_id),
            via=Via.WEB,
            now=request_now(),
            claim=claim_of_form(),
        ),
        done=lambda _: go_on(
            say(current_locale(), "late.given"), "pages.nomination", nomination_id=nomination_id
        ),
        again=lambda refusal: show_late(nomination_id, refusal),
    )


def show_late(nomination_id: int, refusal: Refusal | None = None) -> str:
    """Return the page as the work stands now, with what was refused still in its form."""
    session, actor, locale, now = request_session(), current_actor(), current_locale(), request_now()
    view = get_nomination(session, actor=actor, nomination_id=nomination_id, now=now)
    seen = read_seen(session, actor=actor, nomination_id=nomination_id, now=now)
    seats = name_seats(session, {view.holder.seat} if view.holder else set(), today=request_today())
    problem, wrong = said_beside(refusal, locale, {"day": "late.day_wrong"})
    # After a refusal what was typed stands in its form again.
    refused = refusal is None and more_time_refused(
        session, actor=actor, nomination_id=nomination_id, now=now
    )
    kept = hand_on_refused(session, actor=actor, locked=seen, now=now)
    return render(
        "late.html",
        nomination=view,
        due=due_of(view.due_at, None, locale, view.due_explained),
        may_answer=may_answer_date(session, seen, view.proposed_date, actor=actor, today=request_today()),
        holder=holder_text(view.holder, seats, locale),
        why_not=told(refused, locale) if refused else "",
        may_hand=kept is None,
        why_kept=" ".join(message_of(reason, locale) for reason in kept or ()),
        problem=problem,
        wrong=wrong,
        typed=request.form,
        new_key=new_key,
    )
