"""What was just decided on a list, undone: of all names or of those ticked, with an answer for each."""

from flask import request

from api.catalogue import say
from api.edge import request_now, request_session
from api.pages.carry_out import carry_out
from api.pages.frame.seen_again import Page, answers
from api.pages.identity import current_actor, current_locale
from api.pages.once import claim_of_form
from api.pages.picked import picks_in, read_seen
from api.pages.refusals import told
from api.pages.views.lists.decide import show_names
from api.pages.views.lists.kinds import DECIDE
from api.pages.views.lists.result import show_result
from api.pages.views.submissions import SUBMISSION
from api.permissions import Permission, permission
from workflow.domain.errors import Refusal
from workflow.domain.facts import MoveRequest
from workflow.domain.vocabulary import BuiltIn, Via
from workflow.operations.nominations.answers import ListOutcome
from workflow.operations.nominations.commands import Command
from workflow.operations.nominations.decide_many import decide_inbox
from workflow.queries.submissions.submission import SubmissionView, get_submission


@answers(f"{SUBMISSION}/undo")
@permission(Permission.SIGNED_IN)
def undo_names(submission_id: int) -> Page:
    """Undo what was decided on the names ticked, each in the version it then had, and answer for each."""
    actor, session, now, locale = current_actor(), request_session(), request_now(), current_locale()
    seen = read_seen(request.form.get("seen", ""))
    picks = dict.fromkeys(picks_in(request.form.items()), str(BuiltIn.UNDO))

    def undone() -> ListOutcome:
        undo = MoveRequest(action=BuiltIn.UNDO)
        items = [Command(one, seen.get(one, 0), undo, Via.WEB) for one in picks]
        return decide_inbox(session, actor=actor, items=items, now=now, claim=claim_of_form())

    def again(refusal: Refusal) -> str:
        problem = told(refusal, locale) if picks else say(locale, "decide.nobody_ticked")
        return show_names(DECIDE, _view(submission_id), problem=problem)

    return carry_out(
        undone,
        done=lambda outcome: show_result(DECIDE, _view(submission_id), picks, outcome, {}),
        recalled=ListOutcome.again,
        again=again,
    )


def _view(submission_id: int) -> SubmissionView:
    return get_submission(
        request_session(), actor=current_actor(), submission_id=submission_id, now=request_now()
    )
