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
    """Return whether this installation keeps mails instead of sending them, for this very machine to read.

    That is a demo, and any installation outside production without a mail server. A request that came
    through a proxy may come from anywhere, so it is told nothing.
    """
    settings = edge().settings
    keeps = kind == DEMO or (not settings.is_production and settings.smtp_url is None)
    return keeps and not _was_forwarded()


def _was_forwarded() -> bool:
    return any(
        name in _FORWARDED or name.startswith(_FORWARDED_PREFIXES)
        for name in (header.title() for header, _ in request.headers)
    )
