"""Signs of life: a row per kind of work, written when that work was really done."""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert

from workflow.store.base import table_of
from workflow.store.database import Sessions, make_engine
from workflow.store.installation import Heartbeat
from workflow.store.reads import reading

_TABLE = table_of(Heartbeat)
# Always the database's real clock: a virtual one would make a dead process look alive.
_REAL_TIME = func.clock_timestamp()
_BEAT = insert(_TABLE)
_BEAT = _BEAT.values(beaten_at=_REAL_TIME, beat_count=1).on_conflict_do_update(
    index_elements=["name"],
    set_={
        "beaten_at": _REAL_TIME,
        "beat_count": _TABLE.c.beat_count + 1,
        "done_count": _TABLE.c.done_count + _BEAT.excluded.done_count,
    },
)

# A row that is written over finds room on its page even on a full disk. What a function returns and memory
# does not hold goes to a file beside the tables, and leaves nothing behind there or in the log: a megabyte.
_LITTLE_MEMORY = text("SET LOCAL work_mem = '64kB'")
_NEEDS_ROOM = text("SELECT count(*) FROM unnest(array_fill(repeat('x', 1000), ARRAY[1000])) AS line")


class Pulse(StrEnum):
    """The kinds of work that tell that they are alive, by the name of their row."""

    SWEEP = "sweep"
    DELIVER = "deliver"


WRITE = "write"
"""The row of which only the writing matters: that the database takes what it is given, and keeps it."""


def beat(sessions: Sessions, pulse: Pulse, *, done: int = 0) -> None:
    """Note that this kind of work was done just now, and how much of it, and commit.

    What was done in a pass that ended in an error or a kill is missing from the count, never from the record.
    """
    _note(sessions, [{"name": str(pulse), "done_count": done}])


def demand_room(sessions: Sessions) -> None:
    """See that the database's disk takes a megabyte more, which is gone again at once.

    Raises `OperationalError`, caused by psycopg's `DiskFull` where it does not.
    """
    with reading(sessions) as session:
        session.execute(_LITTLE_MEMORY)
        session.execute(_NEEDS_ROOM)


def note_well(sessions: Sessions, names: Iterable[str]) -> None:
    """Note that each of these was well just now, and commit."""
    # In one order, so that two who note the same never wait for each other in a circle.
    _note(sessions, [{"name": str(name), "done_count": 0} for name in sorted(names)])


def _note(sessions: Sessions, rows: list[dict[str, str | int]]) -> None:
    with sessions() as session:
        session.connection().execute(_BEAT, rows)
        session.commit()


def read_beats(url: str, *, patience: float) -> dict[str, datetime]:
    """Return when each kind of work was last done, asking for at most `patience` seconds.

    By a link for this one question: whoever watches over processes keeps none open that they would inherit.
    """
    engine = make_engine(url, pool_size=1, patience=patience)
    try:
        with engine.connect() as connection:
            rows = connection.execute(select(Heartbeat.name, Heartbeat.beaten_at))
            return {row.name: row.beaten_at for row in rows}
    finally:
        engine.dispose()
