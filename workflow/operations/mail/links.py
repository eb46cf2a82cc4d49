"""Addresses that open exactly what one letter about several things tells of."""

from collections.abc import Sequence
from itertools import groupby
from typing import Final, TypeVar
from urllib.parse import quote, urlencode

from workflow.domain.notices import FACTS_TO_SAY
from workflow.domain.only import spell_runs
from workflow.domain.vocabulary import NoticeKind
from workflow.messages.compose import LetterLink
from workflow.store.correspondence import Promise

# An address line of 4,094 octets is the most a web server takes by default (gunicorn, limit_request_line).
_MOST_NAMES: Final = 400
_MOST_UNITS: Final = 100
# What a letter asks its reader to do, where others only tell.
_ASKS: Final = frozenset({NoticeKind.WORK_OPENED, NoticeKind.REMINDER})

Thing = TypeVar("Thing")


def links_to(promises: Sequence[Promise], base_url: str) -> tuple[LetterLink, ...]:
    """Return the pages that together show what the mails tell of and nothing else, mostly one.

    Nominations are on their list, what units owe is on the board of its round. Names of one submission that
    wait for the reader are where that list is decided.
    """
    if (decided := _list_to_decide(promises)) is not None:
        only = _query(spell_runs(sorted({promise.nomination_id or 0 for promise in promises})))
        return (LetterLink(f"{base_url.rstrip('/')}/submissions/{decided}/decide?{only}"),)
    names = sorted({promise.nomination_id for promise in promises if promise.nomination_id is not None})
    units = sorted(
        {
            (promise.round_code or "", promise.round_title or "", promise.unit_code or "")
            for promise in promises
            if promise.expected_return_id is not None
        }
    )
    links = [
        LetterLink(f"{base_url.rstrip('/')}/nominations?{_query(spell_runs(part))}", _part(place, names))
        for place, part in enumerate(_cut(names, _MOST_NAMES))
    ]
    for (code, title), found in groupby(units, key=lambda unit: unit[:2]):
        for part in _cut([unit for _, _, unit in found], _MOST_UNITS):
            board = f"{base_url.rstrip('/')}/rounds/{quote(code, safe='')}/board"
            links.append(LetterLink(f"{board}?{_query(','.join(part))}", title))
    if any(promise.notice in FACTS_TO_SAY for promise in promises):
        links.append(LetterLink(f"{base_url.rstrip('/')}/facts/asked"))
    return tuple(links) if len(links) > 1 else tuple(LetterLink(link.url) for link in links)


def list_of(promise: Promise, base_url: str) -> str:
    """Return where the list is decided on which a name waits for the reader; empty for anything else."""
    if promise.nomination_id is None or promise.submission_id is None or promise.notice not in _ASKS:
        return ""
    return f"{base_url.rstrip('/')}/submissions/{promise.submission_id}/decide"


def _list_to_decide(promises: Sequence[Promise]) -> int | None:
    """Return the one submission whose names all of the letter asks its reader to act on, None otherwise."""
    lists = {
        promise.submission_id if promise.nomination_id is not None and promise.notice in _ASKS else None
        for promise in promises
    }
    names = {promise.nomination_id for promise in promises}
    return lists.pop() if len(lists) == 1 and len(names) <= _MOST_NAMES else None


def _query(only: str) -> str:
    return urlencode({"only": only}, safe=",-")


def _part(place: int, names: Sequence[int]) -> str:
    if len(names) <= _MOST_NAMES:
        return ""
    first = place * _MOST_NAMES
    return f"{first + 1}-{min(first + _MOST_NAMES, len(names))}"


def _cut(things: Sequence[Thing], most: int) -> list[Sequence[Thing]]:
    return [things[start : start + most] for start in range(0, len(things), most)]
