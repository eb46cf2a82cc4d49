"""Signs of life: a row per kind of work, written when that work was really done."""

from enum import StrEnum

from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert

from workflow.store.base import table_of
from workflow.store.database import Sessions
from workflow.store.installation import Heartbeat

_TABLE = table_of(Heartbeat)
# Always the database's real clock: a virtual one would make a dead process look alive.
_REAL_TIME = func.clock_timestamp()
_BEAT = insert(_TABLE)
_BEAT = _BEAT.values(beaten_at=_REAL_TIME).on_conflict_do_update(
    index_elements=["name"], set_={"beaten_at": _REAL_TIME}
)


class Pulse(StrEnum):
    """The kinds of work that tell that they are alive, by the name of their row."""

    SWEEP = "sweep"
    DELIVER = "deliver"


def beat(sessions: Sessions, pulse: Pulse) -> None:
    """Note that this kind of work was done just now, and commit."""
    with sessions() as session:
        session.execute(_BEAT, {"name": pulse})
        session.commit()
