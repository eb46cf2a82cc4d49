"""Whether anybody sits in the seat where work waits: one condition for pages, lists and boards."""

from sqlalchemy import ColumnElement, bindparam, exists, or_

from workflow.domain.vocabulary import Stage
from workflow.store.access import Account, Grant
from workflow.store.nominations import Nomination, WorkItem


def nobody_holds() -> ColumnElement[bool]:
    """Return the condition that nobody could take the work item on the day of the parameter `today`.

    Disabled accounts and grants of another day do not count, nor the nominee but for their own draft.
    """
    sitting, holder = Grant.__table__.alias("sitting"), Account.__table__.alias("sitting_account")
    today = bindparam("today", type_=Grant.valid_from.type)
    return ~exists().where(
        sitting.c.key == WorkItem.owner_key,
        holder.c.id == sitting.c.account_id,
        holder.c.disabled_at.is_(None),
        sitting.c.valid_from <= today,
        or_(sitting.c.valid_to.is_(None), sitting.c.valid_to > today),
        or_(
            Nomination.person_id.is_(None),
            Nomination.stage == Stage.DRAFT,
            holder.c.person_id.is_distinct_from(Nomination.person_id),
        ),
    )


def taken_by() -> ColumnElement[bool]:
    """Return the condition that joins an account as whoever took the work; a disabled one holds nothing."""
    return (Account.id == WorkItem.assignee_id) & Account.disabled_at.is_(None)
