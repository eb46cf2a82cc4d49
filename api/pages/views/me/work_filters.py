"""What the address of the inbox narrows it to, and what its form offers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from flask import request
from werkzeug.datastructures import MultiDict

from api.catalogue import say
from api.edge import request_session, request_today
from api.inputs.inbox import InboxFilter, InboxQuery
from api.pages.identity import current_actor, current_locale
from api.reading import read_form
from workflow.domain.errors import InvalidField
from workflow.domain.vocabulary import OPEN_STAGES, Stage
from workflow.queries.choices import FilterChoices, filter_choices
from workflow.queries.inbox.choices import inbox_clusters
from workflow.queries.inbox.filters import DueGroup, InboxFlag
from workflow.queries.inbox.inbox import InboxCounts
from workflow.queries.inbox.looks import Tab
from workflow.queries.inbox.narrow import HolderWord
from workflow.queries.shapes import Named

TAB: Final = "tab"
MORE: Final = "more"
WORK_WORDS: Final = (*InboxFilter.model_fields, TAB, MORE)
"""What the address of the inbox may say: its filters, its tab, and whether the whole form is wanted."""
_AGES: Final = ("3", "7", "14", "30", "90")
_COUNTS: Final[Mapping[Tab, str | None]] = {
    Tab.ALL: "total",
    Tab.MINE: "mine",
    Tab.GROUPS: "groups",
    Tab.SUBSTITUTE: "substitute",
    Tab.ESCALATED: "escalated",
    Tab.WAITING: "waiting",
    Tab.ASIDE: "set_aside",
    # What somebody ever decided only grows: its number says nothing, and counting it would read all of it.
    Tab.DONE: None,
}
# Where most people never have anything: shown to those who have.
_RARE: Final = frozenset({Tab.SUBSTITUTE, Tab.ESCALATED})


@dataclass(frozen=True, slots=True)
class WorkTab:
    """One tab: its word, how much is in it (None: not counted), what its address says beside the filters."""

    word: Tab
    count: int | None
    is_current: bool
    args: dict[str, str]


@dataclass(frozen=True, slots=True)
class OfferedFilters:
    """What the form offers to choose from; `state` is only kept, as a link named it."""

    levels: tuple[Stage, ...]
    dues: tuple[DueGroup, ...]
    ages: tuple[str, ...]
    holders: tuple[HolderWord, ...]
    flags: tuple[InboxFlag, ...]
    clusters: tuple[Named, ...]
    seen: FilterChoices


def said(fields: MultiDict[str, str] | None = None) -> MultiDict[str, str]:
    """Return what the address, or a form, says of filters and tab; an empty field says nothing."""
    names = {*InboxFilter.model_fields, TAB}
    told = request.args if fields is None else fields
    given = [(name, value.strip()) for name, value in told.items(multi=True) if name in names]
    return MultiDict([(name, value) for name, value in given if value])


def asked(given: MultiDict[str, str]) -> InboxQuery:
    """Return what the address asks for, read as a program's is. Raises `InvalidField`."""
    return read_form(InboxQuery, given)


def wrong_words(refusal: InvalidField, given: Mapping[str, str]) -> dict[str, str]:
    """Say by each field what it names and there is not."""
    locale = current_locale()
    return {
        error.field: say(locale, "inbox.unknown", word=given.get(error.field, "")) for error in refusal.errors
    }


def tabs_of(counts: InboxCounts, current: Tab, filters: Mapping[str, str]) -> tuple[WorkTab, ...]:
    """Return the tabs, each with how much is in it of what the filters leave."""
    found = (
        WorkTab(tab, getattr(counts, name) if name else None, tab is current, _args(tab, filters))
        for tab, name in _COUNTS.items()
    )
    return tuple(one for one in found if one.count or one.is_current or one.word not in _RARE)


def _args(tab: Tab, filters: Mapping[str, str]) -> dict[str, str]:
    return dict(filters) if tab is Tab.ALL else {TAB: str(tab), **filters}


def offered(given: Mapping[str, str]) -> OfferedFilters | None:
    """Return what the whole form offers, None where only the search is shown: it costs nothing to read."""
    is_whole = MORE in request.args or any(name not in {TAB, "q"} for name in given)
    if not is_whole:
        return None
    session, scope, today = request_session(), current_actor().scope, request_today()
    age = given.get("age")
    return OfferedFilters(
        levels=tuple(stage for stage in Stage if stage in OPEN_STAGES),
        dues=tuple(DueGroup),
        ages=_AGES if age is None or age in _AGES else (*_AGES, age),
        holders=tuple(word for word in HolderWord if word is not HolderWord.ONE),
        flags=tuple(InboxFlag),
        clusters=inbox_clusters(session),
        seen=filter_choices(session, scope=scope, today=today),
    )
