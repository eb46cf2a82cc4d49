"""Secrets that open something: made long, shown once, kept only as their SHA-256.

A plain hash is enough for 256 random bits (ASVS 5.0, 6.5.2): nobody can try them all.
"""

import secrets
from hashlib import sha256
from typing import Final

_BYTES: Final = 32


def new_token() -> str:
    """Return a fresh secret that fits into an address or a cookie."""
    return secrets.token_urlsafe(_BYTES)


def digest(token: str) -> bytes:
    """Return what a table keeps of a secret."""
    return sha256(token.encode()).digest()
