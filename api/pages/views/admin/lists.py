"""The lists of units and of people, and the page of each, for who runs the installation."""

from collections.abc import Mapping
from typing import Final, TypeVar

from flask import make_response, request
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from api.catalogue import say
from api.edge import request_now, request_session, request_today
from api.inputs.admin.lists import StaffQuery, UnitsQuery
from api.pages.frame.address_words import narrowed_by
from api.pages.frame.narrowed import narrowed_to
from api.pages.identity import current_locale
from api.pages.routes import pages
from api.pages.typed import NotTaken, read_typed
from api.pages.views.admin.accounts import role_text
from api.pages.views.admin.door import administrator
from api.pages.writing import render
from api.permissions import Permission, permission
from api.reading import Input
from workflow.queries.paging import Page
from workflow.queries.seats import name_seats, name_units
from workflow.queries.setup.staff import SignsIn, StaffLine, find_staff, get_staff
from workflow.queries.setup.units import UnitFound, UnitState, find_units, get_unit

_PAGE: Final = 50
UNIT_WORDS: Final = ("q", "parent", "state")
STAFF_WORDS: Final = ("q", "unit", "account")

Query = TypeVar("Query", bound=Input)


@pages.get("/admin/units")
@permission(Permission.SIGNED_IN)
@narrowed_by(*UNIT_WORDS)
def units() -> Response:
    """Show the units, found by a part of a name or code, by the unit above, by how they are."""
    administrator()
    wrong: Mapping[str, str] = {}
    page: Page[UnitFound] = Page((), None)
    try:
        filters = asked_list(UnitsQuery, UNIT_WORDS).filters()
        page = find_units(
            request_session(), filters=filters, now=request_now(), limit=_PAGE, cursor=_cursor()
        )
    except NotTaken as refusal:
        wrong = refusal.words
    text = render(
        "admin/units.html",
        lines=page.items,
        next=page.next,
        wrong=wrong,
        narrowed="" if wrong else _narrowed("parent", "state", "units.state_"),
        states=tuple(UnitState),
        **_said(UNIT_WORDS),
    )
    return make_response(text, 422 if wrong else 200)


@pages.get("/admin/units/<unit_code>")
@permission(Permission.SIGNED_IN)
def unit(unit_code: str) -> str:
    """Show one unit: what it was called and when, what lies below, its clusters, who sits there."""
    administrator()
    view = get_unit(request_session(), code=unit_code, now=request_now())
    seats = {one.key.partition("@")[2] for one in view.seats}
    parents = {f"unit:{one.parent}" for one in view.editions if one.parent}
    names = name_seats(request_session(), seats | parents, today=request_today())
    roles = [(one, role_text(one.key, names)) for one in view.seats]
    return render("admin/unit.html", unit=view, seats=roles, names=names)


@pages.get("/admin/people")
@permission(Permission.SIGNED_IN)
@narrowed_by(*STAFF_WORDS)
def staff() -> Response:
    """Show the people, found by a part of a name or a code, by unit, by whether they sign in."""
    administrator()
    wrong: Mapping[str, str] = {}
    page: Page[StaffLine] = Page((), None)
    try:
        filters = asked_list(StaffQuery, STAFF_WORDS).filters()
        page = find_staff(
            request_session(), filters=filters, now=request_now(), limit=_PAGE, cursor=_cursor()
        )
    except NotTaken as refusal:
        wrong = refusal.words
    text = render(
        "admin/staff.html",
        lines=page.items,
        next=page.next,
        wrong=wrong,
        narrowed="" if wrong else _narrowed("unit", "account", "staff.account_"),
        accounts=tuple(SignsIn),
        **_said(STAFF_WORDS),
    )
    return make_response(text, 422 if wrong else 200)


@pages.get("/admin/people/<person_code>")
@permission(Permission.SIGNED_IN)
def staff_member(person_code: str) -> str:
    """Show one member of staff: unit, account, roles."""
    administrator()
    view = get_staff(request_session(), code=person_code, now=request_now())
    roles = view.account.roles if view.account else ()
    names = name_seats(request_session(), {one.key.partition("@")[2] for one in roles}, today=request_today())
    return render(
        "admin/staff_member.html", person=view, roles=[(one, role_text(one.key, names)) for one in roles]
    )


def asked_list(model: type[Query], words: tuple[str, ...]) -> Query:
    """Read what narrows a list out of the address; what is empty narrows nothing. Raises `NotTaken`."""
    typed = {name: request.args[name] for name in words if request.args.get(name, "").strip()}
    return read_typed(model, MultiDict(typed))


def _narrowed(unit: str, how: str, said: str) -> str:
    """Say what a list is narrowed to: a unit, and how it or somebody is, of which `said` begins the words."""
    code, word = (request.args.get(name, "").strip() for name in (unit, how))
    names = name_units(request_session(), {code} - {""}, today=request_today())
    return narrowed_to([*names.values(), word and say(current_locale(), f"{said}{word}")])


def _cursor() -> str | None:
    return request.args.get("cursor")


def _said(words: tuple[str, ...]) -> dict[str, object]:
    chosen = {name: request.args.get(name, "").strip() for name in words}
    args = {name: value for name, value in chosen.items() if value}
    return {"chosen": chosen, "args": args, "is_first": _cursor() is None}
