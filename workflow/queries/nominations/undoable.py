"""What may be undone of one nomination or of several, and until when: for the pages that offer it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from workflow.domain.moves.undoing import LastAct
from workflow.domain.rights.policy import Actor
from workflow.domain.vocabulary import BuiltIn
from workflow.queries.nominations.moves import moves_of
from workflow.store.database import undo_window
from workflow.store.last_acts import read_last_act, read_last_acts
from workflow.store.locked import Locked, read_nominations


@dataclass(frozen=True, slots=True)
class Undoable:
    """Nominations that may be undone, each with its version, and until when all of them may."""

    versions: dict[int, int]
    until: datetime | None = None


def done_lately(session: Session, locked: Locked, *, now: datetime) -> tuple[LastAct | None, datetime | None]:
    """Return what was done to a nomination last and until when that may be undone, if it still may."""
    last = read_last_act(session, locked, now=now)
    return last, last.at + undo_window(session) if last else None


def undoable(session: Session, *, actor: Actor, ids: Iterable[int], now: datetime) -> Undoable:
    """Return which of these nominations the actor may undo; nothing is read where nothing may be undone."""
    window = undo_window(session)
    if not window:
        return Undoable({})
    locked = read_nominations(session, ids, actor=actor, now=now)
    acts = read_last_acts(session, list(locked.values()), now=now)
    found = {
        number: locked[number].facts.version
        for number, last in acts.items()
        if any(
            move.name == BuiltIn.UNDO and move.is_open
            for move in moves_of(
                session, actor=actor, locked=locked[number], now=now, with_assignees=False, last=last
            )
        )
    }
    return Undoable(found, min((acts[number].at + window for number in found), default=None))
