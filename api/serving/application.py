"""The application as Flask makes it, without what it asks anew at each request although nothing changes."""

from collections.abc import Callable
from typing import Any, Final

from apiflask import APIFlask
from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import URLSafeTimedSerializer

_SIGNER: Final = "commendo_signer"


class SignedCookies(SecureCookieSessionInterface):
    """Flask's own session cookie, whose key is derived once for each application."""

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """Return what signs the cookies of an application, None without a secret key."""
        if _SIGNER not in app.extensions:
            app.extensions[_SIGNER] = super().get_signing_serializer(app)
        signer: URLSafeTimedSerializer | None = app.extensions[_SIGNER]
        return signer


class Application(APIFlask):
    """APIFlask whose views and hooks are plain functions."""

    session_interface = SignedCookies()

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function: none of ours is a coroutine, and a request calls a dozen."""
        return func
