"""Two secretaries send one sheet at the same instant: each result is recorded once."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.conftest import MONDAY, Database
from tests.support.council import at_the_council, people, rows_of
from tests.support.patience import PATIENCE
from tests.support.yearly import furnish_yearly
from workflow.domain.facts import MoveRequest, VoteEntry
from workflow.domain.moves.by_counts import BY_COUNTS
from workflow.domain.vocabulary import Via
from workflow.operations.nominations.commands import Command
from workflow.operations.nominations.decide_many import decide_inbox
from workflow.store.history import Event
from workflow.store.nominations import Nomination

NAMES = 30


def test_a_sheet_sent_by_two_at_once_is_recorded_once(database: Database, session: Session) -> None:
    office = furnish_yearly(session, now=MONDAY)
    codes = people(office, [f"Người {number}" for number in range(NAMES)])
    [ids] = at_the_council(office, [rows_of(codes, "CSTDCS")], MONDAY)
    version = session.get_one(Nomination, ids[0]).version
    actor, barrier = office.actor("secretary", MONDAY), Barrier(2)

    def send(order: list[int]) -> list[str | None]:
        vote = VoteEntry(9, 5 if order is ids else 4, 4 if order is ids else 5)
        items = [Command(one, version, MoveRequest(BY_COUNTS, vote=vote), Via.WEB) for one in order]
        with database.sessions() as own:
            own.connection()
            barrier.wait(timeout=PATIENCE)
            outcome = decide_inbox(own, actor=actor, items=items, now=MONDAY)
        return sorted((one.refused.code for one in outcome.items if one.refused), key=str)

    with ThreadPoolExecutor(2) as threads:
        ends = list(threads.map(send, [ids, ids[::-1]]))
    assert sorted(ends, key=len) == [[], ["stale-nomination"] * NAMES]
    votes = select(func.count()).where(Event.source == "council")
    assert session.scalar(votes) == NAMES
    session.expire_all()
    said = set(session.scalars(select(Nomination.recommendation).where(Nomination.id.in_(ids))))
    assert said in ({"passed"}, {"not_passed"})
