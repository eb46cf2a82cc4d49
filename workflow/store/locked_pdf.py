"""Whether a PDF asks for a password before anybody can read it.

Many PDFs are encrypted and open all the same: their password to open is the empty one, and what they keep
from readers is printing or copying. So the empty one is tried, as every reader does (ISO 32000-2, 7.6.4). Of
what is written in a way that is not understood here nothing is claimed.
"""

import hashlib
import re
from typing import Final

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES128
from cryptography.hazmat.primitives.ciphers.modes import CBC

from workflow.domain.papers.media import Content
from workflow.store.pdf_values import Values, value_at

_ENCRYPT: Final = re.compile(rb"/Encrypt\s*(?:(\d{1,10})\s+(\d{1,5})\s+R|(?=<<))")
_ID: Final = re.compile(rb"/ID\s*(?=\[)")
# Algorithm 2, step a: what an empty password is filled up with.
_PADDING: Final = bytes.fromhex("28bf4e5e4e758a4164004e56fffa01082e2e00b6d0683e802f0ca9fe6453697a")
_STANDARD: Final = "Standard"
_DIGESTS: Final = (hashlib.sha256, hashlib.sha384, hashlib.sha512)
_SALT: Final = slice(32, 40)
# The revisions of the standard's lock: each from which something is done in another way.
_FORTY_BITS: Final = 2
_REPEATED: Final = 3
_OPEN_METADATA: Final = 4
_AES_256: Final = 5
_HARDENED: Final = 6
_FEWEST_TURNS: Final = 64
_TURNS_AHEAD: Final = 32


def asks_password(content: Content) -> bool:
    """Return whether a PDF is encrypted and the empty password does not open it."""
    locks = _lock_of(content)
    if locks is None or "Filter" not in locks:
        return False
    if locks["Filter"] != _STANDARD:
        # Encrypted for certificates, which nobody else has.
        return True
    try:
        return not _opens_unasked(locks, _first_id(content))
    except (KeyError, TypeError, ValueError):
        return False


def _lock_of(content: Content) -> Values | None:
    """Return the dictionary of the encryption of the newest revision, None of what is not encrypted."""
    found = [*_ENCRYPT.finditer(content)]
    if not found:
        return None
    last = found[-1]
    place = last.end()
    if last[1] is not None:
        begins = re.search(rb"(?<!\d)%b\s+%b\s+obj\s*(?=<<)" % (last[1], last[2]), content)
        if begins is None:
            return None
        place = begins.end()
    locks = value_at(content, place)
    return locks if isinstance(locks, dict) else None


def _first_id(content: Content) -> bytes:
    found = _ID.search(content)
    parts = value_at(content, found.end()) if found else None
    return parts[0] if isinstance(parts, list) and parts and isinstance(parts[0], bytes) else b""


def _opens_unasked(locks: Values, first_id: bytes) -> bool:
    revision, user = _number(locks, "R"), _bytes(locks, "U")
    if revision >= _AES_256:
        return _digest_of_empty(user[_SALT], is_hardened=revision >= _HARDENED) == user[:32]
    key = _key(locks, revision, first_id)
    if revision == _FORTY_BITS:
        return _rc4(key, _PADDING) == user[:32]
    seen = _md5(_PADDING + first_id)
    for turn in range(20):
        seen = _rc4(bytes(one ^ turn for one in key), seen)
    return seen == user[:16]


def _key(locks: Values, revision: int, first_id: bytes) -> bytes:
    """Return the key that an empty password gives (algorithm 2)."""
    rights = _number(locks, "P").to_bytes(8, "little", signed=True)[:4]
    mixed = _PADDING + _bytes(locks, "O")[:32] + rights + first_id
    if revision >= _OPEN_METADATA and locks.get("EncryptMetadata") is False:
        mixed += b"\xff" * 4
    usual = 128 if revision >= _OPEN_METADATA else 40
    length = 5 if revision == _FORTY_BITS else int(str(locks.get("Length", usual))) // 8
    key = _md5(mixed)
    for _ in range(50 if revision >= _REPEATED else 0):
        key = _md5(key[:length])
    return key[:length]


def _digest_of_empty(salt: bytes, *, is_hardened: bool) -> bytes:
    """Return what a PDF keeps of an empty password (algorithm 2.B; revision 5 stopped at its first line)."""
    key, turn, last = hashlib.sha256(salt).digest(), 0, 0
    while is_hardened and (turn < _FEWEST_TURNS or last > turn - _TURNS_AHEAD):
        locked = Cipher(AES128(key[:16]), CBC(key[16:32])).encryptor().update(key * 64)
        key = _DIGESTS[sum(locked[:16]) % 3](locked).digest()
        turn, last = turn + 1, locked[-1]
    return key[:32]


def _rc4(key: bytes, text: bytes) -> bytes:
    # The library keeps it among what is "decrepit" and will leave with one of its next releases.
    box, place = list(range(256)), 0
    for index in range(256):
        place = (place + box[index] + key[index % len(key)]) % 256
        box[index], box[place] = box[place], box[index]
    out, place = bytearray(), 0
    for index, one in enumerate(text, start=1):
        place = (place + box[index % 256]) % 256
        box[index % 256], box[place] = box[place], box[index % 256]
        out.append(one ^ box[(box[index % 256] + box[place]) % 256])
    return bytes(out)


def _md5(text: bytes) -> bytes:
    # What the format was made with; nothing is kept secret by it here.
    return hashlib.md5(text, usedforsecurity=False).digest()


def _number(locks: Values, name: str) -> int:
    found = locks[name]
    if not isinstance(found, int):
        raise TypeError(name)
    return found


def _bytes(locks: Values, name: str) -> bytes:
    found = locks[name]
    if not isinstance(found, bytes):
        raise TypeError(name)
    return found
