"""Errors as pages: what happened, in words a person can act on, and the way back."""

from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import unquote, urlsplit

from flask import Response, make_response, redirect, request
from flask_wtf.csrf import CSRFError
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from api.catalogue import say
from api.edge import give_up_transaction
from api.pages.frame.seen_again import FormGone, keep_refusal, rule_of_form
from api.pages.frame.where import path_here
from api.pages.frame.wrong_address import wrong_address
from api.pages.identity import current_locale, visitor_even_now
from api.pages.kept_form import home_of, home_of_request, keep_after_end, words_of, written_fields
from api.pages.papers_section import size
from api.pages.refusals import detail_in_words
from api.pages.routes import pages
from api.pages.writing import render
from api.problems import Problem, problem_of
from workflow.domain.errors import NotFound, Reason, Refusal
from workflow.domain.sent_forms import KEPT_FOR

_TITLES: Final[Mapping[int, str]] = {
    400: "error.unreadable",
    403: "error.forbidden",
    404: "error.not_found",
    405: "error.not_found",
    409: "error.not_now",
    413: "error.too_large",
    422: "error.not_now",
    429: "error.not_now",
}
# What a library says about these is English and for programmers; a refusal of ours speaks for itself.
_DETAILS: Final[Mapping[int, str]] = {
    404: "error.not_found_detail",
    405: "error.not_found_detail",
    500: "error.broken_detail",
    503: "error.broken_detail",
}
# What is the matter with the server, in the words of whoever uses it: what is done about it, others do.
_WHY: Final[Mapping[str, str]] = {
    "unavailable": "error.why_unavailable",
    "database-full": "error.why_database_full",
    "outcome-unknown": "error.why_outcome_unknown",
    "database-read-only": "error.why_database_read_only",
    "disk-full": "error.why_disk_full",
    "disk-closed": "error.why_disk_closed",
}
_NOT_FOUND: Final = 404
_TOO_LARGE: Final = "too-large"
_CLIENT_ERRORS: Final = range(400, 500)


def answer_of(problem: Problem) -> AnyResponse:
    """Answer a problem, a form with which nothing is found at an address of its own."""
    missing = NotFound(problem.detail) if problem.status == _NOT_FOUND else None
    return (missing and keep_refusal(missing, is_raised=True)) or page_of(problem)


def page_of(problem: Problem) -> Response:
    """Return the page of a problem, in the visitor's language, with the problem's own status."""
    _forget_unreadable_form()
    # First of all: who looks may be what could not be read, and is asked for again below.
    give_up_transaction()
    if (home := _home_of_answer(problem)) is not None:
        return make_response(redirect(home, 303))
    page = _page_in_words(problem)
    # A page answers programs too: a 405 names the methods that are taken (RFC 9110, 15.5.6).
    page.headers.update(problem.headers)
    return page


def _page_in_words(problem: Problem) -> Response:
    locale = visitor_even_now().locale
    if (wrong := wrong_address(problem, locale)) is not None:
        return _page(
            status=problem.status,
            back=wrong.without,
            way="error.without",
            title=say(locale, "error.address"),
            detail=say(locale, "error.address_detail", parts=wrong.parts),
            code=problem.code,
        )
    title = _TITLES.get(problem.status) if problem.status in _CLIENT_ERRORS else "error.broken"
    return _page(
        status=problem.status,
        title=say(locale, title or "error.not_now"),
        detail=_detail(problem, locale),
        code=problem.code,
        reasons=problem.reasons,
        typed=words_of(written_fields()),
    )


def _detail(problem: Problem, locale: str) -> str:
    if problem.code == _TOO_LARGE:
        return say(locale, "error.too_large_detail", most=size(_most_taken(), locale))
    detail = _WHY.get(problem.code) or _DETAILS.get(problem.status)
    return say(locale, detail) if detail else detail_in_words(problem, locale)


def _most_taken() -> int | None:
    """Return how many bytes this address takes; of words alone where the whole is not too much."""
    whole, sent = request.max_content_length, request.content_length
    return request.max_form_memory_size if whole and sent is not None and sent <= whole else whole


@pages.errorhandler(Refusal)
def refused(error: Refusal) -> AnyResponse:
    """Answer a refusal that no page could show beside its own form."""
    return keep_refusal(error, is_raised=True) or page_of(problem_of(error, current_locale()))


@pages.errorhandler(CSRFError)
def foreign_form(_error: CSRFError) -> Response:
    """Answer a form that this session's pages did not make; nothing of it was done."""
    locale = current_locale()
    return _page(
        status=400,
        title=say(locale, "error.unreadable"),
        detail=say(locale, "error.expired_form"),
        code="form-expired",
        typed=words_of(written_fields()),
    )


def ended_session() -> Response:
    """Answer a form sent after the session ended: what was typed is not lost."""
    locale = visitor_even_now().locale
    is_kept = keep_after_end()
    return _page(
        status=401,
        back=home_of_request(),
        title=say(locale, "error.ended_session"),
        detail=say(locale, "error.ended_session_kept" if is_kept else "error.ended_session_detail"),
        code="unauthenticated",
        typed=words_of(written_fields()),
    )


@pages.errorhandler(FormGone)
def form_is_gone(gone: FormGone) -> Response:
    """Answer the address of a form that is not kept, or is somebody else's, with the way to its page."""
    locale = current_locale()
    return _page(
        status=404,
        back=_home_of_path(gone.path) or "",
        title=say(locale, "error.form_gone"),
        detail=say(locale, "error.form_gone_detail", days=KEPT_FOR.days),
        code="form-gone",
    )


def _home_of_answer(problem: Problem) -> str | None:
    """Return the page of a form whose answer's address was asked for, as by a reload without the form."""
    if request.method != "GET" or problem.status not in {404, 405}:
        return None
    home = _home_of_path(path_here())
    # An address is written with escapes and asked for without: one that leads to itself is nowhere.
    return home if home and unquote(urlsplit(home).path) != path_here() else None


def _home_of_path(path: str) -> str | None:
    """Return the page of the form that is sent to an address, None where no page of ours sends one there."""
    found = rule_of_form(path)
    return home_of(*found) if found else None


def _page(
    *,
    status: int,
    title: str,
    detail: str,
    code: str,
    reasons: Sequence[Reason] = (),
    typed: str = "",
    back: str = "",
    way: str = "error.to_form",
) -> Response:
    # What failed may have left the transaction unusable, and this page asks the database too.
    give_up_transaction()
    said = {
        "title": title,
        "detail": detail,
        "code": code,
        "reasons": reasons,
        "typed": typed,
        "back": back,
        "way": way,
    }
    body = render("error.html", status=status, **said)
    return make_response(body, status)


def _forget_unreadable_form() -> None:
    """Take a form that cannot be read for an empty one: the page's own forms would ask for it again."""
    try:
        _ = request.form
    except HTTPException:
        vars(request).update(form=ImmutableMultiDict(), files=ImmutableMultiDict())
