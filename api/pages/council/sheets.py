"""What a council takes to its table and away from it, to be printed: agenda, ballot, table of results."""

from dataclasses import dataclass
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
from workflow.domain.rights.roles_held import enters_votes
from workflow.queries.rounds.views import get_round
from workflow.queries.shapes import Titled
from workflow.queries.votes.recorded import MOST_VOTES, awards_of_votes, days_of_votes, recorded_votes
from workflow.queries.votes.waiting_names import Asks, WaitingName, waiting_names

MOST_PRINTED: Final = 1000
"""How many names an agenda or a ballot holds; of more it says so, and prints each award by itself."""
_DAY: Final = "voted_on"


@dataclass(frozen=True, slots=True)
class _ToVote:
    """What is put to the vote, how many wait and are not, and the awards to choose among where it is cut."""

    names: list[WaitingName]
    left_out: int
    has_more: bool
    awards: tuple[Titled, ...]


@pages.get(f"{ROUND}/agenda")
@permission(Permission.SIGNED_IN)
def agenda(round_code: str) -> str:
    """Show what the council is to vote on, in the order of its ballot."""
    return _sheet("agenda.html", round_code, vote=_put_to_vote(round_code), most=MOST_PRINTED)


@pages.get(f"{ROUND}/ballot")
@permission(Permission.SIGNED_IN)
def ballot(round_code: str) -> str:
    """Show the ballot: the same names with empty boxes, and nothing that says whose it is."""
    return _sheet("ballot.html", round_code, vote=_put_to_vote(round_code), most=MOST_PRINTED)


@pages.get(f"{ROUND}/minutes")
@permission(Permission.SIGNED_IN)
def minutes(round_code: str) -> str:
    """Show the council's results of one day, the latest unless another is asked for."""
    session, actor = request_session(), current_actor()
    days = days_of_votes(session, actor=actor, round_code=round_code)
    chosen = _chosen(days)
    if chosen is None:
        return _sheet("minutes.html", round_code, votes=None, days=days, chosen=None)
    award = request.args.get("award") or None
    votes = recorded_votes(
        session,
        actor=actor,
        round_code=round_code,
        voted_on=chosen,
        award=award,
        most=MOST_VOTES,
        now=request_now(),
    )
    is_parted = votes.has_more or award is not None
    awards = (
        awards_of_votes(session, actor=actor, round_code=round_code, voted_on=chosen) if is_parted else []
    )
    return _sheet(
        "minutes.html", round_code, votes=votes, days=days, chosen=chosen, awards=awards, most=MOST_VOTES
    )


def _sheet(template: str, round_code: str, **parts: object) -> str:
    """Return a sheet under the round's head, with the way back to where its reader came from."""
    view = get_round(request_session(), code=round_code, now=request_now())
    enters = enters_votes(current_actor(), council=view.council)
    return render(template, round=view, enters_votes=enters, **parts)


def _put_to_vote(round_code: str) -> _ToVote:
    """Return the names the council votes on: the secretary's own too, none on hold or asked about."""
    found = waiting_names(
        request_session(),
        actor=current_actor(),
        round_code=round_code,
        asks=Asks.VOTE,
        award=request.args.get("award") or None,
        now=request_now(),
        most=MOST_PRINTED,
    )
    names = [one for one in found.names if not one.is_held and not one.is_asked]
    return _ToVote(names, len(found.names) - len(names), found.has_more, found.awards)


def _chosen(days: list[date]) -> date | None:
    try:
        asked = iso_day(request.args.get(_DAY, ""), field=_DAY)
    except InvalidField:
        asked = None
    return asked if asked in days else next(iter(days), None)
