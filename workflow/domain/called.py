"""Who is called by name in a text: `@` before a whole name, with or without its marks, or an account."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final, Self

from workflow.domain.names import name_search
from workflow.domain.text import fold

_AT: Final = re.compile(r"(?<![\w.+-])@(?=\w)")
_PARTS_WORDS: Final = ".,;:!?()[]{}\"'“”‘’…/"
_MOST_WORDS: Final = 12
_USUAL_WORDS: Final = 5
# Twelve words of a name that nobody has; what follows is not looked at, however long the line.
_LONGEST: Final = 500


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
    known, accounts = _Known.of(people), set[int]()
    shared, unknown = dict[str, None](), dict[str, None]()
    for at in _AT.finditer(text):
        words = _words(text[at.end() : at.end() + _LONGEST])
        meant = known.meant(words)
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


@dataclass(frozen=True, slots=True)
class _Known:
    """People by account and by whole name in each spelling: a text may call them thousands of times."""

    accounts: Mapping[str, list[Addressee]]
    names: Sequence[tuple[Callable[[str], str], Mapping[tuple[str, ...], list[Addressee]]]]

    @classmethod
    def of(cls, people: Iterable[Addressee]) -> Self:
        """Look each of them up once."""
        known, accounts = tuple(people), defaultdict[str, list[Addressee]](list)
        for one in known:
            for account in {fold(one.email), fold(one.email).partition("@")[0]}:
                accounts[account].append(one)
        names = []
        for spelt in (fold, name_search):
            spelling = defaultdict[tuple[str, ...], list[Addressee]](list)
            for one in known:
                spelling[tuple(spelt(one.name).split())].append(one)
            names.append((cache(spelt), spelling))
        return cls(accounts, names)

    def meant(self, words: Sequence[str]) -> Sequence[Addressee]:
        """Return those whose account the first word is, or else whose whole name the words begin with.

        The longest such name, with its marks before without.
        """
        if by_account := self.accounts.get(fold(words[0]) if words else ""):
            return by_account
        for spelt, spelling in self.names:
            said = [spelt(word) for word in words]
            for length in range(len(said), 0, -1):
                if named := spelling.get(tuple(said[:length])):
                    return named
        return ()


def _words(rest: str) -> list[str]:
    """Return the words of the line that may belong to a name: none after a sign that ends one."""
    found = list[str]()
    for word in rest.partition("\n")[0].split()[:_MOST_WORDS]:
        plain = word.strip(_PARTS_WORDS)
        found.append(plain)
        if not word.endswith(plain):
            break
    return [word for word in found if word]


def _as_written(words: Sequence[str]) -> str:
    """Return what was written after the sign, as far as it looks like a name: to its last capital letter."""
    near = words[:_USUAL_WORDS]
    capitals = [place for place, word in enumerate(near) if word[0].isupper()]
    return " ".join(near[: max(capitals, default=0) + 1])
