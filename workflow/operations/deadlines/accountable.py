"""Who answers for what a unit owes a round: its head of today. Never commits."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Final

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from workflow.domain.vocabulary import Role
from workflow.store.access import Account, Grant
from workflow.store.base import table_of
from workflow.store.conditions import TODAY, is_active, is_in_force
from workflow.store.database import local_day
from workflow.store.organisation import Unit
from workflow.store.people import load_seated
from workflow.store.statements import Statement
from workflow.store.submissions import ExpectedReturn

_HEAD = f"{Role.HEAD}@unit:"
_RETURN = table_of(ExpectedReturn)


_HEADS: Final = (
    select(func.min(Grant.account_id))
    .join(Account, Account.id == Grant.account_id)
    .join(Unit, Grant.key == _HEAD + Unit.code)
    .where(Unit.id == _RETURN.c.unit_id, is_active(Account), is_in_force(Grant, TODAY))
    .scalar_subquery()
)
_FOLLOW: Final = Statement(
    update(_RETURN)
    .where(
        _RETURN.c.sent_at.is_(None),
        _RETURN.c.answered_at.is_(None),
        _RETURN.c.accountable_id.is_distinct_from(_HEADS),
    )
    .values(accountable_id=_HEADS)
)


def follow_heads_of_today(session: Session, *, today: date) -> None:
    """Let today's heads answer for what their units owe, where a term began or ended by its date."""
    _FOLLOW.run(session, {"today": today})


def follow_accountable(session: Session, keys: Iterable[str], *, now: datetime) -> None:
    """Let today's heads, of those among the keys, answer for what their units still owe.

    For whoever gave or ended these keys, behind the locks of nominations (docs/adr/0020).
    """
    heads = [key for key in keys if key.startswith(_HEAD)]
    seated = load_seated(session, heads, today=local_day(session, now)) if heads else {}
    for key in sorted(heads):
        accountable_id = min(seated.get(key, ()), default=None)
        unit_id = select(Unit.id).where(Unit.code == key.removeprefix(_HEAD)).scalar_subquery()
        session.execute(
            update(_RETURN)
            .where(
                _RETURN.c.unit_id == unit_id,
                _RETURN.c.sent_at.is_(None),
                _RETURN.c.answered_at.is_(None),
                _RETURN.c.accountable_id.is_distinct_from(accountable_id),
            )
            .values(accountable_id=accountable_id)
        )
