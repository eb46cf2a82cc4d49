"""Nominations over JSON: list, draft, read, mend, act, and what happened and was mailed."""

from apiflask import APIBlueprint
from flask import Response, url_for

from api.edge import edge, request_now, request_session
from api.identity import bearer_actor
from api.inputs.nominations import (
    ActionRequest,
    NewNomination,
    NominationChanges,
    NominationQuery,
    SinceEntry,
)
from api.permissions import Permission, permission
from api.reading import Paging
from api.rest.answers import (
    answer,
    described,
    described_page,
    is_held_already,
    not_modified,
    seen_version,
    tagged,
)
from api.rest.idempotency import marked, requested_claim
from workflow.domain.vocabulary import Via
from workflow.operations.nominations.commands import Command, Outcome
from workflow.operations.nominations.decide import decide
from workflow.operations.nominations.nominate import Edit, create, edit
from workflow.queries.mail.mails import MailView, list_mails
from workflow.queries.nominations.diff import NominationDiff, diff_since
from workflow.queries.nominations.events import EventView, list_events
from workflow.queries.nominations.filters import NominationFilters
from workflow.queries.nominations.moves import MoveView, moves_for
from workflow.queries.nominations.nomination import NominationView, get_nomination
from workflow.queries.nominations.nominations import NominationRow, list_nominations
from workflow.queries.nominations.seen import demand_seen
from workflow.queries.paging import BIGGEST_ID, Page

nominations = APIBlueprint("nominations", __name__, tag="Nominations")

# A number that no row can have is no address of ours.
_ONE = f"/nominations/<int(max={BIGGEST_ID}):nomination_id>"


@nominations.get("/nominations")
@nominations.input(NominationQuery, location="query")
@nominations.output(described_page(NominationRow, "Nomination"))
@permission(Permission.SIGNED_IN)
def list_all(query_data: NominationQuery) -> Response:
    """List the nominations you may see."""
    filters = NominationFilters(**query_data.model_dump(exclude={"limit", "cursor"}))
    page = list_nominations(
        request_session(),
        actor=bearer_actor(),
        filters=filters,
        limit=query_data.limit,
        cursor=query_data.cursor,
        now=request_now(),
    )
    return answer(Page[NominationRow], page)


@nominations.post("/nominations")
@nominations.input(NewNomination)
@nominations.output(described(NominationView, "Nomination"), 201)
@permission(Permission.SIGNED_IN)
def draft(json_data: NewNomination) -> Response:
    """Draft a nomination."""
    outcome = create(
        request_session(),
        actor=bearer_actor(),
        draft=json_data.draft(),
        via=Via.API,
        now=request_now(),
        claim=requested_claim(),
    )
    response = _done(outcome, 201)
    response.headers["Location"] = url_for(".read", nomination_id=outcome.nomination_id)
    return response


@nominations.get(_ONE)
@nominations.output(described(NominationView, "Nomination"))
@permission(Permission.SIGNED_IN)
def read(nomination_id: int) -> Response:
    """Read a nomination; with `If-None-Match` only when its version is another."""
    version = _version(nomination_id)
    if is_held_already(version):
        return not_modified(version)
    return _representation(nomination_id)


@nominations.patch(_ONE)
@nominations.input(NominationChanges)
@nominations.output(described(NominationView, "Nomination"))
@permission(Permission.SIGNED_IN)
def change(nomination_id: int, json_data: NominationChanges) -> Response:
    """Change a draft. Needs `If-Match`, or `version` in the body."""
    outcome = edit(
        request_session(),
        actor=bearer_actor(),
        nomination_id=nomination_id,
        version=seen_version(json_data.version, lambda: _version(nomination_id)),
        changes=Edit(achievement=json_data.achievement, proposer=json_data.proposer),
        via=Via.API,
        now=request_now(),
    )
    return _done(outcome)


@nominations.get(f"{_ONE}/actions")
@nominations.output(described_page(MoveView, "Action"))
@permission(Permission.SIGNED_IN)
def actions(nomination_id: int) -> Response:
    """List every action on a nomination: open to you now, or refused with every reason."""
    found = moves_for(request_session(), actor=bearer_actor(), nomination_id=nomination_id, now=request_now())
    return answer(Page[MoveView], Page(found, None))


@nominations.post(f"{_ONE}/actions/<action>")
@nominations.input(ActionRequest)
@nominations.output(described(NominationView, "Nomination"))
@permission(Permission.SIGNED_IN)
def act(nomination_id: int, action: str, json_data: ActionRequest) -> Response:
    """Act on a nomination. Needs `If-Match`, or `version` in the body."""
    command = Command(
        nomination_id=nomination_id,
        version=seen_version(json_data.version, lambda: _version(nomination_id)),
        request=json_data.as_move(action),
        via=Via.API,
        claim=requested_claim(),
        assignee_id=json_data.assignee_id,
    )
    outcome = decide(request_session(), actor=bearer_actor(), command=command, now=request_now())
    return _done(outcome)


@nominations.get(f"{_ONE}/events")
@nominations.input(Paging, location="query")
@nominations.output(described_page(EventView, "Event"))
@permission(Permission.SIGNED_IN)
def events(nomination_id: int, query_data: Paging) -> Response:
    """Read what happened to a nomination, oldest first."""
    page = list_events(
        request_session(),
        actor=bearer_actor(),
        nomination_id=nomination_id,
        limit=query_data.limit,
        cursor=query_data.cursor,
    )
    return answer(Page[EventView], page)


@nominations.get(f"{_ONE}/mails")
@nominations.input(Paging, location="query")
@nominations.output(described_page(MailView, "Mail"))
@permission(Permission.SIGNED_IN)
def mails(nomination_id: int, query_data: Paging) -> Response:
    """Read which mails a nomination caused and what became of each."""
    page = list_mails(
        request_session(),
        actor=bearer_actor(),
        nomination_id=nomination_id,
        limit=query_data.limit,
        cursor=query_data.cursor,
    )
    return answer(Page[MailView], page)


@nominations.get(f"{_ONE}/diff")
@nominations.input(SinceEntry, location="query")
@nominations.output(described(NominationDiff, "NominationDiff"))
@permission(Permission.SIGNED_IN)
def diff(nomination_id: int, query_data: SinceEntry) -> Response:
    """Read what became of a nomination since one entry of its history, by the entry's `seq`."""
    found = diff_since(
        request_session(),
        actor=bearer_actor(),
        nomination_id=nomination_id,
        seq=query_data.since,
        now=request_now(),
    )
    return answer(NominationDiff, found)


def _version(nomination_id: int) -> int:
    """Return the version of a nomination that its reader may see, or raise `NotFound`."""
    return demand_seen(request_session(), bearer_actor().scope, nomination_id).version


def _done(outcome: Outcome, status: int = 200) -> Response:
    """Wake the workers after the commit, and answer with the nomination as it is now."""
    if not outcome.was_answered_before:
        edge().wake()
    response = _representation(outcome.nomination_id, status)
    return marked(response, was_answered_before=outcome.was_answered_before)


def _representation(nomination_id: int, status: int = 200) -> Response:
    view = get_nomination(
        request_session(), actor=bearer_actor(), nomination_id=nomination_id, now=request_now()
    )
    return tagged(answer(NominationView, view, status), view.version)
