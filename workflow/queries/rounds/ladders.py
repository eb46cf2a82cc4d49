"""Which routes say how units are reminded of what they owe a round."""

from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import Session

from workflow.domain.route.definition import Label
from workflow.store.awards import WorkflowDefinition
from workflow.store.definitions import shown_definition


def routes_with_a_ladder(session: Session) -> tuple[tuple[str, Label], ...]:
    """Return key and title of each route whose newest version says it, by key."""
    newest = select(WorkflowDefinition.key, func.max(WorkflowDefinition.version)).group_by(
        WorkflowDefinition.key
    )
    ids = session.scalars(
        select(WorkflowDefinition.id)
        .where(tuple_(WorkflowDefinition.key, WorkflowDefinition.version).in_(newest))
        .where(WorkflowDefinition.content.has_key("owed"))
        .order_by(WorkflowDefinition.key)
    )
    found = (shown_definition(session, definition_id) for definition_id in ids.all())
    return tuple((one.key, one.title) for one in found if one.owed is not None)
