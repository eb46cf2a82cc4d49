"""What accounts are called, for who reads of them by number."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow.store.access import Account
from workflow.store.base import among


def name_accounts(session: Session, ids: Collection[int]) -> dict[int, str]:
    """Return the names of accounts by their ids; nothing is asked where there is none."""
    if not ids:
        return {}
    rows = session.execute(select(Account.id, Account.name).where(among(Account.id, ids)))
    return {row.id: row.name for row in rows}
