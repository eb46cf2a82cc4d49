"""Who is called by name in a text: `@` before a whole name, with or without its marks, or an account."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from workflow.domain.names import name_search
from workflow.domain.text import fold

_AT: Final = re.compile(r"(?<![\w.+-])@(?=\w)")
_PARTS_WORDS: Final = ".,;:!?()[]{}\"'“”‘’…/"
_MOST_WORDS: Final = 12
_USUAL_WORDS: Final = 5


@dataclass(frozen=True, slots=True)
class Addressee:
    """Somebody whom a text may call, by account: their name, and the address they sign in with."""

    account_id: int
    name: str
    email: str


@dataclass(frozen=True, slots=True)
class Calls:
    """Whom a text calls: accounts, the names that several people have, and those that nobody has here."""

    accounts: frozenset[int] = frozenset()
    shared: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


def calls_in(text: str, people: Iterable[Addressee], *, chosen: frozenset[int] = frozenset()) -> Calls:
    """Return whom a text calls among these people.

    The longest name that stands there is meant; with its marks where somebody has it so, else without. Of
    several who share it those are meant whom the writer `chosen` beside the text.
    """
    known, accounts = tuple(people), set[int]()
    shared, unknown = dict[str, None](), dict[str, None]()
    for at in _AT.finditer(text):
        words = _words(text[at.end() :])
        meant = _meant(words, known)
        found = {one.account_id for one in meant}
        if len(found) > 1:
            found = found & chosen
        if found:
            accounts |= found
        elif meant:
            shared[meant[0].name] = None
        else:
            unknown[_as_written(words)] = None
    return Calls(frozenset(accounts), tuple(shared), tuple(unknown))


def _words(rest: str) -> list[str]:
    """Return the words of the line that may belong to a name: none after a sign that ends one."""
    found = list[str]()
    for word in rest.partition("\n")[0].split()[:_MOST_WORDS]:
        plain = word.strip(_PARTS_WORDS)
        found.append(plain)
        if not word.endswith(plain):
            break
    return [word for word in found if word]


def _meant(words: Sequence[str], people: Sequence[Addressee]) -> list[Addressee]:
    account = fold(words[0]) if words else ""
    by_account = [one for one in people if account in {fold(one.email), fold(one.email).partition("@")[0]}]
    return by_account or _named(words, people, fold) or _named(words, people, name_search)


def _named(words: Sequence[str], people: Sequence[Addressee], spelt: Callable[[str], str]) -> list[Addressee]:
    """Return those whose whole name the words begin with, by the longest such name."""
    said = [spelt(word) for word in words]
    lengths = {one: len(name) for one in people if (name := spelt(one.name).split()) == said[: len(name)]}
    longest = max(lengths.values(), default=0)
    return [one for one, length in lengths.items() if length == longest]


def _as_written(words: Sequence[str]) -> str:
    """Return what was written after the sign, as far as it looks like a name: to its last capital letter."""
    near = words[:_USUAL_WORDS]
    capitals = [place for place, word in enumerate(near) if word[0].isupper()]
    return " ".join(near[: max(capitals, default=0) + 1])
