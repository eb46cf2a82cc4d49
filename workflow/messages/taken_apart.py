"""A stranger's mail taken apart by the standard library, within bounds: it has none of its own.

The policy keeps headers as they are, so that the parser never gives up on a broken one. What it does with the
parameters of a header takes the square of their length, and each line is looked at once for each part that is
open: 400 kB written for it kept a process busy for minutes.
"""

from email.message import Message
from email.parser import BytesParser, Parser
from email.policy import Compat32
from itertools import count
from typing import Any, Final, TypeAlias

Mail: TypeAlias = "Message[str, str]"
_LONGEST_HEADER: Final = 4096
_MOST_PARTS: Final = 100


class TooManyPartsError(Exception):
    """A mail has more parts, one in another or one after another, than any report."""


class _Bounded(Compat32):
    """Keeps no more of a header than anybody needs of it."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        """Give a header's name and the beginning of its value."""
        name, value = super().header_source_parse(sourcelines)
        return name, value[:_LONGEST_HEADER]


_POLICY: Final = _Bounded()


def take_apart(content: bytes) -> Mail:
    """Return a mail in its parts. Raises `TooManyPartsError`, `RecursionError` where they lie too deep."""
    numbers = count()

    def part(policy: Any = _POLICY) -> Mail:  # noqa: ANN401 - the library's own
        if next(numbers) > _MOST_PARTS:
            raise TooManyPartsError
        return Message(policy=policy)

    return BytesParser(part, policy=_POLICY).parsebytes(content)


def fields_in(text: str) -> Mail:
    """Return the fields that a text begins with."""
    return Parser(policy=_POLICY).parsestr(text, headersonly=True)
