"""What a council takes to its table and away from it, to be printed: agenda, ballot, table of results."""

from datetime import date
from typing import Final

from flask import request

from api.edge import request_now, request_session
from api.pages.identity import current_actor
from api.pages.routes import pages
from api.pages.views.one_round import ROUND
from api.pages.writing import render
from api.permissions import Permission, permission
from workflow.domain.errors import InvalidField
from workflow.domain.numerals import iso_day
from workflow.queries.rounds.views import RoundView, get_round
from workflow.queries.votes.recorded import days_of_votes, recorded_votes
from workflow.queries.votes.waiting_names import Asks, WaitingName, waiting_names

_DAY: Final = "voted_on"


@pages.get(f"{ROUND}/agenda")
@permission(Permission.SIGNED_IN)
def agenda(round_code: str) -> str:
    """Show what the council is to vote on, in the order of its ballot."""
    return render("agenda.html", round=_round(round_code), names=_put_to_vote(round_code))


@pages.get(f"{ROUND}/ballot")
@permission(Permission.SIGNED_IN)
def ballot(round_code: str) -> str:
    """Show the ballot: the same names with empty boxes, and nothing that says whose it is."""
    return render("ballot.html", round=_round(round_code), names=_put_to_vote(round_code))


@pages.get(f"{ROUND}/minutes")
@permission(Permission.SIGNED_IN)
def minutes(round_code: str) -> str:
    """Show the council's results of one day, the latest unless another is asked for."""
    session, actor = request_session(), current_actor()
    days = days_of_votes(session, actor=actor, round_code=round_code)
    chosen = _chosen(days)
    votes = (
        recorded_votes(session, actor=actor, round_code=round_code, voted_on=chosen, now=request_now())
        if chosen
        else ()
    )
    return render("minutes.html", round=_round(round_code), votes=votes, days=days, chosen=chosen)


def _round(round_code: str) -> RoundView:
    return get_round(request_session(), code=round_code, now=request_now())


def _put_to_vote(round_code: str) -> list[WaitingName]:
    """Return the names the council votes on: the secretary's own among them, none that is on hold."""
    found = waiting_names(
        request_session(),
        actor=current_actor(),
        round_code=round_code,
        asks=Asks.VOTE,
        award=request.args.get("award") or None,
        now=request_now(),
    )
    return [one for one in found.names if not one.is_held]


def _chosen(days: list[date]) -> date | None:
    try:
        asked = iso_day(request.args.get(_DAY, ""), field=_DAY)
    except InvalidField:
        asked = None
    return asked if asked in days else next(iter(days), None)
