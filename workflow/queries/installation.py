"""What kind of data this installation holds."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow.store.installation import Installation


def installation_kind(session: Session) -> str | None:
    """Return `live`, `demo` or `replay`; None while nothing has marked the database."""
    return session.scalar(select(Installation.kind))
