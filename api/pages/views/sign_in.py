"""Coming in, going out, setting a password, choosing a language."""

from typing import Final
from urllib.parse import urlsplit

import structlog
from flask import abort, make_response, redirect, request, url_for
from werkzeug.wrappers import Response

from api.catalogue import say
from api.edge import request_now, request_session
from api.pages.carry_out import go_on
from api.pages.device import known_device, remember_device
from api.pages.forms import PasswordForm, SignInForm, say_errors
from api.pages.identity import current_locale, enter, leave, remember_locale, visitor
from api.pages.kept_form import keep, read_typed, words_of
from api.pages.routes import pages
from api.pages.writing import render
from api.permissions import Permission, permission
from api.problems import headers_of
from workflow.domain.errors import InvalidField, NotFound, TooManyAttempts, Unauthenticated
from workflow.operations.people import sign_in as door
from workflow.words.catalogue import LOCALES

_log = structlog.get_logger(__name__)

_SEE_OTHER: Final = 303


@pages.get("/sign-in")
@permission(Permission.ANYBODY)
def sign_in() -> str | Response:
    """Show the door, or what lies behind it to somebody who is in already."""
    target = _local(request.args.get("next"))
    if visitor().actor is not None:
        return redirect(target, _SEE_OTHER)
    return render("sign_in.html", form=SignInForm(next=request.args.get("next", "")), problem=None)


@pages.post("/sign-in")
@permission(Permission.ANYBODY)
def check_sign_in() -> tuple[str, int] | tuple[str, int, dict[str, str]] | Response:
    """Check a password and open a session; say nothing about which part was wrong."""
    form, locale = SignInForm(), current_locale()
    if not form.validate():
        return render("sign_in.html", form=form, problem=None), 422
    try:
        token = door.sign_in(
            request_session(),
            email=form.email.data,
            password=form.password.data,
            address=request.remote_addr or "",
            device=known_device(form.email.data),
            now=request_now(),
        )
    except Unauthenticated as refusal:
        problem, status, more = say(locale, "sign_in.wrong"), refusal.status, {}
    except TooManyAttempts as refusal:
        problem, status = say(locale, "sign_in.wait", count=refusal.params["seconds"]), refusal.status
        more = headers_of(refusal)
    else:
        enter(token)
        answer = redirect(_local(form.next.data), _SEE_OTHER)
        remember_device(answer, form.email.data)
        return answer
    # Who tried is not logged: what stands in that field may be a password typed into the wrong place.
    _log.warning("sign_in_refused", address=request.remote_addr, status=status)
    return render("sign_in.html", form=form, problem=problem), status, more


@pages.post("/sign-out")
@permission(Permission.ANYBODY)
def sign_out() -> Response:
    """End the session here and in the database."""
    token, locale = leave()
    if token is not None:
        door.sign_out(request_session(), token=token)
    return go_on(say(locale, "sign_in.left"), "pages.sign_in")


@pages.get("/password/<token>")
@permission(Permission.ANYBODY)
def password(token: str) -> str | tuple[str, int]:
    """Show the form behind a one-time link; looking uses nothing up, as mail scanners look too."""
    if not door.link_is_open(request_session(), token=token, now=request_now()):
        return _link_over()
    return render("password.html", form=PasswordForm())


@pages.post("/password/<token>")
@permission(Permission.ANYBODY)
def set_password(token: str) -> tuple[str, int] | Response:
    """Set the password and send its owner to the door."""
    form, locale = PasswordForm(), current_locale()
    if not form.validate():
        return render("password.html", form=form), 422
    try:
        door.use_password_link(request_session(), token=token, password=form.password.data, now=request_now())
    except NotFound:
        return _link_over()
    except InvalidField as refusal:
        say_errors(form, {"password": say(locale, f"password.{refusal.params['problem']}")})
        return render("password.html", form=form), refusal.status
    leave()
    return go_on(say(locale, "password.done"), "pages.sign_in")


@pages.post("/language")
@permission(Permission.ANYBODY)
def choose_language() -> Response:
    """Remember the language: with the account when somebody is signed in, else with the browser."""
    locale = request.form.get("locale", "")
    if locale not in LOCALES:
        abort(400)
    remember_locale(locale)
    actor = visitor().actor
    if actor is not None:
        door.choose_locale(request_session(), account_id=actor.account_id, locale=locale)
    target = _local(request.form.get("next"))
    typed = read_typed(request.form.get("kept", ""))
    actor = visitor().actor
    if typed is None or keep(actor.account_id if actor else None, target, *typed):
        return redirect(target, _SEE_OTHER)
    # Too long to be kept: shown to be copied, so that nothing of it is lost.
    words = words_of(typed[1])
    said = {"title": say(locale, "form.long"), "detail": say(locale, "form.copy"), "typed": words}
    return make_response(render("error.html", status=200, code="", reasons=(), back="", **said))


def _link_over() -> tuple[str, int]:
    return render("password.html", form=None), 404


def _local(path: str | None) -> str:
    """Return a path of this site to go to; anything that leads elsewhere leads to the start page."""
    start = url_for("pages.work")
    if not path or not path.startswith("/") or path[1:2] in {"/", "\\"} or not path.isprintable():
        return start
    parts = urlsplit(path)
    # A browser resolves "/.//host" to a path with two slashes: no page of ours has either.
    is_odd = "//" in parts.path or "/." in parts.path
    return start if parts.scheme or parts.netloc or is_odd else path
