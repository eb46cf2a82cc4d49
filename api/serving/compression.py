"""Answers packed with gzip for whoever takes it: a board of 400 units is a page of 624 KB.

Pages carry secrets beside what their reader typed, and the length of a packed page tells of both (BREACH). So
a page is made longer by a random number of bytes, as Django does, and its form tokens look different each
time (`api.pages.csrf`). A strong entity tag names one form of its resource: an answer that has one stays as
it is.
"""

import gzip
import secrets
from functools import lru_cache
from io import BytesIO
from typing import Final

from flask import Flask, Response, request

GZIP: Final = "gzip"
SMALLEST: Final = 1000
"""A shorter answer travels in one packet either way."""

_LEVEL: Final = 6
_MOST_PADDING: Final = 100
_PAGE: Final = "text/html"
_PACKED: Final = frozenset(
    {
        _PAGE,
        "application/json",
        "application/problem+json",
        "text/css",
        "text/csv",
        "text/plain",
        "text/calendar",
        "image/svg+xml",
    }
)
_WITHOUT_BODY: Final = frozenset({204, 206, 304})


def register(app: Flask) -> None:
    """Pack the answers of this application; call it first, so that nothing writes into a packed body."""
    app.after_request(_pack)


def _pack(response: Response) -> Response:
    if response.mimetype not in _PACKED or "Content-Encoding" in response.headers:
        return response
    is_tagged, is_weak = response.get_etag()
    if is_tagged and not is_weak:
        return response
    response.vary.add("Accept-Encoding")
    is_file = response.direct_passthrough
    if response.status_code in _WITHOUT_BODY or not _is_wanted() or (response.is_streamed and not is_file):
        return response
    response.direct_passthrough = False
    body = response.get_data()
    if len(body) < SMALLEST:
        return response
    # The files of the pages are few and the same for everybody; each is packed once.
    response.set_data(_packed_once(body) if is_file else _packed(body, response.mimetype))
    response.headers["Content-Encoding"] = GZIP
    # A part of it would be a part of the packed form, which nobody asks for.
    response.headers.pop("Accept-Ranges", None)
    return response


def _is_wanted() -> bool:
    """Return whether the reader takes gzip, and no less gladly than the bare answer (RFC 9110, 12.5.3)."""
    accepted = request.accept_encodings
    plain = next((quality for name, quality in accepted if name == "identity"), 0.0)
    return 0 < accepted.quality(GZIP) >= plain


def _packed(body: bytes, mimetype: str) -> bytes:
    padding = secrets.randbelow(_MOST_PADDING) + 1 if mimetype == _PAGE else 0
    packed = BytesIO()
    # The name of the packed file is thrown away by every reader.
    with gzip.GzipFile("x" * padding, "wb", _LEVEL, packed, mtime=0) as file:
        file.write(body)
    return packed.getvalue()


@lru_cache(maxsize=32)
def _packed_once(body: bytes) -> bytes:
    return _packed(body, "")
