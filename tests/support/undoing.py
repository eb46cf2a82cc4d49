"""Help for tests of undoing: all that has to be the same before a decision and after it was undone."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, Final

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.conftest import TIMEZONE, Database
from tests.support.mail import Scene, mail_server
from tests.support.office import PAPER, furnish
from workflow.clock import FixedClock
from workflow.domain.errors import Refusal
from workflow.domain.facts import MoveRequest
from workflow.domain.vocabulary import Via
from workflow.operations.nominations.commands import Command
from workflow.operations.nominations.decide import decide
from workflow.queries.history.audit import verify_chains
from workflow.store.database import Sessions, make_sessions
from workflow.store.nominations import Nomination, Rung, Visit, WorkItem
from workflow.store.submissions import ExpectedReturn

WINDOW: Final = timedelta(minutes=10)
RETURN: Final = {"comment": "Bổ sung minh chứng.", "reason_code": "dossier_incomplete", "to_step": "draft"}
SIGNED: Final = {"decision": PAPER}
_GONE: Final = select(WorkItem.id).where(WorkItem.outcome == "undone")
_MOVES_ON: Final = frozenset({"version", "audience"})


def undoable(database: Database) -> Sessions:
    """Return sessions of an installation in which a decision may be undone for ten minutes."""
    return make_sessions(database.engine, timezone=TIMEZONE, undo_window=WINDOW)


@contextmanager
def undoing(database: Database, clock: FixedClock) -> Iterator[Scene]:
    """Furnish an office in which decisions may be undone; its history has to be whole at the end."""
    sessions = undoable(database)
    with mail_server() as server, sessions() as session:
        office = furnish(session, now=clock.now())
        yield Scene(office, session, sessions, clock, server)
        session.rollback()
        assert verify_chains(session).problems == ()


def standing(session: Session, nomination_id: int) -> dict[str, Any]:
    """Return the rows by which a nomination stands and counts; what was undone is not among them."""
    session.rollback()
    of_it = nomination_id
    return {
        "nomination": _rows(session, Nomination, Nomination.id == of_it, without=_MOVES_ON),
        "visits": _rows(session, Visit, Visit.nomination_id == of_it, Visit.voided_at.is_(None)),
        "work": _rows(session, WorkItem, WorkItem.nomination_id == of_it, WorkItem.id.not_in(_GONE)),
        "rungs": _rows(session, Rung, Rung.nomination_id == of_it, Rung.work_item_id.not_in(_GONE)),
        "owed": _rows(session, ExpectedReturn),
        "owed work": _rows(session, WorkItem, WorkItem.expected_return_id.is_not(None)),
        "owed rungs": _rows(session, Rung, Rung.expected_return_id.is_not(None)),
    }


def _rows(
    session: Session,
    model: Any,
    *conditions: Any,
    without: Collection[str] = (),
) -> list[dict[str, Any]]:
    columns = [column for column in model.__table__.columns if column.name not in without]
    rows = session.execute(select(*columns).where(*conditions).order_by(model.id))
    return [dict(row._mapping) for row in rows]


def decide_and_undo(scene: Scene, part: str, number: int, action: str, **request: Any) -> None:
    """Have somebody decide, and a few minutes later undo it; everything is as it was."""
    before = standing(scene.session, number)
    scene.office.act(part, number, action, scene.clock.now(), **request)
    assert standing(scene.session, number) != before
    scene.clock.advance(timedelta(minutes=3))
    scene.office.act(part, number, "undo", scene.clock.now())
    assert standing(scene.session, number) == before


def refused(scene: Scene, part: str, number: int) -> str:
    with pytest.raises(Refusal) as refusal:
        scene.office.act(part, number, "undo", scene.clock.now())
    scene.session.rollback()
    return refusal.value.reasons[0].code


def sweep(scene: Scene) -> None:
    scene.fire()
    scene.deliver()


def undo_at(scene: Scene, part: str, number: int, version: int) -> None:
    actor = scene.office.actor(part, scene.clock.now())
    command = Command(number, version, MoveRequest(action="undo"), Via.WEB)
    try:
        decide(scene.session, actor=actor, command=command, now=scene.clock.now())
    finally:
        scene.session.rollback()
