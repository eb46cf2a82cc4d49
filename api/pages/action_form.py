"""What an action is told on a page: words, a decision, a council's counts, a step that was done on paper."""

from collections.abc import Mapping
from typing import Final, TypeVar

from flask import request

from api.edge import edge
from api.inputs.nominations import ActionRequest
from api.pages.typed import read_typed
from workflow.domain.rights.policy import Actor
from workflow.domain.vocabulary import Via
from workflow.messages.action_links import ActionLinks

Action = TypeVar("Action", bound=ActionRequest)

NAMES: Final[Mapping[str, str]] = {
    "decision": "decision_on",
    "decision.number": "decision_number",
    "decision.decided_on": "decision_on",
    "decision.signer": "decision_signer",
    "decision.counts.members": "vote_members",
    "decision.counts.in_favour": "vote_in_favour",
    "decision.counts.against": "vote_against",
    "decision.counts.blank": "vote_blank",
    "on_paper.on_behalf_of": "paper_of",
    "on_paper.number": "paper_number",
    "on_paper.signed_on": "paper_on",
    "on_paper.signer": "paper_signer",
    "on_paper.scan": "paper_scan",
    "nominations": "names",
}
"""Where the fields of the form lie in what a program sends."""
_PERSON: Final = frozenset({"assignee_id"})


def read_action(model: type[Action]) -> Action:
    """Return what the form of this request says, or raise `NotTaken`; it always names the version seen."""
    # What was done on paper happened on the day of the paper.
    happened_on = "paper_on" if request.form.get("paper_of") else "voted_on"
    # A form that asks for a person is not sent without one.
    required = ("version", "nominations", *(_PERSON & request.form.keys()))
    return read_typed(model, request.form, names={**NAMES, "occurred_on": happened_on}, required=required)


def action_links() -> ActionLinks:
    """Return what writes and reads this installation's addresses of actions in letters."""
    return ActionLinks(edge().settings.secret.encode())


def via_of_form(actor: Actor, nomination_id: int, action: str) -> Via:
    """Return how the form of this request came: by a letter's address where it names one of this action."""
    link = action_links().read(request.form.get("link", ""))
    asked = (link.account_id, link.nomination_id, link.action) if link else None
    return Via.LINK if asked == (actor.account_id, nomination_id, action) else Via.WEB
