"""Submissions with their lists over JSON: list, compose, read, write on, act on whole; an inbox decided."""

from typing import Final

from apiflask import APIBlueprint
from flask import Response, url_for

from api.edge import edge, request_now, request_session
from api.identity import bearer_actor
from api.inputs.submissions import (
    InboxDecisions,
    ListActionBody,
    MoreRowsBody,
    NewSubmissionBody,
    SubmissionChanges,
    SubmissionQuery,
    TransferBody,
)
from api.permissions import Permission, permission
from api.problems import preferred_locale
from api.rest.answers import (
    answer,
    described,
    described_page,
    seen_version,
    tagged,
)
from api.rest.idempotency import marked, requested_claim
from api.rest.list_answers import ListAnswer, NameAnswers
from workflow.domain.vocabulary import Via
from workflow.operations.nominations.answers import ListOutcome
from workflow.operations.nominations.commands import Command
from workflow.operations.nominations.decide_many import decide_inbox
from workflow.operations.submissions.compose import (
    SubmissionEdit,
    add_rows,
    create_submission,
    edit_submission,
)
from workflow.operations.submissions.lists import ComposedList
from workflow.operations.submissions.names import ListOrder, act_on_submission
from workflow.operations.submissions.transfers import Transfer, transfer_names
from workflow.queries.paging import BIGGEST_ID, Page
from workflow.queries.submissions.submission import SubmissionView, get_submission, seen_submission
from workflow.queries.submissions.submissions import SubmissionFilters, SubmissionRow, list_submissions

submissions = APIBlueprint("submissions", __name__, tag="Papers with their lists")

_ONE: Final = f"/submissions/<int(max={BIGGEST_ID}):submission_id>"


@submissions.get("/submissions")
@submissions.input(SubmissionQuery, location="query")
@submissions.output(described_page(SubmissionRow, "Submission"))
@permission(Permission.SIGNED_IN)
def list_all(query_data: SubmissionQuery) -> Response:
    """List the submissions you may see, newest first."""
    page = list_submissions(
        request_session(),
        actor=bearer_actor(),
        filters=SubmissionFilters(**query_data.model_dump(exclude={"limit", "cursor"})),
        limit=query_data.limit,
        cursor=query_data.cursor,
        now=request_now(),
    )
    return answer(Page[SubmissionRow], page)


@submissions.post("/submissions")
@submissions.input(NewSubmissionBody)
@submissions.output(described(ListAnswer, "ListAnswer"), 201)
@permission(Permission.SIGNED_IN)
def compose(json_data: NewSubmissionBody) -> Response:
    """Compose a unit's submission with its list; bad rows are answered by number, the rest stands."""
    made = create_submission(
        request_session(),
        actor=bearer_actor(),
        new=json_data.submission(),
        via=Via.API,
        now=request_now(),
        claim=requested_claim(),
    )
    response = _listed(made, 201)
    response.headers["Location"] = url_for(".read", submission_id=made.submissions[0].submission_id)
    return response


@submissions.get(_ONE)
@submissions.output(described(SubmissionView, "SubmissionView"))
@permission(Permission.SIGNED_IN)
def read(submission_id: int) -> Response:
    """Read a submission with its list and what you can do with it; its ETag moves with words and list."""
    return _representation(submission_id)


@submissions.patch(_ONE)
@submissions.input(SubmissionChanges)
@submissions.output(described(SubmissionView, "SubmissionView"))
@permission(Permission.SIGNED_IN)
def change(submission_id: int, json_data: SubmissionChanges) -> Response:
    """Write a submission's number, date, signer. Needs `If-Match`, or `version` in the body."""
    edit_submission(
        request_session(),
        actor=bearer_actor(),
        submission_id=submission_id,
        version=seen_version(json_data.version, lambda: _version(submission_id)),
        changes=SubmissionEdit(json_data.number, json_data.signed_on, json_data.signer, json_data.reason),
        via=Via.API,
        now=request_now(),
    )
    edge().wake()
    return _representation(submission_id)


@submissions.post(f"{_ONE}/rows")
@submissions.input(MoreRowsBody)
@submissions.output(described(ListAnswer, "ListAnswer"))
@permission(Permission.SIGNED_IN)
def extend(submission_id: int, json_data: MoreRowsBody) -> Response:
    """Put more names on a list that is still with the unit. Needs `If-Match`, or `version` in the body."""
    made = add_rows(
        request_session(),
        actor=bearer_actor(),
        submission_id=submission_id,
        version=seen_version(json_data.version, lambda: _version(submission_id)),
        rows=[row.as_row() for row in json_data.rows],
        via=Via.API,
        now=request_now(),
        claim=requested_claim(),
    )
    return _listed(made, 200)


@submissions.post(f"{_ONE}/transfers")
@submissions.input(TransferBody)
@submissions.output(described(NameAnswers, "NameAnswers"))
@permission(Permission.SIGNED_IN)
def move(submission_id: int, json_data: TransferBody) -> Response:
    """Take names off the list, or put them on another list. Needs `If-Match`, or `version` in the body."""
    transfer = Transfer(
        submission_id,
        seen_version(json_data.version, lambda: _version(submission_id)),
        json_data.nominations,
        json_data.to,
        Via.API,
        requested_claim(),
    )
    outcome = transfer_names(request_session(), actor=bearer_actor(), transfer=transfer, now=request_now())
    return _of_list(submission_id, outcome)


@submissions.post(f"{_ONE}/actions/<action>")
@submissions.input(ListActionBody)
@submissions.output(described(NameAnswers, "NameAnswers"))
@permission(Permission.SIGNED_IN)
def act(submission_id: int, action: str, json_data: ListActionBody) -> Response:
    """Act on all open names of a list, or on those named, without those under `except`; each is answered.

    Needs `If-Match` with the submission's ETag, or `version` in the body.
    """
    order = ListOrder(
        submission_id=submission_id,
        version=seen_version(json_data.version, lambda: _version(submission_id)),
        request=json_data.as_move(action),
        via=Via.API,
        nominations=json_data.nominations,
        leave_out=frozenset(json_data.leave_out),
        state=json_data.state,
        workflow=json_data.workflow,
        assignee_id=json_data.assignee_id,
        claim=requested_claim(),
    )
    outcome = act_on_submission(request_session(), actor=bearer_actor(), order=order, now=request_now())
    return _of_list(submission_id, outcome)


@submissions.post("/inbox/decisions")
@submissions.input(InboxDecisions)
@submissions.output(described(NameAnswers, "NameAnswers"))
@permission(Permission.SIGNED_IN)
def decide_all(json_data: InboxDecisions) -> Response:
    """Decide many nominations at once, each with its own action and version; each is answered."""
    items = [
        Command(one.nomination, one.version, one.move, Via.API, assignee_id=one.assignee_id)
        for one in json_data.items
    ]
    outcome = decide_inbox(
        request_session(), actor=bearer_actor(), items=items, now=request_now(), claim=requested_claim()
    )
    return _named(outcome)


def _version(submission_id: int) -> int:
    """Return the version of a submission that its reader may see, or raise `NotFound`."""
    return seen_submission(request_session(), actor=bearer_actor(), submission_id=submission_id)


def _listed(made: ComposedList, status: int) -> Response:
    if not made.was_answered_before:
        edge().wake()
    response = answer(ListAnswer, ListAnswer.of(made, preferred_locale()), status)
    if len(made.submissions) == 1:
        tagged(response, made.submissions[0].version)
    return marked(response, was_answered_before=made.was_answered_before)


def _named(outcome: ListOutcome) -> Response:
    """Wake the workers after the commit, and answer for each nomination."""
    if not outcome.was_answered_before:
        edge().wake()
    response = answer(NameAnswers, NameAnswers.of(outcome.items, preferred_locale()))
    return marked(response, was_answered_before=outcome.was_answered_before)


def _of_list(submission_id: int, outcome: ListOutcome) -> Response:
    """Answer with the version the list has now: an order moves it."""
    return tagged(_named(outcome), _version(submission_id))


def _representation(submission_id: int) -> Response:
    view = get_submission(
        request_session(), actor=bearer_actor(), submission_id=submission_id, now=request_now()
    )
    return tagged(answer(SubmissionView, view), view.paper.version)
