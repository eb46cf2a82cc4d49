"""Where what a list waits for is entered for many lists at once: a signed document, the council's votes."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from flask import url_for

from api.catalogue import say
from api.edge import request_now, request_session
from api.pages.identity import current_actor, current_locale
from workflow.domain.rights.roles_held import enters_votes
from workflow.queries.rounds.views import get_round
from workflow.queries.submissions.list_actions import ListAction
from workflow.queries.votes.seats import signs

_SIGNING: Final = ("pages.signing", "signing.link")
_VOTES: Final = ("pages.votes", "votes.link")


@dataclass(frozen=True, slots=True)
class Door:
    """A page on which the reader does for many lists what is asked for here, and what it is called."""

    href: str
    label: str


def doors_of(round_code: str, actions: Iterable[ListAction]) -> list[Door]:
    """Return where the reader may sign, or enter votes, for what is open to them; nothing is read without."""
    forms = [action.form for action in actions if action.is_open]
    wants_document = any(form.needs_decision for form in forms)
    wants_votes = any(form.needs_vote for form in forms)
    if not (wants_document or wants_votes):
        return []
    actor, session = current_actor(), request_session()
    view = get_round(session, code=round_code, now=request_now())
    found = []
    if wants_document and signs(session, actor=actor, round_code=view.code, owner=view.owner.code):
        found.append(_SIGNING)
    if wants_votes and enters_votes(actor, council=view.council):
        found.append(_VOTES)
    return [Door(url_for(page, round_code=view.code), say(current_locale(), words)) for page, words in found]
