"""The list of nominations I may see, narrowed by the words of its address."""

from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Final

from flask import request

from api.catalogue import say
from api.edge import request_now, request_session, request_today
from api.pages.frame.address_words import narrowed_by, word_asked
from api.pages.frame.narrowed import called, narrowed_to
from api.pages.identity import current_actor, current_locale
from api.pages.routes import pages
from api.pages.writing import holder_text, moment, render
from api.permissions import Permission, permission
from workflow.domain.only import LONGEST
from workflow.domain.rights.nudges import may_press_somebody
from workflow.domain.text import normalise, visible
from workflow.domain.vocabulary import Stage
from workflow.queries.choices import FilterChoices, filter_choices
from workflow.queries.nominations.filters import Flag, NominationFilters, Order
from workflow.queries.nominations.nominations import NominationRow, list_nominations
from workflow.queries.progress import Progress
from workflow.queries.seats import name_seats
from workflow.queries.shapes import state_called, waits_for

_PAGE: Final = 50
_LONGEST_WORD: Final = 200
_ONLY: Final = "only"
NOMINATION_WORDS: Final = tuple(field.name for field in fields(NominationFilters))
"""The words by which an address narrows nominations and puts them in order."""


@dataclass(frozen=True, slots=True)
class NominationLine:
    """One nomination as the list shows it."""

    row: NominationRow
    due: str | None
    is_late: bool
    holder: str
    may_press: bool


@pages.get("/nominations")
@permission(Permission.SIGNED_IN)
@narrowed_by(*NOMINATION_WORDS)
def nominations() -> str:
    """Show the nominations I may see."""
    actor, locale = current_actor(), current_locale()
    session, now = request_session(), request_now()
    filters = asked_filters()
    page = list_nominations(
        session, actor=actor, filters=filters, limit=_PAGE, cursor=request.args.get("cursor"), now=now
    )
    today = request_today()
    seats = name_seats(
        session, {row.holder.seat for row in page.items if row.holder is not None}, today=today
    )
    choices = filter_choices(session, scope=actor.scope, today=today)
    return render(
        "nominations.html",
        lines=[_line(row, seats, now, locale) for row in page.items],
        choices=choices,
        filters=filters,
        narrowed=_narrowed(filters, choices, locale),
        args=_chosen(filters),
        stages=tuple(Stage),
        flags=tuple(Flag),
        progresses=tuple(Progress),
        orders=tuple(Order),
        next=page.next,
        looks_on=page.is_short_of(_PAGE),
        is_first="cursor" not in request.args,
    )


def _word(name: str, value: str) -> str:
    """Return what a condition says; in words to search by, what cannot be seen does not count."""
    return visible(value) if name == "q" else normalise(value, field=name, single_line=True)


def asked_filters() -> NominationFilters:
    """Read the filters out of the address; an unknown value is refused by name, an empty one is no filter."""
    given = {
        name: _word(name, value)[: LONGEST if name == _ONLY else _LONGEST_WORD]
        for name, value in request.args.items()
        if value.strip() and name in NOMINATION_WORDS
    }
    return NominationFilters(
        stage=word_asked(Stage, "stage"),
        state=given.get("state"),
        unit=given.get("unit"),
        round=given.get("round"),
        award=given.get("award"),
        q=given.get("q"),
        only=given.get(_ONLY),
        flag=word_asked(Flag, "flag"),
        progress=word_asked(Progress, "progress"),
        order=word_asked(Order, "order") or Order.NEWEST,
    )


def _chosen(filters: NominationFilters) -> dict[str, str]:
    """Return the filters as an address spells them, for the links to further pages."""
    chosen = {name: str(value) for name, value in asdict(filters).items() if value is not None}
    if filters.order is Order.NEWEST:
        del chosen["order"]
    return chosen


def _narrowed(filters: NominationFilters, choices: FilterChoices, locale: str) -> str:
    """Say what the list is narrowed to."""
    # A state is no choice of the form.
    state = state_called(request_session(), filters.state).text(locale) if filters.state else ""
    return narrowed_to(
        [
            filters.flag and say(locale, f"nominations.flag_{filters.flag}"),
            filters.stage and say(locale, f"stage.{filters.stage}"),
            state,
            filters.progress and say(locale, f"progress.{filters.progress}"),
            *called(
                choices,
                locale,
                unit=filters.unit,
                round_code=filters.round,
                award_code=filters.award,
            ),
        ]
    )


def _line(row: NominationRow, seats: dict[str, str], now: datetime, locale: str) -> NominationLine:
    is_late = row.due_at is not None and row.due_at < now
    return NominationLine(
        row,
        moment(row.due_at, locale) if row.due_at else None,
        is_late,
        holder_text(row.holder, seats, locale),
        _may_press(row),
    )


def _may_press(row: NominationRow) -> bool:
    """Return whether a way to press the holder is shown; whether it is the reader's, its page says."""
    actor, holder = current_actor(), row.holder
    if holder is None or holder.is_empty or row.is_held or not may_press_somebody(actor):
        return False
    return not waits_for(actor, holder)
