"""The bearer tokens of an account, told apart by the beginning of their hash: the secret is not kept."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow.domain.errors import NotFound
from workflow.store.access import Account, ApiToken, token_id

MOST_TOKENS = 500


@dataclass(frozen=True, slots=True)
class TokenView:
    """A token that still opens something: its id, since when and until when."""

    id: str
    created_at: datetime
    expires_at: datetime


def list_tokens(session: Session, *, email: str, now: datetime) -> tuple[TokenView, ...]:
    """Return the tokens of an account that have not expired, newest first. Raises `NotFound` without it."""
    account_id = session.scalar(select(Account.id).where(Account.email == email.strip().lower()))
    if account_id is None:
        raise NotFound(f"There is no account {email}.")
    rows = session.execute(
        select(ApiToken.token_hash, ApiToken.created_at, ApiToken.expires_at)
        .where(ApiToken.account_id == account_id, ApiToken.expires_at > now)
        .order_by(ApiToken.created_at.desc(), ApiToken.token_hash)
        .limit(MOST_TOKENS)
    )
    return tuple(TokenView(token_id(row.token_hash), row.created_at, row.expires_at) for row in rows)
