"""What waits for me, by due date: late, today, this week, later, without a date."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from flask import request

from api.edge import edge, request_now, request_session
from api.pages.catalogue import say
from api.pages.identity import current_actor, current_locale
from api.pages.once import new_key
from api.pages.routes import pages
from api.pages.writing import Due, due_of, render, seat_text, working_days
from api.permissions import Permission, permission
from workflow.queries.inbox import inbox, inbox_counts
from workflow.queries.inbox_rows import InboxItem, WhyKind
from workflow.queries.seats import name_seats
from workflow.store.database import local_day

_PAGE: Final = 50
_GROUPS: Final = ("late", "today", "week", "later", "undated")


@dataclass(frozen=True, slots=True)
class Line:
    """One thing to do as the page shows it."""

    item: InboxItem
    due: Due | None
    taken_by: str
    why: str
    age: str
    can_claim: bool


@pages.get("/")
@permission(Permission.SIGNED_IN)
def work() -> str:
    """Show the open work that waits for me."""
    actor, locale = current_actor(), current_locale()
    session, now = request_session(), request_now()
    page = inbox(session, actor=actor, now=now, limit=_PAGE, cursor=request.args.get("cursor"))
    today = local_day(session, now)
    seats = name_seats(session, _seats(page.items), today=today)
    lines = [_line(item, seats, locale) for item in page.items]
    return render(
        "work.html",
        groups=_grouped(lines, today),
        counts=inbox_counts(session, actor=actor, now=now),
        next=page.next,
        is_first="cursor" not in request.args,
        new_key=new_key,
    )


def _seats(items: Iterable[InboxItem]) -> set[str]:
    return {item.why.source.partition("@")[2] for item in items}


def _line(item: InboxItem, seats: dict[str, str], locale: str) -> Line:
    left = item.working_time_left.working_days if item.working_time_left else None
    source = seat_text(item.why.source, seats, locale)
    return Line(
        item=item,
        due=due_of(item.due_at, left, locale),
        taken_by=_taken_by(item),
        why=say(locale, f"work.why_{item.why.kind}", seat=source),
        age=working_days(item.age.working_days, locale),
        can_claim=item.why.kind is WhyKind.GROUP and item.nomination_id is not None,
    )


def _taken_by(item: InboxItem) -> str:
    """Return who works on late work that was reported here; empty where that is nobody, or the reader."""
    is_anothers = item.why.kind is WhyKind.ESCALATED and item.holder is not None
    return item.holder.assignee.name if is_anothers and item.holder and item.holder.assignee else ""


def _grouped(lines: Sequence[Line], today: date) -> list[tuple[str, list[Line]]]:
    """Return the lines under the heading of their due date, headings without lines left out."""
    sunday = today + timedelta(days=6 - today.weekday())
    groups: dict[str, list[Line]] = {name: [] for name in _GROUPS}
    for line in lines:
        groups[_group(line, sunday)].append(line)
    return [(name, found) for name, found in groups.items() if found]


def _group(line: Line, sunday: date) -> str:
    if line.due is None or line.item.due_at is None:
        return "undated"
    if line.due.standing in {"late", "today"}:
        return line.due.standing
    return "week" if line.item.due_at.astimezone(edge().settings.zone).date() <= sunday else "later"
