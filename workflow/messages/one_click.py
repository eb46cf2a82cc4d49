"""The address that switches information mails off with one click (RFC 8058), signed for one account.

Whoever has it has had such a mail, and can do no more by it than switch them off, which their reader can take
back on the page of mail preferences.
"""

import hmac
import re
from base64 import b32decode, b32encode
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final

_ACCOUNT_BYTES: Final = 8
_MAC_BYTES: Final = 17
# 25 bytes are 40 letters without padding.
_TOKEN: Final = re.compile(r"[a-z2-7]{40}")


@dataclass(frozen=True, slots=True)
class OneClick:
    """Writes and reads the tokens of such addresses under one secret."""

    secret: bytes = field(repr=False)

    def token_for(self, account_id: int) -> str:
        """Return the token of an account: always the same, so that every mail's link works."""
        account = account_id.to_bytes(_ACCOUNT_BYTES, "big")
        return b32encode(account + self._mac(account)).decode("ascii").lower()

    def account_of(self, token: str) -> int | None:
        """Return whose token it is, None for one that this installation did not write."""
        if not _TOKEN.fullmatch(token):
            return None
        raw = b32decode(token.upper())
        account, mac = raw[:_ACCOUNT_BYTES], raw[_ACCOUNT_BYTES:]
        return int.from_bytes(account, "big") if hmac.compare_digest(mac, self._mac(account)) else None

    def _mac(self, account: bytes) -> bytes:
        return hmac.digest(self.secret, b"no information mails\0" + account, sha256)[:_MAC_BYTES]


def off_address(base_url: str, token: str) -> str:
    """Return the address at which mails of information are switched off by a token."""
    return f"{base_url.rstrip('/')}/mails/off/{token}"
