"""Work that comes back to its seat is told to those who were not told while it was taken, and to no other."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tests.integration.test_told_again import REVIEWER, SEAT, SECOND
from tests.support.mail import Scene, mail_server, text_of
from tests.support.office import furnish
from tests.support.waiting import REMIND_AT, add_account, many_submitted, submitted
from workflow.clock import FixedClock
from workflow.domain.vocabulary import Via
from workflow.operations.mail.fate import Delivered
from workflow.operations.people.grants import revoke_role
from workflow.store.mail import Outbox

DAY = timedelta(days=1)


@pytest.fixture
def scene(session: Session, clock: FixedClock, database) -> Iterator[Scene]:
    with mail_server() as server:
        yield Scene(furnish(session, now=clock.now()), session, database.sessions, clock, server)


def test_work_given_back_is_told_to_those_who_were_not_told_because_it_was_taken(scene: Scene) -> None:
    add_account(scene.session, SECOND, SEAT, scene.clock.now())
    nomination_id = submitted(scene.office, scene.clock.now())
    scene.office.act("reviewer", nomination_id, "claim", scene.clock.now())
    scene.deliver()
    assert scene.server.inbox.recipients == [REVIEWER]
    for _ in range(2):
        scene.office.act("reviewer", nomination_id, "release", scene.clock.now())
        scene.deliver()
        assert scene.server.inbox.recipients == [REVIEWER, SECOND]
        scene.office.act("reviewer", nomination_id, "claim", scene.clock.now())
        scene.deliver()


def test_who_was_told_since_is_not_told_by_the_older_letter(scene: Scene) -> None:
    """Given back because its holder left, the work is announced anew to everybody."""
    second = scene.office.ids["second"] = add_account(scene.session, SECOND, SEAT, scene.clock.now())
    nomination_id = submitted(scene.office, scene.clock.now())
    scene.office.act("reviewer", nomination_id, "claim", scene.clock.now())
    scene.deliver()
    scene.clock.advance(timedelta(minutes=5))
    revoke_role(scene.session, actor=None, email=REVIEWER, key=SEAT, via=Via.CLI, now=scene.clock.now())
    scene.office.act("second", nomination_id, "hold", scene.clock.now(), comment="Chờ xác minh.")
    scene.deliver()
    scene.office.act("second", nomination_id, "release_hold", scene.clock.now())
    scene.deliver()
    scene.session.rollback()
    rows = scene.session.scalars(select(Outbox.state).where(Outbox.account_id == second)).all()
    assert sorted(rows) == ["cancelled", "sent"]
    assert len(scene.server.inbox.of(SECOND)) == 1


def test_work_that_comes_back_because_its_holder_left_is_told_of(scene: Scene) -> None:
    """Its event says who held it by the word that other events use for a date."""
    add_account(scene.session, SECOND, SEAT, scene.clock.now())
    nomination_id = submitted(scene.office, scene.clock.now())
    scene.deliver()
    scene.office.act("reviewer", nomination_id, "claim", scene.clock.now())
    revoke_role(scene.session, actor=None, email=REVIEWER, key=SEAT, via=Via.CLI, now=scene.clock.now())
    assert scene.deliver() == Delivered(sent=1)
    [_, again] = scene.server.inbox.of(SECOND)
    assert f"/nominations/{nomination_id}" in text_of(again)


def test_what_goes_on_while_its_letter_is_in_hand_is_told_under_another_name(scene: Scene) -> None:
    """Read on hold and judged free: the rest of its letter goes out meanwhile."""
    held, *others = many_submitted(scene.office, scene.session, 3, scene.clock.now())
    scene.deliver()
    scene.clock.advance(REMIND_AT - scene.clock.now())
    assert scene.fire().rungs == 3
    now, inbox = scene.clock.now(), scene.server.inbox
    scene.office.act("reviewer", held, "hold", now, comment="Chờ xác minh.")
    submitted(scene.office, now)
    scene.session.execute(update(Outbox).where(Outbox.notice == "work_opened").values(not_before=now - DAY))
    scene.session.commit()
    before = len(inbox.mails)

    def release() -> None:
        inbox.on_taken = lambda: None
        scene.office.act("reviewer", held, "release_hold", now)

    inbox.on_taken = release
    assert scene.deliver() == Delivered(sent=3, later=1)
    _, rest, alone = inbox.mails[before:]
    assert f"/nominations/{others[0]}" in text_of(rest)
    assert f"/nominations/{held}" not in text_of(rest)
    assert f"/nominations/{held}" in text_of(alone)
    assert rest["Message-ID"] != alone["Message-ID"]
