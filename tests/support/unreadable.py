"""A route that this release cannot read, as a newer release or a hand in the database leaves it."""

from datetime import datetime

from sqlalchemy import create_engine, insert, select, update

from tests.conftest import Database
from workflow.store.awards import WorkflowDefinition
from workflow.store.nominations import Nomination


def spoil(database: Database, nomination_id: int, now: datetime) -> None:
    """Pin a nomination to such a route, as the owner of the tables: the application's role may not."""
    engine = create_engine(database.migration_url)
    content = {"steps": "none"}
    bad = {"key": "strange", "version": 1, "content_hash": "0" * 64, "content": content, "published_at": now}
    with engine.begin() as owner:
        [bad_id] = owner.scalars(insert(WorkflowDefinition).values(**bad).returning(WorkflowDefinition.id))
        owner.execute(update(Nomination).where(Nomination.id == nomination_id).values(definition_id=bad_id))
    engine.dispose()


def mend(database: Database, nomination_id: int, *, like: int) -> None:
    """Pin it to the route of another nomination again."""
    engine = create_engine(database.migration_url)
    route = select(Nomination.definition_id).where(Nomination.id == like).scalar_subquery()
    with engine.begin() as owner:
        owner.execute(update(Nomination).where(Nomination.id == nomination_id).values(definition_id=route))
    engine.dispose()
