"""What a line's end must not part: a day from its word, a number from its unit. For pages alone.

A letter, a file and an answer to a program keep their plain blanks: whoever searches in them types one.
"""

import re
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Final

from api.catalogue import catalogue, fill

_TIED: Final = "\u00a0"
_MONTHS: Final = "January|February|March|April|May|June|July|August|September|October|November|December"
_UNITS: Final = rf"ngày|giờ|phút|tháng|(?:working |calendar )?(?:day|hour|minute)s?|{_MONTHS}|MB|KB"
# A number of a text with parts is written as its name in braces.
_LOOSE: Final = re.compile(
    rf"\b(?:[Nn]gày (?=[\d{{])|[Tt]hứ (?=Hai|Ba|Tư|Năm|Sáu|Bảy))|(?<=[\d}}]) (?=(?:{_UNITS})\b)"
)
_KEPT: Final = 2048


@lru_cache(maxsize=_KEPT)
def together(text: str) -> str:
    """Return a text whose days and numbers stay with what belongs to them."""
    return _LOOSE.sub(lambda found: found[0].rstrip(" ") + _TIED, text)


def say_on_page(locale: str, key: str, **parts: object) -> str:
    """Return a text as `say` does, its numbers tied to their units."""
    return fill(_tied(locale), key, parts)


@cache
def _tied(locale: str) -> Mapping[str, str]:
    return {key: together.__wrapped__(text) for key, text in catalogue(locale).items()}
