"""What a letter says of an absence to somebody who is named to act in it, or no longer is."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Self

from workflow.messages.typed import single_line


@dataclass(frozen=True, slots=True)
class StandingIn:
    """The days of an absence, both included, and whether it is about every seat of whoever is away.

    `before` are the names of those who are asked before the reader. `is_over`: the reader acts no more.
    """

    first: date
    last: date
    is_whole: bool
    before: tuple[str, ...] = ()
    is_over: bool = False

    def cleaned(self) -> Self:
        """Return it with names as a letter may show them."""
        return replace(self, before=tuple(single_line(name) for name in self.before))
