"""What a mail server's "no" means for an address: RFC 3463's status codes, else RFC 5321's reply codes."""

import re
from typing import Final

from workflow.domain.reported import BounceClass

_STATUS: Final = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])")
_REPLY: Final = re.compile(r"(?<![\d.])([45])\d\d(?![\d.])")
# RFC 3463, 3.3: a full mailbox (552 without more, RFC 5321, 4.2.2) is emptied one day, whatever its digit.
_MAILBOX_FULL: Final = ("2", "2")
_FULL: Final = "552"
_FULL_IN_WORDS: Final = re.compile(r"\b(?:mailbox (?:is )?full|over quota|quota exceeded)\b", re.IGNORECASE)
_ABOUT_POLICY: Final = "7"
_FOR_NOW: Final = "4"


def status_in(words: str) -> str | None:
    """Return the first enhanced status code in a server's words, such as 5.1.1, None where there is none."""
    found = _STATUS.search(words)
    return found[0] if found else None


def sharper_status(status: str | None, words: str) -> str | None:
    """Return the code that says more: a report's own is often 5.0.0 while the server's words have 5.1.1."""
    said = status_in(words)
    if status is None or (status.endswith(".0.0") and said is not None and said[0] == status[0]):
        return said or status
    return status


def class_of(status: str | None, words: str = "") -> BounceClass:
    """Return why a letter that was given up did not arrive, by its status code, else by a server's words."""
    code = _STATUS.fullmatch(status or "") or _STATUS.search(words)
    if code is None:
        reply = _REPLY.search(words)
        passes = reply is not None and (reply[1] == _FOR_NOW or reply[0] == _FULL)
        is_full = passes or _FULL_IN_WORDS.search(words) is not None
        return BounceClass.TEMPORARY if is_full else BounceClass.PERMANENT
    if code[2] == _ABOUT_POLICY:
        return BounceClass.POLICY
    if code[1] == _FOR_NOW or (code[2], code[3]) == _MAILBOX_FULL:
        return BounceClass.TEMPORARY
    return BounceClass.PERMANENT


def reply_in(words: str) -> str | None:
    """Return the first reply code of 4yz or 5yz in a server's words."""
    found = _REPLY.search(words)
    return found[0] if found else None
