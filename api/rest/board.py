"""The board of a round over JSON and as a table for a spreadsheet."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Final

from apiflask import APIBlueprint
from flask import Response, request
from pydantic import Field

from api.board_text import in_both, reason, report, sentence
from api.edge import request_now, request_session
from api.identity import bearer_actor
from api.permissions import Permission, permission
from api.reading import Input
from api.rest.answers import JSON, answer, described
from api.sheets.board import csv_response
from api.sheets.table import CSV_TYPE
from workflow.domain.owed import ReturnStatus
from workflow.queries.board.board import Board, Show, board
from workflow.queries.board.outlook import Risk
from workflow.queries.board.rows import BoardCount
from workflow.queries.board.units import BoardRow
from workflow.queries.progress import Progress
from workflow.queries.shapes import Named, Words

boards: Final = APIBlueprint("boards", __name__, tag="Rounds")


class BoardQuery(Input):
    """Which units to show, and as what. Without `format` the `Accept` header decides; JSON is the default."""

    show: Show = Show.ALL
    format: Annotated[str, Field(pattern="^(json|csv)$")] | None = None


@dataclass(frozen=True, slots=True)
class UnitAtRisk:
    """A unit that may not make it, and why, as a word and as a sentence in both languages."""

    unit: Named
    risk: Risk
    days_late: int
    through_on: date | None
    reason: Words


@dataclass(frozen=True, slots=True)
class BoardView:
    """The board of a round: silent units first, then late ones, then by name.

    Each count says how many there are (`total`) and how many of them you may open (`named`): the length of
    `/nominations?round=...&unit=...&progress=...` with the count's own name as `progress`. Totals are of
    the units that `show` leaves in. `is_whole` says whether you count every unit of the round.
    `will_be_there` answers whether everything will be at the upper level by `upper_deadline`, null where the
    round has no such day; `sentence` says it, `report` is a paragraph for the weekly report.
    """

    code: str
    title: str
    year: int
    owner: Named
    as_of: datetime
    unit_deadline: date | None
    upper_deadline: date | None
    is_whole: bool
    expected: int
    statuses: Mapping[ReturnStatus, int]
    totals: Mapping[Progress, BoardCount]
    will_be_there: bool | None
    at_risk: tuple[UnitAtRisk, ...]
    sentence: Words
    report: Words
    items: tuple[BoardRow, ...]


@boards.get("/rounds/<path:round_code>/board")
@boards.input(BoardQuery, location="query")
@boards.output(described(BoardView, "Board"))
@permission(Permission.SIGNED_IN)
def read_board(round_code: str, query_data: BoardQuery) -> Response:
    """Read the board of a round; `format=csv` or `Accept: text/csv` gives it for a spreadsheet."""
    actor = bearer_actor()
    found = board(request_session(), actor=actor, code=round_code, now=request_now())
    if _wants_csv(query_data):
        response = csv_response(found, found.shown(query_data.show), actor.locale)
    else:
        response = answer(BoardView, _view(found, query_data.show))
    response.vary.add("Accept")
    return response


def _wants_csv(query: BoardQuery) -> bool:
    if query.format is not None:
        return query.format == "csv"
    return request.accept_mimetypes.best_match([JSON, CSV_TYPE], JSON) == CSV_TYPE


def _view(found: Board, show: Show) -> BoardView:
    return BoardView(
        code=found.code,
        title=found.title,
        year=found.year,
        owner=found.owner,
        as_of=found.as_of,
        unit_deadline=found.unit_deadline,
        upper_deadline=found.upper_deadline,
        is_whole=found.is_whole,
        expected=found.expected,
        statuses=found.statuses,
        totals=found.totals_of(show),
        will_be_there=found.will_be_there,
        at_risk=tuple(_at_risk(row) for row in found.at_risk),
        sentence=in_both(lambda locale: sentence(found, locale)),
        report=in_both(lambda locale: report(found, locale)),
        items=found.shown(show),
    )


def _at_risk(row: BoardRow) -> UnitAtRisk:
    return UnitAtRisk(
        row.unit,
        Risk(str(row.risk)),
        row.days_late,
        row.through_on,
        in_both(lambda locale: reason(row, locale)),
    )
