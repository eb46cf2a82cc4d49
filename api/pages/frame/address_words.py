"""The words by which the address of a page narrows it: none is passed over in silence.

A list that shows everything for a word that it does not know looks as if that word had narrowed it. So a page
says which words it reads. Any other is named on it, with the way to the page without it; a file, on which
nothing could be said, is refused. A word that is there twice is read once: what it says besides is named too.
What a word may not be is refused as everywhere.
"""

from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import Final, TypeVar

from flask import current_app, request

from api.pages.frame.seen_again import TICKS
from api.pages.frame.wrong_address import WrongAddress, without_parts
from api.permissions import View
from workflow.domain.errors import FieldError, InvalidField
from workflow.domain.numerals import whole_number

Word = TypeVar("Word", bound=StrEnum)

_ATTRIBUTE: Final = "commendo_address_words"
_OF_EVERY_LIST: Final = frozenset({"cursor", TICKS})
# Hung on links by mail programs, chats and searches to count who follows: no reader meant the list by them.
_COUNTERS: Final = frozenset({"fbclid", "gclid", "mc_cid", "mc_eid", "msclkid", "zarsrc"})
_COUNTER: Final = "utm_"


def narrowed_by(*words: str) -> Callable[[View], View]:
    """Declare which words of its address a page reads, without the cursor. Stands below the route."""

    def declare(view: View) -> View:
        setattr(view, _ATTRIBUTE, frozenset(words))
        return view

    return declare


def words_of_view(view: Callable[..., object]) -> frozenset[str] | None:
    """Return which words a view declares, None where it is no page that an address narrows."""
    words: frozenset[str] | None = getattr(view, _ATTRIBUTE, None)
    return words


def not_understood(locale: str) -> WrongAddress | None:
    """Return what of its address the page of this request does not know, None where it knows all."""
    view = current_app.view_functions.get(request.endpoint or "")
    words = words_of_view(view) if view else None
    unheard = [] if words is None else _unheard(words)
    return without_parts(unheard, locale) if unheard else None


def demand_understood(*words: str) -> None:
    """Refuse a file whose address has another word than those that narrow it, or one of them twice."""
    if unheard := dict.fromkeys(name for name, _ in _unheard(words)):
        raise InvalidField(
            f"{', '.join(unheard)}: this list is not narrowed by it.",
            errors=[
                FieldError(name, "is there twice" if name in words else "is no word of this list")
                for name in unheard
            ],
        )


def word_asked(kind: type[Word], name: str) -> Word | None:
    """Return the word that the address says, None where it says nothing; one that there is not is refused."""
    value = request.args.get(name, "").strip()
    if not value:
        return None
    try:
        return kind(value)
    except ValueError:
        choices = ", ".join(kind)
        raise InvalidField(
            f"{name}: choose one of {choices}.", errors=[FieldError(name, f"is not one of {choices}")]
        ) from None


def number_asked(name: str, *, least: int, most: int) -> int | None:
    """Return the number that the address says, None where it says nothing; one out of bounds is refused."""
    value = request.args.get(name, "").strip()
    return whole_number(value, field=name, least=least, most=most) if value else None


def _unheard(words: Iterable[str]) -> list[tuple[str, str]]:
    """Return what the address says that nothing is narrowed by: of a word that is read, all but the first."""
    known = _OF_EVERY_LIST.union(words)
    return [
        (name, value)
        for name, values in request.args.lists()
        for value in dict.fromkeys(values)
        if value.strip() and not _counts_readers(name) and not (name in known and value == values[0])
    ]


def _counts_readers(name: str) -> bool:
    return name in _COUNTERS or name.startswith(_COUNTER)
