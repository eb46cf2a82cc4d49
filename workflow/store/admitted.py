"""Until when a nomination may be sent though its date has passed: asked of it and of what its unit owes."""

from typing import Any

from sqlalchemy import ColumnElement, and_, func

from workflow.store.nominations import Nomination
from workflow.store.submissions import ExpectedReturn


def owed_by_unit() -> ColumnElement[bool]:
    """Return the condition that joins a nomination with what its unit owes its round."""
    return and_(ExpectedReturn.round_id == Nomination.round_id, ExpectedReturn.unit_id == Nomination.unit_id)


def admitted_until() -> ColumnElement[Any]:
    """Return until when a nomination, joined with what its unit owes, may be sent late, null where never."""
    return func.greatest(Nomination.admitted_until, ExpectedReturn.admitted_until)
