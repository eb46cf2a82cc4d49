"""Two who write to one stream at one moment: the second is told to try again, whoever it is."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import permutations

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from tests.conftest import MONDAY, Database
from tests.support.patience import PATIENCE
from workflow.clock import wait_for
from workflow.domain.errors import Conflict
from workflow.domain.vocabulary import Via
from workflow.operations.history.streams import StreamEvent, append_each, append_event
from workflow.store.history import Event

# Above a thousand no stream is guarded by a lock of its own.
MANY = 1_001
ONE = "office:500"
_WAITED_FOR = text(
    "SELECT count(*) > 0 FROM pg_stat_activity"
    " WHERE datname = current_database() AND wait_event = 'transactionid'"
)


def to_many(session: Session) -> None:
    events = [StreamEvent(f"office:{n}", "import", {}) for n in range(MANY)]
    append_each(session, events, actor=None, via=Via.IMPORT, now=MONDAY)


def to_one(session: Session) -> None:
    append_event(session, ONE, "changed", actor=None, via=Via.CLI, now=MONDAY)


@pytest.mark.parametrize(("first", "second"), list(permutations([to_many, to_one])))
def test_who_comes_second_is_told_to_try_again_and_then_writes(
    database: Database, first: Callable[[Session], None], second: Callable[[Session], None]
) -> None:
    def write() -> None:
        with database.sessions() as session:
            second(session)
            session.commit()

    def is_waited_for() -> bool:
        with database.sessions() as session:
            return bool(session.scalar(_WAITED_FOR))

    with database.sessions() as session, ThreadPoolExecutor(1) as pool:
        first(session)
        waiting = pool.submit(write)
        assert wait_for(is_waited_for, seconds=PATIENCE)
        session.commit()
        with pytest.raises(Conflict) as refused:
            waiting.result(PATIENCE)
    assert [reason.code for reason in refused.value.reasons] == ["record_went_on"]
    write()
    with database.sessions() as session:
        written = session.scalars(select(Event.seq).where(Event.stream == ONE).order_by(Event.seq)).all()
    assert written == [1, 2]
