"""Who is looking at a page: the account behind the browser's session, and the language it reads.

Flask's signed cookie carries a token; whether it opens anything is a row of `web_session`, so that signing
out, a disabled account or a changed grant counts at the next request.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from secrets import token_urlsafe
from typing import Final

import structlog
from flask import g, request, session
from sqlalchemy.exc import OperationalError

from api.edge import edge, end_reading, request_now, request_session
from workflow.domain.errors import Unauthenticated
from workflow.domain.rights.policy import Actor
from workflow.operations.people.sign_in import note_use, open_session
from workflow.queries.me import actor_of_account
from workflow.words.catalogue import LOCALES

JSON: Final = "application/json"

_TOKEN: Final = "token"  # noqa: S105 - the name of a cookie's field
_LOCALE: Final = "locale"
_CHOSEN: Final = "chosen"
_CODE: Final = "code"
_ASKS: Final = "asks"

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who looks: nobody known (`actor` is None) or an account as it may act today."""

    actor: Actor | None
    locale: str


def visitor() -> Visitor:
    """Return who makes this request, asked once."""
    if "visitor" not in g:
        actor = _signed_in()
        if actor is not None and session.get(_CHOSEN):
            actor = replace(actor, locale=_guest_locale())
        g.visitor = Visitor(actor, actor.locale if actor else _guest_locale())
    found: Visitor = g.visitor
    return found


def visitor_even_now() -> Visitor:
    """Return who makes this request for an error page, which must also appear when the database is away."""
    try:
        return visitor()
    except OperationalError:
        return Visitor(None, _guest_locale())


def current_actor() -> Actor:
    """Return the account that is signed in, or raise `Unauthenticated`."""
    actor = visitor().actor
    if actor is None:
        raise Unauthenticated("Sign in to see this page.")
    return actor


def current_locale() -> str:
    """Return the language of this request's page."""
    return visitor().locale


def is_by_script() -> bool:
    """Return whether the answer is for a script of ours, and not a page."""
    return request.accept_mimetypes.best == JSON


def enter(token: str) -> None:
    """Give the browser a new session, so that nobody can have planted the old one."""
    stays = _stays("kept", _LOCALE, _CHOSEN)
    session.clear()
    session.update({**stays, _TOKEN: token})
    g.pop("visitor", None)


def enter_by_code(token: str) -> None:
    """Give the browser a new session in which nobody is signed in, and with it what opens one action."""
    stays = _stays(_LOCALE)
    session.clear()
    session.update({**stays, _CODE: token})
    g.pop("visitor", None)


def asking_browser() -> str:
    """Return what this browser is called where codes are asked for; begins a session where there is none."""
    name: str = session.setdefault(_ASKS, token_urlsafe(16))
    return name


def code_token() -> str | None:
    """Return what may open one action in this browser; of whoever is signed in nobody asks."""
    token = session.get(_CODE)
    return token if isinstance(token, str) and visitor().actor is None else None


def leave_code() -> None:
    """Take from the browser what opened one action."""
    session.pop(_CODE, None)


def leave() -> tuple[str | None, str]:
    """Take the session from the browser, keep its language, and return the token it held and the language."""
    token: str | None = session.get(_TOKEN)
    locale = visitor().locale
    # A form left open in another window still says whose it was and that it is ours.
    stays = _stays("owner", "csrf_token", "kept")
    session.clear()
    session.update({**stays, _LOCALE: locale})
    g.pop("visitor", None)
    return token, locale


def _stays(*names: str) -> dict[str, object]:
    return {name: session[name] for name in names if session.get(name)}


def remember_locale(locale: str) -> None:
    """Remember the language of a browser: chosen before anybody signs in, it holds until they leave.

    Chosen by whoever is signed in it is their account's, and nothing else.
    """
    session[_LOCALE], session[_CHOSEN] = locale, visitor().actor is None


def _signed_in() -> Actor | None:
    token = session.get(_TOKEN)
    if not isinstance(token, str):
        return None
    database, now = request_session(), request_now()
    found = open_session(database, token=token, now=now)
    if found is None:
        return None
    if found.is_due:
        # Most requests only read. Noting that a session was used is a write of its own, for each of them.
        end_reading()
        _note_use(token, now)
    return actor_of_account(database, found.account_id, now=now)


def _note_use(token: str, now: datetime) -> None:
    """Note that a session is used; where nothing can be written now, what is asked for is still read."""
    try:
        with edge().sessions() as own:
            note_use(own, token=token, now=now)
    except OperationalError as error:
        if error.connection_invalidated:
            raise
        _log.warning("session_use_not_noted", error=type(error.orig).__name__)


def _guest_locale() -> str:
    """Return the language chosen in the footer, else the house's: many a browser asks for English unasked."""
    chosen = session.get(_LOCALE)
    return str(chosen) if chosen in LOCALES else edge().settings.locale
