"""Published routes, whole: what a step asks, who acts, and how it is drawn."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from workflow.domain.errors import NotFound
from workflow.domain.route.definition import Definition
from workflow.domain.vocabulary import OPEN_STAGES
from workflow.queries.shapes import Words, words_of
from workflow.store.awards import WorkflowDefinition
from workflow.store.definitions import load_definition, shown_definition
from workflow.store.nominations import Nomination


@dataclass(frozen=True, slots=True)
class RouteView:
    """One published version of a route, with the others of its key, the newest first."""

    definition: Definition
    published_at: datetime
    versions: tuple[int, ...]


def get_route(session: Session, *, key: str, version: int | None = None) -> RouteView:
    """Return a published version, the newest unless one is named. Raises `NotFound` without it."""
    rows = session.execute(
        select(WorkflowDefinition.id, WorkflowDefinition.version, WorkflowDefinition.published_at)
        .where(WorkflowDefinition.key == key)
        .order_by(WorkflowDefinition.version.desc())
    ).all()
    found = next((row for row in rows if version in {None, row.version}), None)
    if found is None:
        raise NotFound(f"Nothing is published as '{key}' in that version.")
    definition = load_definition(session, found.id)
    return RouteView(definition, found.published_at, tuple(row.version for row in rows))


@dataclass(frozen=True, slots=True)
class NewestRoute:
    """What the newest version of a route is called, and which it is."""

    title: Words
    version: int


def newest_routes(session: Session) -> dict[str, NewestRoute]:
    """Return the newest version of each published route, by its key."""
    columns = select(WorkflowDefinition.key, WorkflowDefinition.version, WorkflowDefinition.id)
    newest = columns.ext(distinct_on(WorkflowDefinition.key))
    rows = session.execute(newest.order_by(WorkflowDefinition.key, WorkflowDefinition.version.desc()))
    return {
        row.key: NewestRoute(words_of(shown_definition(session, row.id).title), row.version) for row in rows
    }


def open_by_version(session: Session, *, key: str) -> dict[int, int]:
    """Return how many nominations are open on each published version of a route, the newest version first."""
    rows = session.execute(
        select(WorkflowDefinition.version, func.count(Nomination.id).label("open"))
        .outerjoin(
            Nomination,
            # That they are open follows from their stages, which an index alone tells.
            and_(Nomination.definition_id == WorkflowDefinition.id, Nomination.stage.in_(OPEN_STAGES)),
        )
        .where(WorkflowDefinition.key == key)
        .group_by(WorkflowDefinition.version)
        .order_by(WorkflowDefinition.version.desc())
    )
    return {row.version: row.open for row in rows}
