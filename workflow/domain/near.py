"""What was probably meant by a code that names nothing: the one that a reader would have taken it for."""

import difflib
from collections.abc import Iterable
from typing import Final

from workflow.domain.text import fold

_ALIKE: Final = 0.8
# Comparing letter by letter with more codes than this would be felt; those of one length class are enough.
_MOST_COMPARED: Final = 5_000


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the code that differs in blanks, dashes, case or a letter or two, None where none is so near."""
    wanted, plain = fold(word), plain_code(word)
    folded: dict[str, str] = {}
    for code in known:
        if plain_code(code) == plain and code != word:
            return code
        if abs(len(code) - len(word)) <= 2 and len(folded) < _MOST_COMPARED:  # noqa: PLR2004 - as said above
            folded.setdefault(fold(code), code)
    close = difflib.get_close_matches(wanted, folded, n=1, cutoff=_ALIKE)
    return folded[close[0]] if close else None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return the words to put behind a refusal, empty where nothing is near."""
    found = nearest(word, known)
    return f"; did you mean '{found}'?" if found else ""


def plain_code(code: str) -> str:
    """Return the letters and digits of a code alone, folded."""
    return "".join(letter for letter in fold(code) if letter.isalnum())
