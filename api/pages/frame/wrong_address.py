"""What of an address a page cannot take, in its reader's words, and the same page without it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, urlencode

from flask import request

from api.catalogue import say
from api.pages.frame.where import path_here
from api.problems import Problem

# What the forms that write such an address call their fields; any other part has the name that it has there.
CALLED: Final[Mapping[str, str]] = {
    "age": "inbox.age",
    "award": "nominations.award",
    "cluster": "inbox.cluster",
    "cursor": "error.place",
    "days": "forecast.days",
    "due": "inbox.due",
    "flag": "nominations.flag",
    "from": "bottlenecks.from",
    "level": "inbox.level",
    "order": "nominations.order",
    "owner": "clusters.owner",
    "progress": "nominations.progress",
    "q": "nominations.q",
    "reason": "obstacles.reason",
    "round": "nominations.round",
    "stage": "nominations.stage",
    "status": "nominations.flag",
    "time": "bottlenecks.time",
    "to": "bottlenecks.to",
    "unit": "nominations.unit",
    "workflow": "bottlenecks.workflow",
    "year": "clusters.year",
}
_LONGEST: Final = 60


@dataclass(frozen=True, slots=True)
class WrongAddress:
    """The parts that a page cannot take, in words, and the address without them."""

    parts: str
    without: str


def wrong_address(problem: Problem, locale: str) -> WrongAddress | None:
    """Return what of the address of this request a problem is about, None where that is not its address."""
    if request.method != "GET":
        return None
    wrong = {error.field for error in problem.errors} & {*request.args}
    return without_words(wrong, locale) if wrong else None


def without_words(names: Collection[str], locale: str) -> WrongAddress:
    """Return those parts of the address of this request in words, and the address without them."""
    return without_parts([part for part in request.args.items(multi=True) if part[0] in names], locale)


def without_parts(parts: Collection[tuple[str, str]], locale: str) -> WrongAddress:
    """Return some of what the address of this request says in words, and the address without it."""
    said = dict.fromkeys(_part(name, value, locale) for name, value in parts)
    # Where a list stood belongs to what it was asked for.
    left = [part for part in request.args.items(multi=True) if part not in parts and part[0] != "cursor"]
    path = quote(path_here())
    return WrongAddress(", ".join(said), f"{path}?{urlencode(left)}" if left else path)


def _part(name: str, value: str, locale: str) -> str:
    called = say(locale, CALLED[name]) if name in CALLED else _seen(name)
    if name == "cursor":
        return called
    return say(locale, "error.part", name=called, value=_seen(value))


def _seen(text: str) -> str:
    """Return the beginning of what somebody wrote in an address, without what cannot be seen."""
    shown = "".join(one for one in text if one.isprintable())
    return shown if len(shown) <= _LONGEST else f"{shown[:_LONGEST]}…"
