"""Finding rows by their code however it was typed, and saying which code was probably meant."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Final

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from workflow.domain.near import nearest
from workflow.domain.text import fold

Codes = InstrumentedAttribute[str]
_NOT_PLAIN: Final = "[^ -~]"


def spellings(session: Session, column: Codes, words: Iterable[str]) -> Mapping[str, str]:
    """Return by each word the stored code it names: the same, else the only one that reads the same.

    A word that names nothing, or more than one code that reads the same, is left out.
    """
    wanted = {word: fold(word) for word in words if word}
    if not wanted:
        return {}
    # The database cannot fold: those that are not plain ASCII are few, and folded here.
    rows = session.scalars(
        select(column).where(
            or_(
                column.in_(sorted(wanted)),
                func.lower(column).in_(sorted(set(wanted.values()))),
                column.regexp_match(_NOT_PLAIN),
            )
        )
    )
    stored = set(rows)
    by_fold: dict[str, list[str]] = defaultdict(list)
    for code in stored:
        by_fold[fold(code)].append(code)
    found = {}
    for word, folded in wanted.items():
        if word in stored:
            found[word] = word
        elif len(by_fold[folded]) == 1:
            found[word] = by_fold[folded][0]
    return found


def stored_code(session: Session, column: Codes, word: str) -> str:
    """Return the stored code that a word names however it was typed, the word itself where it names none."""
    return spellings(session, column, [word]).get(word, word)


def is_named(session: Session, column: Codes, word: str) -> ColumnElement[bool]:
    """Return the condition that a row is the one whose code a word names, however the word was typed."""
    return column == stored_code(session, column, word)


def folded(column: Codes) -> ColumnElement[str]:
    """Return a code or number as `name_search` folds it: those hold no marks but that of đ."""
    return func.lower(func.translate(column, "Đđ", "dd"))


def near_code(session: Session, column: Codes, word: str) -> str | None:
    """Return the stored code that was probably meant by a word that names none."""
    return nearest(word, session.scalars(select(column).order_by(column)))


def meant_code(session: Session, column: Codes, word: str) -> str:
    """Return "; did you mean ...?" for a word that names no code, empty where nothing is near."""
    found = near_code(session, column, word)
    return f"; did you mean '{found}'?" if found else ""
