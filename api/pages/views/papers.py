"""Papers on the pages: sending one, fetching one, taking one away.

A page shows them with `api.pages.papers_section` and the macro `papers_section` of `papers.html`.
"""

from collections.abc import Callable, Mapping
from typing import Final
from uuid import UUID

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from api.catalogue import say
from api.edge import edge, request_now, request_session
from api.inputs.papers import PaperForm, Removal
from api.pages.identity import current_actor, current_locale
from api.pages.once import claim_of_form
from api.pages.papers_section import RefusedPaper, papers_section
from api.pages.routes import pages
from api.pages.typed import NotTaken, read_typed
from api.pages.views.nomination import show_nomination
from api.pages.views.submissions import show_submission
from api.permissions import Permission, permission
from api.problems import problem_of
from api.uploads import given_filename, paper_folder, received_file, sent_paper, takes_file
from workflow.domain.errors import NotFound, Refusal
from workflow.domain.papers.kinds import PaperRoot
from workflow.domain.vocabulary import Via
from workflow.operations.papers.attach import Filed, NewPaper, attach, remove
from workflow.queries.papers import find_paper, target_of_paper
from workflow.store.paper_desks import Target

_SEE_OTHER: Final = 303
_ANCHOR: Final = "papers"
_FORM: Final = "as"
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
    target = Target(PaperRoot.NOMINATION, nomination_id)
    return _or_shown(lambda: target, lambda: _attached(target), request.args.get(_FORM, ""))


@pages.post("/submissions/<int(max=9223372036854775807):submission_id>/papers")
@permission(Permission.SIGNED_IN)
@takes_file
def attach_to_submission(submission_id: int) -> Response | tuple[str, int]:
    """Attach a paper to a submission, or say beside its form why it was not taken."""
    target = Target(PaperRoot.SUBMISSION, submission_id)
    return _or_shown(lambda: target, lambda: _attached(target), request.args.get(_FORM, ""))


@pages.get("/attachments/<uuid:attachment_id>")
@permission(Permission.SIGNED_IN)
def fetch_paper(attachment_id: UUID) -> Response:
    """Send a paper to be saved."""
    actor, now, session = current_actor(), request_now(), request_session()
    found = find_paper(session, actor=actor, attachment_id=attachment_id, now=now)
    session.rollback()
    return sent_paper(found)


@pages.post("/attachments/<uuid:attachment_id>/remove")
@permission(Permission.SIGNED_IN)
def remove_paper(attachment_id: UUID) -> Response | tuple[str, int]:
    """Take a paper away; it stays listed as removed. What stands against it is said beside the paper."""
    actor, now, session = current_actor(), request_now(), request_session()
    session.rollback()

    def taken_away() -> Response:
        filed = remove(
            session,
            actor=actor,
            attachment_id=attachment_id,
            reason=read_typed(Removal, request.form).reason,
            via=Via.WEB,
            now=now,
            claim=claim_of_form(),
        )
        return _done(filed, target_of_paper(session, attachment_id), "papers.removed_now")

    return _or_shown(lambda: target_of_paper(session, attachment_id), taken_away, f"remove-{attachment_id}")


def _or_shown(
    root: Callable[[], Target], act: Callable[[], Response], form: str
) -> Response | tuple[str, int]:
    """Act, or show the page of the root again with what stands against it beside the form it came from."""
    try:
        return act()
    except NotFound:
        raise
    except Refusal as refusal:
        request_session().rollback()
        target = root()
        section = papers_section(target, _refused(refusal, form))
        if target.kind is PaperRoot.NOMINATION:
            return show_nomination(target.id, None, section), refusal.status
        if target.kind is PaperRoot.SUBMISSION:
            return show_submission(target.id, papers=section), refusal.status
        raise


def _attached(target: Target) -> Response:
    actor, now, session = current_actor(), request_now(), request_session()
    said = read_typed(PaperForm, request.form)
    session.rollback()
    with received_file(actor, target) as incoming:
        filed = attach(
            session,
            actor=actor,
            target=target,
            paper=NewPaper(
                kind=said.kind,
                filename=given_filename(),
                confirms_not_secret=said.confirms_not_secret,
                secret_number=said.secret_number,
                secret_place=said.secret_place,
            ),
            incoming=incoming,
            folder=paper_folder(),
            quota=edge().settings.paper_quota,
            via=Via.WEB,
            now=now,
            asks_secrecy=edge().settings.ask_state_secrets,
            claim=claim_of_form(incoming.sha256.hex() if incoming else ""),
        )
    return _done(filed, target, "papers.attached")


def _done(filed: Filed, target: Target, words: str) -> Response:
    if not filed.was_answered_before:
        edge().wake()
    flash(say(current_locale(), words))
    return redirect(f"{_page_of(target)}#{_ANCHOR}", _SEE_OTHER)


def _page_of(target: Target) -> str:
    """Return the page that shows what the papers belong to; a unit's answer is part of no page of its own."""
    if target.kind is PaperRoot.NOMINATION:
        return url_for("pages.nomination", nomination_id=target.id)
    return f"/submissions/{target.id}" if target.kind is PaperRoot.SUBMISSION else url_for("pages.work")


def _refused(refusal: Refusal, form: str) -> RefusedPaper:
    locale = current_locale()
    problem = problem_of(refusal, locale)
    said = [reason.message for reason in problem.reasons]
    if isinstance(refusal, NotTaken):
        said = [*refusal.words.values()]
    fields = dict.fromkeys(_FIELDS.get(error.field, "form.unreadable") for error in refusal.errors)
    said += [say(locale, key) for key in fields] if not said else []
    typed = {name: request.form.get(name, "") for name in _TYPED}
    return RefusedPaper(form, refusal.status, tuple(said or [problem.detail]), typed)
