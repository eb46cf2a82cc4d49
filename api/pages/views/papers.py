"""Papers on the pages: sending one, fetching one, showing one in its frame, taking one away.

A page shows them with `api.pages.papers_section` and the macro `papers_section` of `papers.html`.
"""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from flask import Response as FlaskResponse
from flask import make_response, request
from werkzeug.wrappers import Response

from api.catalogue import say
from api.edge import edge, end_reading, request_now, request_session
from api.inputs.papers import PaperForm, Removal
from api.pages.carry_out import carry_out, go_on
from api.pages.identity import current_actor, current_locale
from api.pages.once import claim_of_form
from api.pages.papers_section import RefusedPaper, papers_section
from api.pages.refusals import detail_in_words
from api.pages.routes import pages
from api.pages.typed import NotTaken, read_typed
from api.pages.views.nomination import show_nomination
from api.pages.views.submissions import show_submission
from api.pages.writing import render
from api.permissions import Permission, permission
from api.problems import problem_of
from api.uploads import given_filename, in_frame, received_file, sent_paper, shown_paper, takes_file
from workflow.domain.errors import NotFound, Refusal
from workflow.domain.papers.kinds import PaperRoot, Target
from workflow.domain.vocabulary import Via
from workflow.operations.papers.attach import Filed, NewPaper, attach
from workflow.operations.papers.remove import remove
from workflow.queries.papers import find_paper, target_of_paper

_ANCHOR: Final = "papers"
_FORM: Final = "as"
# The page that shows what the papers belong to; a unit's answer is part of no page of its own.
_PAGES: Final[Mapping[PaperRoot, tuple[str, str]]] = {
    PaperRoot.NOMINATION: ("pages.nomination", "nomination_id"),
    PaperRoot.SUBMISSION: ("pages.submission", "submission_id"),
    PaperRoot.EXPECTED_RETURN: ("pages.work", ""),
}
_TYPED: Final = ("kind", "secret_number", "secret_place", "reason")
_FIELDS: Final[Mapping[str, str]] = {
    "file": "papers.file_missing",
    "secret_number": "papers.stub_both",
    "secret_place": "papers.stub_both",
    "kind": "form.not_in_list",
}


@pages.post("/nominations/<int(max=9223372036854775807):nomination_id>/papers")
@permission(Permission.SIGNED_IN)
@takes_file
def attach_to_nomination(nomination_id: int) -> Response | tuple[str, int]:
    """Attach a paper to a nomination, or say beside its form why it was not taken."""
    return _attached(Target(PaperRoot.NOMINATION, nomination_id))


@pages.post("/submissions/<int(max=9223372036854775807):submission_id>/papers")
@permission(Permission.SIGNED_IN)
@takes_file
def attach_to_submission(submission_id: int) -> Response | tuple[str, int]:
    """Attach a paper to a submission, or say beside its form why it was not taken."""
    return _attached(Target(PaperRoot.SUBMISSION, submission_id))


@pages.get("/attachments/<uuid:attachment_id>")
@permission(Permission.SIGNED_IN)
def fetch_paper(attachment_id: UUID) -> Response:
    """Send a paper to be saved."""
    actor, now, session = current_actor(), request_now(), request_session()
    found = find_paper(session, actor=actor, attachment_id=attachment_id, now=now)
    end_reading()
    return sent_paper(found)


@pages.get("/attachments/<uuid:attachment_id>/shown")
@permission(Permission.SIGNED_IN)
def show_paper(attachment_id: UUID) -> FlaskResponse:
    """Answer a paper alone, for the frame of a page; what cannot be shown is said in the same frame."""
    actor, now, session = current_actor(), request_now(), request_session()
    try:
        found = find_paper(session, actor=actor, attachment_id=attachment_id, now=now)
        end_reading()
        return shown_paper(found)
    except NotFound as refusal:
        problem = problem_of(refusal, actor.locale)
        said = [reason.message for reason in problem.reasons] or [detail_in_words(problem, actor.locale)]
        return in_frame(make_response(render("paper_said.html", said=said), refusal.status))


@pages.post("/attachments/<uuid:attachment_id>/remove")
@permission(Permission.SIGNED_IN)
def remove_paper(attachment_id: UUID) -> Response | tuple[str, int]:
    """Take a paper away; it stays listed as removed. What stands against it is said beside the paper."""
    actor, now, session = current_actor(), request_now(), request_session()

    def taken_away() -> None:
        remove(
            session,
            actor=actor,
            attachment_id=attachment_id,
            reason=read_typed(Removal, request.form).reason,
            via=Via.WEB,
            now=now,
            claim=claim_of_form(),
        )

    return carry_out(
        taken_away,
        done=lambda _: _done(target_of_paper(session, attachment_id), "papers.removed_now"),
        again=lambda refusal: _again(
            target_of_paper(session, attachment_id), refusal, f"remove-{attachment_id}"
        ),
    )


def _again(target: Target, refusal: Refusal, form: str) -> str:
    """Return the page of the root with what stands against the paper beside the form it came from."""
    section = papers_section(target, _refused(refusal, form))
    if target.kind is PaperRoot.NOMINATION:
        return show_nomination(target.id, None, section)
    if target.kind is PaperRoot.SUBMISSION:
        return show_submission(target.id, papers=section)
    raise refusal


def _attached(target: Target) -> Response | tuple[str, int]:
    return carry_out(
        lambda: _attach(target),
        done=lambda _: _done(target, "papers.attached"),
        again=lambda refusal: _again(target, refusal, request.args.get(_FORM, "")),
    )


def _attach(target: Target) -> Filed:
    actor, said = current_actor(), read_typed(PaperForm, request.form)
    with received_file(actor, target) as incoming:
        return attach(
            request_session(),
            actor=actor,
            target=target,
            paper=NewPaper(
                kind=said.kind,
                filename=given_filename(),
                confirms_not_secret=said.confirms_not_secret,
                secret_number=said.secret_number,
                secret_place=said.secret_place,
                file=incoming,
            ),
            archive=edge().archive,
            via=Via.WEB,
            now=request_now(),
            claim=claim_of_form(incoming.sha256.hex() if incoming else ""),
        )


def _done(target: Target, words: str) -> Response:
    endpoint, name = _PAGES[target.kind]
    return go_on(say(current_locale(), words), endpoint, _anchor=_ANCHOR, **{name: target.id} if name else {})


def _refused(refusal: Refusal, form: str) -> RefusedPaper:
    locale = current_locale()
    problem = problem_of(refusal, locale)
    said = [reason.message for reason in problem.reasons]
    wrong: dict[str, str] = {}
    if isinstance(refusal, NotTaken):
        wrong = {name: words for name, words in refusal.words.items() if name == "kind"}
        said = [words for name, words in refusal.words.items() if name not in wrong]
        said = said or [say(locale, "form.look_below")]
    fields = dict.fromkeys(_FIELDS.get(error.field, "form.unreadable") for error in refusal.errors)
    said += [say(locale, key) for key in fields] if not said else []
    typed = {name: request.form.get(name, "") for name in _TYPED}
    return RefusedPaper(form, refusal.status, tuple(said or [detail_in_words(problem, locale)]), typed, wrong)
