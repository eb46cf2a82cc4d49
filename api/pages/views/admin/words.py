"""What the reading of files says, in the reader's language: its sentences are English and have no codes.

Each is written in `import_said` of the English words with its parts in braces, and of every other language
too; a sentence that is not there stays as it is.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final

from api.catalogue import catalogue, say
from api.pages.identity import current_locale
from api.wording import ENGLISH, VIETNAMESE
from workflow.domain.errors import FieldError, Refusal
from workflow.imports.reading.bad_cells import BadFile
from workflow.imports.reading.columns import COLUMNS, ImportKind

_SAID: Final = "import_said."
_PART: Final = re.compile(r"\{(\w+)\}")
_BETWEEN: Final = "; "


@dataclass(frozen=True, slots=True)
class UnreadRow:
    """One cell that cannot be taken, as a page shows it; `line` is 0 where the whole file is meant."""

    line: int
    column: str
    value: str
    reason: str


def bad_rows(refusal: Refusal | None) -> list[UnreadRow]:
    """Return what is wrong with a file, cell by cell."""
    locale = current_locale()
    if isinstance(refusal, BadFile):
        return [
            UnreadRow(one.line, said(one.column, locale), one.value, said(one.reason, locale))
            for one in refusal.cells
        ]
    return [_row(error, locale) for error in refusal.errors] if refusal else []


def said(sentence: str, locale: str) -> str:
    """Return a sentence of the import in a language, as it is where it has no words there."""
    if locale == ENGLISH or not sentence:
        return sentence
    whole = _translated(sentence, locale)
    if whole is not None:
        return whole
    parts = [_translated(part, locale) for part in sentence.split(_BETWEEN)]
    return _BETWEEN.join(part for part in parts if part) if None not in parts else sentence


def field_word(kind: ImportKind, name: str) -> str:
    """Return what a field that changes is called: as the column of such a file."""
    found = next((one for one in COLUMNS[kind] if one.name == name), None)
    if found is not None:
        return found.vi if current_locale() == VIETNAMESE else found.name
    key = f"imports.field_{name}"
    return say(current_locale(), key) if key in catalogue(current_locale()) else name


def _row(error: FieldError, locale: str) -> UnreadRow:
    return UnreadRow(0, error.field, "", said(error.message, locale))


def _translated(sentence: str, locale: str) -> str | None:
    for key, pattern in _patterns():
        if found := pattern.fullmatch(sentence):
            parts = {name: said(part, locale) for name, part in found.groupdict().items()}
            return catalogue(locale)[key].format_map(parts)
    return None


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Return each sentence as a pattern of its parts, those with more letters of their own first."""
    found = [(key, text) for key, text in catalogue(ENGLISH).items() if key.startswith(_SAID)]
    found.sort(key=lambda one: -len(_PART.sub("", one[1])))
    return tuple((key, re.compile("".join(_pieces(text)), re.DOTALL)) for key, text in found)


def _pieces(text: str) -> Iterator[str]:
    at = 0
    for part in _PART.finditer(text):
        yield re.escape(text[at : part.start()])
        yield f"(?P<{part[1]}>.*?)"
        at = part.end()
    yield re.escape(text[at:])
