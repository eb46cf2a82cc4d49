"""Mail addresses as this product sends to them: one plain mailbox, in the ASCII that every server takes."""

import re
from functools import lru_cache
from typing import Final

import idna

ATOM: Final = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
LABEL: Final = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_LOCAL_PART: Final = re.compile(rf"{ATOM}(?:\.{ATOM})*")
_DOMAIN: Final = re.compile(rf"{LABEL}(?:\.{LABEL})*")
_SENDER: Final = re.compile(r"\s*(?P<name>.*?)\s*<(?P<address>[^<>]*)>\s*", re.DOTALL)
# RFC 5321, section 4.5.3.1: local part at most 64 octets, the path with its brackets at most 256.
_LOCAL_PART_LIMIT: Final = 64
_ADDRESS_LIMIT: Final = 254


class UnusableAddress(ValueError):  # noqa: N818 - said of the address, not of the program
    """The address is not exactly one plain mailbox; the mail can never be sent to it."""


def ascii_address(address: str) -> str:
    """Return the address as mail servers take it, a domain in other letters as IDNA 2008 writes it.

    Raises `UnusableAddress` for what is not exactly one plain mailbox, and for other letters before the @:
    they would need SMTPUTF8 (RFC 6531) of every server on the way, and fail at the first that lacks it.
    """
    local_part, _, domain = address.rpartition("@")
    if local_part and local_part.isprintable() and not local_part.isascii():
        raise UnusableAddress(
            f"{_told(address)} has other letters than a to z before the @; such addresses are not supported"
        )
    plain = f"{local_part}@{_ascii_domain(domain)}"
    is_one = _LOCAL_PART.fullmatch(local_part) and _DOMAIN.fullmatch(plain.rpartition("@")[2])
    if not is_one or len(plain) > _ADDRESS_LIMIT or len(local_part) > _LOCAL_PART_LIMIT:
        raise UnusableAddress(f"{_told(address)} is not exactly one mail address")
    return plain


@lru_cache(maxsize=16)
def sender_of(text: str) -> tuple[str, str]:
    """Return name and address of "Name <address>"; a comma in the name is part of it, quoted or not."""
    match = _SENDER.fullmatch(text)
    if match is None:
        return "", ascii_address(text.strip())
    name = match["name"]
    if len(name) > 1 and name[0] == name[-1] == '"':
        name = re.sub(r"\\(.)", r"\1", name[1:-1])
    return name, ascii_address(match["address"].strip())


def _ascii_domain(domain: str) -> str:
    if domain.isascii():
        return domain
    try:
        return idna.encode(domain, uts46=True).decode("ascii")
    except idna.IDNAError:
        return domain


def _told(address: str) -> str:
    """Name an address in a reason for logs and pages: shortened, and with no line end of its own."""
    return f"{address[:_ADDRESS_LIMIT]!a}"
