"""Receipts of what was sent over JSON, and what the reader is proposed for."""

from apiflask import APIBlueprint
from flask import Response

from api.edge import request_now, request_session
from api.identity import bearer_actor
from api.inputs.submissions import ReceiptQuery
from api.permissions import Permission, permission
from api.rest.answers import answer, described, described_page
from workflow.domain.papers.kinds import PaperRoot, Target
from workflow.queries.paging import BIGGEST_ID, Page
from workflow.queries.people.own_status import OwnStatus, own_statuses
from workflow.queries.submissions.receipt import Receipt, get_receipt

receipts = APIBlueprint("receipts", __name__, tag="Papers with their lists")


@receipts.get(f"/nominations/<int(max={BIGGEST_ID}):nomination_id>/receipt")
@receipts.input(ReceiptQuery, location="query")
@receipts.output(described(Receipt, "Receipt"))
@permission(Permission.SIGNED_IN)
def of_nomination(nomination_id: int, query_data: ReceiptQuery) -> Response:
    """Read what of a nomination its unit sent on, when, by whom, with the papers of that moment."""
    return _receipt(Target(PaperRoot.NOMINATION, nomination_id), query_data)


@receipts.get(f"/submissions/<int(max={BIGGEST_ID}):submission_id>/receipt")
@receipts.input(ReceiptQuery, location="query")
@receipts.output(described(Receipt, "Receipt"))
@permission(Permission.SIGNED_IN)
def of_list(submission_id: int, query_data: ReceiptQuery) -> Response:
    """Read which names of a list its unit sent on together, when, by whom, with the papers of that moment."""
    return _receipt(Target(PaperRoot.SUBMISSION, submission_id), query_data)


@receipts.get("/me/nominations")
@receipts.output(described_page(OwnStatus, "OwnStatus"))
@permission(Permission.SIGNED_IN)
def my_nominations() -> Response:
    """Read what you are proposed for, in public words; the fifty newest, in one piece."""
    found = own_statuses(request_session(), actor=bearer_actor(), now=request_now())
    return answer(Page[OwnStatus], Page(found, None))


def _receipt(target: Target, query: ReceiptQuery) -> Response:
    found = get_receipt(
        request_session(), actor=bearer_actor(), target=target, entry=query.entry, now=request_now()
    )
    return answer(Receipt, found)
