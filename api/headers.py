"""What every answer tells the browser: run nothing foreign, frame nothing, keep nothing.

OWASP ASVS 5.0.0: 3.4.1 to 3.4.6, 3.4.8, 14.3.2.
"""

from typing import Final

from flask import Flask, Response

from api.edge import edge

_POLICY: Final = (
    "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
)
_HEADERS: Final = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
_HSTS: Final = "max-age=31536000; includeSubDomains"


def register(app: Flask) -> None:
    """Put the headers on every answer that does not set its own; static files may be kept."""
    app.after_request(_protect)


def _protect(response: Response) -> Response:
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    if edge().settings.is_production:
        response.headers.setdefault("Strict-Transport-Security", _HSTS)
    return response
