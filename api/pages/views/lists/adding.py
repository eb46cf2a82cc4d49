"""Putting more names on a list that is still with its unit: somebody was forgotten, or it came back."""

from werkzeug.wrappers import Response

from api.edge import request_now, request_session, request_today
from api.inputs.submissions import MoreRowsBody
from api.pages.identity import current_actor
from api.pages.once import claim_of_form
from api.pages.routes import pages
from api.pages.views.submission_new import (
    Ticked,
    TickedList,
    choices_of_list,
    read_ticks,
    show_ticks,
    take_ticks,
)
from api.pages.views.submissions import SUBMISSION
from api.permissions import Permission, permission
from workflow.domain.vocabulary import Via
from workflow.operations.submissions.compose import add_rows
from workflow.operations.submissions.lists import ComposedList
from workflow.queries.submissions.growing import demand_room
from workflow.queries.submissions.submission import get_submission


@pages.get(f"{SUBMISSION}/names")
@permission(Permission.SIGNED_IN)
def more_names(submission_id: int) -> str:
    """Show everybody of the unit who can come on the list too."""
    return show_ticks(_form(submission_id))


@pages.post(f"{SUBMISSION}/names")
@permission(Permission.SIGNED_IN)
def add_names(submission_id: int) -> Response | tuple[str, int]:
    """Draft every name that was ticked, on this list; rows that cannot be taken are named."""

    def said(ticked: Ticked) -> MoreRowsBody:
        return read_ticks(MoreRowsBody, ticked, {}, required=("version",))

    def added(body: MoreRowsBody) -> ComposedList:
        return add_rows(
            request_session(),
            actor=current_actor(),
            submission_id=submission_id,
            version=body.version or 0,
            rows=[row.as_row() for row in body.rows],
            via=Via.WEB,
            now=request_now(),
            claim=claim_of_form(),
        )

    return take_ticks(lambda: _form(submission_id), said, added)


def _form(submission_id: int) -> TickedList:
    """Return the list as it stands with what can come on it, or say why nothing can."""
    actor, session, now = current_actor(), request_session(), request_now()
    view = get_submission(session, actor=actor, submission_id=submission_id, now=now)
    demand_room(session, view, actor=actor, today=request_today())
    return TickedList(choices_of_list(), (view.paper.round, view.paper.unit.code), view.paper)
