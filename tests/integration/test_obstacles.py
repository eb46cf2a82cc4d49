"""Work that cannot go on is found by way of the seats: the same as by asking of each what the policy says."""

from collections import Counter
from datetime import datetime, timedelta
from random import Random

import psycopg
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.conftest import Database
from tests.support.office import AG, CLUSTER, DT, ROLES, TOP, Office, furnish
from tests.support.servers import connect
from tests.support.waiting import many_submitted
from workflow.clock import FixedClock
from workflow.domain.moves.engine import offers
from workflow.domain.obstacles import ObstacleReason
from workflow.domain.rights.policy import Actor, refuse_move
from workflow.domain.rights.routing import Holder, SetAside
from workflow.domain.route.definition import Definition
from workflow.domain.vocabulary import Stage, SubjectKind, Via
from workflow.operations.obstacles.look import find_obstacles
from workflow.operations.setup.publish import publish_definition
from workflow.store.access import Account
from workflow.store.definitions import load_definition
from workflow.store.delivery import DeliveryReport
from workflow.store.locked import Locked, read_nominations
from workflow.store.nominations import Rung, WorkItem
from workflow.store.organisation import Person
from workflow.store.people import load_actor, load_holders

KEYS = (
    f"nominator@unit:{AG}",
    f"unit_reviewer@unit:{AG}",
    f"unit_deputy@unit:{AG}",
    f"unit_reviewer@unit:{DT}",
    f"cluster_head@cluster:{CLUSTER}",
    f"council_secretary@council:{TOP}",
    f"head@unit:{TOP}",
    f"head@unit:{AG}",
    "auditor@all",
)
ROUTE = """
key: guarded
version: 1
title: {vi: "Tuyến thử", en: "Tried route"}
calendar: vn
initial: draft
steps:
  - {name: draft, stage: draft, label: {vi: "Nháp", en: "Draft"}, owner: nominator@subject.unit}
  - name: unit_review
    stage: unit_review
    label: {vi: "Xét", en: "Review"}
    owner: unit_reviewer@subject.unit
    due: 5 working_days
  - name: council
    stage: council
    label: {vi: "Họp", en: "Council"}
    owner: council_secretary@council
    due: 5 working_days
  - {name: approved, stage: approved, final: true, label: {vi: "Xong", en: "Done"}}
moves:
  - {name: submit, from: draft, to: unit_review, by: owner, label: {vi: "Gửi", en: "Submit"}}
  - name: approve
    from: unit_review
    to: council
    by: unit_deputy@subject.unit
    guards: [not_own_subject, not_own_unit, subject_is_collective]
    label: {vi: "Xong", en: "Endorse"}
  - name: approve
    from: unit_review
    to: council
    by: owner
    guards: [subject_is_individual]
    label: {vi: "Xong", en: "Endorse"}
  - name: sign
    from: council
    to: approved
    by: head@round
    guards: [decision_recorded]
    label: {vi: "Ký", en: "Sign"}
"""

STATES = {
    "standard": ["draft", "unit_review", "cluster_review", "council"],
    "annual": ["draft", "unit_review", "appraisal", "decision"],
    "guarded": ["draft", "unit_review", "council"],
}


@pytest.fixture
def office(session: Session, clock: FixedClock) -> Office:
    return furnish(session, now=clock.now())


def shuffle(database: Database, ids: list[int], luck: Random, now: datetime) -> None:
    """Lay each nomination somewhere on some route, and end terms, accounts, addresses and reminders."""
    people = [code for code, _, _ in ROLES.values()]
    with connect(database.migration_url) as connection:
        connection.execute("DELETE FROM delivery_report")
        for place, nomination_id in enumerate(ids):
            _lay(connection, nomination_id, place, people, luck)
        connection.execute("SELECT setseed(%s)", (luck.random(),))
        connection.execute(
            "UPDATE \"grant\" SET valid_to = CASE WHEN random() < %s THEN DATE '2026-02-01' END",
            (luck.choice([0.0, 0.3, 0.6]),),
        )
        connection.execute("UPDATE account SET disabled_at = CASE WHEN random() < 0.15 THEN now() END")
        connection.execute(
            "INSERT INTO delivery_report (id, message_id, account_id, email, action, source, bounce_class,"
            " words, reported_at) SELECT gen_random_uuid(), id::text, id,"
            " CASE WHEN random() < 0.8 THEN email ELSE 'old@x' END,"
            " 'failed', 'smtp', 'permanent', '', now() FROM account WHERE random() < 0.3"
        )
        connection.execute("UPDATE rung SET fired_at = CASE WHEN random() < 0.7 THEN now() END")
        connection.execute(
            "UPDATE work_item SET due_at = CASE WHEN random() < 0.5 THEN %s END WHERE closed_at IS NULL",
            (now - timedelta(minutes=luck.choice([-5, 5])),),
        )
        connection.commit()


def _lay(
    connection: psycopg.Connection, nomination_id: int, place: int, people: list[str], luck: Random
) -> None:
    person = luck.choice([None, *people])
    route = luck.choice(list(STATES))
    state = luck.choice(STATES[route])
    stage = state if state in set(Stage) else "council"
    connection.execute(
        "UPDATE nomination SET person_id = (SELECT id FROM person WHERE code = %s), subject_kind = %s,"
        " unit_id = (SELECT id FROM unit WHERE code = %s), state = %s, stage = %s, is_held = %s,"
        " decider = %s, definition_id = (SELECT max(id) FROM workflow_definition WHERE key = %s),"
        " award_edition_id = (SELECT id FROM award_edition ORDER BY id OFFSET %s LIMIT 1) WHERE id = %s",
        (
            person,
            "person" if person else "collective",
            luck.choice([AG, DT]),
            state,
            stage,
            luck.random() < 0.1,
            luck.choice(["", f"unit:{TOP}", "state"]),
            route,
            place,
            nomination_id,
        ),
    )
    connection.execute(
        "UPDATE work_item SET owner_key = %s, assignee_id = CASE WHEN %s THEN"
        " (SELECT id FROM account ORDER BY id OFFSET %s LIMIT 1) END"
        " WHERE nomination_id = %s AND closed_at IS NULL",
        (luck.choice(KEYS), luck.random() < 0.4, luck.randrange(10), nomination_id),
    )


class Plainly:
    """A look at every piece of open work by itself, by the policy and nothing else."""

    def __init__(self, session: Session, now: datetime) -> None:
        self.session, self.now, self.today = session, now, now.date()
        accounts = session.scalars(select(Account.id)).all()
        self.actors = [one for one in (load_actor(session, id_, today=self.today) for id_ in accounts) if one]
        reports = session.execute(
            select(DeliveryReport.account_id, DeliveryReport.email, Account.email.label("address")).join(
                Account, Account.id == DeliveryReport.account_id
            )
        )
        self.bounced = {row.account_id for row in reports if row.email == row.address}

    def reasons(self, item: WorkItem) -> set[ObstacleReason]:
        assert item.nomination_id is not None
        locked = self._read(item.nomination_id, self.actors[0]) if self.actors else None
        if locked is None or locked.facts.is_held:
            return set()
        found = self._people(item, locked)
        if not found - {ObstacleReason.UNREACHABLE} and not self._can_move(item.nomination_id):
            found.add(ObstacleReason.NO_MOVE)
        rungs = self.session.scalars(select(Rung).where(Rung.work_item_id == item.id)).all()
        tells = [one for one in rungs if one.fired_at is None and one.dead_at is None and one.fire_at]
        if item.due_at is not None and item.due_at < self.now and not tells:
            found.add(ObstacleReason.PAST_LAST_RUNG)
        return found

    def _read(self, nomination_id: int, actor: Actor) -> Locked:
        read = read_nominations(self.session, [nomination_id], actor=actor, now=self.now)
        return read[nomination_id]

    def _people(self, item: WorkItem, locked: Locked) -> set[ObstacleReason]:
        facts = locked.facts
        unit_id = facts.unit_id if facts.subject_kind is SubjectKind.COLLECTIVE else None
        aside = SetAside(None if locked.stage is Stage.DRAFT else facts.subject_person_id, unit_id)
        if item.assignee_id is not None:
            return self._taker(item, aside, is_lost=facts.assignee_id is None)
        sitting = load_holders(self.session, [item.owner_key], today=self.today).get(item.owner_key, ())
        free = [one for one in sitting if not aside.takes_in(one)]
        if not sitting:
            return {ObstacleReason.GROUP_EMPTY}
        if not free:
            return {ObstacleReason.CONFLICTED}
        return set() if {one.account_id for one in free} - self.bounced else {ObstacleReason.UNREACHABLE}

    def _taker(self, item: WorkItem, aside: SetAside, *, is_lost: bool) -> set[ObstacleReason]:
        taker = self.session.get_one(Account, item.assignee_id)
        if taker.disabled_at is not None:
            return {ObstacleReason.ASSIGNEE_GONE}
        person = self.session.get(Person, taker.person_id)
        if aside.takes_in(
            Holder(item.owner_key, taker.id, taker.person_id, person.unit_id if person else None)
        ):
            return {ObstacleReason.CONFLICTED}
        if is_lost:
            return {ObstacleReason.ROLE_LOST}
        return {ObstacleReason.UNREACHABLE} if taker.id in self.bounced else set()

    def _can_move(self, nomination_id: int) -> bool:
        for actor in self.actors:
            locked = self._read(nomination_id, actor)
            definition = load_definition(self.session, locked.definition_id)
            if definition.has_step(locked.facts.state) and self._moves(actor, definition, locked):
                return True
        return False

    def _moves(self, actor: Actor, definition: Definition, locked: Locked) -> bool:
        step = definition.step(locked.facts.state)
        own = {"own_subject", "own_unit"}
        return any(
            refuse_move(
                actor,
                locked.facts,
                by=str(offer.by),
                owner=str(step.owner),
                is_drafting=step.stage is Stage.DRAFT,
            )
            is None
            and not any(reason.code in own for reason in offer.unmet)
            for offer in offers(definition, locked.facts)
        )


def test_what_cannot_go_on_is_what_the_policy_says_of_each(
    office: Office, session: Session, clock: FixedClock, database: Database
) -> None:
    publish_definition(session, text=ROUTE, filename="guarded.yaml", actor=None, via=Via.CLI, now=clock.now())
    ids = many_submitted(office, session, 10, clock.now())
    luck, seen, now = Random(11), Counter[ObstacleReason](), clock.now()
    for _ in range(60):
        session.rollback()
        session.expire_all()
        shuffle(database, ids, luck, now)
        plainly = Plainly(session, now)
        items = session.scalars(
            select(WorkItem).where(WorkItem.nomination_id.in_(ids), WorkItem.closed_at.is_(None))
        ).all()
        expected = {(one.id, reason) for one in items for reason in plainly.reasons(one)}
        assert expected == {
            key for key in find_obstacles(session, now=now) if key[0] in {one.id for one in items}
        }
        seen.update(reason for _, reason in expected)
    assert set(seen) == set(ObstacleReason) - {ObstacleReason.AWAY, ObstacleReason.NO_SESSION}, seen
