"""A scope rendered to SQL: the twin of `policy.sees`, proved equal by a property test."""

from sqlalchemy import ColumnElement, false, or_, true

from workflow.domain.policy import Scope
from workflow.store.nominations import Nomination


def visible(scope: Scope) -> ColumnElement[bool]:
    """Return the condition that holds for exactly the nominations the scope sees."""
    if scope.is_everything:
        return true()
    return or_(
        false(),
        Nomination.unit_id.in_(sorted(scope.units)) if scope.units else false(),
        Nomination.audience.overlap(sorted(scope.seats)) if scope.seats else false(),
        Nomination.created_by == scope.own if scope.own is not None else false(),
    )
