"""The files of our pages: addresses carry a version made from the content, so they are kept for a year.

`url_for` adds the version by itself, in every template and for every blueprint that brings files. An address
without it, or with another one, leads to the same file and is kept for a few minutes.
"""

from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from flask import Flask, Response, current_app, request

VERSION: Final = "v"
_FOR_EVER: Final = "public, max-age=31536000, immutable"
_FOR_NOW: Final = "public, max-age=300"
_STATIC: Final = ".static"
_DIGITS: Final = 16


def register(app: Flask) -> None:
    """Version the addresses of files, and say how long each may be kept."""
    app.url_defaults(_add_version)
    app.after_request(_say_how_long)


def _add_version(endpoint: str, values: dict[str, Any]) -> None:
    if endpoint.endswith(_STATIC) and VERSION not in values:
        version = _version_at(endpoint, values.get("filename", ""))
        if version is not None:
            values[VERSION] = version


def _say_how_long(response: Response) -> Response:
    endpoint = request.endpoint or ""
    if not endpoint.endswith(_STATIC) or response.status_code not in {200, 206, 304}:
        return response
    filename = (request.view_args or {}).get("filename", "")
    is_named = request.args.get(VERSION) == _version_at(endpoint, filename)
    response.headers["Cache-Control"] = _FOR_EVER if is_named else _FOR_NOW
    response.headers.pop("Expires", None)
    # One tag for the file whether it is packed or not, so it is a weak one (RFC 9110, 8.8.1).
    tag, _ = response.get_etag()
    if tag:
        response.set_etag(tag, weak=True)
    return response


def _version_at(endpoint: str, filename: str) -> str | None:
    folder = current_app.blueprints[endpoint.removesuffix(_STATIC)].static_folder
    return _version_of(Path(folder) / filename) if folder else None


@cache
def _version_of(path: Path) -> str | None:
    """Return the version of a file; the files of a release stay as they are while it runs."""
    return sha256(path.read_bytes()).hexdigest()[:_DIGITS] if path.is_file() else None
