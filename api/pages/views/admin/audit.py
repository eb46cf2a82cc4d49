"""All of history, searched: for who runs the installation and who audits all of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, Final

from flask import make_response, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from api.catalogue import knows, say
from api.edge import request_session, request_today
from api.inputs.admin.audit import AuditQuery
from api.pages.frame.address_words import narrowed_by
from api.pages.frame.narrowed import narrowed_to, within_days
from api.pages.frame.points import POINT
from api.pages.identity import current_actor, current_locale
from api.pages.routes import pages
from api.pages.typed import NotTaken, beside, read_typed
from api.pages.views.admin.told_data import ToldNames, accounts_in, data_text, seats_in
from api.pages.writing import render, seat_text
from api.permissions import Permission, permission
from workflow.domain.errors import InvalidField
from workflow.domain.history.kinds import StreamKind
from workflow.domain.rights.policy import Actor, may_administer
from workflow.queries.history.search import (
    AuditEntry,
    AuditFilters,
    audit_actions,
    demand_audit,
    search_history,
)
from workflow.queries.history.things import Thing
from workflow.queries.paging import Page
from workflow.queries.seats import name_accounts, name_seats, name_units
from workflow.queries.shapes import Words, own_words

_PAGE: Final = 50
AUDIT_WORDS: Final = ("actor", "action", "kind", "code", "unit", "since", "until")
_WRONG: Final = {
    "actor": "audit.wrong_actor",
    "kind": "audit.wrong_kind",
    "code": "audit.wrong_code",
    "unit": "audit.wrong_unit",
}
# The page of each kind of thing, and the part of its address that the thing's code fills.
_PAGES: Final[Mapping[StreamKind, tuple[str, str]]] = {
    StreamKind.NOMINATION: ("pages.nomination", "nomination_id"),
    StreamKind.SUBMISSION: ("pages.submission", "submission_id"),
    StreamKind.ROUND: ("pages.round_page", "round_code"),
    StreamKind.PERSON: ("pages.person", "person_code"),
}


@dataclass(frozen=True, slots=True)
class AuditLine:
    """One entry in words; `href` is empty where what it is about has no page."""

    entry: AuditEntry
    done: str
    kind: str
    about: str
    href: str
    in_place_of: str
    data: str


@pages.get("/audit")
@permission(Permission.SIGNED_IN)
@narrowed_by(*AUDIT_WORDS)
def audit() -> Response:
    """Show what happened as the address narrows it, the newest first."""
    actor, locale = current_actor(), current_locale()
    demand_audit(actor)
    wrong: dict[str, str] = {}
    page: Page[AuditEntry] = Page((), None)
    try:
        filters = asked_audit()
        page = search_history(
            request_session(), actor=actor, filters=filters, limit=_PAGE, cursor=request.args.get("cursor")
        )
    except NotTaken as refusal:
        wrong = refusal.words
    except InvalidField as refusal:
        wrong = beside(refusal.errors, words=_WRONG)
    actions = audit_actions(request_session(), actor=actor)
    chosen = {name: request.args.get(name, "").strip() for name in AUDIT_WORDS}
    text = render(
        "audit.html",
        lines=audit_lines(page.items, actor, actions, locale),
        chosen=chosen,
        args={name: value for name, value in chosen.items() if value},
        actions=sorted(((one, action_text(one, locale, actions)) for one in actions), key=itemgetter(1)),
        kinds=[(kind, say(locale, f"audit.kind_{kind}")) for kind in StreamKind],
        wrong=wrong,
        narrowed="" if wrong else _narrowed(chosen, actions, locale),
        next=page.next,
        is_first="cursor" not in request.args,
    )
    return make_response(text, 422 if wrong else 200)


def asked_audit() -> AuditFilters:
    """Read what the address asks for. Raises `NotTaken`."""
    typed = {name: request.args[name] for name in AUDIT_WORDS if request.args.get(name, "").strip()}
    return read_typed(AuditQuery, MultiDict(typed)).filters()


def _narrowed(chosen: Mapping[str, str], actions: Mapping[str, Sequence[Words]], locale: str) -> str:
    """Say which entries are shown; who did it stands in the field above them as it was written."""
    action, kind, unit = chosen["action"], chosen["kind"], chosen["unit"]
    return narrowed_to(
        [
            action and action_text(action, locale, actions),
            kind and say(locale, f"audit.kind_{kind}"),
            chosen["code"],
            *name_units(request_session(), {unit} - {""}, today=request_today()).values(),
            *within_days(chosen["since"], chosen["until"], locale),
        ]
    )


def audit_lines(
    entries: Sequence[AuditEntry], actor: Actor, actions: Mapping[str, Sequence[Words]], locale: str
) -> list[AuditLine]:
    """Return entries in the reader's words; `actions` are those of routes, as `audit_actions` tells them."""
    seats = {entry.on_behalf_of.partition("@")[2] for entry in entries if entry.on_behalf_of}
    seats |= {seat for entry in entries for seat in seats_in(entry.data)}
    people = {one for entry in entries for one in accounts_in(entry.data)}
    session = request_session()
    names = ToldNames(name_seats(session, seats, today=request_today()), name_accounts(session, people))
    return [
        AuditLine(
            entry,
            entry.label.text(locale) if entry.label else action_text(entry.action, locale, actions),
            say(locale, f"audit.kind_{entry.about.kind}") if entry.about.kind else entry.about.stream,
            _about(entry.about),
            _href(entry.about, actor),
            _in_place_of(entry.on_behalf_of, names.seats, locale),
            data_text(entry.data, locale, names),
        )
        for entry in entries
    ]


def action_text(action: str, locale: str, actions: Mapping[str, Sequence[Words]]) -> str:
    """Say what was done; a move by what routes call it, which may differ from step to step."""
    if knows(key := f"audit.did_{action}"):
        return say(locale, key)
    if knows(key := f"action.{action}"):
        return own_words(key).as_happened().text(locale)
    return " / ".join(dict.fromkeys(words.text(locale) for words in actions.get(action, ()))) or action


def _about(thing: Thing) -> str:
    return POINT.join(part for part in (thing.name, thing.code) if part and part != thing.kind)


def _href(thing: Thing, actor: Actor) -> str:
    if thing.kind is not None and thing.kind in _PAGES:
        endpoint, part = _PAGES[thing.kind]
        values: dict[str, Any] = {part: thing.code}
        return url_for(endpoint, **values) if thing.code else ""
    if thing.kind is StreamKind.CLUSTER:
        return url_for("pages.cluster", cluster_id=_id(thing))
    if thing.kind is StreamKind.ACCOUNT and may_administer(actor):
        return url_for("pages.account", account_id=_id(thing))
    return ""


def _id(thing: Thing) -> int:
    return int(thing.stream.partition(":")[2])


def _in_place_of(key: str | None, names: Mapping[str, str], locale: str) -> str:
    if key is None:
        return ""
    if "@" not in key:
        return say(locale, "audit.as_substitute")
    return say(locale, "nomination.on_behalf", seat=seat_text(key, dict(names), locale))
