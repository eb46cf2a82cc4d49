"""Other dates for open work, over JSON: asking, giving, refusing; other hands for what units owe."""

from typing import Any

from flask import Response

from api.edge import edge, request_now, request_session
from api.identity import bearer_actor
from api.inputs.escalations import DateRequest, GiveDateRequest, RefuseDateRequest
from api.inputs.rounds import AdmissionRequest, HandOverRequest
from api.permissions import Permission, permission
from api.rest.answers import answer, described, described_page
from api.rest.courtesy.escalations import escalations
from api.rest.idempotency import marked, requested_claim
from workflow.domain.vocabulary import Via
from workflow.operations.escalations.date_talk import propose_date, refuse_date
from workflow.operations.escalations.more_time import give_more_time
from workflow.operations.rounds.admit_late import admit_late
from workflow.operations.rounds.hand_over import hand_over_return
from workflow.operations.rounds.unit_dates import propose_unit_date, refuse_unit_date
from workflow.queries.inbox.asked_dates import AskedOfMe
from workflow.queries.inbox.inbox import dates_asked
from workflow.queries.nominations.nomination import NominationView, get_nomination
from workflow.queries.paging import BIGGEST_ID, Page
from workflow.queries.rounds.returns import ReturnView, list_returns

_NOMINATION = f"/nominations/<int(max={BIGGEST_ID}):nomination_id>"
_RETURN = "/rounds/<round_code>/returns/<unit_code>"


@escalations.get("/inbox/asked-dates")
@escalations.output(described_page(AskedOfMe, "AskedDate"))
@permission(Permission.SIGNED_IN)
def asked_of_me() -> Response:
    """List the other due dates that somebody asks you for, at most fifty, the longest waiting first."""
    found = dates_asked(request_session(), actor=bearer_actor(), now=request_now())
    return answer(Page[AskedOfMe], Page(found, None))


@escalations.post(f"{_NOMINATION}/asked-date")
@escalations.input(DateRequest)
@escalations.output(described(NominationView, "Nomination"))
@permission(Permission.SIGNED_IN)
def ask_date(nomination_id: int, json_data: DateRequest) -> Response:
    """Ask for another due date for work that is yours to do; until it is given nothing moves."""
    was_answered = propose_date(request_session(), wanted=json_data.of_nomination(nomination_id), **_how())
    return _nomination(nomination_id, was_answered_before=was_answered)


@escalations.post(f"{_NOMINATION}/asked-date/give")
@escalations.input(GiveDateRequest)
@escalations.output(described(NominationView, "Nomination"))
@permission(Permission.SIGNED_IN)
def give_date(nomination_id: int, json_data: GiveDateRequest) -> Response:
    """Give the date that was asked for; another one is given as more time."""
    was_answered = give_more_time(request_session(), wanted=json_data.more_time(nomination_id), **_how())
    return _nomination(nomination_id, was_answered_before=was_answered)


@escalations.post(f"{_NOMINATION}/asked-date/refuse")
@escalations.input(RefuseDateRequest)
@escalations.output(described(NominationView, "Nomination"))
@permission(Permission.SIGNED_IN)
def refuse_asked_date(nomination_id: int, json_data: RefuseDateRequest) -> Response:
    """Refuse the date that was asked for, with a reason; whoever asked is told."""
    was_answered = refuse_date(request_session(), wanted=json_data.of_nomination(nomination_id), **_how())
    return _nomination(nomination_id, was_answered_before=was_answered)


@escalations.post(f"{_RETURN}/asked-date")
@escalations.input(DateRequest)
@escalations.output(described_page(ReturnView, "Return"))
@permission(Permission.SIGNED_IN)
def ask_unit_date(round_code: str, unit_code: str, json_data: DateRequest) -> Response:
    """Ask, as head of a unit, for another day for what it owes; it is given by extending the round for it."""
    was_answered = propose_unit_date(
        request_session(), wanted=json_data.of_unit(round_code, unit_code), **_how()
    )
    return _unit(round_code, unit_code, was_answered_before=was_answered)


@escalations.post(f"{_RETURN}/asked-date/refuse")
@escalations.input(RefuseDateRequest)
@escalations.output(described_page(ReturnView, "Return"))
@permission(Permission.SIGNED_IN)
def refuse_asked_unit_date(round_code: str, unit_code: str, json_data: RefuseDateRequest) -> Response:
    """Refuse a unit the day that it asked for, with a reason; who asked is told."""
    was_answered = refuse_unit_date(
        request_session(), wanted=json_data.of_unit(round_code, unit_code), **_how()
    )
    return _unit(round_code, unit_code, was_answered_before=was_answered)


@escalations.post(f"{_RETURN}/late-admission")
@escalations.input(AdmissionRequest)
@escalations.output(described_page(ReturnView, "Return"))
@permission(Permission.SIGNED_IN)
def admit(round_code: str, unit_code: str, json_data: AdmissionRequest) -> Response:
    """Take what a unit sends after its date, or one of its nominations, by exception; it counts as late."""
    was_answered = admit_late(request_session(), wanted=json_data.admission(round_code, unit_code), **_how())
    return _unit(round_code, unit_code, was_answered_before=was_answered)


@escalations.post(f"{_RETURN}/hand-over")
@escalations.input(HandOverRequest)
@escalations.output(described_page(ReturnView, "Return"))
@permission(Permission.SIGNED_IN)
def hand_over(round_code: str, unit_code: str, json_data: HandOverRequest) -> Response:
    """Hand what a unit owes to one of its `writers`, or, without an account, back to all of them."""
    wanted = json_data.hand_over(round_code, unit_code)
    was_answered = hand_over_return(request_session(), wanted=wanted, **_how())
    return _unit(round_code, unit_code, was_answered_before=was_answered)


def _how() -> dict[str, Any]:
    return {"actor": bearer_actor(), "via": Via.API, "now": request_now(), "claim": requested_claim()}


def _nomination(nomination_id: int, *, was_answered_before: bool) -> Response:
    if not was_answered_before:
        edge().wake()
    view = get_nomination(
        request_session(), actor=bearer_actor(), nomination_id=nomination_id, now=request_now()
    )
    return marked(answer(NominationView, view), was_answered_before=was_answered_before)


def _unit(round_code: str, unit_code: str, *, was_answered_before: bool) -> Response:
    if not was_answered_before:
        edge().wake()
    found = list_returns(
        request_session(),
        actor=bearer_actor(),
        round_code=round_code,
        now=request_now(),
        unit_code=unit_code,
    )
    return marked(answer(Page[ReturnView], Page(tuple(found), None)), was_answered_before=was_answered_before)
