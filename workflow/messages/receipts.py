"""The receipt a letter carries: by it a report that comes back names its letter, and nobody else can.

A Message-ID proves nothing: whoever sees a nomination's letters in a list reads it there, and it is made from
ids that others know. A receipt is that name and a MAC under the installation's secret. It travels in the
envelope (ENVID of RFC 3461, and the sender's address where one for reports is set) and in a header, so that
it comes back whatever a server keeps of a letter, and it is shown on no page.
"""

import hmac
import re
from base64 import b32decode, b32encode
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final

HEADER: Final = "X-Commendo-Receipt"
_NAME_BYTES: Final = 20
_MAC_BYTES: Final = 10
# 30 bytes are 48 letters without padding: with "bounces+" before it still a local part (RFC 5321, 4.5.3.1.1).
_RECEIPT: Final = re.compile(r"(?<![A-Za-z0-9])[A-Za-z2-7]{48}(?![A-Za-z0-9])")
_MESSAGE_ID: Final = re.compile(r"<mail\.([0-9a-f]{40})@[^<>@\s]+>")


@dataclass(frozen=True, slots=True)
class Receipts:
    """Writes and reads receipts under one secret."""

    secret: bytes = field(repr=False)

    def receipt_for(self, message_id: str) -> str | None:
        """Return the receipt of a letter, None for a name that this product did not make."""
        found = _MESSAGE_ID.fullmatch(message_id)
        if found is None:
            return None
        name = bytes.fromhex(found[1])
        return b32encode(name + self._mac(name)).decode("ascii").lower()

    def names_in(self, text: str) -> frozenset[str]:
        """Return how the Message-IDs begin, up to the @, of letters whose true receipt stands in a text."""
        return frozenset(self._names(dict.fromkeys(_RECEIPT.findall(text))))

    def _names(self, candidates: Iterable[str]) -> Iterable[str]:
        for candidate in candidates:
            raw = b32decode(candidate.upper())
            name, mac = raw[:_NAME_BYTES], raw[_NAME_BYTES:]
            if hmac.compare_digest(mac, self._mac(name)):
                yield f"<mail.{name.hex()}@"

    def _mac(self, name: bytes) -> bytes:
        return hmac.digest(self.secret, b"receipt of a letter\0" + name, sha256)[:_MAC_BYTES]


def return_path(address: str, receipt: str) -> str:
    """Return the address for reports that names the letter: `bounces+RECEIPT@example.org`."""
    local, _, domain = address.rpartition("@")
    return f"{local}+{receipt}@{domain}"
