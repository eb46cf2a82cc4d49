"""The letter to whoever a comment names: foretold, in the letter of the morning, and not once it is moot."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tests.conftest import Database
from tests.support.absences import staffed
from tests.support.foretold import Watched, as_mails, foretold
from tests.support.mail import Scene, mail_server, text_of
from tests.support.waiting import submitted
from workflow.clock import FixedClock
from workflow.domain.mails.preferences import USUAL
from workflow.domain.remarks import Audience
from workflow.domain.vocabulary import Via
from workflow.operations.comments.naming import CommentDraft
from workflow.operations.comments.read import mark_read
from workflow.operations.comments.say import say, take_back
from workflow.store.access import Grant
from workflow.store.mail import Outbox

WORDS = "Nên hỏi thêm về sáng kiến."
DEPUTY = "nv03@example.vn"


@pytest.fixture
def scene(session: Session, clock: FixedClock, database: Database) -> Iterator[Scene]:
    with mail_server() as server:
        office = staffed(session, clock)
        yield Scene(office, session, database.sessions, clock, server, USUAL)


def named(scene: Scene, number: int, part: str = "deputy", by: str = "reviewer"):
    now = scene.clock.now()
    return say(
        scene.session,
        actor=scene.office.actor(by, now),
        nomination_id=number,
        comment=CommentDraft(WORDS, Audience.UNIT, (scene.office.ids[part],)),
        via=Via.API,
        now=now,
    )


def outcome(scene: Scene) -> tuple[str, str | None]:
    scene.session.rollback()
    row = scene.session.scalars(select(Outbox).where(Outbox.notice == "mentioned")).one()
    return row.state, row.state_reason


def told(scene: Scene, address: str = DEPUTY) -> list[str]:
    found = (text_of(mail) for mail in scene.server.inbox.of(address))
    return [text for text in found if WORDS in text]


def test_it_is_foretold_and_comes_in_the_one_letter_of_the_morning(scene: Scene) -> None:
    number = submitted(scene.office, scene.clock.now())
    named(scene, number)
    foreseen, seen = as_mails(foretold(scene, 4)), Watched(scene)
    seen.run(4)
    assert sorted(seen.mails) == foreseen
    assert outcome(scene) == ("sent", None)
    [text] = told(scene)
    assert "nhắc đến Ông/Bà trong một ý kiến" in text
    assert f"/nominations/{number}" in text


def test_whoever_wants_each_at_once_gets_it_by_itself_with_the_words(scene: Scene) -> None:
    scene = Scene(scene.office, scene.session, scene.sessions, scene.clock, scene.server)
    named(scene, submitted(scene.office, scene.clock.now()))
    scene.deliver()
    [text] = told(scene)
    assert "không kèm việc phải xử lý" in text
    assert f"> {WORDS}" in text


def test_on_hold_it_goes_out_all_the_same(scene: Scene) -> None:
    number = submitted(scene.office, scene.clock.now())
    scene.office.act("reviewer", number, "hold", scene.clock.now(), comment="Có đơn thư.")
    named(scene, number)
    Watched(scene).run(3)
    assert outcome(scene) == ("sent", None)


def test_what_was_taken_back_read_or_lost_from_sight_is_not_sent(scene: Scene) -> None:
    office, clock = scene.office, scene.clock
    number = submitted(office, clock.now())
    now, parts = clock.now(), {"deputy": office.actor("deputy", clock.now())}
    first, second, third = (named(scene, number) for _ in range(3))
    take_back(
        scene.session,
        actor=office.actor("reviewer", now),
        nomination_id=number,
        comment_id=first.id,
        via=Via.API,
        now=now,
    )
    mark_read(scene.session, actor=parts["deputy"], nomination_id=number, comment_id=second.id, now=now)
    theirs = update(Grant).where(Grant.account_id == office.ids["deputy"])
    scene.session.execute(theirs.values(valid_to=(now + timedelta(hours=1)).date()))
    scene.session.commit()
    Watched(scene).run(3)
    scene.session.rollback()
    rows = scene.session.execute(
        select(Outbox.event_id, Outbox.state, Outbox.state_reason).where(Outbox.notice == "mentioned")
    )
    found = {row.event_id: (row.state, row.state_reason) for row in rows}
    assert found[first.id] == found[second.id] == ("cancelled", "read")
    assert found[third.id] == ("cancelled", "no_longer_entitled")
    assert told(scene) == []


def test_beside_work_of_the_same_file_that_work_speaks(scene: Scene) -> None:
    number = submitted(scene.office, scene.clock.now())
    named(scene, number, "reviewer", by="deputy")
    Watched(scene).run(2)
    [text] = told(scene, "nv02@example.vn")
    assert "nhắc đến Ông/Bà trong một ý kiến" in text
    assert "Xử lý ở bước" in text
