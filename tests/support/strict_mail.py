"""A reader of mail headers that keeps to RFC 5322 and RFC 2047 and forgives nothing; none of it is Python's.

It takes what a careful sender may write (the "must generate" grammar) and refuses the obsolete forms.
"""

import base64
import binascii
import re
from dataclasses import dataclass

_ATEXT = r"A-Za-z0-9!#$%&'*+/=?^_`{|}~\-"
_ENCODED = re.compile(r"=\?([!-<>@-~]+?)\?([BbQq])\?([!->@-~]*)\?=")
_TOKEN = re.compile(
    rf"""(?P<blank>[ \t]+)
       | (?P<encoded>=\?[!-<>@-~]+?\?[BbQq]\?[!->@-~]*\?=)(?=[ \t<]|$)
       | (?P<quoted>"(?:[^"\\]|\\.)*")
       | (?P<angle><(?P<address>[{_ATEXT}.]+@[A-Za-z0-9.\-]+)>)
       | (?P<atom>[{_ATEXT}]+)""",
    re.VERBOSE,
)


class NotAllowed(AssertionError):  # noqa: N818 - said of the bytes, not of the program
    """The bytes break a rule of one of the two documents."""


@dataclass(frozen=True)
class Mailbox:
    """One mailbox: what is shown, and the address."""

    name: str
    address: str


def read_headers(raw: bytes) -> dict[str, str]:
    """Return each header's body, unfolded, by its name in lower case; refuse what a line may not be."""
    head = raw.partition(b"\r\n\r\n")[0]
    if not all(byte in b"\r\n\t" or 32 <= byte < 127 for byte in head):
        raise NotAllowed("a header holds what is not printable ASCII")
    headers: dict[str, str] = {}
    name = ""
    for line in head.decode("ascii").split("\r\n"):
        if "\r" in line or "\n" in line:
            raise NotAllowed("a bare CR or LF")
        # RFC 2047, section 2: a line with an encoded word has at most 76 characters; RFC 5322: 998 at most.
        if len(line) > (76 if _ENCODED.search(line) else 998):
            raise NotAllowed(f"{len(line)} characters: {line[:80]}")
        if line[:1] in {" ", "\t"}:
            if not line.strip():
                raise NotAllowed("a line of blanks alone ends the headers for some readers")
            headers[name] += line
            continue
        name, colon, body = line.partition(":")
        name = name.lower()
        if not colon or not re.fullmatch(r"[!-9;-~]+", name) or name in headers:
            raise NotAllowed(f"no header, or twice: {line[:80]}")
        headers[name] = body.removeprefix(" ")
    return headers


def long_lines(raw: bytes) -> list[str]:
    """Return the header lines beyond the 78 characters that a line should have (RFC 5322, 2.1.1)."""
    head = raw.partition(b"\r\n\r\n")[0].decode("ascii")
    return [line for line in head.split("\r\n") if len(line) > 78]


def read_text(body: str) -> str:
    """Return what an unstructured header says (RFC 2047, 6.2): blanks between encoded words are not shown."""
    words = re.split(r"([ \t]+)", body)
    shown, last_was_encoded, pending = [], False, ""
    for place, word in enumerate(words):
        if place % 2:
            pending = word
            continue
        match = _ENCODED.fullmatch(word)
        if not (match and last_was_encoded):
            shown.append(pending)
        pending = ""
        shown.append(_decoded(match) if match else word)
        last_was_encoded = bool(match)
    return "".join(shown)


def read_mailboxes(body: str) -> list[Mailbox]:
    """Return the mailboxes of an address header; refuse what is none."""
    return [_mailbox(part) for part in _parts(body)]


def _parts(body: str) -> list[str]:
    """Split at commas outside quotes and angle brackets."""
    parts, part, is_quoted, is_escaped = [], "", False, False
    for letter in body:
        if letter == "," and not is_quoted:
            parts.append(part)
            part = ""
            continue
        if letter == '"' and not is_escaped:
            is_quoted = not is_quoted
        is_escaped = is_quoted and letter == "\\" and not is_escaped
        part += letter
    return [*parts, part]


def _mailbox(part: str) -> Mailbox:
    text = part.strip(" \t")
    if re.fullmatch(rf"[{_ATEXT}.]+@[A-Za-z0-9.\-]+", text):
        return Mailbox("", text)
    name, place, blank, last_was_encoded = "", 0, "", False
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None:
            raise NotAllowed(f"no mailbox from {text[place : place + 40]!r}")
        place = match.end()
        if match["angle"]:
            if place != len(text):
                raise NotAllowed(f"something follows the address: {text[place:]!r}")
            return Mailbox(name, match["address"])
        if match["blank"]:
            blank = match["blank"]
            continue
        if match["encoded"]:
            word = _ENCODED.fullmatch(match["encoded"])
            assert word
            name += ("" if last_was_encoded else blank) + _decoded(word)
        elif match["quoted"]:
            name += blank + re.sub(r"\\(.)", r"\1", match["quoted"][1:-1])
        else:
            name += blank + match["atom"]
        last_was_encoded, blank = bool(match["encoded"]), ""
    raise NotAllowed(f"a name without an address: {text!r}")


def _decoded(match: "re.Match[str]") -> str:
    charset, encoding, text = match.groups()
    if len(match[0]) > 75:
        raise NotAllowed(f"an encoded word of {len(match[0])} characters")
    try:
        octets = base64.b64decode(text, validate=True) if encoding in "Bb" else _q(text)
        # Each word must hold whole characters of its own (RFC 2047, section 5).
        return octets.decode(charset)
    except (binascii.Error, UnicodeDecodeError, LookupError) as error:
        raise NotAllowed(f"{match[0]}: {error}") from error


def _q(text: str) -> bytes:
    return re.sub(
        rb"=([0-9A-F]{2})", lambda found: bytes([int(found[1], 16)]), text.replace("_", " ").encode()
    )
