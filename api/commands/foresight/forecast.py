"""`commendo forecast`: the mails and escalations that will happen if nobody acts."""

from collections.abc import Iterator
from typing import Final
from zoneinfo import ZoneInfo

import click

from api.commands.desk import at_desk
from api.commands.output import as_json, tell
from api.forecast_view import USUAL_DAYS, ComingMention, ForecastView, forecast_view
from workflow.clock import DatabaseClock
from workflow.operations.foresight.forecast import MOST_DAYS, Asked, whole_forecast
from workflow.store.database import timezone_of
from workflow.store.reads import end_read

_NAMED: Final = 5


@click.command(name="forecast")
@click.option(
    "--days", type=click.IntRange(0, MOST_DAYS), default=USUAL_DAYS, show_default=True, help="After today."
)
@as_json
def show_forecast(days: int, *, as_json: bool) -> None:
    """Tell which mails and escalations will be sent if nobody acts: to whom, of what and why.

    Asked of the rules that send them; nothing is written.
    """
    with at_desk() as desk:
        zone = ZoneInfo(timezone_of(desk.session))
        end_read(desk.session)
        sessions = desk.reach.sessions()
        try:
            office = desk.reach.settings.mail_preferences
            asked = Asked(days, office=office)
            found = forecast_view(whole_forecast(sessions, asked=asked, clock=DatabaseClock()))
        finally:
            sessions.kw["bind"].dispose()
    result = {"since": found.since, "until": found.until, "days": found.days, "mails": found.items}
    tell(result, lambda: _told(found, zone), json_wanted=as_json)


def _told(found: ForecastView, zone: ZoneInfo) -> Iterator[str]:
    on = None
    counts = {one.day: one for one in found.days}
    for mail in found.items:
        at = mail.at.astimezone(zone)
        if at.date() != on:
            on = at.date()
            one = counts.get(on)
            promised = f": {one.reminders} reminders, {one.escalations} escalations promised" if one else ""
            yield f"{on:%a %Y-%m-%d}{promised}"
        to = f"{mail.reader.name} <{mail.email}>" if mail.reader else "nobody: no seat that is meant is held"
        back = " (mails to this address come back)" if mail.is_unreachable else ""
        yield f"    {at:%H:%M} {mail.notice or 'the list of the morning'} -> {to}{back}"
        for item in mail.items[:_NAMED]:
            yield f"        {_about(item)}"
        if len(mail.items) > _NAMED:
            yield f"        and {len(mail.items) - _NAMED} more"
    if on is None:
        yield f"No mail will be sent until {found.until}."


def _about(item: ComingMention) -> str:
    what = f"nomination {item.nomination_id}" if item.nomination_id else f"paper for {item.round}"
    what = f"fact of {item.person}" if item.person else what
    due = f", due {item.due_at:%Y-%m-%d}" if item.due_at else ""
    to = f" to {item.to}" if item.to else ""
    return f"{what} ({item.unit}{due}): {item.cause}{to}{f' as {item.seat}' if item.seat else ''}"
