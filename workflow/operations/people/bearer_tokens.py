"""Tokens for programs: made, told once and kept as their hash, and ended one by one."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from workflow.domain.errors import FieldError, InvalidField, NotFound
from workflow.domain.rights.policy import Actor
from workflow.domain.vocabulary import Via
from workflow.operations.history.streams import append_event
from workflow.operations.keys import Claim, claim_key, settle_key
from workflow.operations.people.accounts import demand_right, open_account
from workflow.operations.people.printed import Issued, demand_few
from workflow.operations.people.tokens import digest, new_token
from workflow.store.access import Account, ApiToken, WebSession, token_id

LONGEST_TOKEN_DAYS: Final = 366


def issue_token(
    session: Session,
    *,
    actor: Actor | None,
    email: str,
    days: int,
    via: Via,
    now: datetime,
    claim: Claim | None = None,
) -> Issued:
    """Make a bearer token that ends after so many days, and commit; it is told once and kept as its hash.

    The same request again ends the token that it made, which may have reached nobody, and makes another.
    Raises `NotFound`, `Conflict` when the account is disabled, `InvalidField` for a length that is no good.
    """
    if actor is None or actor.email != email:
        demand_right(actor)
    answered = claim_key(session, claim, actor=actor, now=now)
    demand_few(session, actor=actor, now=now)
    if not 1 <= days <= LONGEST_TOKEN_DAYS:
        message = f"must lie between 1 and {LONGEST_TOKEN_DAYS}, not {days}"
        raise InvalidField(f"days: {message}", errors=[FieldError("days", message)])
    account = open_account(session, email)
    if answered is not None:
        _end_token(session, account, str(answered["token"]), actor=actor, via=via, now=now)
    secret, lives = new_token(), timedelta(days=days)
    expires_at = now + lives
    session.execute(
        insert(ApiToken).values(
            token_hash=digest(secret), account_id=account.id, created_at=now, expires_at=expires_at
        )
    )
    data = {"days": days, "token": token_id(digest(secret))}
    append_event(session, f"account:{account.id}", "token", actor=actor, via=via, now=now, data=data)
    settle_key(session, claim, actor=actor, result={"token": data["token"]})
    session.commit()
    return Issued(account.id, account.email, secret, expires_at, lives)


def revoke_token(
    session: Session, *, actor: Actor | None, email: str, token: str, via: Via, now: datetime
) -> None:
    """End one bearer token of an account, named by the id that lists show, and commit.

    Raises `NotFound` without such an account or such a token among its own, `Forbidden` unless its owner or
    an administrator asks.
    """
    if actor is None or actor.email != email:
        demand_right(actor)
    account = open_account(session, email, or_disabled=True)
    if not _end_token(session, account, token.strip().lower(), actor=actor, via=via, now=now):
        raise NotFound(f"{account.email} has no token {token}; `commendo account tokens` lists them.")
    session.commit()


def end_sessions(session: Session, *, actor: Actor | None, email: str, via: Via, now: datetime) -> int:
    """Sign an account out of every browser, commit, and return of how many; its tokens and password stay.

    Raises `NotFound` without such an account, `Forbidden` unless its owner or an administrator asks.
    """
    if actor is None or actor.email != email:
        demand_right(actor)
    account = open_account(session, email, or_disabled=True)
    ended = session.scalars(
        delete(WebSession).where(WebSession.account_id == account.id).returning(WebSession.account_id)
    ).all()
    data = {"sessions": len(ended)}
    append_event(session, f"account:{account.id}", "end_sessions", actor=actor, via=via, now=now, data=data)
    session.commit()
    return len(ended)


def _end_token(
    session: Session, account: Account, token: str, *, actor: Actor | None, via: Via, now: datetime
) -> bool:
    """End the token of an account that lists show by this id; tell whether it has one."""
    rows = session.scalars(select(ApiToken.token_hash).where(ApiToken.account_id == account.id))
    named = [token_hash for token_hash in rows if token_id(token_hash) == token]
    if not named:
        return False
    session.execute(delete(ApiToken).where(ApiToken.token_hash.in_(named)))
    data = {"token": token}
    append_event(session, f"account:{account.id}", "revoke_token", actor=actor, via=via, now=now, data=data)
    return True
