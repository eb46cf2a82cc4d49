"""What waits for me: lists first, then what else is due, each group by its date."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from flask import Response, make_response, request

from api.catalogue import say
from api.edge import edge, request_now, request_session, request_today
from api.inputs.saved_views import read_words
from api.pages.frame.address_words import narrowed_by
from api.pages.identity import current_actor, current_locale
from api.pages.once import new_key
from api.pages.routes import pages
from api.pages.views.me.work_at_once import at_once
from api.pages.views.me.work_filters import TAB, WORK_WORDS, asked, offered, said, tabs_of, wrong_words
from api.pages.views.submissions import due_here
from api.pages.views.time.elapsed import both_times
from api.pages.writing import ShownDue, away_text, moment, render, seat_text
from api.pages.writing import due_of as shown_due
from api.permissions import Permission, permission
from workflow.domain.errors import InvalidField
from workflow.domain.rights.roles_held import nominating_units
from workflow.queries.inbox.filters import DueGroup, due_of
from workflow.queries.inbox.groups import InboxGroup, counted_groups
from workflow.queries.inbox.inbox import (
    MOST_IN_TAB,
    dates_asked,
    inbox_counts,
    mentions_waiting,
    preparations_sent_back,
)
from workflow.queries.inbox.looks import Tab
from workflow.queries.inbox.rows import InboxItem, WhyKind
from workflow.queries.inbox.saved_views import MOST_COUNTED, saved_views
from workflow.queries.paging import Page
from workflow.queries.people.questions import FactAsked, list_fact_questions, says_for_units
from workflow.queries.seats import name_seats
from workflow.queries.shapes import state_called

_PAGE: Final = 50
_FACTS_SHOWN: Final = 5


@dataclass(frozen=True, slots=True)
class WorkLine:
    """One thing to do as the page shows it."""

    item: InboxItem
    due: ShownDue | None
    taken_by: str
    away: str
    why: str
    age: str
    here: str
    can_claim: bool
    may_press: bool
    may_compose: bool
    may_ask_date: bool
    may_wait: bool
    done: str


@dataclass(frozen=True, slots=True)
class Pile:
    """One list that waits, or one thing by itself: the group, when it is due, its lines.

    `has_twin`: another list of its unit is on the page, so that the unit does not tell which it is.
    """

    group: InboxGroup
    due: ShownDue | None
    lines: tuple[WorkLine, ...]
    has_twin: bool

    @property
    def unshown(self) -> int:
        """How many names of the list wait beyond those shown."""
        return self.group.waiting - len(self.lines)

    @property
    def returned(self) -> int:
        """How many of those shown came back to be mended."""
        return sum(line.item.is_returned for line in self.lines)


@pages.get("/")
@permission(Permission.SIGNED_IN)
@narrowed_by(*WORK_WORDS)
def work() -> Response:
    """Show the open work that waits for me: a tab of it, narrowed by the words of the address."""
    actor, locale = current_actor(), current_locale()
    session, now = request_session(), request_now()
    given = said()
    page: Page[InboxGroup] = Page((), None)
    tab, wrong = Tab.ALL, {}
    try:
        query = asked(given)
        tab, filters, cursor = query.tab, query.filters(), request.args.get("cursor")
        counts, page = counted_groups(
            session, actor=actor, now=now, limit=_PAGE, cursor=cursor, tab=tab, filters=filters
        )
    except InvalidField as refusal:
        wrong, counts = wrong_words(refusal, given), inbox_counts(session, actor=actor, now=now)
    seats = name_seats(session, _seats(page.items), today=request_today())
    lists = Counter(group.unit.code for group in page.items if group.submission)
    piles = [_pile(group, seats, locale, has_twin=lists[group.unit.code] > 1) for group in page.items]
    narrowed = {name: value for name, value in given.items() if name != TAB}
    is_plain = tab is Tab.ALL and not narrowed
    text = render(
        "work.html",
        headings=_under_headings(piles) if tab is not Tab.DONE else [],
        done=piles if tab is Tab.DONE else [],
        counts=counts,
        tab=tab,
        tabs=tabs_of(counts, tab, narrowed),
        narrowed=narrowed,
        # A state is no choice of the form.
        state=state_called(session, narrowed["state"]).text(locale) if narrowed.get("state") else "",
        at_once=at_once(page.items, is_whole=counts.total == sum(one.waiting for one in page.items))
        if tab is not Tab.DONE
        else [],
        args={name: word for name, word in given.items() if name != TAB or TAB not in wrong},
        offered=offered(given),
        wrong=wrong,
        asked=dates_asked(session, actor=actor, now=now) if is_plain and counts.dates_asked else (),
        facts_asked=_facts_asked() if is_plain else (),
        mentions=mentions_waiting(session, actor=actor, now=now) if is_plain and counts.mentions else (),
        sent_back=preparations_sent_back(session, actor=actor, now=now)
        if is_plain and counts.sent_back
        else (),
        views=saved_views(session, actor=actor, now=now, read=read_words),
        most_counted=MOST_COUNTED,
        most_in_tab=MOST_IN_TAB,
        next=page.next,
        is_first="cursor" not in request.args,
        new_key=new_key,
    )
    return make_response(text, 422 if wrong else 200)


def _facts_asked() -> Sequence[FactAsked]:
    """Return what the reader's units are asked of their people, the first that are due."""
    actor = current_actor()
    if not says_for_units(actor):
        return ()
    found = list_fact_questions(
        request_session(), actor=actor, now=request_now(), limit=_FACTS_SHOWN, cursor=None
    )
    return found.items


def _seats(groups: Iterable[InboxGroup]) -> set[str]:
    return {item.why.source.partition("@")[2] for group in groups for item in group.items}


def _pile(group: InboxGroup, seats: dict[str, str], locale: str, *, has_twin: bool) -> Pile:
    lines = tuple(_line(item, seats, locale) for item in group.items)
    return Pile(group, due_here(group.due_at), lines, has_twin)


def _line(item: InboxItem, seats: dict[str, str], locale: str) -> WorkLine:
    left = item.working_time_left.working_days if item.working_time_left else None
    source = seat_text(item.why.source, seats, locale)
    return WorkLine(
        item=item,
        due=shown_due(item.due_at, left, locale, item.due_explained),
        taken_by=_taken_by(item),
        away=away_text(item.holder, locale),
        why=say(locale, f"work.why_{item.why.kind}", seat=source, name=item.why.absent or ""),
        age=both_times(item.age.working_days, item.age_calendar_days, locale),
        here=_here(item.age_calendar_days, locale),
        can_claim=_can_claim(item),
        may_press=item.why.kind is WhyKind.ESCALATED and item.nomination_id is not None and not item.is_held,
        may_compose=item.expected_return_id is not None
        and item.unit.code in nominating_units(current_actor()),
        may_ask_date=_may_ask_date(item),
        # What is due by tonight, or late, is set aside until no day.
        may_wait=(left is None or left > 0) and item.done is None,
        done=_done(item, locale),
    )


def _done(item: InboxItem, locale: str) -> str:
    """Say what the reader did with it and when; empty where they have not yet."""
    if item.done is None:
        return ""
    return say(locale, "work.done", action=item.done.action.text(locale), at=moment(item.done.at, locale))


def _here(days: int, locale: str) -> str:
    return say(locale, "work.here", count=days) if days else say(locale, "work.here_today")


def _may_ask_date(item: InboxItem) -> bool:
    """Return whether the reader has dated work of a nomination to do; of the nominee's the form says no."""
    is_running = item.due_at is not None and not item.is_held
    is_theirs = item.why.kind not in {WhyKind.ESCALATED, WhyKind.DONE}
    return is_running and item.nomination_id is not None and is_theirs


def _can_claim(item: InboxItem) -> bool:
    """Return whether it lies in a group's hands: the reader's own, or that of somebody they stand in for."""
    is_groups = item.why.kind in {WhyKind.GROUP, WhyKind.SUBSTITUTE}
    is_free = item.holder is not None and item.holder.assignee is None
    return is_groups and is_free and item.nomination_id is not None


def _taken_by(item: InboxItem) -> str:
    """Return who works on late work that was reported here; empty where that is nobody, or the reader."""
    is_anothers = item.why.kind is WhyKind.ESCALATED and item.holder is not None
    return item.holder.assignee.name if is_anothers and item.holder and item.holder.assignee else ""


def _under_headings(piles: Sequence[Pile]) -> list[tuple[DueGroup, list[Pile]]]:
    """Return lists and single things under when they are due; no heading is empty."""
    now, zone = request_now(), edge().settings.zone
    found: dict[DueGroup, list[Pile]] = {due: [] for due in DueGroup}
    for pile in piles:
        found[due_of(pile.group.due_at, now, zone)].append(pile)
    return [(due, piles) for due, piles in found.items() if piles]
