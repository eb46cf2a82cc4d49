"""Noting that a checkpoint of history was taken: who took it, and which one, so that it can be told apart."""

import hashlib
from datetime import datetime

from sqlalchemy.orm import Session

from workflow.domain.rights.policy import Actor
from workflow.domain.vocabulary import Via
from workflow.operations.history.streams import append_event


def note_checkpoint(session: Session, text: str, *, actor: Actor | None, via: Via, now: datetime) -> None:
    """Append to the installation's history that a checkpoint was taken, and commit.

    The event comes after what the checkpoint holds, so the next one holds it.
    """
    data = {"sha256": hashlib.sha256(text.encode()).hexdigest(), "lines": text.count("\n")}
    append_event(session, "installation", "checkpoint", actor=actor, via=via, now=now, data=data)
    session.commit()
