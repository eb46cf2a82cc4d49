"""Lines for a chat: what is missing by when (one a day), where it is done, whom to ask; no nominee's name."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from urllib.parse import quote

from sqlalchemy.orm import Session

from api.catalogue import say
from api.edge import edge, request_today
from workflow.domain.errors import FieldError, InvalidField
from workflow.domain.rights.policy import Actor
from workflow.domain.rights.roles_held import is_officer
from workflow.domain.text import fold
from workflow.messages import formats
from workflow.queries.rounds.returns import ReturnView
from workflow.queries.rounds.views import RoundView
from workflow.queries.seats import unit_officer

_MOST_NAMED: Final = 5


@dataclass(frozen=True, slots=True)
class ChatText:
    """What to paste for one unit; for all of them together where `unit` is None."""

    unit: str | None
    unit_name: str | None
    text: str


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom to ask, in a sentence, and the telephone number in it."""

    text: str
    telephone: str = ""


def chat_texts(
    session: Session,
    view: RoundView,
    owed: Sequence[ReturnView],
    *,
    units: Sequence[str] = (),
    locale: str,
) -> tuple[ChatText, ...]:
    """Return the text for all the silent units of a round among those that owe, and that of each.

    Of those named in `units` alone where there are any; none if none is silent. Raises `InvalidField` naming
    each unit that is not among those that are silent.
    """
    silent = [one for one in owed if one.is_silent] if view.closed_at is None else []
    if units:
        silent = _chosen(silent, units)
    contact = contact_of(session, view, locale).text
    each = [ChatText(one.unit.code, one.unit.name, _text(view, [one], contact, locale)) for one in silent]
    whole = [ChatText(None, None, _text(view, silent, contact, locale))] if len(silent) > 1 else []
    return (*whole, *each)


def _chosen(silent: Sequence[ReturnView], units: Sequence[str]) -> list[ReturnView]:
    wanted = {fold(unit): unit for unit in units}
    known = {fold(one.unit.code) for one in silent}
    errors = [
        FieldError("units", f"'{unit}' owes this round nothing, or it is not yours to see")
        for code, unit in wanted.items()
        if code not in known
    ]
    if errors:
        raise InvalidField("units: " + "; ".join(error.message for error in errors) + ".", errors=errors)
    return [one for one in silent if fold(one.unit.code) in wanted]


def _text(view: RoundView, silent: Sequence[ReturnView], contact: str, locale: str) -> str:
    # Units may have days of their own: each day is said of those whose it is.
    days = sorted({one.due_on for one in silent})
    missing = [_missing(view, [one for one in silent if one.due_on == day], day, locale) for day in days]
    address = f"{edge().settings.base_url.rstrip('/')}/rounds/{quote(view.code, safe='')}"
    return "\n".join((*missing, say(locale, "zalo.where", address=address), contact))


def _missing(view: RoundView, silent: Sequence[ReturnView], due_on: date, locale: str) -> str:
    names = ", ".join(_line(one.unit.name) for one in silent[:_MOST_NAMED])
    rest = len(silent) - _MOST_NAMED
    if rest > 0:
        names = say(locale, "zalo.and_more", names=names, count=rest)
    day = formats.day(due_on, locale)
    return say(locale, "zalo.missing", round=_line(view.title), units=names, day=day)


def contact_of(session: Session, view: RoundView, locale: str, *, reader: Actor | None = None) -> Contact:
    """Return whom to ask: the officer of who runs the round, else the installation's, else the unit.

    Whoever reads it is not sent to themselves.
    """
    officer = unit_officer(session, view.owner.code, today=request_today())
    if officer and reader and is_officer(reader, officer.name, unit=view.owner.code):
        officer = None
    settings = edge().settings
    name = _line(officer.name if officer else settings.officer_name)
    telephone = _line(officer.telephone if officer else settings.officer_telephone)
    if not name:
        return Contact(say(locale, "zalo.ask", name=_line(view.owner.name)))
    if not telephone:
        return Contact(say(locale, "zalo.ask", name=name))
    return Contact(say(locale, "zalo.call", name=name, telephone=telephone), telephone)


def _line(text: str) -> str:
    return " ".join(text.split())
