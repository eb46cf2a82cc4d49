"""Work that cannot go on: why, since when, and the one press that helps."""

from dataclasses import dataclass
from typing import Final

from flask import request
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from api.catalogue import say
from api.edge import request_now, request_session, request_today
from api.inputs.obstacles import ObstacleChoice, SeatGrant
from api.pages.carry_out import carry_out, go_on
from api.pages.frame.address_words import narrowed_by
from api.pages.frame.narrowed import called, narrowed_to
from api.pages.identity import current_actor, current_locale
from api.pages.once import new_key
from api.pages.refusals import said_beside
from api.pages.routes import pages
from api.pages.typed import read_typed
from api.pages.writing import ShownDue, due_of, holder_text, render, seat_text
from api.permissions import Permission, permission
from workflow.domain.errors import FieldError, InvalidField, NotFound, Refusal
from workflow.domain.obstacles import ObstacleReason
from workflow.domain.time.workdays import CalendarName
from workflow.domain.vocabulary import Via
from workflow.operations.people.grants import Granted, grant_role
from workflow.queries.choices import filter_choices
from workflow.queries.obstacles.obstacles import (
    ObstacleFilters,
    ObstacleView,
    count_obstacles,
    list_obstacles,
)
from workflow.queries.seats import name_seats
from workflow.queries.waiting.spans import left_until

_PAGE: Final = 50
_FILTERS: Final = ("reason", "unit")
_WORDS: Final = {"email": "obstacles.no_such_account"}


@dataclass(frozen=True, slots=True)
class ObstacleLine:
    """One obstacle as the page shows it."""

    view: ObstacleView
    due: ShownDue | None
    holder: str
    empty_seats: tuple[tuple[str, str], ...]


@pages.get("/obstacles")
@permission(Permission.SIGNED_IN)
@narrowed_by(*_FILTERS)
def obstacles() -> str:
    """Show what keeps work from going on."""
    return _shown()


@pages.post("/obstacles/grants")
@permission(Permission.SIGNED_IN)
def staff_seat() -> Response | tuple[str, int]:
    """Give somebody the role that nobody holds."""
    actor, locale = current_actor(), current_locale()

    def granted() -> Granted:
        said = read_typed(SeatGrant, request.form)
        session, now = request_session(), request_now()
        try:
            return grant_role(session, actor=actor, email=said.email, key=said.seat, via=Via.WEB, now=now)
        except NotFound as missing:
            # It is the field that names nobody, not the page.
            error = FieldError("email", missing.detail)
            raise InvalidField(missing.detail, errors=[error]) from missing

    return carry_out(
        granted,
        done=lambda one: go_on(
            say(locale, "obstacles.granted", email=one.email), "pages.obstacles", **_words()
        ),
        again=_shown,
    )


def _shown(refusal: Refusal | None = None) -> str:
    actor, locale = current_actor(), current_locale()
    session, now, today = request_session(), request_now(), request_today()
    filters = _filters()
    page = list_obstacles(
        session, actor=actor, filters=filters, limit=_PAGE, cursor=request.args.get("cursor"), now=now
    )
    places = {view.holder.seat for view in page.items if view.holder is not None}
    places |= {key.partition("@")[2] for view in page.items for key in view.empty_keys}
    seats = name_seats(session, places, today=today)
    of_unit = ObstacleFilters(unit=filters.unit)
    choices = filter_choices(session, scope=actor.scope, today=today)
    reason = filters.reason and say(locale, f"obstacles.reason_{filters.reason}")
    problem, wrong = said_beside(refusal, locale, _WORDS)
    return render(
        "obstacles.html",
        lines=[_line(view, seats, locale) for view in page.items],
        counts=count_obstacles(session, actor=actor, filters=of_unit, now=now),
        filters=filters,
        args=_words(),
        reasons=tuple(ObstacleReason),
        choices=choices,
        narrowed=narrowed_to([reason, *called(choices, locale, unit=filters.unit)]),
        next=page.next,
        is_first="cursor" not in request.args,
        problem=problem,
        wrong=wrong,
        typed=request.form,
        new_key=new_key,
    )


def _filters() -> ObstacleFilters:
    """Read the filters out of the address; one that is none is refused by name."""
    return read_typed(ObstacleChoice, MultiDict(_words())).filters()


def _words() -> dict[str, str]:
    """Return what of the address narrows the list: whoever helps one of it comes back to the same list."""
    return {name: value for name in _FILTERS if (value := request.args.get(name, "").strip())}


def _line(view: ObstacleView, seats: dict[str, str], locale: str) -> ObstacleLine:
    seat = view.holder.seat if view.holder else None
    left = left_until(request_session(), CalendarName.LOCAL, view.due_at, request_now(), seat)
    return ObstacleLine(
        view,
        due_of(view.due_at, left.working_days if left else None, locale),
        holder_text(view.holder, seats, locale),
        tuple((key, seat_text(key, seats, locale)) for key in view.empty_keys),
    )
