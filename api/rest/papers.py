"""Papers over JSON: what lies with a nomination, a submission or a unit's answer; send, fetch, take away."""

from uuid import UUID

from apiflask import APIBlueprint
from flask import Response, request

from api.edge import edge, end_reading, request_now, request_session
from api.identity import bearer_actor
from api.inputs.papers import PaperForm, Removal
from api.permissions import Permission, permission
from api.problems import MalformedRequest
from api.reading import read_form
from api.rest.answers import answer, described, optional_version
from api.rest.idempotency import marked, requested_claim
from api.uploads import FILE, given_filename, received_file, sent_paper, takes_file
from workflow.domain.errors import FieldError
from workflow.domain.papers.kinds import PaperRoot, Target
from workflow.domain.vocabulary import Via
from workflow.operations.papers.attach import Filed, NewPaper, attach
from workflow.operations.papers.remove import remove
from workflow.queries.nominations.seen import demand_seen
from workflow.queries.paging import BIGGEST_ID
from workflow.queries.papers import Papers, find_paper, papers_of, target_of_paper, target_of_return
from workflow.queries.submissions.submission import seen_submission

papers = APIBlueprint("papers", __name__, tag="Papers")

_OF_NOMINATION = f"/nominations/<int(max={BIGGEST_ID}):nomination_id>/attachments"
_OF_SUBMISSION = f"/submissions/<int(max={BIGGEST_ID}):submission_id>/attachments"
_OF_RETURN = "/rounds/<round_code>/returns/<unit_code>/attachments"
_ONE = "/attachments/<uuid:attachment_id>"


@papers.get(_OF_NOMINATION)
@papers.output(described(Papers, "Papers"))
@permission(Permission.SIGNED_IN)
def of_nomination(nomination_id: int) -> Response:
    """List the papers of a nomination, those of its submission among them, and what is missing."""
    return _listed(Target(PaperRoot.NOMINATION, nomination_id))


@papers.post(_OF_NOMINATION)
@papers.output(described(Papers, "Papers"), 201)
@permission(Permission.SIGNED_IN)
@takes_file
def to_nomination(nomination_id: int) -> Response:
    """Attach a paper to a nomination."""
    return _attached(Target(PaperRoot.NOMINATION, nomination_id))


@papers.get(_OF_SUBMISSION)
@papers.output(described(Papers, "Papers"))
@permission(Permission.SIGNED_IN)
def of_submission(submission_id: int) -> Response:
    """List the papers of a submission and what is missing."""
    return _listed(Target(PaperRoot.SUBMISSION, submission_id))


@papers.post(_OF_SUBMISSION)
@papers.output(described(Papers, "Papers"), 201)
@permission(Permission.SIGNED_IN)
@takes_file
def to_submission(submission_id: int) -> Response:
    """Attach a paper to a submission."""
    return _attached(Target(PaperRoot.SUBMISSION, submission_id))


@papers.get(_OF_RETURN)
@papers.output(described(Papers, "Papers"))
@permission(Permission.SIGNED_IN)
def of_return(round_code: str, unit_code: str) -> Response:
    """List the papers of what a unit owes a round."""
    return _listed(_owed(round_code, unit_code))


@papers.post(_OF_RETURN)
@papers.output(described(Papers, "Papers"), 201)
@permission(Permission.SIGNED_IN)
@takes_file
def to_return(round_code: str, unit_code: str) -> Response:
    """Attach the signed answer of a unit that proposes nothing."""
    return _attached(_owed(round_code, unit_code))


@papers.get(_ONE)
@permission(Permission.SIGNED_IN)
def fetch(attachment_id: UUID) -> Response:
    """Fetch the bytes of a paper; the stub of a secret paper has none (404, reason `secret-paper`)."""
    found = find_paper(
        request_session(), actor=bearer_actor(), attachment_id=attachment_id, now=request_now()
    )
    end_reading()
    return sent_paper(found)


@papers.post(f"{_ONE}/actions/remove")
@papers.input(Removal)
@papers.output(described(Papers, "Papers"))
@permission(Permission.SIGNED_IN)
def take_away(attachment_id: UUID, json_data: Removal) -> Response:
    """Take a paper away; it stays listed as removed, and its bytes are kept."""
    filed = remove(
        request_session(),
        actor=bearer_actor(),
        attachment_id=attachment_id,
        reason=json_data.reason,
        via=Via.API,
        now=request_now(),
        version=optional_version(
            json_data.version, lambda: _version(target_of_paper(request_session(), attachment_id))
        ),
        claim=requested_claim(),
    )
    return _done(filed, target_of_paper(request_session(), attachment_id), 200)


def _owed(round_code: str, unit_code: str) -> Target:
    return target_of_return(
        request_session(), actor=bearer_actor(), round_code=round_code, unit_code=unit_code
    )


def _attached(target: Target) -> Response:
    form = read_form(PaperForm, request.form)
    twins = len(request.files.getlist(FILE)) > 1
    if twins or set(request.files) - {FILE}:
        message = "send one part named 'file' and no other file"
        raise MalformedRequest(f"{message[0].upper()}{message[1:]}.", errors=[FieldError(FILE, message)])
    end_reading()
    with received_file(bearer_actor(), target) as incoming:
        said = {**request.form, "sha256": incoming.sha256.hex() if incoming else None}
        filed = attach(
            request_session(),
            actor=bearer_actor(),
            target=target,
            paper=NewPaper(
                kind=form.kind,
                filename=given_filename(),
                confirms_not_secret=form.confirms_not_secret,
                secret_number=form.secret_number,
                secret_place=form.secret_place,
                file=incoming,
                seen_version=optional_version(form.version, lambda: _version(target)),
            ),
            archive=edge().archive,
            via=Via.API,
            now=request_now(),
            claim=requested_claim(said),
        )
    return _done(filed, target, 201 if filed.is_new or filed.was_answered_before else 200)


def _version(target: Target) -> int:
    """Return the version of what a paper belongs to, as its reader sees it; a unit's answer has none."""
    session, actor = request_session(), bearer_actor()
    if target.kind is PaperRoot.NOMINATION:
        return demand_seen(session, actor.scope, target.id).version
    return (
        seen_submission(session, actor=actor, submission_id=target.id)
        if target.kind is PaperRoot.SUBMISSION
        else 0
    )


def _done(filed: Filed, target: Target, status: int) -> Response:
    if not filed.was_answered_before:
        edge().wake()
    response = marked(_listed(target, status), was_answered_before=filed.was_answered_before)
    if status == 201:  # noqa: PLR2004 - created
        response.headers["Location"] = f"{edge().settings.base_url}/api/v1/attachments/{filed.attachment_id}"
    return response


def _listed(target: Target, status: int = 200) -> Response:
    found = papers_of(request_session(), actor=bearer_actor(), target=target, now=request_now())
    return answer(Papers, found, status)
