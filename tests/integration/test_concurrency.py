"""Two people, one nomination, the same instant: one wins, one is told, and history has one event."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.conftest import MONDAY, Database
from tests.support.office import AG, Office, furnish
from tests.support.patience import PATIENCE
from workflow.domain.errors import StaleNomination
from workflow.domain.facts import MoveRequest
from workflow.domain.rights.policy import Actor
from workflow.domain.vocabulary import Via
from workflow.operations.keys import Claim
from workflow.operations.nominations.commands import Command
from workflow.operations.nominations.decide import decide
from workflow.operations.setup.organise import NewPerson, add_people
from workflow.store.history import Event
from workflow.store.nominations import Nomination, Visit, WorkItem

PAIRS = 200


def many_in_review(session: Session, count: int) -> tuple[Office, list[int]]:
    office = furnish(session, now=MONDAY)
    add_people(session, [NewPerson(f"P{n:03}", f"Người {n}", AG) for n in range(count)])
    session.commit()
    ids = [office.draft(MONDAY, person_code=f"P{n:03}").nomination_id for n in range(count)]
    for nomination_id in ids:
        office.act("nominator", nomination_id, "submit", MONDAY)
    return office, ids


def race(database: Database, actor: Actor, commands: list[Command]) -> list[str]:
    """Send the commands from as many threads at once and return how each ended."""
    barrier = Barrier(len(commands))

    def send(command: Command) -> str:
        with database.sessions() as session:
            session.connection()
            barrier.wait(timeout=PATIENCE)
            try:
                outcome = decide(session, actor=actor, command=command, now=MONDAY)
            except StaleNomination:
                return "stale"
            return "again" if outcome.was_answered_before else "done"

    with ThreadPoolExecutor(len(commands)) as threads:
        return sorted(threads.map(send, commands))


def test_of_two_reviewers_at_once_one_wins_and_one_is_told(database: Database, session: Session) -> None:
    office, ids = many_in_review(session, PAIRS)
    actor = office.actor("reviewer", MONDAY)
    ends = [
        race(
            database,
            actor,
            [
                Command(nomination_id, 2, MoveRequest(action="approve"), Via.API),
                Command(
                    nomination_id,
                    2,
                    MoveRequest(action="return", to_step="draft", reason_code="other", comment="Xem lại."),
                    Via.API,
                ),
            ],
        )
        for nomination_id in ids
    ]
    assert ends == [["done", "stale"]] * PAIRS
    events = select(func.count()).where(Event.action.in_(["approve", "return"]))
    assert session.scalar(events) == PAIRS
    assert set(session.scalars(select(Nomination.version))) == {3}
    assert session.scalar(select(func.count()).where(Visit.left_at.is_(None))) == PAIRS
    assert session.scalar(select(func.count()).where(WorkItem.closed_at.is_(None))) == PAIRS


def test_a_twin_with_the_same_key_waits_and_gets_the_same_answer(
    database: Database, session: Session
) -> None:
    office, ids = many_in_review(session, 20)
    actor = office.actor("reviewer", MONDAY)
    for nomination_id in ids:
        claim = Claim(f"key-{nomination_id}", "approve", b"m" * 32)
        command = Command(nomination_id, 2, MoveRequest(action="approve"), Via.API, claim)
        assert race(database, actor, [command, command]) == ["again", "done"]
    assert session.scalar(select(func.count()).where(Event.action == "approve")) == 20
