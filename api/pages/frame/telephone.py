"""Telephone numbers as a page shows them: a number is one piece, and a press dials it."""

import re
from typing import Final

from markupsafe import Markup

# As long as a line of a telephone's screen allows; a longer entry is words with a number in it.
_LONGEST: Final = 24
_DIALLED: Final = re.compile(r"\+?[\d\s().-]{3,}")


def telephone(number: str) -> Markup:
    """Return a number that dials itself and is not broken at a line's end; words after it are not dialled."""
    found = _DIALLED.match(number.strip())
    digits = re.sub(r"[^\d+]", "", found[0]) if found else ""
    style = Markup(' class="nowrap"') if len(number) <= _LONGEST else Markup("")
    if not digits:
        return Markup("<span{}>{}</span>").format(style, number)
    return Markup('<a{} href="tel:{}">{}</a>').format(style, digits, number)


def with_telephone(text: str, number: str | None) -> Markup:
    """Return a sentence with the number in it made one that dials itself."""
    if not number or number not in text:
        return Markup("{}").format(text)
    before, _, after = text.rpartition(number)
    return Markup("{}{}{}").format(before, telephone(number), after)
