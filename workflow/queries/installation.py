"""What kind of data this installation holds."""

from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow.store.installation import Installation
from workflow.store.statements import Statement

_KIND: Final = Statement(select(Installation.kind))


def installation_kind(session: Session) -> str | None:
    """Return `live`, `demo` or `replay`; None while nothing has marked the database."""
    found = _KIND.fetch(session, {})
    return found[0].kind if found else None
