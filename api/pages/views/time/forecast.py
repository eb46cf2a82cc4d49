"""The mails that will come if nobody acts: by day and reader, of what and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Final

from flask import request
from werkzeug.datastructures import MultiDict

from api.catalogue import say
from api.edge import edge, request_now, request_session, request_today
from api.forecast_view import USUAL_DAYS, ComingMail, ComingMention, ForecastView, read_forecast
from api.inputs.forecast import ForecastQuery
from api.pages.frame.address_words import narrowed_by
from api.pages.identity import current_actor, current_locale
from api.pages.routes import pages
from api.pages.writing import day_of, render, seat_text
from api.permissions import Permission, permission
from api.reading import read_form
from workflow.operations.foresight.coming import Cause
from workflow.operations.foresight.readers import watches
from workflow.queries.seats import name_seats

_PAGE: Final = 100
_CHOICES: Final = (1, USUAL_DAYS, 14, 31)


@dataclass(frozen=True, slots=True)
class MailLine:
    """One coming mail with a sentence for each thing that it tells of."""

    mail: ComingMail
    lines: tuple[tuple[ComingMention, str], ...]


@pages.get("/forecast")
@permission(Permission.SIGNED_IN)
@narrowed_by(*ForecastQuery.model_fields)
def coming_mails() -> str:
    """Show what will be sent in what I watch over, or to me."""
    actor, session = current_actor(), request_session()
    given = request.args.items(multi=True)
    # As on every page: what it does not know it says, and shows the rest.
    known = MultiDict((name, value) for name, value in given if name in ForecastQuery.model_fields)
    asked = read_form(ForecastQuery, known)
    sees_others = watches(actor)
    asked = asked if sees_others else asked.model_copy(update={"mine": True})
    question = asked.asked(edge().settings.mail_preferences)
    found = read_forecast(
        session, actor=actor, asked=question, now=request_now(), limit=_PAGE, cursor=asked.cursor
    )
    return render(
        "forecast.html",
        found=found,
        days=_by_day(found, _seats(found)),
        asked=asked,
        choices=_CHOICES,
        sees_others=sees_others,
    )


def _seats(found: ForecastView) -> dict[str, str]:
    keys = {item.seat for mail in found.items for item in mail.items if item.seat}
    return name_seats(request_session(), {key.partition("@")[2] for key in keys}, today=request_today())


def _by_day(found: ForecastView, seats: dict[str, str]) -> Sequence[tuple[date, Sequence[MailLine]]]:
    return [
        (day, [MailLine(mail, tuple((item, _why(item, seats)) for item in mail.items)) for mail in mails])
        for day, mails in groupby(found.items, key=lambda mail: day_of(mail.at))
    ]


def _why(item: ComingMention, seats: dict[str, str]) -> str:
    """Say in one sentence why a mail tells of this, and as what its reader is told."""
    locale = current_locale()
    place = seat_text(item.seat, seats, locale) if item.seat else ""
    if item.cause is not Cause.RUNG:
        return say(locale, f"forecast.why_{item.cause}", place=place)
    word = "around" if item.is_around else item.to
    return say(locale, f"forecast.why_{word}_at" if place else f"forecast.why_{word}", place=place)
