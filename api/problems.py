"""Every answer that is not what was asked for: a problem (RFC 9457) for programs, a page for people.

`problem_of` turns any error into a `Problem`; the JSON interface answers with it as it is, and the pages
register a renderer of their own. Nothing here says more than the refusal itself says.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from errno import EACCES, EDQUOT, EIO, ENOSPC, ENOTCONN, ENOTDIR, EPERM, EROFS, ESTALE
from typing import Any, Final

import psycopg
import structlog
from flask import Flask, Response, current_app, request
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from api.wording import ENGLISH, detail_of, message_of, title_of
from workflow.domain.errors import FieldError, Reason, Refusal, TooManyAttempts, Unauthenticated
from workflow.queries.health import is_disk_full, is_outcome_unknown, is_read_only, met_other_tables
from workflow.words.catalogue import LOCALES

PROBLEM_TYPE: Final = "application/problem+json"
_RENDERER: Final = "commendo.page_of_problem"
_PROGRAM_PATHS: Final = ("/api/", "/openapi.json", "/healthz", "/readyz", "/metrics")
_CODES: Final[Mapping[int, tuple[str, str]]] = {
    400: ("malformed-request", "The request cannot be read"),
    404: ("not-found", "Not found"),
    405: ("method-not-allowed", "Not possible at this address"),
    406: ("not-acceptable", "Not available in this form"),
    411: ("length-required", "Say how long the body is"),
    413: ("too-large", "Too large"),
    414: ("address-too-long", "The address is too long"),
    415: ("unsupported-media-type", "Send JSON"),
    431: ("headers-too-large", "The headers are too large"),
}
_DETAILS: Final[Mapping[int, str]] = {
    404: "There is nothing at this address.",
    405: "This address does not take that method.",
    413: "The request is larger than this address takes.",
}

_DISK_FULL: Final = (ENOSPC, EDQUOT)
# Remounted after an error, given to another account, a share that is gone: no try of the sender's helps.
_DISK_CLOSED: Final = (EROFS, EACCES, EPERM, EIO, ESTALE, ENOTCONN, ENOTDIR)

_log = structlog.get_logger(__name__)


class MalformedRequest(Refusal):
    """The request is not what the address takes: not JSON, a missing, unknown or mistyped field."""

    code, status, title = "malformed-request", 400, "The request cannot be read"


class UnsupportedMediaType(Refusal):
    """The body is not declared as JSON."""

    code, status, title = "unsupported-media-type", 415, "Send JSON"


@dataclass(frozen=True, slots=True)
class Problem:
    """An error as the outside sees it. `code` is stable; the words are for people."""

    status: int
    code: str
    title: str
    detail: str
    reasons: Sequence[Reason] = ()
    errors: Sequence[FieldError] = ()
    params: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


PageOfProblem = Callable[[Problem], AnyResponse]


def register(app: Flask) -> None:
    """Answer every error of this application with a problem, also those nobody expected."""
    app.register_error_handler(Exception, _answer)


def render_pages_with(app: Flask, renderer: PageOfProblem) -> None:
    """Let a renderer answer people's errors; programs get JSON all the same."""
    app.extensions[_RENDERER] = renderer


def problem_of(error: Exception, locale: str = ENGLISH) -> Problem:
    """Return what the outside is told about an error; of an unexpected one only that it was recorded."""
    if isinstance(error, Refusal):
        return _refused(error, locale)
    if isinstance(error, HTTPException):
        return _spoken_http(error, locale)
    if (told := _of_the_database(error, locale)) is not None:
        return told
    if isinstance(error, OSError) and error.errno in (*_DISK_FULL, *_DISK_CLOSED):
        return _of_a_disk(is_full=error.errno in _DISK_FULL, locale=locale)
    return _own(
        500, "internal-error", "Something failed here", "It was recorded; nothing was changed.", locale
    )


def _of_the_database(error: Exception, locale: str) -> Problem | None:
    if is_disk_full(error):
        return _own(
            503, "database-full", "The database's disk is full", "Nothing was changed. Have the "
            "administrators make room where PostgreSQL lies, then send it again.", locale,
        )  # fmt: skip
    if is_read_only(error):
        return _own(
            503, "database-read-only", "The database can be read only", "Nothing was changed. Have the "
            "administrators let PostgreSQL take writes, then send it again.", locale,
        )  # fmt: skip
    if is_outcome_unknown(error):
        return _own(
            503, "outcome-unknown", "It is not known whether this was done", "The database went away as it "
            "was to say so. Sent again with the same Idempotency-Key it is done once; without, look first.",
            locale,
        )  # fmt: skip
    if isinstance(error, OperationalError | PoolTimeoutError) or met_other_tables(error):
        return _own(
            503, "unavailable", "Not available", "Try again in a moment; nothing was changed.", locale
        )
    return None


def _of_a_disk(*, is_full: bool, locale: str) -> Problem:
    if is_full:
        return _own(
            507, "disk-full", "The disk is full", "Nothing was changed. Have the administrators free space, "
            "then send it again.", locale,
        )  # fmt: skip
    return _own(
        503, "disk-closed", "The disk takes no files", "Nothing was changed. Tell the administrators that "
        "the server cannot write its files, and send it again afterwards.", locale,
    )  # fmt: skip


def headers_of(refusal: Refusal) -> dict[str, str]:
    """Return what a refusal tells the reader's program beside its words (RFC 9110, 10.2.3 and 11.6.1)."""
    if isinstance(refusal, Unauthenticated):
        return {"WWW-Authenticate": 'Bearer realm="commendo"'}
    if isinstance(refusal, TooManyAttempts) and "seconds" in refusal.params:
        return {"Retry-After": refusal.params["seconds"]}
    return {}


def preferred_locale() -> str:
    """Return the language the reader asked for, English without a wish."""
    return request.accept_languages.best_match(LOCALES, ENGLISH)


def problem_response(problem: Problem) -> Response:
    """Return the problem as `application/problem+json`."""
    body: dict[str, Any] = {
        "type": f"urn:commendo:problem:{problem.code}",
        "title": problem.title,
        "status": problem.status,
        "detail": problem.detail,
        "code": problem.code,
    }
    body |= {name: value for name, value in problem.params.items() if name not in body}
    if problem.reasons:
        body["reasons"] = [
            {
                "code": reason.code,
                "message": reason.message,
                **({"params": dict(reason.params)} if reason.params else {}),
            }
            for reason in problem.reasons
        ]
    if problem.errors:
        body["errors"] = [{"field": error.field, "message": error.message} for error in problem.errors]
    # Half of a character, which JSON may name and UTF-8 cannot write, goes back by that name.
    octets = json.dumps(body, ensure_ascii=False).encode(errors="backslashreplace")
    response = Response(octets, problem.status, dict(problem.headers), content_type=PROBLEM_TYPE)
    response.headers.setdefault("Vary", "Accept-Language")
    return response


def is_for_a_program() -> bool:
    """Return whether this request's errors are read by a program."""
    return request.path.startswith(_PROGRAM_PATHS)


def _answer(error: Exception) -> AnyResponse:
    problem = problem_of(error, preferred_locale())
    if problem.status >= 500:  # noqa: PLR2004 - the classes of HTTP
        # The rule and not the path, which may hold a one-time link.
        route = request.url_rule.rule if request.url_rule is not None else None
        facts = {"method": request.method, "route": route, **_database_facts(error)}
        if isinstance(error, OperationalError | PoolTimeoutError):
            _log.error("request_failed", error=type(error).__name__, **facts)
        else:
            _log.exception("request_failed", exc_info=error, **facts)
    renderer: PageOfProblem | None = current_app.extensions.get(_RENDERER)
    if renderer is not None and not is_for_a_program():
        return renderer(problem)
    return problem_response(problem)


def _database_facts(error: Exception) -> dict[str, str | None]:
    """Return what the database said, without the row that it quotes."""
    if not isinstance(error, DBAPIError) or not isinstance(error.orig, psycopg.Error):
        return {}
    return {"sqlstate": error.orig.sqlstate, "constraint": error.orig.diag.constraint_name}


def _refused(error: Refusal, locale: str) -> Problem:
    return Problem(
        status=error.status,
        code=error.code,
        title=title_of(error.code, error.title, locale),
        detail=detail_of(error.code, error.detail, error.params, locale),
        reasons=[Reason(reason.code, message_of(reason, locale), reason.params) for reason in error.reasons],
        errors=error.errors,
        params=error.params,
        headers=headers_of(error),
    )


def _spoken_http(error: HTTPException, locale: str) -> Problem:
    status = error.code or 500
    code, title = _CODES.get(status, (f"http-{status}", error.name))
    detail = _DETAILS.get(status) or error.description or title
    kept = {name: value for name, value in error.get_headers() if name.lower() != "content-type"}
    return Problem(
        status, code, title_of(code, title, locale), detail_of(code, detail, {}, locale), headers=kept
    )


def _own(status: int, code: str, title: str, detail: str, locale: str) -> Problem:
    return Problem(status, code, title_of(code, title, locale), detail_of(code, detail, {}, locale))
