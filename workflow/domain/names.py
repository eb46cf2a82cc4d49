"""Vietnamese names and texts: one spelling for storage, one for search, one for order.

The database has no collation for Vietnamese, so search and order are columns computed here.
"""

import unicodedata
from typing import Final

from workflow.domain.errors import FieldError, InvalidField

# Codes of two digits: 00 ends a word, then digits, then letters in dictionary order. Letters of no Vietnamese
# word (f, j, w, z) stand where Latin order has them; what has no place at all comes last.
_WORD_END: Final = "00"
_NO_PLACE: Final = "99"
_RANK: Final = {
    letter: f"{place:02d}"
    for place, letter in enumerate("0123456789aăâbcdđeêfghijklmnoôơpqrstuưvwxyz", start=1)
}
# Order of tones in Vietnamese dictionaries: none, grave, hook, tilde, acute, dot below.
_TONE_RANK: Final = {"\u0300": "1", "\u0309": "2", "\u0303": "3", "\u0301": "4", "\u0323": "5"}
_KEPT_CONTROLS: Final = frozenset("\n\t")
# Marks that turn the reading order or hide between letters: a name must not look like another one.
_UNSEEN: Final = frozenset(
    "\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"
)


def normalise(text: str, *, field: str = "text", single_line: bool = False) -> str:
    """Give the text in NFC, ends stripped, line ends as a newline.

    Raises `InvalidField` naming the field for a NUL, another control character, a lone surrogate or an
    invisible direction mark; with `single_line` a line end or tab is refused as well.
    """
    unified = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n")).strip()
    for place, character in enumerate(unified, start=1):
        if character in _KEPT_CONTROLS and not single_line:
            continue
        if character in _UNSEEN or unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"}:
            message = f"character {place} (U+{ord(character):04X}) cannot be stored; remove it"
            detail = f"{field}: {message}"
            raise InvalidField(detail, errors=[FieldError(field, message)])
    return unified


def name_search(text: str) -> str:
    """Give the text for searching: no marks, đ as d, lower case, single blanks."""
    plain = unicodedata.normalize("NFD", text.casefold()).replace("đ", "d")
    return " ".join("".join(c for c in plain if not unicodedata.combining(c)).split())


def name_sort(text: str) -> str:
    """Give a key whose byte order is the order of Vietnamese lists of names.

    The given name (the last word) first, then family and middle names; of each word its letters in dictionary
    order (a ă â ... d đ ...) and only then its tones. The key holds digits only: any collation keeps it.
    """
    words = unicodedata.normalize("NFC", text).lower().split()
    return _WORD_END.join(_word_key(word) for word in [*words[-1:], *words[:-1]])


def _word_key(word: str) -> str:
    letters: list[str] = []
    tones: list[str] = []
    for character in word:
        parts = unicodedata.normalize("NFD", character)
        tone = next((mark for mark in parts[1:] if mark in _TONE_RANK), "")
        letter = unicodedata.normalize("NFC", parts.replace(tone, ""))
        letters.append(_RANK.get(letter) or _RANK.get(parts[0]) or f"{_NO_PLACE}{ord(letter[0]):07d}")
        if tone:
            # A syllable has one tone, which people set on either vowel (Hòa, Hoà): its place does not count.
            tones.append(_TONE_RANK[tone])
    return "".join(letters) + _WORD_END + "".join(tones)
