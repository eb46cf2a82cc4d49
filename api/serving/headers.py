"""What every answer tells the browser: run nothing foreign, frame nothing, keep nothing.

OWASP ASVS 5.0.0: 3.4.1 to 3.4.6, 3.4.8, 14.3.2.
"""

from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

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
    if response.status_code == HTTPStatus.CREATED and response.headers.get("Location", "").startswith("/"):
        # Flask's own links begin with the path of the site's address already.
        site = urlsplit(edge().settings.base_url)
        response.headers["Location"] = f"{site.scheme}://{site.netloc}{response.headers['Location']}"
    if edge().settings.is_production:
        response.headers.setdefault("Strict-Transport-Security", _HSTS)
    return response
