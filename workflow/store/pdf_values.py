"""The few values of a PDF that say how it is locked: names, numbers, strings, lists of them, dictionaries."""

import re
from typing import Final

from workflow.domain.papers.media import Content

Value = bytes | int | str | bool | list["Value"] | dict[str, "Value"] | None
Values = dict[str, Value]
"""A dictionary by the names of its entries, without the strokes before them."""

_BLANK: Final = re.compile(rb"(?:[\0\t\n\f\r ]|%[^\r\n]*)*")
_WORD: Final = re.compile(rb"[^\0\t\n\f\r ()<>\[\]{}/%]*")
_HEX: Final = re.compile(rb"<([0-9A-Fa-f\0\t\n\f\r ]*)>")
_REFERENCE: Final = re.compile(rb"\d{1,10}\s+\d{1,5}\s+R(?![A-Za-z])")
_ESCAPES: Final = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}
_ESCAPE: Final = re.compile(rb"[0-7]{1,3}|\r\n|.", re.DOTALL)
_DEEPEST: Final = 8
_LONGEST: Final = 4096


def value_at(content: Content, place: int) -> Value:
    """Return the value that begins at a place, None of what is none or ends nowhere near."""
    try:
        return _Reader(content[place : place + _LONGEST]).value(0)
    except (IndexError, ValueError):
        return None


class _Reader:
    def __init__(self, text: bytes) -> None:
        self._text, self._place = text, 0

    def value(self, depth: int) -> Value:
        self._skip()
        if depth > _DEEPEST:
            raise ValueError(depth)
        if self._take(b"<<"):
            return self._dictionary(depth)
        if self._take(b"["):
            return self._list(depth)
        if self._take(b"("):
            return self._string()
        return self._word().decode("latin-1") if self._take(b"/") else self._plain()

    def _plain(self) -> Value:
        """Return a value that no bracket begins."""
        if (found := _HEX.match(self._text, self._place)) is not None:
            self._place = found.end()
            digits = b"".join(found[1].replace(b"\0", b" ").split()).decode()
            return bytes.fromhex(digits + "0" * (len(digits) % 2))
        if (found := _REFERENCE.match(self._text, self._place)) is not None:
            self._place = found.end()
            return None
        word = self._word()
        return {b"true": True, b"false": False, b"null": None}[word] if word.isalpha() else int(word)

    def _dictionary(self, depth: int) -> Values:
        found: Values = {}
        while not self._ended(b">>"):
            if not self._take(b"/"):
                raise ValueError(self._place)
            name = self._word().decode("latin-1")
            found[name] = self.value(depth + 1)
        return found

    def _list(self, depth: int) -> list[Value]:
        found: list[Value] = []
        while not self._ended(b"]"):
            found.append(self.value(depth + 1))
        return found

    def _string(self) -> bytes:
        out, open_ones = bytearray(), 1
        while True:
            one = self._text[self._place : self._place + 1]
            if not one:
                raise IndexError(self._place)
            self._place += 1
            if one == b"\\":
                out += self._escaped()
                continue
            open_ones += (one == b"(") - (one == b")")
            if not open_ones:
                return bytes(out)
            out += one

    def _escaped(self) -> bytes:
        found = _ESCAPE.match(self._text, self._place)
        if found is None:
            raise IndexError(self._place)
        self._place = found.end()
        said = found[0]
        if said.isdigit() and said < b"8":
            return bytes([int(said, 8) % 256])
        return b"" if said in {b"\n", b"\r", b"\r\n"} else _ESCAPES.get(said, said)

    def _word(self) -> bytes:
        found = _WORD.match(self._text, self._place)
        if found is None or found.end() == self._place:
            raise ValueError(self._place)
        self._place = found.end()
        return found[0]

    def _ended(self, by: bytes) -> bool:
        self._skip()
        if self._place >= len(self._text):
            raise IndexError(self._place)
        return self._take(by)

    def _take(self, what: bytes) -> bool:
        if not self._text.startswith(what, self._place):
            return False
        self._place += len(what)
        return True

    def _skip(self) -> None:
        found = _BLANK.match(self._text, self._place)
        self._place = found.end() if found else self._place
