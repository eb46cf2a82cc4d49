"""What waits for me: lists first, then what else is due, each group by its date."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from flask import request

from api.catalogue import say
from api.edge import edge, request_now, request_session, request_today
from api.pages.identity import current_actor, current_locale
from api.pages.once import new_key
from api.pages.routes import pages
from api.pages.views.time.elapsed import both_times
from api.pages.writing import ShownDue, away_text, due_of, render, seat_text
from api.permissions import Permission, permission
from workflow.domain.time.workdays import CalendarName
from workflow.queries.inbox.groups import InboxGroup, inbox_groups
from workflow.queries.inbox.inbox import dates_asked, inbox_counts
from workflow.queries.inbox.rows import InboxItem, WhyKind
from workflow.queries.seats import name_seats
from workflow.queries.waiting.spans import left_until

_PAGE: Final = 50
_HEADINGS: Final = ("lists", "late", "today", "week", "later", "undated")


@dataclass(frozen=True, slots=True)
class WorkLine:
    """One thing to do as the page shows it."""

    item: InboxItem
    due: ShownDue | None
    taken_by: str
    away: str
    why: str
    age: str
    can_claim: bool
    may_press: bool
    may_ask_date: bool
    may_wait: bool


@dataclass(frozen=True, slots=True)
class Pile:
    """One list that waits, or one thing by itself: the group, when it is due, its lines."""

    group: InboxGroup
    due: ShownDue | None
    lines: tuple[WorkLine, ...]

    @property
    def is_held(self) -> bool:
        """Whether every name of it that is shown is on hold: then nothing of it is due."""
        return bool(self.lines) and all(line.item.is_held for line in self.lines)

    @property
    def unshown(self) -> int:
        """How many names of the list wait beyond those shown."""
        return self.group.waiting - len(self.lines)


@pages.get("/")
@permission(Permission.SIGNED_IN)
def work() -> str:
    """Show the open work that waits for me."""
    actor, locale = current_actor(), current_locale()
    session, now = request_session(), request_now()
    page = inbox_groups(session, actor=actor, now=now, limit=_PAGE, cursor=request.args.get("cursor"))
    today = request_today()
    seats = name_seats(session, _seats(page.items), today=today)
    piles = [_pile(group, seats, locale) for group in page.items]
    counts = inbox_counts(session, actor=actor, now=now)
    return render(
        "work.html",
        headings=_under_headings(piles, today),
        counts=counts,
        asked=dates_asked(session, actor=actor, now=now) if counts.dates_asked else (),
        next=page.next,
        is_first="cursor" not in request.args,
        new_key=new_key,
    )


def _seats(groups: Iterable[InboxGroup]) -> set[str]:
    return {item.why.source.partition("@")[2] for group in groups for item in group.items}


def _pile(group: InboxGroup, seats: dict[str, str], locale: str) -> Pile:
    lines = tuple(_line(item, seats, locale) for item in group.items)
    return Pile(group, _due(group.due_at, locale), lines)


def _due(due_at: datetime | None, locale: str) -> ShownDue | None:
    left = left_until(request_session(), CalendarName.LOCAL, due_at, request_now())
    return due_of(due_at, left.working_days if left else None, locale)


def _line(item: InboxItem, seats: dict[str, str], locale: str) -> WorkLine:
    left = item.working_time_left.working_days if item.working_time_left else None
    source = seat_text(item.why.source, seats, locale)
    return WorkLine(
        item=item,
        due=due_of(item.due_at, left, locale, item.due_explained),
        taken_by=_taken_by(item),
        away=away_text(item.holder, locale),
        why=say(locale, f"work.why_{item.why.kind}", seat=source, name=item.why.absent or ""),
        age=both_times(item.age.working_days, item.age_calendar_days, locale),
        can_claim=_can_claim(item),
        may_press=item.why.kind is WhyKind.ESCALATED and item.nomination_id is not None and not item.is_held,
        may_ask_date=_may_ask_date(item),
        # What is due by tonight, or late, is set aside until no day.
        may_wait=left is None or left > 0,
    )


def _may_ask_date(item: InboxItem) -> bool:
    """Return whether the reader has dated work of a nomination to do; of the nominee's the form says no."""
    is_running = item.due_at is not None and not item.is_held
    return is_running and item.nomination_id is not None and item.why.kind is not WhyKind.ESCALATED


def _can_claim(item: InboxItem) -> bool:
    """Return whether it lies in a group's hands: the reader's own, or that of somebody they stand in for."""
    is_groups = item.why.kind in {WhyKind.GROUP, WhyKind.SUBSTITUTE}
    is_free = item.holder is not None and item.holder.assignee is None
    return is_groups and is_free and item.nomination_id is not None


def _taken_by(item: InboxItem) -> str:
    """Return who works on late work that was reported here; empty where that is nobody, or the reader."""
    is_anothers = item.why.kind is WhyKind.ESCALATED and item.holder is not None
    return item.holder.assignee.name if is_anothers and item.holder and item.holder.assignee else ""


def _under_headings(piles: Sequence[Pile], today: date) -> list[tuple[str, list[Pile]]]:
    """Return lists under a heading of their own, the rest under that of their due date; none is empty."""
    sunday = today + timedelta(days=6 - today.weekday())
    found: dict[str, list[Pile]] = {name: [] for name in _HEADINGS}
    for pile in piles:
        found["lists" if pile.group.submission else _heading(pile, sunday)].append(pile)
    return [(name, piles) for name, piles in found.items() if piles]


def _heading(pile: Pile, sunday: date) -> str:
    due_at = pile.group.due_at
    if pile.due is None or due_at is None:
        return "undated"
    if pile.due.standing in {"late", "today"}:
        return pile.due.standing
    return "week" if due_at.astimezone(edge().settings.zone).date() <= sunday else "later"
