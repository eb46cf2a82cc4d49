"""What templates say with: texts, dates, days left, names of seats; and what surrounds every page."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from urllib.parse import quote

from flask import g, render_template, request, url_for
from sqlalchemy.exc import OperationalError

from api.catalogue import knows, say
from api.edge import edge, request_session
from api.pages.frame.address_words import not_understood
from api.pages.frame.files_not_kept import files_not_kept
from api.pages.frame.navigation import navigation_of
from api.pages.frame.seen_again import path_of_form, was_sent
from api.pages.frame.together import say_on_page, together
from api.pages.frame.where import path_here
from api.pages.identity import visitor_even_now
from api.pages.kept_form import home_of_request, typed_fields
from workflow.domain.clusters.words import of_kind
from workflow.domain.rights.authority import STATE
from workflow.domain.rights.roles_held import is_officer
from workflow.domain.text import LONGEST_CODE, LONGEST_LINE, LONGEST_PROSE
from workflow.messages import formats, phrases
from workflow.queries.due_reasons import DueExplained
from workflow.queries.installation import installation_kind
from workflow.queries.seats import cluster_kinds, role_labels
from workflow.queries.shapes import HolderView, Named, Words
from workflow.words.catalogue import LOCALES
from workflow.words.days import day_name

_DAY_PATTERN: Final = r"\s*(\d{1,2}[\/.\-]\d{1,2}[\/.\-]\d{4}|\d{4}-\d{2}-\d{2})\s*"


@dataclass(frozen=True, slots=True)
class ShownDue:
    """A due date as a row shows it: how it stands (late, today, soon, later), in words and in full."""

    standing: str
    left: str
    full: str
    iso: str
    why: str = ""


_LONGEST: Final = {"code": LONGEST_CODE, "line": LONGEST_LINE, "prose": LONGEST_PROSE}


def render(template: str, **values: object) -> str:
    """Return a page: a template with its own values and what surrounds every page."""
    return render_template(f"pages/{template}", **surroundings(), **values)


def surroundings() -> dict[str, object]:
    """Return what every template may use, whoever looks."""
    visitor = visitor_even_now()
    locale = visitor.locale
    kind = _kind()
    return {
        "t": lambda key, **parts: say_on_page(locale, key, **parts),
        "knows": knows,
        "longest": _LONGEST,
        "words": lambda words: together(words.text(locale)),
        "award": lambda title: award(title, locale),
        "day": lambda value: together(formats.day(value, locale)),
        "day_at": lambda value: together(formats.day(day_of(value), locale)),
        "day_name": lambda name: day_name(name, locale),
        "last_day": lambda end: together(formats.day(end - timedelta(days=1), locale)),
        "moment": lambda value: moment(value, locale),
        "number": lambda value: formats.number(value, locale),
        "left_of": lambda working_days: left_of(working_days, locale),
        "typed_text": typed_text,
        "round_choice": round_choice,
        "of_kind": of_kind,
        "day_pattern": _DAY_PATTERN,
        "iso": lambda value: value.isoformat(),
        "locale": locale,
        "locales": LOCALES,
        "actor": visitor.actor,
        "unheard": not_understood(locale),
        "is_reader": lambda name, unit: is_officer(visitor.actor, name, unit=unit),
        "navigation": navigation_of(visitor.actor, kind),
        "kind": kind,
        "officer": edge().settings if edge().settings.officer_name else None,
        # What was decided may be undone for a while; what was withdrawn never.
        "files_not_kept": files_not_kept,
        "has_undo": bool(edge().settings.undo_window),
        "here": _page_of_form() if was_sent() else address_of_request(),
        "kept": json.dumps([path_of_form(), typed_fields()]) if was_sent() else "",
    }


def round_choice(item: Named) -> str:
    """Write a round where it is chosen: a select cuts the end off, so what tells them apart is first."""
    return f"{item.code} · {item.name}"


def address_of_request() -> str:
    """Return the path and query of this request as an address spells them: a page holds no NUL of theirs."""
    query = request.query_string.decode("latin-1")
    return quote(path_here()) + (f"?{query}" if query else "")


def typed_text(value: date | str | None) -> str:
    """Write a day as people type it in a form, 05/09/2026; what was typed stays as it is."""
    return f"{value:%d/%m/%Y}" if isinstance(value, date) else value or ""


def moment(value: datetime, locale: str) -> str:
    """Write an instant by the clock of this installation."""
    return together(formats.moment(value.astimezone(edge().settings.zone), locale))


def day_of(value: datetime) -> date:
    """Return the day on which an instant lies by the clock of this installation."""
    return value.astimezone(edge().settings.zone).date()


def award(title: Words, locale: str) -> str:
    """Return an award's name as it is known in that language."""
    return title.as_award(locale)


def due_of(
    due_at: datetime | None, days_left: int | None, locale: str, why: DueExplained | None = None
) -> ShownDue | None:
    """Return a due date in words, None where nothing is due. `days_left` are working days."""
    if due_at is None:
        return None
    said = together(why.text.text(locale)) if why else ""
    return ShownDue(
        _standing(days_left), left_of(days_left, locale), moment(due_at, locale), due_at.isoformat(), said
    )


def left_of(working_days_left: int | None, locale: str) -> str:
    """Say how much time is left, or how late it is; empty when nothing is due."""
    return together(phrases.left(working_days_left, locale))


def working_days(count: int, locale: str) -> str:
    """Say so many working days."""
    return say_on_page(locale, "span.working_days", count=formats.number(count, locale))


def holder_text(holder: HolderView | None, seats: Mapping[str, str], locale: str) -> str:
    """Say in whose hands work lies: the person who took it, or the seat it waits at."""
    if holder is None:
        return ""
    place = seat_text(holder.key, seats, locale)
    if holder.assignee is None:
        return say(locale, "holder.empty" if holder.is_empty else "holder.group", place=place)
    said = say(locale, "holder.person", name=holder.assignee.name, place=place)
    away = away_text(holder, locale)
    return f"{said}. {away}" if away else said


def since_text(holder: HolderView | None, locale: str) -> str:
    """Say since when somebody has work in hand, and how long they keep it; empty where nobody took it."""
    if holder is None or holder.assignee is None or holder.since is None:
        return ""
    since = say(locale, "holder.since", at=moment(holder.since, locale))
    if holder.until is None:
        return since
    return f"{since}; {say(locale, 'holder.until', day=formats.day(holder.until, locale))}"


def away_text(holder: HolderView | None, locale: str) -> str:
    """Say until when whoever took work is away and who acts meanwhile; empty where nobody is away."""
    if holder is None or holder.assignee is None or holder.away_until is None:
        return ""
    acting, day = next(iter(holder.substitutes), ""), formats.day(holder.away_until, locale)
    key = "absence.holder" if acting else "absence.holder_alone"
    return say(locale, key, name=holder.assignee.name, day=day, acting=acting)


def seat_text(key: str, seats: Mapping[str, str], locale: str) -> str:
    """Say a key such as `unit_reviewer@unit:VKS-AG` in words, with what is known of its place."""
    role, _, seat = key.partition("@")
    spoken = say(locale, f"role.{role}") if knows(f"role.{role}") else _declared(role, locale)
    spoken = of_kind(spoken, _kind_of(seat))
    place = seats.get(seat) or seat.partition(":")[2]
    return f"{spoken}, {place}" if place else spoken


def _kind_of(seat: str) -> str | None:
    """Return whether a seat is of a cluster or a block, asked once for each on a page; None for any other."""
    if not seat.startswith("cluster:"):
        return None
    known: dict[str, str] = g.setdefault("cluster_kinds", {})
    if seat not in known:
        known |= cluster_kinds(request_session(), [seat])
    return known.get(seat)


def _declared(role: str, locale: str) -> str:
    """Say a role that a definition declares by its label, else by its name as people write words."""
    labels = g.get("role_labels")
    if labels is None:
        labels = g.role_labels = role_labels(request_session())
    label = labels.get(role)
    spoken = label.text(locale) if label else role
    return spoken if spoken != role else role.replace("_", " ").capitalize()


def decider_text(decider: str, seats: Mapping[str, str], locale: str) -> str:
    """Say who decides on a list: a unit by name, or the level above the sector."""
    if not decider:
        return ""
    if decider == STATE:
        return say(locale, "submissions.decider_state")
    return seats.get(decider) or seat_text(decider, seats, locale)


def _standing(days_left: int | None) -> str:
    if days_left is None:
        return "later"
    if days_left < 0:
        return "late"
    if days_left == 0:
        return "today"
    return "soon" if days_left <= 2 else "later"  # noqa: PLR2004 - as the ladders: a reminder two days before


def _page_of_form() -> str:
    """Return where the language buttons of a page that answers a form lead: to the page of the form."""
    is_door = request.endpoint == "pages.check_sign_in"
    wanted = request.form.get("next") if is_door else None
    return url_for("pages.sign_in", next=wanted) if wanted else home_of_request()


def _kind() -> str | None:
    """Return what the database holds; nothing is claimed of one that is away."""
    try:
        return installation_kind(request_session())
    except OperationalError:
        return None
