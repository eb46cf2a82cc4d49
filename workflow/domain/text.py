"""The gate for every text that comes in: one spelling to store, one form to compare, nothing that hides.

A name or code (one line) refuses what cannot be seen and what poses as another letter: two records that look
the same would be two people. Prose drops what programs leave behind in it, such as soft hyphens. What "cannot
be seen" is the Unicode property Default_Ignorable_Code_Point (UAX #44) with the blank fillers; what looks
alike is UTS #39, from the library `confusable-homoglyphs`.
"""

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from workflow.domain.errors import FieldError, InvalidField

# Controls, formats, surrogates, private use, unassigned, line and paragraph separators.
_HIDDEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
# Letters, marks and symbols by their category, and yet nothing is drawn.
_FILLERS: Final = frozenset(
    map(
        chr,
        [
            *(0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0, 0xFFFC, 0x16FE4, 0x1D159),
            *range(0x180B, 0x1810),
            *range(0xFE00, 0xFE10),
            *range(0xE0100, 0xE01F0),
        ],
    )
)
# The property Bidi_Control: they change in which order a sentence is read, so dropping one changes it too.
_TURNING: Final = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
# What a reader puts where bytes are no text, as in a form that was sent in another encoding.
_LOST: Final = "\ufffd"
_KEPT_CONTROLS: Final = frozenset("\n\t")
_ENDS_LINE: Final = re.compile("\r\n?")
_ROAD_SIGNS: Final = frozenset("/\\?#%")
_WORDS_OF_PAGES: Final = frozenset({"new"})
_BLANKS: Final = re.compile(" {2,}")
# Capitals that are drawn as the Vietnamese letter: Icelandic eth, African D.
_STROKED: Final = {ord("Ð"): "Đ", ord("Ɖ"): "Đ"}
_ENGLISH: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
_MOST_ROUNDS: Final = 4
_MOST_MARKS: Final = 30
_HARMLESS: Final = 1000
_WORD: Final = re.compile(r"[^\W\d_]+")


LONGEST_CODE: Final = 100
"""Characters of a word that names something, such as a unit's code."""
LONGEST_LINE: Final = 300
"""Characters of a text of one line, such as a name or the number of a paper."""
LONGEST_PROSE: Final = 20_000
"""Characters of a text of several paragraphs."""


class BadCharacter(InvalidField):
    """A text holds a character that cannot be stored; `place` counts from 1, `character` names it."""

    def __init__(self, field: str, place: int, character: str, reason: str) -> None:
        """Say where it stands and what to do about it."""
        self.place, self.character = place, named(character)
        message = f"character {place} ({self.character}) {reason}"
        super().__init__(f"{field}: {message}", errors=[FieldError(field, message)])


def piled_at(text: str) -> int:
    """Give the place of the first mark of more in a row than any writing has on a letter, 0 without one.

    More than thirty (UAX #15, Stream-Safe Text Format): to bring them in order takes the square of their
    count, and the process does nothing else meanwhile. Of a short text that is nothing.
    """
    if len(text) <= _HARMLESS or text.isascii():
        return 0
    row = 0
    for place, character in enumerate(text, start=1):
        row = row + 1 if unicodedata.category(character)[0] == "M" else 0
        if row > _MOST_MARKS:
            return place
    return 0


def composed(text: str) -> str:
    """Give the text in NFC, and as it is where marks are piled up in it, which `normalise` refuses."""
    return text if piled_at(text) else unicodedata.normalize("NFC", text)


def normalise(text: str, *, field: str = "text", single_line: bool = False) -> str:
    """Give the text as it is stored: NFC, every kind of space a blank, ends stripped, line ends a newline.

    Of `single_line` runs of blanks become one as well. Raises `BadCharacter` for a control, a lone surrogate,
    a direction mark, the sign of a lost letter and piled marks everywhere; with `single_line` for a line end
    or tab, for all that cannot be seen, and for a letter that poses as one of the Latin alphabet.
    """
    if place := piled_at(text):
        raise BadCharacter(field, place, text[place - 1], "is one mark too many on a letter; remove it")
    unified = unicodedata.normalize("NFC", _spaced(_ENDS_LINE.sub("\n", text)).strip())
    if unified.isascii() and unified.isprintable():
        return _BLANKS.sub(" ", unified) if single_line else unified
    if (place := unified.find(_LOST) + 1) > 0:
        raise BadCharacter(field, place, _LOST, "stands for a letter that was lost; type it again")
    if not single_line:
        return unicodedata.normalize("NFC", _prose(unified, field)).strip()
    for place, character in enumerate(unified, start=1):
        if is_unseen(character):
            raise BadCharacter(field, place, character, "cannot be stored; remove it")
    _demand_own_letters(unified, field)
    return _BLANKS.sub(" ", unified)


def address_code(text: str, *, field: str = "code") -> str:
    """Give a code that can be part of an address, in the spelling that is stored.

    Raises `InvalidField` for what `normalise` refuses, for signs that end a part of an address, for dots
    alone and for the word that pages keep for themselves.
    """
    code = normalise(text, field=field, single_line=True)
    if not code.strip(".") or not _ROAD_SIGNS.isdisjoint(code) or code.casefold() in _WORDS_OF_PAGES:
        message = "must have a letter or digit, none of / \\ ? # % and not be 'new'"
        raise InvalidField(f"{field}: {message}", errors=[FieldError(field, message)])
    return code


def is_unseen(character: str) -> bool:
    """Tell whether nothing is drawn for the character, or nobody knows what."""
    return unicodedata.category(character) in _HIDDEN or character in _FILLERS


def visible(text: str) -> str:
    """Give the text without what cannot be seen, each kind of space as a blank, runs of blanks as one."""
    spaced = _spaced(_ENDS_LINE.sub("\n", text).translate({ord("\n"): " ", ord("\t"): " "}))
    return " ".join("".join(one for one in spaced if not is_unseen(one)).split())


def fold(text: str) -> str:
    """Give the form in which texts that a reader takes for the same are equal; marks and đ still count.

    Case, width, kinds of space, dash and apostrophe and whatever is unseen do not count, nor does a letter's
    alphabet where it looks like a Latin one. For comparing only, never to store or show.
    """
    if piled_at(text):
        return text
    plain = text
    # A second round settles what the first brings about: a compatibility form may hide a look-alike.
    for _ in range(_MOST_ROUNDS):
        before, plain = plain, _folded(plain)
        if plain == before:
            break
    return plain


def named(character: str) -> str:
    """Give a character's number and name, as in `U+00AD SOFT HYPHEN`."""
    return f"U+{ord(character):04X} {unicodedata.name(character, '')}".rstrip()


def _folded(text: str) -> str:
    if text.isascii() and text.isprintable():
        return " ".join(text.casefold().split())
    parts = unicodedata.normalize("NFKD", visible(text).translate(_STROKED))
    latin = "".join(
        "-" if unicodedata.category(one) == "Pd" else _lookalikes().get(one, one) for one in parts
    )
    return " ".join(unicodedata.normalize("NFKC", latin.casefold()).split())


def _spaced(text: str) -> str:
    if text.isascii():
        return text
    return "".join(" " if unicodedata.category(one) == "Zs" else one for one in text)


def _prose(text: str, field: str) -> str:
    kept = []
    for place, character in enumerate(text, start=1):
        category = unicodedata.category(character)
        if character in _KEPT_CONTROLS or not is_unseen(character):
            kept.append(character)
        elif character in _TURNING or category in {"Cc", "Cs", "Zl", "Zp"}:
            raise BadCharacter(field, place, character, "cannot be stored; remove it")
    return "".join(kept)


def _demand_own_letters(text: str, field: str) -> None:
    """Refuse a word of look-alikes beside Latin letters; a name wholly in another alphabet is its own."""
    if not any(_is_latin(one) for one in text):
        return
    for word in _WORD.finditer(text):
        foreign = [(place, one) for place, one in enumerate(word[0]) if not _is_latin(one)]
        poses = [(place, one, latin) for place, one in foreign if (latin := _latin_of(one))]
        if poses and (len(poses) == len(foreign) or len(foreign) < len(word[0])):
            place, character, latin = poses[0]
            reason = f"only looks like '{latin}'; type that letter instead"
            raise BadCharacter(field, word.start() + place + 1, character, reason)


def _is_latin(letter: str) -> bool:
    return letter in _ENGLISH or (not letter.isascii() and "LATIN" in unicodedata.name(letter, ""))


def _latin_of(letter: str) -> str:
    latin = _lookalikes().get(unicodedata.normalize("NFD", letter)[0], "")
    return latin if latin in _ENGLISH else ""


@lru_cache(maxsize=1)
def _lookalikes() -> Mapping[str, str]:
    """Return the letters of other alphabets, and the apostrophes, that are drawn as an ASCII character."""
    # Read when a text first needs it: 900 KB of JSON that most processes never look at.
    from confusable_homoglyphs.confusables import confusables_data  # noqa: PLC0415 - as said above

    found = {}
    for character, others in confusables_data.items():
        if len(character) != 1 or character.isascii() or "LATIN" in unicodedata.name(character, ""):
            continue
        drawn = next((other["c"] for other in others if other["c"] in _ENGLISH | {"'"}), "")
        # The table gives one form to I, l and 1; a capital is a capital here.
        capital = {"l": "I"}.get(drawn, drawn) if character.isupper() else drawn
        if capital and unicodedata.category(character)[0] in "LP":
            found[character] = capital
    return found
