"""Rungs that mean one person: who telephoned and is to call again, who asked and has no answer."""

from dataclasses import dataclass
from typing import Final

_MARK: Final = "account"
CALLS_FROM: Final = 1_000_000
"""The first place of rungs that no ladder promises: behind every place that a ladder made anew can reach."""

UNANSWERED: Final = 2 * CALLS_FROM
"""The place of the rung that tells whoever asked that the day of their question is over: behind all calls."""


@dataclass(frozen=True, slots=True)
class Caller:
    """An account, and the key by which it may still hear of the work when the rung fires."""

    account_id: int
    key: str

    def __str__(self) -> str:
        """Spell it as a rung's recipient."""
        return f"{_MARK}:{self.account_id}:{self.key}"


def caller_of(recipient: str) -> Caller | None:
    """Return the person a rung means, None where it means a word of its ladder."""
    mark, _, rest = recipient.partition(":")
    account_id, _, key = rest.partition(":")
    return Caller(int(account_id), key) if mark == _MARK else None
