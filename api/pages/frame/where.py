"""Where a request was sent, as the address in a browser says it: under the path that the site may have.

`COMMENDO_BASE_URL` may have a path. A link that `url_for` makes begins with it and a request's own path does
not, so nothing of a page asks for that: it would lead out of the site, and equal no link of ours.
"""

from flask import request


def path_here() -> str:
    """Return the path of this request, unquoted, as links of ours have it."""
    return f"{request.script_root}{request.path}"


def full_path_here() -> str:
    """Return the path of this request with what it asks for."""
    return f"{request.script_root}{request.full_path}".rstrip("?")


def path_in_site(path: str) -> str:
    """Return a path without that of the site, as routes have it."""
    root = request.script_root
    return path.removeprefix(root) if path.startswith(f"{root}/") else path
