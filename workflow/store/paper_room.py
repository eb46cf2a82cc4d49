"""How many bytes of papers lie in a dossier, and how many an account brought lately."""

from datetime import datetime

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session

from workflow.domain.papers.quota import (
    WINDOW,
    PaperQuota,
    demand_room_in_dossier,
    demand_room_of_account,
)
from workflow.store.attachments import Attachment
from workflow.store.conditions import is_kept
from workflow.store.paper_desks import PaperHome


def demand_room(
    session: Session,
    root: PaperHome,
    *,
    account_id: int,
    byte_count: int,
    quota: PaperQuota,
    now: datetime,
    storage_name: str = "",
) -> None:
    """Raise `PapersFull` when a file would go beyond what its dossier or its account may bring.

    A file that lies at many was brought once: by `storage_name` it is not counted again.
    """
    held = session.scalar(select(func.coalesce(func.sum(Attachment.byte_count), 0)).where(_lies_in(root)))
    demand_room_in_dossier(quota, root.desk.phase, lying=held or 0, coming=byte_count)
    brought = session.execute(
        select(func.min(Attachment.uploaded_at).label("at"), func.max(Attachment.byte_count))
        .where(
            Attachment.uploaded_by == account_id,
            Attachment.uploaded_at > now - WINDOW,
            Attachment.byte_count.is_not(None),
            Attachment.storage_name != storage_name,
        )
        .group_by(Attachment.storage_name)
        .order_by("at", Attachment.storage_name)
    )
    demand_room_of_account(quota, [(at, count or 0) for at, count in brought], coming=byte_count, now=now)


def wait_for_other_papers(session: Session, account_id: int) -> None:
    """Hold back what the account brings elsewhere at the same time until this transaction ends.

    Taken under the lock of the root, which two papers of one dossier wait for anyhow.
    """
    name = f"papers-of {account_id}"
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))


def may_lie_there(session: Session, root: PaperHome, byte_count: int) -> bool:
    """Return whether a paper of just this size lies there: a file sent again takes no room."""
    return bool(
        session.scalar(select(exists().where(_lies_in(root), Attachment.byte_count == byte_count, is_kept())))
    )


def _lies_in(root: PaperHome) -> ColumnElement[bool]:
    column: ColumnElement[int] = getattr(Attachment, f"{root.kind}_id")
    return column == root.id
