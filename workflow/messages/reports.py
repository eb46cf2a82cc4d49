"""Reading what comes back: delivery reports (RFC 3464, RFC 6533), and what only looks like one.

The standard library's parser takes the mail apart (`taken_apart.py`). The libraries that know bounces guess
the address from hundreds of wordings; here a receipt names the letter (`receipts.py`), and all that is left
to tell is what the report says of it.
"""

import re
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from email.message import Message
from enum import StrEnum
from itertools import islice
from typing import Final
from urllib.parse import unquote

from workflow.domain.bounces import reply_in, sharper_status, status_in
from workflow.domain.reported import DeliveryAction
from workflow.domain.vocabulary import known
from workflow.messages.taken_apart import Mail, TooManyPartsError, fields_in, take_apart

LONGEST_READ: Final = 512 * 1024
"""How many bytes of a mail are read: a report and the headers it returns are a few kilobytes."""

_MOST_RECIPIENTS: Final = 100
"""Of how many a report is read: each letter has one, and an office's mailbox beside."""
_STATUS_PARTS: Final = frozenset({"message/delivery-status", "message/global-delivery-status"})
_READ_PARTS: Final = frozenset(
    {"message/disposition-notification", "message/global-disposition-notification"}
)
_COMPLAINT_PARTS: Final = frozenset({"message/feedback-report"})
_ROBOT: Final = re.compile(r"\b(?:mailer-daemon|postmaster)\b", re.IGNORECASE)
# A stranger writes what these look through: none may begin anew at each letter of a long line.
_ADDRESS: Final = re.compile(r"(?<![^\s<>;,])[^\s<>;,@]{1,320}@[^\s<>;,@]{1,255}")
_UNICODE: Final = re.compile(r"\\x\{([0-9A-Fa-f]{2,6})\}")
_LAST_CODE: Final = 0x10FFFF
# Where a report begins to quote the letter it is about: what stands there, the letter said.
_QUOTED: Final = re.compile(
    r"^(?:-{3}.*(?:original|copy of|returned|forwarded).*|return-path:.*|received: (?:from|by) .*"
    r"|message-id:.*|x-commendo-receipt:.*|<!doctype.*)$",
    re.IGNORECASE | re.MULTILINE,
)
_LATE: Final = re.compile(
    r"\bdelayed\b|\bwill be (?:re)?tried\b|\bstill trying\b|\bnot yet been delivered\b|\bwarning\b",
    re.IGNORECASE,
)

# How mail systems say without a code that they gave a letter up.
_GIVEN_UP: Final = re.compile(
    r"\b(?:mailbox (?:is )?full|over quota|quota exceeded|user unknown|unknown user|no such user"
    r"|(?:was|been|is) rejected|undeliverable|(?:could not|couldn't|cannot|can't) be (?:delivered|found)"
    r"|permanent(?:ly)? (?:fatal )?(?:error|failed|failure)s?)\b",
    re.IGNORECASE,
)
_FIELDS: Final = re.compile(r"^(?:final|original)-recipient:", re.IGNORECASE | re.MULTILINE)


class ReportKind(StrEnum):
    """What kind of mail came in; only the first says what became of a letter."""

    DELIVERY = "delivery"
    AUTO_REPLY = "auto_reply"
    READ_RECEIPT = "read_receipt"
    COMPLAINT = "complaint"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class RecipientReport:
    """What a report says of one recipient, who may have an original and a final address."""

    addresses: frozenset[str]
    action: DeliveryAction
    status: str | None
    words: str


@dataclass(frozen=True, slots=True)
class Report:
    """A mail as read: its kind, what it says of each recipient, and all text in which a receipt may stand."""

    kind: ReportKind
    recipients: Sequence[RecipientReport] = ()
    text: str = field(default="", repr=False)

    def about(self, address: str) -> RecipientReport | None:
        """Return what it says of the letter to one address, None where it says nothing of it.

        A report may name others, as where the address forwards: the letter arrived if it reached any of them.
        """
        wanted = address.casefold()
        named = [one for one in self.recipients if wanted in one.addresses]
        found = named or self.recipients
        order = (
            DeliveryAction.DELIVERED, DeliveryAction.EXPANDED, DeliveryAction.RELAYED, DeliveryAction.DELAYED,
            DeliveryAction.FAILED,
        )  # fmt: skip
        return min(found, key=lambda one: order.index(one.action), default=None)


def read_report(content: bytes) -> Report:
    """Read a mail as it came in; whatever it is, it is read to an answer. Beyond `LONGEST_READ` it is cut."""
    try:
        return _read(content[:LONGEST_READ])
    except (RecursionError, TooManyPartsError):
        # Mails within mails, deeper than anybody sends them.
        return Report(ReportKind.OTHER)


def _read(content: bytes) -> Report:
    message = take_apart(content)
    parts = _top_parts(message)
    kinds = {part.get_content_type() for part in parts} | {_report_type(message)}
    text = _all_text(message, content)
    if status_part := next((part for part in parts if part.get_content_type() in _STATUS_PARTS), None):
        if recipients := tuple(_recipients(_fields_of(status_part))):
            return Report(ReportKind.DELIVERY, recipients, text)
    elif kinds & _READ_PARTS or "disposition-notification" in kinds:
        return Report(ReportKind.READ_RECEIPT, text=text)
    elif kinds & _COMPLAINT_PARTS or "feedback-report" in kinds:
        return Report(ReportKind.COMPLAINT, text=text)
    if found := _told_in_words(message, parts):
        return Report(ReportKind.DELIVERY, (found,), text)
    return Report(ReportKind.AUTO_REPLY if _is_auto_reply(message) else ReportKind.OTHER, text=text)


def _top_parts(message: Mail) -> list[Mail]:
    """Return the parts of the mail itself: a report that somebody sends on is not one."""
    payload = message.get_payload()
    is_mixed = message.get_content_maintype() == "multipart" and isinstance(payload, list)
    return [part for part in payload if isinstance(part, Message)] if is_mixed else [message]


def _report_type(message: Mail) -> str:
    return _param(message, "report-type").lower()


def _param(message: Mail, name: str) -> str:
    try:
        value = message.get_param(name)
    except (LookupError, ValueError, TypeError):  # what broken parameters make the library raise
        return ""
    return value if isinstance(value, str) else ""


def _recipients(text: str) -> Iterator[RecipientReport]:
    for fields in _groups(text):
        action = known(DeliveryAction, _header(fields, "Action").split(";")[0].strip().lower())
        names = (_header(fields, "Original-Recipient"), _header(fields, "Final-Recipient"))
        addresses = frozenset(address for name in names for address in _addresses(name))
        if action is None:
            continue
        words = _header(fields, "Diagnostic-Code").partition(";")[2].strip()
        status = sharper_status(status_in(_header(fields, "Status")), words)
        yield RecipientReport(addresses, action, status, words)


def _fields_of(part: Mail) -> str:
    """Return the fields of a status part as text: the parser knows one of its two types, and no base64."""
    payload = part.get_payload()
    if not isinstance(payload, list):
        return _text_of(part)
    text = "\n\n".join(_whole(group) for group in payload if isinstance(group, Message))
    is_encoded = _header(part, "Content-Transfer-Encoding").lower() == "base64"
    return _decoded_base64(text) if is_encoded else text


def _groups(text: str) -> Iterator[Mail]:
    groups = re.split(r"\n[ \t]*\n", text.replace("\r\n", "\n").strip(), maxsplit=_MOST_RECIPIENTS)
    for group in islice(groups, _MOST_RECIPIENTS):
        yield fields_in(group.strip() + "\n\n")


def _decoded_base64(text: str) -> str:
    letters = re.sub(r"[^A-Za-z0-9+/]", "", text)
    try:
        return b64decode(letters + "=" * (-len(letters) % 4)).decode("utf-8", "replace")
    except (NotBase64, ValueError):
        return ""


def _addresses(name: str) -> Iterator[str]:
    """Yield the address of a recipient field, `rfc822; an@example.org` or `utf-8; ...` (RFC 6533, 3)."""
    for found in _ADDRESS.findall(name.partition(";")[2] or name):
        plain = _UNICODE.sub(_letter, found)
        yield plain.casefold()
        if "+" in plain:
            # xtext of RFC 3461: "+2B" is a plus sign.
            yield unquote(re.sub(r"\+([0-9A-Fa-f]{2})", r"%\1", plain)).casefold()


def _letter(found: re.Match[str]) -> str:
    code = int(found[1], 16)
    return chr(code) if code <= _LAST_CODE else found[0]


def _told_in_words(message: Mail, parts: Sequence[Mail]) -> RecipientReport | None:
    """Return what a report without a part for it says; only a mail system's own counts.

    Half of all real reports call themselves auto-replied, and holiday notices come from nobody as they do, so
    neither header counts.
    """
    failed = _header(message, "X-Failed-Recipients")
    if not failed and not _ROBOT.search(_header(message, "From")):
        return None
    texts = [part for part in parts if part.get_content_maintype() == "text"] or _leaves(parts[0])
    words = _text_of(texts[0] if texts else message)
    if _FIELDS.search(words) and (found := next(_recipients(words), None)):
        return found
    said = _QUOTED.split(words, maxsplit=1)[0]
    status, reply = status_in(said), reply_in(said)
    code, given_up = status or reply or "", _GIVEN_UP.search(said)
    addresses = frozenset(address for address in _addresses(failed))
    told = [line.strip() for line in said.splitlines() if (code and code in line) or _GIVEN_UP.search(line)]
    line = " ".join(told)
    if code.startswith("4") and (not failed or _LATE.search(said)):
        return RecipientReport(addresses, DeliveryAction.DELAYED, status, line)
    if failed or code.startswith("5") or (not code and given_up):
        return RecipientReport(addresses, DeliveryAction.FAILED, status, line)
    return None


def _leaves(part: Mail) -> list[Mail]:
    return [leaf for leaf in part.walk() if leaf.get_content_maintype() == "text"]


def _is_auto_reply(message: Mail) -> bool:
    submitted = _header(message, "Auto-Submitted").strip().lower()
    subject = _header(message, "Subject").lower()
    robots = ("X-Autoreply", "X-Autorespond", "X-Auto-Response-Suppress")
    return (
        submitted.startswith("auto-replied")
        or any(message.get(name) is not None for name in robots)
        or subject.startswith(("automatic reply:", "auto reply:", "autoreply:"))
    )


def _header(message: Mail, name: str) -> str:
    """Return a header as text on one line, empty where there is none."""
    return " ".join(str(message.get(name, "")).split())


def _text_of(part: Mail) -> str:
    try:
        raw = part.get_payload(decode=True)
    except (
        LookupError,
        ValueError,
        TypeError,
        AssertionError,
    ):  # what broken encodings make the library raise
        raw = None
    if not isinstance(raw, bytes):
        payload = part.get_payload()
        return payload if isinstance(payload, str) else ""
    try:
        return raw.decode(_param(part, "charset") or "utf-8", "replace")
    except (LookupError, ValueError):
        return raw.decode("utf-8", "replace")


def _all_text(message: Mail, content: bytes) -> str:
    """Return everything a receipt may stand in: the mail as it came, and what is encoded in it, decoded."""
    encoded = [
        _text_of(leaf) if not leaf.is_multipart() else _decoded_base64(_flat(leaf))
        for leaf in message.walk()
        if _header(leaf, "Content-Transfer-Encoding").lower() in {"base64", "quoted-printable"}
    ]
    return "\n".join([content.decode("latin-1"), *encoded])


def _flat(part: Mail) -> str:
    """Return the body of a message part that says it is base64: the library took it for headers and text."""
    payload = part.get_payload()
    inner = payload if isinstance(payload, list) else []
    return "\n".join(_whole(one) for one in inner if isinstance(one, Message))


def _whole(part: Mail) -> str:
    """Return a part as it came: its text alone would have lost what is not ASCII in its headers."""
    try:
        return part.as_bytes().decode("utf-8", "replace")
    except (LookupError, ValueError, TypeError):  # what cannot be written as it was read
        return str(part)
