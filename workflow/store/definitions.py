"""Published definitions, read once per process and database: what is published never changes."""

from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, select
from sqlalchemy.orm import Session

from workflow.domain.definition import Definition
from workflow.domain.errors import NotFound
from workflow.domain.reading import meant
from workflow.store.awards import WorkflowDefinition

_READ: WeakKeyDictionary[Engine | Connection, dict[int, Definition]] = WeakKeyDictionary()


def load_definition(session: Session, definition_id: int) -> Definition:
    """Return the published definition of that id."""
    known = _READ.setdefault(session.get_bind(), {})
    if definition_id not in known:
        content = session.scalar(
            select(WorkflowDefinition.content).where(WorkflowDefinition.id == definition_id)
        )
        if content is None:
            raise NotFound(f"There is no published definition {definition_id}.")
        known[definition_id] = Definition.from_content(content)
    return known[definition_id]


def latest_definition_id(session: Session, key: str) -> int:
    """Return the id of the newest published version of a definition, or raise `NotFound`."""
    newest = session.scalar(
        select(WorkflowDefinition.id)
        .where(WorkflowDefinition.key == key)
        .order_by(WorkflowDefinition.version.desc())
        .limit(1)
    )
    if newest is None:
        known = session.scalars(select(WorkflowDefinition.key).distinct().order_by(WorkflowDefinition.key))
        close = meant(key, known)
        end = "" if close.endswith("?") else "."
        raise NotFound(f"No version of the definition '{key}' is published{close}{end}", key=key)
    return newest
