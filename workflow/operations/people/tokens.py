"""Secrets that open something: made long, shown once, kept only as their SHA-256.

A plain hash is enough for 256 random bits (ASVS 5.0, 6.5.2): nobody can try them all.
"""

import secrets
from datetime import datetime
from hashlib import sha256
from typing import Final

from sqlalchemy import update
from sqlalchemy.orm import Session

from workflow.store.access import ActionCode
from workflow.store.conditions import is_open

_BYTES: Final = 32


def new_token() -> str:
    """Return a fresh secret that fits into an address or a cookie."""
    return secrets.token_urlsafe(_BYTES)


def digest(token: str) -> bytes:
    """Return what a table keeps of a secret."""
    return sha256(token.encode()).digest()


def end_codes(session: Session, account_id: int, now: datetime) -> None:
    """End the mailed codes of an account and the sessions that they opened; never commits.

    Lock the account before: whoever asks for a code does.
    """
    session.execute(
        update(ActionCode)
        .where(ActionCode.account_id == account_id, is_open(ActionCode))
        .values(closed_at=now)
    )
