"""How a password is kept: argon2id, never more than two computed at once.

Source of the figures: OWASP Password Storage Cheat Sheet (19 MiB, two passes, one lane) and ASVS 5.0, 6.2.
"""

import unicodedata
from functools import lru_cache
from threading import BoundedSemaphore
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from workflow.domain.errors import FieldError, InvalidField

SHORTEST: Final = 12
LONGEST: Final = 128
_HASHER: Final = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
# Fifty people at the door at once must not cost a gigabyte: the third waits for the first.
_AT_ONCE: Final = BoundedSemaphore(2)


def hash_password(password: str) -> str:
    """Return what to keep of a password."""
    with _AT_ONCE:
        return _HASHER.hash(_one_form(password))


def is_right(kept: str | None, password: str) -> bool:
    """Return whether a password is the kept one; without a kept one it takes the same time and is not."""
    with _AT_ONCE:
        try:
            _HASHER.verify(kept or _nobodys(), _one_form(password))
        except (VerificationError, InvalidHashError):
            return False
    return kept is not None


def is_outdated(kept: str) -> bool:
    """Return whether a kept password was computed with other figures than today's."""
    return _HASHER.check_needs_rehash(kept)


def demand_good(password: str, *, email: str) -> None:
    """Raise `InvalidField` when a new password is too short, too long, or the address it opens.

    No rules of composition: length is what helps (ASVS 6.2.5).
    """
    form = _one_form(password)
    problems = (
        (len(form) < SHORTEST, "too_short", f"use at least {SHORTEST} characters"),
        (len(form) > LONGEST, "too_long", f"use at most {LONGEST} characters"),
        (form.casefold() == email.casefold(), "is_address", "do not use your address"),
    )
    found = [(code, message) for is_wrong, code, message in problems if is_wrong]
    if found:
        code, message = found[0]
        raise InvalidField("Choose another password.", errors=[FieldError("password", message)], problem=code)


def _one_form(password: str) -> str:
    """Return the password with its marks composed: one keyboard sends ế as one letter, another as three."""
    return unicodedata.normalize("NFC", password)


@lru_cache(maxsize=1)
def _nobodys() -> str:
    return _HASHER.hash("nobody's password: checked so that an unknown address takes as long as a known one")
