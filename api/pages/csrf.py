"""The token that a form of ours carries, written differently each time.

Beside words that a stranger can make a page repeat, a token that stays the same could be guessed from the
length of the packed page (BREACH). Under a fresh mask no part of it is ever repeated.
"""

import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from collections.abc import Callable

from flask import Flask
from flask_wtf.csrf import CSRFProtect, generate_csrf


class MaskedCSRF(CSRFProtect):  # type: ignore[misc]  # Flask-WTF ships no types
    """Flask-WTF's protection, with tokens under a mask."""

    def init_app(self, app: Flask) -> None:
        """Protect an application, and have its templates write masked tokens."""
        super().init_app(app)
        # A macro that is imported without its page's context reads the global.
        app.jinja_env.globals["csrf_token"] = masked_token
        app.context_processor(_in_templates)

    def _get_csrf_token(self) -> str | None:
        token: str | None = super()._get_csrf_token()
        return token and unmasked(token)


def masked_token() -> str:
    """Return the token of this session, looking like no other one."""
    token = generate_csrf().encode()
    mask = secrets.token_bytes(len(token))
    return urlsafe_b64encode(mask + _crossed(token, mask)).decode()


def unmasked(token: str) -> str:
    """Return the token under a mask; what is under none is returned as it is, for whoever checks it."""
    try:
        both = urlsafe_b64decode(token.encode("ascii"))
        half = len(both) // 2
        return _crossed(both[:half], both[half:]).decode("ascii")
    except (Error, ValueError):
        return token


def _crossed(one: bytes, other: bytes) -> bytes:
    return bytes(left ^ right for left, right in zip(one, other, strict=True))


def _in_templates() -> dict[str, Callable[[], str]]:
    return {"csrf_token": masked_token}
