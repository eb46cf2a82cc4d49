"""The browser somebody has signed in with before: a stranger's wrong passwords do not make it wait.

A signed cookie of its own, which outlives the session, as OWASP's device cookies do. It opens nothing: it
only says that this browser's own tries are the ones to count.
"""

from hashlib import sha256
from secrets import token_urlsafe
from typing import Final

from flask import current_app, request
from itsdangerous import BadSignature, URLSafeTimedSerializer
from werkzeug.wrappers import Response

from api.edge import edge

_DAYS: Final = 180
_SECONDS: Final = _DAYS * 24 * 3600
_SALT: Final = "device"


def known_device(email: str) -> str | None:
    """Return the name of this browser if this account has signed in with it, else None."""
    try:
        name, account = _signer().loads(request.cookies.get(_cookie(), ""), max_age=_SECONDS)
    except (BadSignature, ValueError, TypeError):
        return None
    return str(name) if account == _digest(email) else None


def remember_device(response: Response, email: str) -> None:
    """Let the browser say from now on that this account signs in with it."""
    name = known_device(email) or token_urlsafe(16)
    response.set_cookie(
        _cookie(),
        _signer().dumps([name, _digest(email)]),
        max_age=_SECONDS,
        secure=bool(current_app.config["SESSION_COOKIE_SECURE"]),
        httponly=True,
        samesite="Lax",
    )


def _cookie() -> str:
    return f"{current_app.config['SESSION_COOKIE_NAME']}-device"


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(edge().settings.secret, salt=_SALT)


def _digest(email: str) -> str:
    return sha256(email.strip().casefold().encode()).hexdigest()[:32]
