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
from workflow.domain.names import name_search

SHORTEST: Final = 12
LONGEST: Final = 128
_LOOKED_AT: Final = 24
# Scores 0 and 1 of zxcvbn: within a thousand and within a million tries.
_UNGUESSED: Final = 2
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


def demand_good(password: str, *, email: str, name: str) -> None:
    """Raise `InvalidField` when a new password is too short, too long, everybody's, or says whose it is.

    Everybody's are the commonest of those that leaked (ASVS 5.0, 6.2.4); one's own are name and address, with
    figures and signs around them too. Case, marks and blanks make no difference. No rules of composition:
    length is what helps (6.2.5).
    """
    form = _one_form(password)
    problems = (
        (len(form) < SHORTEST, "too_short", f"use at least {SHORTEST} characters"),
        (len(form) > LONGEST, "too_long", f"use at most {LONGEST} characters"),
        (_bare(form) in _own_words(email, name), "is_own", "use neither your name nor your address"),
    )
    found = [(code, message) for is_wrong, code, message in problems if is_wrong]
    if not found and _is_common(form):
        found.append(("is_common", "this is among the first that anybody guesses"))
    if found:
        code, message = found[0]
        raise InvalidField("Choose another password.", errors=[FieldError("password", message)], problem=code)


def _spelt(text: str) -> str:
    """Return the text without what people vary in the same password: case, marks, blanks."""
    return "".join(name_search(text).split())


def _bare(text: str) -> str:
    """Return the letters of a text alone: An.Tran_1985! is AnTran to whoever guesses."""
    return "".join(letter for letter in _spelt(text) if letter.isalpha())


def _own_words(email: str, name: str) -> frozenset[str]:
    """Return what somebody's own name and address come to, forwards and with the given name first."""
    words = name.split()
    given_first = " ".join([*words[-1:], *words[:-1]])
    backwards = " ".join(reversed(words))
    own = (email, email.partition("@")[0], name, given_first, backwards)
    return frozenset(filter(None, map(_bare, own)))


def _is_common(password: str) -> bool:
    """Return whether guessers come to it within about a million tries, common passwords first (zxcvbn).

    The library's list of 30,000 leaked passwords, common words and names, doubled, in a row of a keyboard or
    with a year behind them too. Its time grows with the letters, so only the first are looked at.
    """
    from zxcvbn import zxcvbn  # noqa: PLC0415 - lists of 2 MB for a rare act

    return bool(zxcvbn(_spelt(password)[:_LOOKED_AT])["score"] < _UNGUESSED)


def _one_form(password: str) -> str:
    """Return the password with its marks composed: one keyboard sends ế as one letter, another as three."""
    return unicodedata.normalize("NFC", password)


@lru_cache(maxsize=1)
def _nobodys() -> str:
    return _HASHER.hash("nobody's password: checked so that an unknown address takes as long as a known one")
