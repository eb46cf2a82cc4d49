"""A person's due dates as RFC 5545 writes them, for the calendar programs that people have.

Each is a VEVENT: of what is subscribed to by address, Google Calendar, Outlook and Apple Calendar show the
events alone and leave out every VTODO. It ends at the due time and blocks none (TRANSPARENT). Instants are in
UTC: each program shows them by its own clock, and needs no table of zones for it.
"""

from collections.abc import Iterable
from datetime import timedelta
from typing import Final
from urllib.parse import quote

from icalendar import Alarm, Calendar, Event, vDuration

from api.catalogue import say
from workflow.queries.feed.feed import DueDate

_SHOWN: Final = timedelta(minutes=30)
_WARNED: Final = timedelta(days=-1)
_REFRESHED: Final = timedelta(hours=1)
MEDIA_TYPE: Final = "text/calendar; charset=utf-8"


def write_feed(dates: Iterable[DueDate], *, locale: str, base_url: str, domain: str) -> bytes:
    """Return the feed as it is read: the same dates give the same octets, so that a program may keep them."""
    feed = Calendar()
    feed.add("prodid", "-//Commendo//Due dates//EN")
    feed.add("version", "2.0")
    feed.add("method", "PUBLISH")
    feed.add("x-wr-calname", say(locale, "feed.name"))
    feed.add("refresh-interval", vDuration(_REFRESHED), parameters={"VALUE": "DURATION"})
    feed.add("x-published-ttl", vDuration(_REFRESHED))
    for due in dates:
        feed.add_component(_event(due, locale, base_url.rstrip("/"), domain))
    written: bytes = feed.to_ical()
    return written


def _event(due: DueDate, locale: str, base_url: str, domain: str) -> Event:
    event, summary = Event(), _summary(due, locale)
    event.add("uid", f"work-{due.work_item_id}@{domain}")
    event.add("sequence", due.sequence)
    event.add("dtstamp", due.changed_at)
    event.add("last-modified", due.changed_at)
    event.add("dtstart", due.due_at - _SHOWN)
    event.add("dtend", due.due_at)
    event.add("summary", say(locale, "feed.called_off", summary=summary) if due.is_called_off else summary)
    event.add("status", "CANCELLED" if due.is_called_off else "CONFIRMED")
    event.add("transp", "TRANSPARENT")
    url = f"{base_url}/{_path(due)}"
    event.add("url", url)
    lines = [*([due.reason.text(locale)] if due.reason else []), url]
    event.add("description", "\n".join(lines))
    if not due.is_called_off:
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", summary)
        alarm.add("trigger", _WARNED)
        event.add_component(alarm)
    return event


def _summary(due: DueDate, locale: str) -> str:
    """Say what is due by the file's number and the award: whose name it is stays in the product."""
    if due.nomination_id is None:
        return say(locale, "feed.owed", round=due.round_title, unit=due.unit_name)
    award = due.award.text(locale) if due.award else ""
    step = f" ({due.label.text(locale)})" if due.label else ""
    return say(locale, "feed.due", number=due.nomination_id, award=award) + step


def _path(due: DueDate) -> str:
    if due.nomination_id is None:
        return f"rounds/{quote(due.round, safe='')}"
    return f"nominations/{due.nomination_id}"
