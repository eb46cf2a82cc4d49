"""The ways to other pages: four of every day with what waits there, the rest under menus."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from flask import url_for
from sqlalchemy.exc import DBAPIError, OperationalError, PendingRollbackError

from api.edge import request_now, request_session
from api.pages.frame.where import path_here
from api.pages.mail_access import shows_letters
from workflow.domain.rights.escalation_rights import is_office
from workflow.domain.rights.policy import MENDERS, Actor, may_administer, may_audit
from workflow.domain.rights.roles_held import may_see_obstacles
from workflow.domain.vocabulary import Role
from workflow.queries.absences import is_an_office
from workflow.queries.choices import drafting_units
from workflow.queries.inbox.at_a_glance import AtAGlance, at_a_glance

OVERSEERS: Final = (Role.SUPERVISOR, Role.ADMIN, Role.AUDITOR)


@dataclass(frozen=True, slots=True)
class Way:
    """A page that can be opened: its address, the key of its name, and of one that fits a phone's bar.

    `waits` is how much of what waits for the reader is of its kind, as it is written; empty where nothing is.
    `said` is the key of what that number says.
    """

    href: str
    name: str
    short: str
    current: str | None
    waits: str = ""
    said: str = ""


@dataclass(frozen=True, slots=True)
class Navigation:
    """The ways somebody has from every page, and whether any of what waits for them is late."""

    daily: Sequence[Way]
    more: Sequence[Way]
    own: Sequence[Way]
    late: str

    @property
    def waits(self) -> str:
        """How much waits for them, as it stands before the name of every page."""
        return self.daily[0].waits


_HIGHEST: Final = 99
# Which number of a glance stands beside the ways of every day, and the key of what it says.
_WAITS: Final[Sequence[tuple[str, Callable[[AtAGlance], int]]]] = (
    ("nav.waits_work", lambda glance: glance.work),
    ("nav.waits_lists", lambda glance: glance.lists),
    ("nav.waits_nominations", lambda glance: glance.nominations),
    ("nav.waits_rounds", lambda glance: glance.rounds),
)
_DAILY: Final = (
    ("pages.work", "nav.work", "nav.work_short"),
    ("pages.submissions", "nav.submissions", "nav.submissions_short"),
    ("pages.nominations", "nav.nominations", "nav.nominations_short"),
    ("pages.rounds", "nav.rounds", "nav.rounds_short"),
)
_OWN: Final = (
    ("pages.my_absence", "nav.my_absence"),
    ("pages.my_mails", "nav.my_mails"),
    ("pages.my_calendar", "nav.my_calendar"),
)


def navigation_of(actor: Actor | None, kind: str | None) -> Navigation | None:
    """Return the ways of somebody who is signed in; a guest has none."""
    if actor is None:
        return None
    more, own = _more(actor, kind), _own(actor)
    pages = (*(way[0] for way in _DAILY), *(way[0] for way in more), *(way[0] for way in own))
    here = _nearest([url_for(endpoint) for endpoint in pages])
    glance = _glance(actor)
    return Navigation(
        [
            replace(_way(*names, here), waits=_number(count(glance), glance) if glance else "", said=said)
            for names, (said, count) in zip(_DAILY, _WAITS, strict=True)
        ],
        [_way(endpoint, name, name, here) for endpoint, name in more],
        [_way(endpoint, name, name, here) for endpoint, name in own],
        _number(glance.late, glance) if glance else "",
    )


def _number(count: int, glance: AtAGlance) -> str:
    """Return a number in two digits at most; nothing is written of none."""
    if not count:
        return ""
    return f"{min(count, _HIGHEST)}+" if glance.is_cut or count > _HIGHEST else str(count)


def _glance(actor: Actor) -> AtAGlance | None:
    """Return what waits for somebody; a page is shown without where the database cannot say."""
    try:
        return at_a_glance(request_session(), actor=actor, now=request_now())
    except (DBAPIError, PendingRollbackError):
        return None


def _own(actor: Actor) -> Sequence[tuple[str, str]]:
    """Return what concerns the person alone; one who is no member of staff was given nothing."""
    return _OWN if actor.person_id is None else (*_OWN, ("pages.my_record", "nav.my_record"))


def _more(actor: Actor, kind: str | None) -> list[tuple[str, str]]:
    offered = (
        (_drafts(actor), "pages.new_nomination", "nav.new"),
        (True, "pages.people", "nav.people"),
        (True, "pages.slow_steps", "nav.bottlenecks"),
        (True, "pages.clusters", "nav.clusters"),
        (True, "pages.campaigns", "nav.campaigns"),
        (True, "pages.coming_mails", "nav.forecast"),
        (any(actor.holds(role) for role in MENDERS), "pages.forms", "nav.forms"),
        (may_administer(actor), "pages.route_impact", "nav.impact"),
        (may_administer(actor), "pages.admin", "nav.admin"),
        (may_audit(actor), "pages.audit", "nav.audit"),
        (shows_letters(kind), "pages.mailbox", "nav.mailbox"),
        (may_see_obstacles(actor), "pages.obstacles", "obstacles.nav"),
        (is_office(actor), "pages.escalations", "nav.escalations"),
        (is_an_office(actor), "pages.absences", "nav.absences"),
        (any(actor.holds(role) for role in OVERSEERS), "pages.dead_mails", "nav.dead_mails"),
    )
    return [(endpoint, name) for is_offered, endpoint, name in offered if is_offered]


def _way(endpoint: str, name: str, short: str, here: str) -> Way:
    href = url_for(endpoint)
    current = None if href != here else "page" if href == path_here() else "true"
    return Way(href, name, short, current)


def _nearest(addresses: Sequence[str]) -> str:
    """Return the address that the page of this request lies at or under; the start page has none under it."""
    here, start = path_here(), url_for("pages.work")
    above = (one for one in addresses if here == one or (one != start and here.startswith(f"{one}/")))
    return max(above, key=len, default="")


def _drafts(actor: Actor) -> bool:
    """Return whether somebody may draft; of one with a role of the house's own the database is asked."""
    try:
        return bool(drafting_units(request_session(), actor))
    except (OperationalError, PendingRollbackError):
        return False
