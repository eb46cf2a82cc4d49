"""Publishing definitions and awards: checked, immutable, named by their content."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from importlib import resources

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from workflow.domain.checking.checking import load
from workflow.domain.errors import FieldError, Forbidden, InvalidDefinition
from workflow.domain.rights.policy import Actor, may_administer
from workflow.domain.route.definition import Definition
from workflow.domain.vocabulary import Via
from workflow.operations.history.streams import append_event
from workflow.operations.setup.calendars import keep_calendars
from workflow.store.awards import Award, AwardEdition, WorkflowDefinition
from workflow.store.catalogue import shipped_awards

SHIPPED = ("annual", "standard", "simplified", "declaration")


@dataclass(frozen=True, slots=True)
class Published:
    """A definition as published. `is_new` is false when this very content was there already."""

    definition_id: int
    key: str
    version: int
    content_hash: str
    is_new: bool


def publish_definition(
    session: Session, *, text: str, filename: str, actor: Actor | None, via: Via, now: datetime
) -> Published:
    """Check a YAML definition, publish it and commit. The same content again changes nothing.

    Raises `InvalidDefinition` with every problem by file and line, also when the version exists with other
    content: what nominations run on never changes under them. `Forbidden` unless an administrator asks;
    without an actor the command line speaks for one.
    """
    if actor is not None and not may_administer(actor):
        raise Forbidden("Only an administrator of the whole installation may publish.")
    published = _publish(session, load(text, filename), filename=filename, actor=actor, via=via, now=now)
    session.commit()
    return published


def publish_shipped(session: Session, *, now: datetime) -> None:
    """Publish the definitions, awards and days off that ship, and commit; again changes nothing."""
    for definition in shipped_definitions():
        filename = f"{definition.key}.yaml"
        _publish(session, definition, filename=filename, actor=None, via=Via.IMPORT, now=now)
    _publish_awards(session)
    keep_calendars(session, now=now)
    session.commit()


@cache
def shipped_definitions() -> tuple[Definition, ...]:
    """Return the definitions that ship with the product, read once in a process."""
    folder = resources.files("workflow") / "definitions"
    return tuple(load((folder / f"{key}.yaml").read_text(encoding="utf-8"), f"{key}.yaml") for key in SHIPPED)


def _publish(
    session: Session, definition: Definition, *, filename: str, actor: Actor | None, via: Via, now: datetime
) -> Published:
    values = {
        "key": definition.key,
        "version": definition.version,
        "content_hash": definition.content_hash,
        "content": definition.content(),
        "published_at": now,
    }
    new_id = session.scalar(
        insert(WorkflowDefinition).values(values).on_conflict_do_nothing().returning(WorkflowDefinition.id)
    )
    if new_id is not None:
        data = {"version": definition.version, "content_hash": definition.content_hash}
        append_event(
            session, f"definition:{definition.key}", "publish", actor=actor, via=via, now=now, data=data
        )
        return Published(new_id, definition.key, definition.version, definition.content_hash, is_new=True)
    there = session.execute(
        select(WorkflowDefinition.id, WorkflowDefinition.content_hash).where(
            WorkflowDefinition.key == definition.key, WorkflowDefinition.version == definition.version
        )
    ).one()
    if there.content_hash != definition.content_hash:
        message = (
            f"version {definition.version} of '{definition.key}' is published with other content; "
            "raise the version"
        )
        raise InvalidDefinition(f"{filename}: {message}.", errors=[FieldError(f"{filename}:1", message)])
    return Published(there.id, definition.key, definition.version, definition.content_hash, is_new=False)


def _publish_awards(session: Session) -> None:
    awards = shipped_awards()
    session.execute(
        insert(Award).on_conflict_do_nothing(), [{"code": code} for code in sorted({a.code for a in awards})]
    )
    ids = {award.code: award.id for award in session.execute(select(Award.code, Award.id))}
    rows = [
        {
            "award_id": ids[award.code],
            "regime": award.regime,
            "name_vi": award.name_vi,
            "name_en": award.name_en,
            "subject_kind": award.subject_kind,
            "workflow_key": award.workflow_key,
            "level": award.level,
            "papers": list(award.papers),
            "vote_percent": award.vote_percent,
            "content_hash": award.content_hash,
            "valid_from": award.valid_from,
            # The catalogue names the last day of a regime; an edition's end is the day after.
            "valid_to": award.valid_to and award.valid_to + timedelta(days=1),
        }
        for award in awards
    ]
    session.execute(insert(AwardEdition).on_conflict_do_nothing(), rows)
