"""Vietnamese names and texts: one spelling for search, one for order.

The database has no collation for Vietnamese, so search and order are columns computed here.
"""

import re
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
_FIGURES: Final = "0123456789"
_RUNS: Final = re.compile(r"[0-9]+|[^0-9]+")
_WORDS: Final = re.compile(r"\w+")
_LONGEST_NUMBER: Final = 99
# Order of tones in Vietnamese dictionaries: none, grave, hook, tilde, acute, dot below.
_TONE_RANK: Final = {"\u0300": "1", "\u0309": "2", "\u0303": "3", "\u0301": "4", "\u0323": "5"}


def name_search(text: str) -> str:
    """Give the text for searching: folded, and without marks; đ is d."""
    plain = unicodedata.normalize("NFD", fold(text)).replace("đ", "d")
    return " ".join("".join(c for c in plain if not unicodedata.combining(c)).split())


def name_sort(text: str) -> str:
    """Give a key whose byte order is the order of Vietnamese lists of names.

    The given name (the last word) first, then family and middle names; of each word its letters in dictionary
    order (a ă â ... d đ ...) and only then its tones; a number counts as one, so 2 comes before 10. The key
    holds digits only: any collation keeps it.
    """
    words = unicodedata.normalize("NFC", text).lower().split()
    return _WORD_END.join(_word_key(word) for word in [*words[-1:], *words[:-1]])


def title_sort(text: str) -> str:
    """Give a key whose byte order is that of units, clusters and their codes as people list them.

    Word by word from the left, letters and numbers as in `name_sort`; dashes and the like part words, so that
    VKS-AG comes before VKSTC.
    """
    return _WORD_END.join(map(_word_key, _WORDS.findall(unicodedata.normalize("NFC", text).lower())))


def _word_key(word: str) -> str:
    letters: list[str] = []
    tones: list[str] = []
    for run in _RUNS.findall(word):
        if run[0] in _FIGURES:
            letters.append(_number_key(run))
            continue
        for character in run:
            letter, tone = _letter_and_tone(character)
            letters.append(letter)
            tones += tone
    return "".join(letters) + _WORD_END + "".join(tones)


def _number_key(figures: str) -> str:
    """Give the key of a number: how long it is, then its figures, so that 2 comes before 10 and 10 is 010."""
    value = figures.lstrip("0") or "0"
    return f"{_RANK['0']}{min(len(value), _LONGEST_NUMBER):02d}{value}"


def _letter_and_tone(character: str) -> tuple[str, list[str]]:
    parts = unicodedata.normalize("NFD", character)
    tone = next((mark for mark in parts[1:] if mark in _TONE_RANK), "")
    letter = unicodedata.normalize("NFC", parts.replace(tone, ""))
    place = _RANK.get(letter) or _RANK.get(parts[0]) or f"{_NO_PLACE}{ord(letter[0]):07d}"
    # A syllable has one tone, which people set on either vowel (Hòa, Hoà): its place does not count.
    return place, [_TONE_RANK[tone]] if tone else []
