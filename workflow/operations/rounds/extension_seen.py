"""What was shown of an extension, as a token: whoever confirms it says by it what they saw."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Final

from workflow.domain.errors import PreviewStale, Reason
from workflow.operations.deadlines.replan import RungMove
from workflow.operations.rounds.extension_plan import Moves

LONGEST_TOKEN: Final = 20_000
_MOST_NAMED: Final = 300
_DIGITS: Final = 12
_WHOLE: Final = ""
"""The place of the digest over everything."""


def preview_token(moves: Moves) -> str:
    """Return a token of all that moves; of so many that one can look at, of each by itself as well."""
    text = json.dumps(_digests(moves), separators=(",", ":"))
    return urlsafe_b64encode(text.encode()).decode()


def demand_as_seen(moves: Moves, token: str | None) -> None:
    """Raise `PreviewStale` where what moves is not what the token was given for; without one do nothing."""
    if token is None:
        return
    seen, now = _read(token), _digests(moves)
    if seen.get(_WHOLE) == now[_WHOLE]:
        return
    message = "Since it was shown, something changed: look at what moves now, and confirm that."
    changed = Reason("preview_changed", message)
    raise PreviewStale(message, reasons=[changed, *differences(seen, now)])


def differences(seen: Mapping[str, str], now: Mapping[str, str]) -> Sequence[Reason]:
    """Return what moves now that did not, what did and does not, and what moves in another way."""
    named = (set(seen) | set(now)) - {_WHOLE}
    if len(seen) <= 1 or len(now) <= 1:
        return ()
    return [_difference(what, seen, now) for what in sorted(named) if seen.get(what) != now.get(what)]


def _difference(what: str, seen: Mapping[str, str], now: Mapping[str, str]) -> Reason:
    params = {"what": what}
    if what not in seen:
        return Reason("preview_more", f"{what} moves now too.", params)
    if what not in now:
        return Reason("preview_less", f"{what} does not move any more.", params)
    return Reason("preview_other", f"{what} moves in another way.", params)


def _digests(moves: Moves) -> dict[str, str]:
    each = {
        **{one.unit_code: _digest(one.was_on, one.due_on, one.is_done, _promises(one.rungs), one.people)
           for one in moves.returns},
        **{f"#{one.nomination_id}": _digest(one.was_at, one.due_at, _promises(one.rungs), one.people)
           for one in moves.nominations},
    }  # fmt: skip
    whole = _digest(sorted(each.items()), moves.mails_cancelled)
    return {_WHOLE: whole, **(each if len(each) <= _MOST_NAMED else {})}


def _promises(rungs: Sequence[RungMove]) -> list[tuple[str, str, str, str]]:
    return [(one.kind, one.recipient, str(one.was_at), str(one.at)) for one in rungs]


def _digest(*parts: object) -> str:
    return sha256(repr(parts).encode()).hexdigest()[:_DIGITS]


def _read(token: str) -> dict[str, str]:
    """Return what a token says, nothing of one that is none of ours: then all is different."""
    if len(token) > LONGEST_TOKEN:
        return {}
    try:
        found = json.loads(urlsafe_b64decode(token))
    except (ValueError, NotBase64, RecursionError):
        return {}
    return {str(key): str(value) for key, value in found.items()} if isinstance(found, dict) else {}
