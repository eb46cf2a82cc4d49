"""What a mail server's "no" means for an address: RFC 3463's status codes, else RFC 5321's reply codes."""

import re
from collections.abc import Mapping
from typing import Final

from workflow.domain.reported import BounceClass, MailTrouble

_STATUS: Final = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])")
_REPLY: Final = re.compile(r"(?<![\d.])([45])\d\d(?![\d.])")
# RFC 3463, 3.3: a full mailbox (552 without more, RFC 5321, 4.2.2) is emptied one day, whatever its digit.
_MAILBOX_FULL: Final = ("2", "2")
_FULL: Final = "552"
_FULL_IN_WORDS: Final = re.compile(r"\b(?:mailbox (?:is )?full|over quota|quota exceeded)\b", re.IGNORECASE)
_ABOUT_POLICY: Final = "7"
_FOR_NOW: Final = "4"
_ABOUT_ADDRESS: Final = "1"
# RFC 5321, 4.2.3: what a server answers to a recipient that it does not know.
_NO_SUCH: Final = frozenset({"550", "551", "553"})
_AT_MESSAGE: Final = "message not accepted"
_BEFORE: Final = "maybe_sent, then "
# What the reason of a letter begins with where no server spoke of its reader.
_TOLD: Final[Mapping[str, MailTrouble]] = {
    "server_away": MailTrouble.SERVER_AWAY,
    "barred": MailTrouble.POLICY,
    "maybe_sent": MailTrouble.MAYBE_SENT,
    "unusable_address": MailTrouble.UNUSABLE_ADDRESS,
    "unreadable": MailTrouble.UNWRITABLE,
    "unwritable": MailTrouble.UNWRITABLE,
    "no_result": MailTrouble.NO_RESULT,
}
OF_OURS: Final = frozenset(
    {MailTrouble.UNWRITABLE, MailTrouble.NO_RESULT, MailTrouble.UNUSABLE_ADDRESS, MailTrouble.OTHER}
)
"""What no mail server said, but this program of itself."""
_OF_SERVERS: Final = frozenset({"refused", "delayed", "bounced"})


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


def trouble_of(reason: str) -> MailTrouble:
    """Return what the kept reason of a letter means for people, by its first word and the server's codes."""
    text = reason.removeprefix(_BEFORE)
    told = text.partition(":")[0]
    if told in _TOLD:
        return _TOLD[told]
    return said_trouble(text) if told in _OF_SERVERS else MailTrouble.OTHER


def said_trouble(words: str, status: str | None = None) -> MailTrouble:
    """Return what a server's "no" means for people: no such mailbox, a full one, a rule, or neither."""
    match class_of(status, words):
        case BounceClass.POLICY:
            return MailTrouble.POLICY
        case BounceClass.TEMPORARY:
            return MailTrouble.FULL if _is_full(status, words) else MailTrouble.DELAYED
    code = _STATUS.fullmatch(status or "") or _STATUS.search(words)
    is_unknown = reply_in(words) in _NO_SUCH and _AT_MESSAGE not in words
    if code is not None:
        is_unknown = code[2] == _ABOUT_ADDRESS
    return MailTrouble.NO_MAILBOX if is_unknown else MailTrouble.REFUSED


def server_words(reason: str) -> str:
    """Return what was said, without the word by which we keep it."""
    text = reason.removeprefix(_BEFORE)
    told, _, said = text.partition(": ")
    return said if told in _TOLD or told in _OF_SERVERS else text


def _is_full(status: str | None, words: str) -> bool:
    code = _STATUS.fullmatch(status or "") or _STATUS.search(words)
    if code is not None and (code[2], code[3]) == _MAILBOX_FULL:
        return True
    return reply_in(words) == _FULL or _FULL_IN_WORDS.search(words) is not None
