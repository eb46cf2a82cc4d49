"""Letters that come back, half-way and the second time: what is lost, what stands in the way, who mends."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import create_engine, insert, select, text, update
from sqlalchemy.orm import Session

from tests.conftest import Database
from tests.support.bounces import (
    address_of,
    again,
    at,
    bounce,
    follow,
    readers,
    receive,
    reminded,
    rungs,
)
from tests.support.mail import Scene, mail_server
from tests.support.office import DT, furnish
from tests.support.reports import fields_for, report_on
from tests.support.waiting import DUE_DAY, HEAD_AT, NEXT_LEVEL_AT, REMIND_AT, add_account, submitted
from workflow.clock import FixedClock
from workflow.domain.errors import NotFound
from workflow.domain.vocabulary import Via
from workflow.operations.deadlines.bounces import Followed
from workflow.operations.deadlines.try_again import reach_again
from workflow.operations.mail.fate import Delivered
from workflow.operations.mail.receive import ReportOutcome
from workflow.operations.people.addresses import change_address
from workflow.operations.sweep.sweep import fire_rungs
from workflow.queries.history.audit import verify_chains
from workflow.queries.mail.dead import dead_mails
from workflow.store.access import Grant
from workflow.store.database import local_day
from workflow.store.delivery import DeliveryReport
from workflow.store.mail import Outbox
from workflow.store.people import load_actor

# As a server that is shut down answers, at the first note of a refusal and no other.
_GOES_AWAY_ONCE = text(
    "CREATE SEQUENCE noted;"
    " CREATE FUNCTION go_away() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN"
    " IF nextval('noted') = 1 THEN RAISE EXCEPTION 'going away' USING ERRCODE = '57P01'; END IF;"
    " RETURN NEW; END $$;"
    " CREATE TRIGGER goes_away BEFORE INSERT ON delivery_report FOR EACH ROW EXECUTE FUNCTION go_away()"
)


@pytest.fixture
def scene(session: Session, clock: FixedClock, database) -> Iterator[Scene]:
    with mail_server() as server:
        yield Scene(furnish(session, now=clock.now()), session, database.sessions, clock, server)


def test_a_refusal_is_noted_though_the_database_goes_away_between_the_letter_and_its_note(
    scene: Scene, database: Database
) -> None:
    nomination_id = submitted(scene.office, scene.clock.now())
    assert scene.deliver() == Delivered(sent=1)
    at(scene, REMIND_AT)
    scene.server.inbox.recipient_answer = "550 5.1.1 no such user"
    owner = create_engine(database.migration_url)
    with owner.begin() as connection:
        connection.execute(_GOES_AWAY_ONCE)
    owner.dispose()
    assert scene.deliver() == Delivered(dead=1)
    scene.server.inbox.recipient_answer = None
    assert follow(scene) == Followed(bounces=1, rungs=1)
    at(scene, DUE_DAY)
    assert readers(scene, nomination_id) == [("reminder", "reviewer"), ("reminder", "deputy")]


def test_the_last_rung_is_promised_once_more_and_takes_another_way(scene: Scene) -> None:
    everywhere = add_account(scene.session, "all@example.vn", "supervisor@all", scene.clock.now())
    scene.office.ids["everywhere"] = everywhere
    nomination_id = submitted(scene.office, scene.clock.now())
    for when in (REMIND_AT, DUE_DAY, HEAD_AT, NEXT_LEVEL_AT):
        at(scene, when)
    scene.deliver()
    assert all(fired for fired, _ in rungs(scene))
    last = readers(scene, nomination_id)[-1]
    assert last == ("escalation", "supervisor")
    head = address_of(scene, "supervisor")
    content = report_on(scene.server.inbox.of(head)[-1], fields_for(head))
    assert receive(scene, content).outcome is ReportOutcome.BOUNCED
    assert follow(scene) == Followed(bounces=1, rungs=1, again=1)
    scene.fire()
    assert readers(scene, nomination_id)[-1] == last, "not before the next morning"
    at(scene, NEXT_LEVEL_AT + timedelta(days=1))
    assert readers(scene, nomination_id)[-1] == ("escalation", "everywhere")
    assert verify_chains(scene.session).problems == ()


def test_the_last_rung_reaches_who_has_another_address_by_then_and_nobody_a_third_time(scene: Scene) -> None:
    nomination_id = submitted(scene.office, scene.clock.now())
    for when in (REMIND_AT, DUE_DAY, HEAD_AT, NEXT_LEVEL_AT):
        at(scene, when)
    scene.deliver()
    head = address_of(scene, "supervisor")
    receive(scene, report_on(scene.server.inbox.of(head)[-1], fields_for(head)))
    assert follow(scene).again == 1
    change_address(
        scene.session, actor=None, email=head, new="new@vksnd.example", via=Via.CLI, now=scene.clock.now()
    )
    at(scene, NEXT_LEVEL_AT + timedelta(days=1))
    assert readers(scene, nomination_id)[-1] == ("escalation", "supervisor")
    scene.deliver()
    [second] = scene.server.inbox.of("new@vksnd.example")
    receive(scene, report_on(second, fields_for("new@vksnd.example")))
    assert follow(scene).again == 0


def test_a_report_that_cannot_be_followed_holds_up_neither_others_nor_reminders(scene: Scene) -> None:
    nomination_id = reminded(scene)
    bounce(scene)
    scene.session.execute(update(Outbox).where(Outbox.notice == "reminder").values(dedupe_key="spoiled"))
    scene.session.commit()
    scene.clock.advance(DUE_DAY - scene.clock.now())
    fire_rungs(scene.sessions, clock=scene.clock)
    assert readers(scene, nomination_id)[-1][0] == "reminder"
    assert len(readers(scene, nomination_id)) > 1
    report = scene.session.scalars(select(DeliveryReport)).one()
    assert report.followed_at is None, "it is tried again"


def test_who_may_look_further_sends_again_only_where_they_watch_over_mails(scene: Scene) -> None:
    reminded(scene)
    bounce(scene)
    follow(scene)
    now = scene.clock.now()
    number = add_account(scene.session, "both@vksnd.example", f"supervisor@unit:{DT}", now)
    scene.session.execute(
        insert(Grant).values(account_id=number, key="auditor@all", valid_from=local_day(scene.session, now))
    )
    scene.session.commit()
    both = load_actor(scene.session, number, today=local_day(scene.session, now))
    assert both is not None
    [failed] = dead_mails(scene.session, actor=both, limit=9, cursor=None).items
    with pytest.raises(NotFound):
        again(scene, both, failed.id)
    with pytest.raises(NotFound):
        reach_again(scene.session, actor=both, account_id=scene.office.ids["reviewer"], via=Via.WEB, now=now)
