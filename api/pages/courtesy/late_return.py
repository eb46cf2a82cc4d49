"""What a unit owes a round and is late with, for whoever it was reported to: extend, hand on, or act."""

from typing import Final

from flask import request

from api.edge import request_now, request_session
from api.pages.identity import current_actor, current_locale
from api.pages.once import new_key
from api.pages.refusals import said_beside
from api.pages.routes import pages
from api.pages.writing import left_of, render
from api.permissions import Permission, permission
from api.zalo import contact_of
from workflow.domain.errors import Refusal
from workflow.domain.rights.nudges import may_press_units
from workflow.domain.rights.roles_held import nominating_units
from workflow.domain.vocabulary import RoundDate
from workflow.queries.absences import is_an_office
from workflow.queries.rounds.late import get_late_return

_LATE: Final = "/rounds/<path:round_code>/returns/<unit_code>/late"


@pages.get(_LATE)
@permission(Permission.SIGNED_IN)
def late_return(round_code: str, unit_code: str) -> str:
    """Show what can be decided of a unit that has not sent its submission."""
    return show_late_return(round_code, unit_code)


def show_late_return(round_code: str, unit_code: str, refusal: Refusal | None = None) -> str:
    """Return that page; with what was typed, where handing it on was refused."""
    actor, session, locale = current_actor(), request_session(), current_locale()
    found = get_late_return(
        session, actor=actor, round_code=round_code, unit_code=unit_code, now=request_now()
    )
    left = found.row.working_days_left
    problem, wrong = said_beside(refusal, locale, {})
    return render(
        "late_return.html",
        round=found.round,
        row=found.row,
        left=left_of(left, locale),
        is_over=found.round.closed_at is not None or not found.row.is_silent,
        may_extend=found.may_extend,
        may_hand=found.may_hand,
        problem=problem,
        wrong=wrong,
        typed=request.form,
        may_send_away=is_an_office(actor),
        may_press=may_press_units(actor),
        may_compose=found.row.unit.code in nominating_units(actor),
        date_name=RoundDate.UNIT_DEADLINE,
        contact=contact_of(session, found.round, locale, reader=actor),
        new_key=new_key,
    )
