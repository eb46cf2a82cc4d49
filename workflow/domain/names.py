"""Vietnamese names and texts: one spelling for search, one for order.

The database has no collation for Vietnamese, so search and order are columns computed here.
"""

import unicodedata
from typing import Final

from workflow.domain.text import fold

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


def name_search(text: str) -> str:
    """Give the text for searching: folded, and without marks; đ is d."""
    plain = unicodedata.normalize("NFD", fold(text)).replace("đ", "d")
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
