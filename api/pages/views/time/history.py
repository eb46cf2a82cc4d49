"""The history of a nomination in one line of time: what happened, and the mails with their fate."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from api.catalogue import say
from api.pages.writing import seat_text
from workflow.queries.mail.mails import MailView
from workflow.queries.nominations.events import EventView


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One line of the history: an event, or a mail with its fate."""

    at: datetime
    event: EventView | None
    mail: MailView | None
    routed_to: str = ""
    on_behalf_of: str = ""


def history_lines(
    events: Sequence[EventView], mails: Sequence[MailView], seats: Mapping[str, str], locale: str
) -> list[HistoryLine]:
    """Return events and mails in one line of time; a mail stands below the event that caused it."""
    found = [
        HistoryLine(
            event.recorded_at,
            event,
            None,
            seat_text(event.routed_to, seats, locale) if event.routed_to else "",
            _in_whose_place(event, seats, locale),
        )
        for event in events
    ]
    found += [HistoryLine(mail.created_at, None, mail) for mail in mails]
    return sorted(found, key=lambda entry: (entry.at, entry.mail is not None))


def seat_of_event(event: EventView) -> str | None:
    """Return the seat on whose behalf something was entered, None where it was done in a person's place."""
    return None if event.substitute_for else event.on_behalf_of


def _in_whose_place(event: EventView, seats: Mapping[str, str], locale: str) -> str:
    if event.substitute_for is not None:
        return say(locale, "nomination.as_substitute", name=event.substitute_for.name)
    seat = seat_of_event(event)
    return say(locale, "nomination.on_behalf", seat=seat_text(seat, seats, locale)) if seat else ""
