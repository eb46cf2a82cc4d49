"""Rounds over JSON: open, extend after a preview, close; what units owe and answer; next year's proposal."""

from datetime import datetime

from apiflask import APIBlueprint
from flask import Response, url_for
from sqlalchemy.orm import Session

from api.edge import edge, request_now, request_session
from api.identity import bearer_actor
from api.inputs.rounds import ExtensionRequest, Nothing, NothingToPropose, RoundAmendment, RoundOpening
from api.permissions import Permission, permission
from api.reading import Paging
from api.rest.answers import answer, described, described_page
from api.rest.idempotency import marked, requested_claim
from api.rest.round_bodies import DateChange, ProposalView
from workflow.domain.facts import SignedDocument
from workflow.domain.rights.policy import Actor
from workflow.domain.text import fold
from workflow.domain.vocabulary import Via
from workflow.operations.rounds import answers
from workflow.operations.rounds.amend import amend_round
from workflow.operations.rounds.extend import extend_round, preview_extension
from workflow.operations.rounds.extension import ExtensionView, extension_view
from workflow.operations.rounds.proposal import propose_next_round
from workflow.operations.rounds.reopen import reopen_round
from workflow.operations.rounds.rounds import close_round, open_round
from workflow.queries.paging import Page
from workflow.queries.rounds.returns import ReturnView, list_returns
from workflow.queries.rounds.views import RoundView, get_round, list_rounds

rounds = APIBlueprint("rounds", __name__, tag="Rounds")


@rounds.get("/rounds")
@rounds.input(Paging, location="query")
@rounds.output(described_page(RoundView, "Round"))
@permission(Permission.SIGNED_IN)
def list_all(query_data: Paging) -> Response:
    """List the rounds, newest first."""
    page = list_rounds(request_session(), now=request_now(), limit=query_data.limit, cursor=query_data.cursor)
    return answer(Page[RoundView], page)


@rounds.post("/rounds")
@rounds.input(RoundOpening)
@rounds.output(described(RoundView, "Round"), 201)
@permission(Permission.SIGNED_IN)
def open_one(json_data: RoundOpening) -> Response:
    """Open a round with the dates given, and ask the units named for their papers."""
    session, actor, now = _here()
    done = open_round(
        session, actor=actor, new=json_data.round(), via=Via.API, now=now, claim=requested_claim()
    )
    response = _round(json_data.code, 201, was_answered_before=done.was_answered_before)
    response.headers["Location"] = url_for(".read", round_code=json_data.code)
    return response


@rounds.get("/rounds/<round_code>")
@rounds.output(described(RoundView, "Round"))
@permission(Permission.SIGNED_IN)
def read(round_code: str) -> Response:
    """Read a round with its dates and awards."""
    return answer(RoundView, get_round(request_session(), code=round_code, now=request_now()))


@rounds.post("/rounds/<round_code>/actions/extend")
@rounds.input(ExtensionRequest)
@rounds.output(described(ExtensionView, "Extension"))
@permission(Permission.SIGNED_IN)
def extend(round_code: str, json_data: ExtensionRequest) -> Response:
    """Move a date and everything that hangs on it; with `preview` only say what would move."""
    session, actor, now = _here()
    wanted = json_data.extend(round_code)
    if json_data.preview:
        shown = preview_extension(session, actor=actor, extend=wanted, now=now)
        return answer(ExtensionView, extension_view(shown, is_preview=True))
    done = extend_round(session, actor=actor, extend=wanted, via=Via.API, now=now, claim=requested_claim())
    if not done.was_answered_before:
        edge().wake()
    return marked(answer(ExtensionView, done.view), was_answered_before=done.was_answered_before)


@rounds.post("/rounds/<round_code>/actions/amend")
@rounds.input(RoundAmendment)
@rounds.output(described(RoundView, "Round"))
@permission(Permission.SIGNED_IN)
def amend(round_code: str, json_data: RoundAmendment) -> Response:
    """Mend a round that is open: its title, an award that it forgot, a unit that it did not ask."""
    session, actor, now = _here()
    wanted = json_data.amendment(round_code)
    done = amend_round(session, actor=actor, amend=wanted, via=Via.API, now=now, claim=requested_claim())
    return _round(round_code, was_answered_before=done.was_answered_before)


@rounds.post("/rounds/<round_code>/actions/close")
@rounds.input(Nothing)
@rounds.output(described(RoundView, "Round"))
@permission(Permission.SIGNED_IN)
def close(round_code: str, json_data: Nothing) -> Response:  # noqa: ARG001 - an empty body is read all the same
    """Close a round to new nominations; those under way go on, what units still owe is let go."""
    session, actor, now = _here()
    done = close_round(session, actor=actor, code=round_code, via=Via.API, now=now, claim=requested_claim())
    return _round(round_code, was_answered_before=done.was_answered_before)


@rounds.post("/rounds/<round_code>/actions/reopen")
@rounds.input(Nothing)
@rounds.output(described(RoundView, "Round"))
@permission(Permission.SIGNED_IN)
def open_again(round_code: str, json_data: Nothing) -> Response:  # noqa: ARG001 - as above
    """Open a closed round again: it takes nominations, and units owe what they had not sent."""
    session, actor, now = _here()
    done = reopen_round(session, actor=actor, code=round_code, via=Via.API, now=now, claim=requested_claim())
    return _round(round_code, was_answered_before=done.was_answered_before)


@rounds.get("/rounds/<round_code>/proposal")
@rounds.output(described(ProposalView, "RoundProposal"))
@permission(Permission.SIGNED_IN)
def proposal(round_code: str) -> Response:
    """Propose next year's round from this one, and say what changed."""
    found = propose_next_round(request_session(), code=round_code, now=request_now())
    new = found.new
    view = ProposalView(
        round={
            "code": new.code,
            "title": new.title,
            "year": new.year,
            "owner": new.owner_unit_code,
            "period_from": new.period_from,
            "period_to": new.period_to,
            "dates": {name.value: day for name, day in new.dates.items()},
            "awards": list(new.award_codes),
            "units": list(new.unit_codes),
            "previous": new.previous_code,
        },
        dates=tuple(DateChange(moved.name, moved.was, moved.day) for moved in found.dates),
        awards_gone=found.awards_gone,
        awards_new=found.awards_new,
        units_gone=found.units_gone,
        units_new=found.units_new,
        warnings=found.warnings,
    )
    return answer(ProposalView, view)


@rounds.get("/rounds/<round_code>/returns")
@rounds.output(described_page(ReturnView, "Return"))
@permission(Permission.SIGNED_IN)
def returns(round_code: str) -> Response:
    """List what units owe a round, the silent ones first."""
    return answer(Page[ReturnView], Page(_returns(round_code), None))


@rounds.post("/rounds/<round_code>/returns/<unit_code>/answer")
@rounds.input(NothingToPropose)
@rounds.output(described_page(ReturnView, "Return"))
@permission(Permission.SIGNED_IN)
def answer_nothing(round_code: str, unit_code: str, json_data: NothingToPropose) -> Response:
    """Answer for a unit, on a signed paper, that it proposes nothing."""
    session, actor, now = _here()
    done = answers.answer_nothing(
        session,
        actor=actor,
        round_code=round_code,
        unit_code=unit_code,
        paper=SignedDocument(json_data.number, json_data.signed_on, json_data.signer),
        via=Via.API,
        now=now,
        claim=requested_claim(),
    )
    return _returned(round_code, unit_code, was_answered_before=done.was_answered_before)


@rounds.post("/rounds/<round_code>/returns/<unit_code>/reopen")
@rounds.input(Nothing)
@rounds.output(described_page(ReturnView, "Return"))
@permission(Permission.SIGNED_IN)
def reopen(round_code: str, unit_code: str, json_data: Nothing) -> Response:  # noqa: ARG001 - as `close`
    """Take a unit's answer back: it owes its paper again."""
    session, actor, now = _here()
    done = answers.reopen_answer(
        session,
        actor=actor,
        round_code=round_code,
        unit_code=unit_code,
        via=Via.API,
        now=now,
        claim=requested_claim(),
    )
    return _returned(round_code, unit_code, was_answered_before=done.was_answered_before)


def _here() -> tuple[Session, Actor, datetime]:
    return request_session(), bearer_actor(), request_now()


def _round(code: str, status: int = 200, *, was_answered_before: bool) -> Response:
    if not was_answered_before:
        edge().wake()
    view = get_round(request_session(), code=code, now=request_now())
    return marked(answer(RoundView, view, status), was_answered_before=was_answered_before)


def _returned(code: str, unit: str, *, was_answered_before: bool) -> Response:
    every = _returns(code)
    found = tuple(one for one in every if one.unit.code == unit)
    found = found or tuple(one for one in every if fold(one.unit.code) == fold(unit))
    response = answer(Page[ReturnView], Page(found, None))
    return marked(response, was_answered_before=was_answered_before)


def _returns(code: str) -> tuple[ReturnView, ...]:
    found = list_returns(request_session(), actor=bearer_actor(), round_code=code, now=request_now())
    return tuple(found)
