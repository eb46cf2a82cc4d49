"""The lists of units and of people as files: what the pages find by the same words of their addresses."""

from typing import Final

from flask import Response

from api.edge import request_now, request_session
from api.inputs.admin.lists import StaffQuery, UnitsQuery
from api.pages.exports.parts import READ_AT_ONCE, every, table_of, yes
from api.pages.frame.address_words import demand_understood
from api.pages.routes import pages
from api.pages.views.admin.door import administrator
from api.pages.views.admin.lists import STAFF_WORDS, UNIT_WORDS, asked_list
from api.permissions import Permission, permission
from api.sheets.table import FileKind, table_response
from api.sheets.workbook import Cell
from workflow.queries.setup.staff import find_staff, how_many_staff
from workflow.queries.setup.units import find_units, how_many_units

UNIT_COLUMNS: Final = (
    *("code", "name", "parent_code", "parent", "ended", "people", "seated", "officer", "telephone"),
    "mailbox",
)
STAFF_COLUMNS: Final = (
    *("code", "name", "position", "unit_code", "unit"),
    *("born_on", "left_on", "email", "shut"),
)


@pages.get("/admin/units.csv")
@permission(Permission.SIGNED_IN)
def units_csv() -> Response:
    """Send the units that the page finds as text for a spreadsheet."""
    return _units(FileKind.CSV)


@pages.get("/admin/units.xlsx")
@permission(Permission.SIGNED_IN)
def units_xlsx() -> Response:
    """Send the units that the page finds as a workbook."""
    return _units(FileKind.XLSX)


@pages.get("/admin/people.csv")
@permission(Permission.SIGNED_IN)
def staff_csv() -> Response:
    """Send the people that the page finds as text for a spreadsheet."""
    return _staff(FileKind.CSV)


@pages.get("/admin/people.xlsx")
@permission(Permission.SIGNED_IN)
def staff_xlsx() -> Response:
    """Send the people that the page finds as a workbook."""
    return _staff(FileKind.XLSX)


def _units(kind: FileKind) -> Response:
    administrator()
    session, now = request_session(), request_now()
    demand_understood(*UNIT_WORDS)
    filters = asked_list(UnitsQuery, UNIT_WORDS).filters()
    found = every(
        lambda cursor: find_units(session, filters=filters, now=now, limit=READ_AT_ONCE, cursor=cursor),
        count=lambda most: how_many_units(session, filters=filters, now=now, most=most),
    )
    rows: list[list[Cell]] = [
        [
            one.code,
            one.name,
            one.parent.code if one.parent else "",
            one.parent.name if one.parent else "",
            yes(not one.is_today),
            one.people,
            one.seated,
            one.officer_name,
            one.officer_telephone,
            one.mailbox or "",
        ]
        for one in found
    ]
    return table_response(table_of("units", UNIT_COLUMNS, rows), kind)


def _staff(kind: FileKind) -> Response:
    administrator()
    session, now = request_session(), request_now()
    demand_understood(*STAFF_WORDS)
    filters = asked_list(StaffQuery, STAFF_WORDS).filters()
    found = every(
        lambda cursor: find_staff(session, filters=filters, now=now, limit=READ_AT_ONCE, cursor=cursor),
        count=lambda most: how_many_staff(session, filters=filters, now=now, most=most),
    )
    rows: list[list[Cell]] = [
        [
            one.code,
            one.name,
            one.position,
            one.unit.code,
            one.unit.name,
            one.born_on,
            one.left_on,
            one.email or "",
            yes(one.is_disabled),
        ]
        for one in found
    ]
    return table_response(table_of("staff", STAFF_COLUMNS, rows), kind)
