"""The rounds, and the board of one: who has not sent, what lies where, will it be in time."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from flask import Response, request

from api.board_text import reason, report, sentence
from api.edge import request_now, request_session, request_today
from api.pages.frame.address_words import demand_understood, narrowed_by, word_asked
from api.pages.identity import current_actor, current_locale
from api.pages.routes import pages
from api.pages.views.one_round import lines_before, runs_rounds
from api.pages.views.time.elapsed import both_times
from api.pages.writing import holder_text, render, working_days
from api.permissions import Permission, permission
from api.sheets.board import csv_response
from workflow.domain.rights.nudges import may_press_units
from workflow.domain.text import normalise
from workflow.queries.board.board import Board, Show, board
from workflow.queries.board.outlook import Risk
from workflow.queries.board.places import ELSEWHERE, ClusterLine, by_cluster, of_cluster
from workflow.queries.board.rows import BoardCount
from workflow.queries.board.units import BoardRow
from workflow.queries.progress import Progress
from workflow.queries.rounds.rounds import list_round_status
from workflow.queries.seats import name_seats

_ROUNDS: Final = 20
# From so many units on a board begins with its clusters, and so many of one stand on a page.
_UNITS: Final = 40
_WHERE_ANY: Final = (Progress.ANNULLED, Progress.HELD, Progress.ASKED)
_TELLS_LATENESS: Final = (Risk.SILENT, Risk.LATE)
_NARROWING: Final = ("cluster", "only")
_OF_GROUPS: Final = (Progress.PROPOSED, Progress.SENT, Progress.RETURNED, Progress.DECIDED, Progress.OVERDUE)
_ROUND: Final = "/rounds/<path:round_code>/board"


@dataclass(frozen=True, slots=True)
class Number:
    """One count with the address of the list behind it; `progress` is its word there."""

    progress: Progress
    count: BoardCount
    args: dict[str, str]


@dataclass(frozen=True, slots=True)
class UnitLine:
    """One unit in words. `risk` is why it may not make it, empty where it will."""

    row: BoardRow
    numbers: tuple[Number, ...]
    holder: str
    waiting: str
    late: str
    risk: str


@pages.get("/rounds")
@permission(Permission.SIGNED_IN)
@narrowed_by()
def rounds() -> str:
    """Show the rounds with how far each has come."""
    page = list_round_status(
        request_session(),
        scope=current_actor().scope,
        now=request_now(),
        limit=_ROUNDS,
        cursor=request.args.get("cursor"),
    )
    owners = name_seats(request_session(), {f"unit:{one.owner}" for one in page.items}, today=request_today())
    return render(
        "rounds.html",
        rounds=page.items,
        owners=owners,
        next=page.next,
        is_first="cursor" not in request.args,
        runs=runs_rounds(current_actor()),
    )


@pages.get(_ROUND)
@permission(Permission.SIGNED_IN)
@narrowed_by("show", *_NARROWING)
def round_board(round_code: str) -> str:
    """Show the board of a round."""
    locale, show = current_locale(), _show()
    found = _board(round_code)
    place, only = _asked_for(found)
    rows = found.shown(show, only)
    groups = by_cluster(request_session(), found, rows) if place is None and len(rows) > _UNITS else []
    # Where nobody is in a cluster there is nothing to choose from.
    groups = groups if len(groups) > 1 else []
    first = lines_before()
    page = () if groups else rows[first : first + _UNITS]
    args, totals = {"round": found.code}, found.totals_of(show, only)
    # A column for what stands only where something does: twelve make the names of units narrow.
    columns = tuple(one for one in Progress if one not in _WHERE_ANY or found.totals[one].total)
    return render(
        "board.html",
        board=found,
        may_press=may_press_units(current_actor()),
        lines=[_line(row, found, locale, columns) for row in page],
        groups=groups,
        group_counts=_OF_GROUPS,
        elsewhere=ELSEWHERE,
        shown_cluster=place,
        way={"round_code": found.code, "show": show, **{one: request.args.get(one) for one in _NARROWING}},
        next=first + _UNITS if not groups and len(rows) > first + _UNITS else None,
        is_first=first == 0,
        only=bool(_only()),
        totals=[Number(progress, totals[progress], args) for progress in columns],
        # No list behind a number names some units and not others: of a part, the lines' own numbers lead on.
        is_part=show is not Show.ALL or bool(only),
        columns=columns,
        show=show,
        shows=[(one, len(found.shown(one, only))) for one in Show],
        sentence=sentence(found, locale),
        report=report(found, locale),
    )


@pages.get(f"{_ROUND}.csv")
@permission(Permission.SIGNED_IN)
def round_board_csv(round_code: str) -> Response:
    """Send the board of a round for a spreadsheet: all the rows that the page is narrowed to."""
    demand_understood("show", *_NARROWING)
    found = _board(round_code)
    _, only = _asked_for(found)
    return csv_response(found, found.shown(_show(), only), current_locale())


def _board(code: str) -> Board:
    return board(request_session(), actor=current_actor(), code=code, now=request_now())


def _asked_for(found: Board) -> tuple[ClusterLine | None, frozenset[str]]:
    """Return the cluster that is named, and the codes of the units that are asked for: none where all are."""
    only, cluster = _only(), request.args.get("cluster")
    if not cluster:
        return None, only
    place = of_cluster(request_session(), found, found.shown(Show.ALL, only), cluster)
    return place, frozenset(row.unit.code for row in place.rows) or frozenset({""})


def _show() -> Show:
    return word_asked(Show, "show") or Show.ALL


def _only() -> frozenset[str]:
    """Read the codes of the units that a letter names."""
    given = normalise(request.args.get("only", ""), field="only", single_line=True)
    return frozenset(code.strip() for code in given.split(",") if code.strip())


def _line(row: BoardRow, found: Board, locale: str, columns: Sequence[Progress]) -> UnitLine:
    holder = holder_text(row.holder, {row.holder.seat: row.place}, locale) if row.holder else ""
    return UnitLine(
        row=row,
        numbers=tuple(
            Number(progress, row.counts[progress], {"round": found.code, "unit": row.unit.code})
            for progress in columns
        ),
        holder=holder,
        waiting=both_times(row.waiting_days, row.waiting_calendar_days, locale) if row.waiting_days else "",
        # Where lateness is the risk, its sentence says how much.
        late=working_days(row.days_late, locale) if row.days_late and row.risk not in _TELLS_LATENESS else "",
        risk=reason(row, locale),
    )
