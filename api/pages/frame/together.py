"""What a line's end must not part: a day from its word, a number from its unit. For pages alone.

A letter, a file and an answer to a program keep their plain blanks: whoever searches in them types one.
"""

from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Final

from api.catalogue import catalogue, fill
from workflow.words.days import LOOSE

_TIED: Final = "\u00a0"
_KEPT: Final = 2048


@lru_cache(maxsize=_KEPT)
def together(text: str) -> str:
    """Return a text whose days and numbers stay with what belongs to them."""
    return LOOSE.sub(lambda found: found[0].rstrip(" ") + _TIED, text)


def say_on_page(locale: str, key: str, **parts: object) -> str:
    """Return a text as `say` does, its numbers tied to their units."""
    return fill(_tied(locale), key, parts)


@cache
def _tied(locale: str) -> Mapping[str, str]:
    return {key: together.__wrapped__(text) for key, text in catalogue(locale).items()}
