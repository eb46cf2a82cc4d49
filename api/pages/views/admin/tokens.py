"""Tokens for programs and sessions of browsers: made and shown once, listed, ended."""

from typing import Any

from flask import request

from api.inputs.accounts import TokenBody
from api.pages.once import claim_of_form
from api.pages.routes import pages
from api.pages.typed import read_typed
from api.pages.views.admin.accounts import Answer, change
from api.pages.writing import render
from api.permissions import Permission, permission
from workflow.domain.rights.policy import Actor
from workflow.domain.vocabulary import Via
from workflow.operations.people.bearer_tokens import end_sessions, issue_token, revoke_token
from workflow.operations.people.printed import Issued
from workflow.queries.paging import BIGGEST_ID

_ACCOUNT = f"/admin/accounts/<int(max={BIGGEST_ID}):account_id>"


@pages.post(f"{_ACCOUNT}/tokens")
@permission(Permission.SIGNED_IN)
def new_token_for(account_id: int) -> Answer:
    """Make a token for a program and show it, once."""

    def made(session: Any, *, actor: Actor, email: str, via: Via, now: Any) -> Issued:  # noqa: ANN401 - as the operations
        said = read_typed(TokenBody, request.form)
        claim = claim_of_form()
        return issue_token(session, actor=actor, email=email, days=said.days, via=via, now=now, claim=claim)

    def shown(issued: Issued) -> str:
        return render("admin/secret.html", issued=issued, secret=issued.secret, is_link=False)

    return change(account_id, made, done=shown, conflict="accounts.disabled_already")


@pages.post(f"{_ACCOUNT}/tokens/<token>/end")
@permission(Permission.SIGNED_IN)
def end_token(account_id: int, token: str) -> Answer:
    """End one token; the others stay."""

    def ended(session: Any, *, actor: Actor, email: str, via: Via, now: Any) -> None:  # noqa: ANN401 - as the operations
        revoke_token(session, actor=actor, email=email, token=token, via=via, now=now)

    return change(account_id, ended, said="accounts.token_ended")


@pages.post(f"{_ACCOUNT}/sessions/end")
@permission(Permission.SIGNED_IN)
def sign_out_everywhere(account_id: int) -> Answer:
    """Sign somebody out of every browser."""
    return change(account_id, end_sessions, said="accounts.signed_out")
