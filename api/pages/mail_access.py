"""Where mails that would have gone may be read: never where real mail goes, never through a proxy."""

from typing import Final

from flask import request

from api.edge import edge

DEMO: Final = "demo"
_FORWARDED: Final = ("Forwarded", "Via", "Client-Ip", "True-Client-Ip", "Cf-Connecting-Ip")
_FORWARDED_PREFIXES: Final = (
    "X-Forwarded",
    "X-Original-Forwarded",
    "X-Real-Ip",
    "X-Client-Ip",
    "X-Cluster-Client-Ip",
)


def keeps_letters(kind: str | None) -> bool:
    """Return whether this installation keeps mails instead of sending them.

    That is a demo, and any installation outside production without a mail server.
    """
    settings = edge().settings
    return kind == DEMO or (not settings.is_production and settings.smtp_url is None)


def shows_letters(kind: str | None) -> bool:
    """Return whether the mails that are kept may be read by this request.

    By this very machine: a request that came through a proxy may come from anywhere, so it is told nothing.
    """
    return keeps_letters(kind) and not _was_forwarded()


def _was_forwarded() -> bool:
    return any(
        name in _FORWARDED or name.startswith(_FORWARDED_PREFIXES)
        for name in (header.title() for header, _ in request.headers)
    )
