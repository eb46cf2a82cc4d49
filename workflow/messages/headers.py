"""Headers as RFC 5322 folds them and RFC 2047 encodes them, so that every reader gets back what was meant.

The standard library's own folding drops blanks between encoded words and the quotes around a long name, which
makes two recipients of one. Here a text goes out as it is, or wholly as encoded words: between two of them a
reader drops the fold, and nothing else is there to lose.
"""

import re
import unicodedata
from base64 import b64encode
from typing import Final, Self

# RFC 5322, 2.1.1: a line should have at most 78 characters; RFC 2047, 2: at most 76 with an encoded word.
_LINE: Final = 76
_ENCODED_WORD: Final = 75
# RFC 5322, 2.1.1: a line must have at most 998 characters; the header's name is on it too.
_LONGEST: Final = 900
_OPENS: Final = "=?utf-8?b?"
_CLOSES: Final = "?="
_FOLD: Final = "\r\n "
_ATOMS: Final = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?: [A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_PRINTABLE: Final = re.compile(r"[!-~]+(?: [!-~]+)*")
_LOOKS_ENCODED: Final = "=?"
# The two highest bits of an octet of UTF-8 that goes on with a character begun before.
_GOES_ON: Final = 0x80
# What turns the direction of letters can make a name look like an address; joiners of emoji and marks stay.
_TURNS: Final = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_NEVER_PRINTED: Final = frozenset({"Cc", "Cs", "Zl", "Zp"})


class MailHeader(str):
    """A header's value with the lines it is sent as.

    As text it is what a reader is shown. `mailbox` is the address alone where the header names one.
    """

    __slots__ = ("lines", "mailbox", "name")
    name: str
    lines: str
    mailbox: str

    def __new__(cls, name: str, text: str, lines: str, mailbox: str = "") -> Self:
        """Keep the text, what it is sent as (without the header's name), and the mailbox."""
        header = super().__new__(cls, text)
        header.name, header.lines, header.mailbox = name, lines, mailbox
        return header

    @property
    def written(self) -> str:
        """The header as it is sent, its line end with it."""
        return f"{self.name}: {self.lines}\r\n"


def text_header(name: str, text: str) -> MailHeader:
    """Return a header of free text such as a subject; what ends a line in it is sent as a blank."""
    shown = _printed(text)
    lines = _folded(shown, len(name) + 2) if _goes_as_it_is(shown) else _encoded(shown, len(name) + 2)
    return MailHeader(name, shown, lines)


def mailbox_header(name: str, display_name: str, address: str) -> MailHeader:
    """Return a header of exactly one mailbox, whatever the name holds; the address was checked before."""
    shown = " ".join(_printed(display_name).split())
    written = _phrase(shown, len(name) + 2)
    if not written:
        return MailHeader(name, address, address, address)
    last_line = written.rpartition("\r\n")[2]
    first = 0 if last_line != written else len(name) + 2
    blank = " " if first + len(last_line) + len(address) + 3 <= _LINE else _FOLD
    return MailHeader(name, f"{shown} <{address}>", f"{written}{blank}<{address}>", address)


def plain_header(name: str, value: str) -> MailHeader:
    """Return a header of ASCII such as an identifier, which must not be broken (RFC 5322, 3.6.4)."""
    if not _PRINTABLE.fullmatch(value) or len(value) > _LONGEST:
        raise ValueError(f"{value!a} is no header value")
    return MailHeader(name, value, value)


def _phrase(name: str, taken: int) -> str:
    """Write a display name: as atoms, quoted, or where it is not plain or too long for a line, encoded."""
    if not name or (_ATOMS.fullmatch(name) and _LOOKS_ENCODED not in name and taken + len(name) <= _LINE):
        return name
    quoted = '"' + re.sub(r'(["\\])', r"\\\1", name) + '"'
    is_plain = name.isascii() and _LOOKS_ENCODED not in name
    return quoted if is_plain and taken + len(quoted) <= _LINE else _encoded(name, taken)


def _goes_as_it_is(text: str) -> bool:
    if not text:
        return True
    is_plain = _PRINTABLE.fullmatch(text) and _LOOKS_ENCODED not in text
    return bool(is_plain) and max(map(len, text.split(" "))) < _LINE // 2


def _folded(text: str, taken: int) -> str:
    """Break before words; the blank that stood there begins the next line: unfolding gives it back."""
    lines: list[str] = []
    line = ""
    for word in text.split(" "):
        longer = f"{line} {word}" if line else word
        room = _LINE - (1 if lines else taken)
        if line and len(longer) > room:
            lines.append(line)
            line = word
        else:
            line = longer
    return _FOLD.join([*lines, line])


def _encoded(text: str, taken: int) -> str:
    """Write a text as encoded words of whole characters, one for each line (RFC 2047, 2 and 5)."""
    words, octets, room = list[bytes](), text.encode(), _octets(_LINE - taken)
    while octets or not words:
        end = room
        while end < len(octets) and octets[end] & 0xC0 == _GOES_ON:
            end -= 1
        words.append(octets[:end])
        octets, room = octets[end:], _octets(_ENCODED_WORD)
    return _FOLD.join(f"{_OPENS}{b64encode(word).decode()}{_CLOSES}" for word in words)


def _octets(characters: int) -> int:
    """Return how many octets an encoded word of so many characters can carry; base64 makes four of three."""
    return (min(characters, _ENCODED_WORD) - len(_OPENS) - len(_CLOSES)) // 4 * 3


def _printed(text: str) -> str:
    if text.isprintable():
        return text
    return "".join(
        " " if unicodedata.category(letter) in _NEVER_PRINTED else letter
        for letter in text.replace("\r\n", " ")
        if letter not in _TURNS
    )
