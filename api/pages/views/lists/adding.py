"""Putting more names on a list that is still with its unit: somebody was forgotten, or it came back."""

from werkzeug.wrappers import Response

from api.edge import request_now, request_session
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
from workflow.domain.errors import Conflict, Reason, SubmissionSent
from workflow.domain.rights.submission_rights import demand_composer
from workflow.domain.vocabulary import Via
from workflow.operations.submissions.compose import add_rows
from workflow.operations.submissions.lists import ComposedList
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

    def said(ticked: Ticked, candidates: int) -> MoreRowsBody:
        return read_ticks(MoreRowsBody, ticked, candidates, {}, required=("version",))

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
    actor = current_actor()
    view = get_submission(request_session(), actor=actor, submission_id=submission_id, now=request_now())
    paper = view.paper
    demand_composer(actor, paper.unit.code)
    if view.is_sent:
        raise SubmissionSent("The paper was sent with its list; compose another one for more names.")
    choices = choices_of_list()
    if paper.round not in {one.code for one in choices.rounds}:
        message = f"The round {paper.round} is closed."
        raise Conflict(message, reasons=[Reason("round_closed", message, {"round": paper.round})])
    if paper.unit.code not in {one.code for one in choices.units}:
        message = f"{paper.unit.name} does not exist any more; nothing is drafted for it."
        raise Conflict(message, reasons=[Reason("unit_over", message, {"unit": paper.unit.name})])
    return TickedList(choices, (paper.round, paper.unit.code), paper)
