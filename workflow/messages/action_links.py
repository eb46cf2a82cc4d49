"""The address in a letter that leads to one action on one dossier, as its reader saw it.

It opens nothing by itself: it says which account it was written to, about which work and which action, and up
to which entry of the history its letter told. Whoever finds it learns the number of a file; to act takes a
sign-in as that account, a form and the version seen. So it needs no end: work that is over says so.
"""

import hmac
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final, Self
from uuid import UUID

PATH: Final = "/act/"
CODE_DIGITS: Final = 6
CODE_MINUTES: Final = 10
"""How long a mailed code may be entered."""
_HEAD: Final = struct.Struct(">qqI16s")
_MAC_BYTES: Final = 16


@dataclass(frozen=True, slots=True)
class ActionLink:
    """Who is asked to do what: an account, one nomination's work item, and the name of a move.

    `seq` is the last entry of the nomination's history that its letter could tell of.
    """

    account_id: int
    nomination_id: int
    seq: int
    work_item_id: UUID
    action: str

    def packed(self) -> bytes:
        """Return the link as bytes, always the same for the same link."""
        head = _HEAD.pack(self.account_id, self.nomination_id, self.seq, self.work_item_id.bytes)
        return head + self.action.encode()

    @classmethod
    def unpacked(cls, raw: bytes) -> Self:
        """Return the link that was packed. Raises `struct.error`, `UnicodeDecodeError` for anything else."""
        account_id, nomination_id, seq, work = _HEAD.unpack_from(raw)
        return cls(account_id, nomination_id, seq, UUID(bytes=work), raw[_HEAD.size :].decode())


@dataclass(frozen=True, slots=True)
class ActionLinks:
    """Writes and reads links under one secret."""

    secret: bytes = field(repr=False)

    def path_to(self, link: ActionLink) -> str:
        """Return the path of the page that a link opens."""
        raw = link.packed()
        return PATH + urlsafe_b64encode(self._mac(raw) + raw).decode("ascii").rstrip("=")

    def read(self, token: str) -> ActionLink | None:
        """Return the link of a path's last part, None where it is not one of ours, whole."""
        try:
            found = urlsafe_b64decode(token + "=" * (-len(token) % 4))
            link = ActionLink.unpacked(found[_MAC_BYTES:])
        except (Error, ValueError, struct.error):
            return None
        # Compared as it would be written: base64 reads several spellings as the same bytes.
        return link if hmac.compare_digest(self.path_to(link).encode(), f"{PATH}{token}".encode()) else None

    def code_of(self, code_id: UUID) -> str:
        """Return the six digits of a code: made again from the secret when its letter is written."""
        raw = hmac.digest(self.secret, b"code of an action\0" + code_id.bytes, sha256)
        return f"{int.from_bytes(raw) % 10**CODE_DIGITS:0{CODE_DIGITS}}"

    def hash_of_code(self, code_id: UUID, code: str) -> bytes:
        """Return what a table keeps of a code: of six digits a plain hash would be tried out in a moment."""
        return hmac.digest(self.secret, b"code as typed\0" + code_id.bytes + code.encode(), sha256)

    def _mac(self, raw: bytes) -> bytes:
        return hmac.digest(self.secret, b"action in a letter\0" + raw, sha256)[:_MAC_BYTES]
