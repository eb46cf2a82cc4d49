"""Published definitions, read once per process and database: what is published never changes."""

from typing import Final
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, select
from sqlalchemy.orm import Session

from workflow.domain.errors import NotFound, RouteUnreadable
from workflow.domain.reading import meant
from workflow.domain.route.definition import Definition, Label
from workflow.domain.time.workdays import CalendarName
from workflow.store.awards import WorkflowDefinition

_UNREADABLE: Final = Label(vi="Không đọc được quy trình", en="This route cannot be read")
_READ: WeakKeyDictionary[Engine | Connection, dict[int, Definition]] = WeakKeyDictionary()
_KNOWN: Final = "definitions_read"


def load_definition(session: Session, definition_id: int) -> Definition:
    """Return the published definition of that id.

    Raises `NotFound`, and `RouteUnreadable` for one that this release cannot read.
    """
    known = _known(session)
    found = known.get(definition_id)
    if found is None:
        content = session.scalar(
            select(WorkflowDefinition.content).where(WorkflowDefinition.id == definition_id)
        )
        if content is None:
            raise NotFound(f"There is no published definition {definition_id}.")
        try:
            found = known[definition_id] = Definition.from_content(content)
        except ValueError as error:
            raise RouteUnreadable(
                f"This release cannot read the route of this nomination (definition {definition_id}). "
                "Nothing was changed; tell whoever runs the installation.",
                definition=str(definition_id),
            ) from error
    return found


def _known(session: Session) -> dict[int, Definition]:
    """Return what was read of the session's database; a list asks for each of its rows."""
    known: dict[int, Definition] | None = session.info.get(_KNOWN)
    if known is None:
        known = session.info[_KNOWN] = _READ.setdefault(session.get_bind(), {})
    return known


def shown_definition(session: Session, definition_id: int) -> Definition:
    """Return a definition to show rows by; one that cannot be read is stood in for by one without a step.

    One bad row must not take a list from everybody. Nothing is decided by a stand-in.
    """
    try:
        return load_definition(session, definition_id)
    except (NotFound, RouteUnreadable):
        return Definition.model_construct(
            key="unreadable",
            title=_UNREADABLE,
            version=definition_id,
            calendar=CalendarName.LOCAL,
            initial="",
            steps=(),
            moves=(),
        )


def published_routes(session: Session) -> dict[int, Definition]:
    """Return every definition that was ever published, to show rows by, the oldest first."""
    ids = session.scalars(select(WorkflowDefinition.id).order_by(WorkflowDefinition.id))
    return {number: shown_definition(session, number) for number in ids}


def definition_id_of(session: Session, key: str, version: int) -> int:
    """Return the id of one published version of a definition, or raise `NotFound`."""
    found = session.scalar(
        select(WorkflowDefinition.id).where(
            WorkflowDefinition.key == key, WorkflowDefinition.version == version
        )
    )
    if found is None:
        message = f"Version {version} of the definition '{key}' is not published."
        raise NotFound(message, key=key, version=str(version))
    return found


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
