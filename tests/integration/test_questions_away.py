"""Whoever asked is away when the answer comes, or does not: who stands in for them hears of it."""

from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session

from tests.conftest import Database
from tests.integration.test_actions import submitted
from tests.integration.test_questions import ANSWER, ASKED
from tests.integration.test_questions_late import DAY, sweep
from tests.support.absences import go_away, staffed
from tests.support.dates import asking, refusing
from tests.support.mail import Scene, mail_server
from workflow.clock import FixedClock

ASKER, DEPUTY = "nv02@example.vn", "nv03@example.vn"


@pytest.fixture
def scene(session: Session, clock: FixedClock, database: Database) -> Iterator[Scene]:
    with mail_server() as server:
        yield Scene(staffed(session, clock), session, database.sessions, clock, server)


class Mailbox:
    """What came since the last look, by reader."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.seen = {ASKER: 0, DEPUTY: 0}
        self.fresh()

    def fresh(self) -> dict[str, list[str]]:
        self.scene.deliver()
        inbox = self.scene.server.inbox
        found = {who: [str(one["Subject"]) for one in inbox.of(who)[at:]] for who, at in self.seen.items()}
        self.seen = {who: len(inbox.of(who)) for who in self.seen}
        return found


@pytest.mark.parametrize("takes", [False, True])
def test_the_answer_is_told_to_whoever_stands_in_for_who_asked(
    scene: Scene, clock: FixedClock, *, takes: bool
) -> None:
    office = scene.office
    number = submitted(office, clock)
    if takes:
        office.act("reviewer", number, "claim", clock.now())
    office.act("reviewer", number, "request_info", clock.now(), **ASKED)
    go_away(office, clock, "reviewer", "deputy")
    mailbox = Mailbox(scene)
    office.act("nominator", number, "answer_info", clock.now(), **ANSWER)
    told = mailbox.fresh()
    assert told[ASKER] == []
    assert len(told[DEPUTY]) == 1


def test_a_missing_answer_is_told_to_whoever_stands_in_for_who_asked(
    scene: Scene, clock: FixedClock, database: Database
) -> None:
    office = scene.office
    number = submitted(office, clock)
    office.act("reviewer", number, "request_info", clock.now(), **ASKED, answer_by=DAY)
    go_away(office, clock, "reviewer", "deputy", days=20)
    mailbox = Mailbox(scene)
    sweep(clock, database, 4)
    told = mailbox.fresh()
    assert told[ASKER] == []
    [subject] = told[DEPUTY]
    assert "Chưa có trả lời" in subject


def test_a_date_that_is_refused_is_told_to_whoever_stands_in_for_who_asked_for_it(
    scene: Scene, clock: FixedClock
) -> None:
    office = scene.office
    number = submitted(office, clock)
    asking(office, clock)(number)
    go_away(office, clock, "reviewer", "deputy", days=20)
    mailbox = Mailbox(scene)
    refusing(office, clock)(number)
    told = mailbox.fresh()
    assert told[ASKER] == []
    assert len(told[DEPUTY]) == 1
