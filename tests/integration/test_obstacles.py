"""Work that cannot go on is found by way of the seats: the same as by asking of each what the policy says."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from random import Random

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.conftest import Database
from tests.support.office import Office, furnish
from tests.support.stuck import ROUTE, send_away, shuffle
from tests.support.waiting import many_submitted
from workflow.clock import FixedClock
from workflow.domain.moves.engine import offers
from workflow.domain.obstacles import ObstacleReason
from workflow.domain.rights.policy import Actor, refuse_move
from workflow.domain.rights.routing import Holder, SetAside
from workflow.domain.route.definition import Definition
from workflow.domain.vocabulary import Stage, SubjectKind, Via
from workflow.operations.obstacles import moves, parts
from workflow.operations.obstacles.look import find_obstacles
from workflow.operations.setup.publish import publish_definition
from workflow.store.access import Account
from workflow.store.definitions import load_definition
from workflow.store.delivery import DeliveryReport
from workflow.store.locked import Locked, read_nominations
from workflow.store.nominations import Rung, WorkItem
from workflow.store.organisation import Person
from workflow.store.people import load_actor, load_holders, load_seated
from workflow.store.takers import load_takers


@pytest.fixture
def office(session: Session, clock: FixedClock) -> Office:
    return furnish(session, now=clock.now())


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
        acting = load_holders(self.session, [item.owner_key], today=self.today).get(item.owner_key, ())
        seated = load_seated(self.session, [item.owner_key], today=self.today).get(item.owner_key, ())
        free = [one for one in acting if not aside.takes_in(one)]
        if not seated:
            return {ObstacleReason.GROUP_EMPTY}
        if not free:
            there = [one for one in seated if not aside.takes_in(self._holder(one, item.owner_key))]
            return {ObstacleReason.AWAY if there else ObstacleReason.CONFLICTED}
        return set() if {one.account_id for one in free} - self.bounced else {ObstacleReason.UNREACHABLE}

    def _holder(self, account_id: int, key: str) -> Holder:
        account = self.session.get_one(Account, account_id)
        person = self.session.get(Person, account.person_id)
        return Holder(key, account_id, account.person_id, person.unit_id if person else None)

    def _taker(self, item: WorkItem, aside: SetAside, *, is_lost: bool) -> set[ObstacleReason]:
        taker = self.session.get_one(Account, item.assignee_id)
        if taker.disabled_at is not None:
            return {ObstacleReason.ASSIGNEE_GONE}
        taken = (taker.id, item.owner_key)
        stand_ins = load_takers(self.session, [taken], today=self.today)[taken]
        is_there = [one.account_id for one in stand_ins] == [taker.id]
        if not is_there and all(aside.takes_in(one) for one in stand_ins):
            return {ObstacleReason.AWAY}
        if aside.takes_in(self._holder(taker.id, item.owner_key)):
            return {ObstacleReason.CONFLICTED}
        if is_lost:
            return {ObstacleReason.ROLE_LOST}
        return {ObstacleReason.UNREACHABLE} if is_there and taker.id in self.bounced else set()

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


_TURNS, _MOST_TURNS = 20, 80


@pytest.mark.parametrize("are_some_away", [False, True])
def test_what_cannot_go_on_is_what_the_policy_says_of_each(
    office: Office,
    session: Session,
    clock: FixedClock,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    *,
    are_some_away: bool,
) -> None:
    monkeypatch.setattr(parts, "PART", 3)
    publish_definition(session, text=ROUTE, filename="guarded.yaml", actor=None, via=Via.CLI, now=clock.now())
    ids = many_submitted(office, session, 10, clock.now())
    luck, seen, now = Random(11), Counter[ObstacleReason](), clock.now()
    # Who could make a move for somebody away is asked of actors that speak for them.
    left_out = {ObstacleReason.NO_MOVE} if are_some_away else set[ObstacleReason]()
    never = {ObstacleReason.NO_SESSION, ObstacleReason.ASKED_OFTEN, *left_out} | (
        set() if are_some_away else {ObstacleReason.AWAY}
    )
    met = set(ObstacleReason) - never
    # The server draws too, in the order in which rows happen to lie: until each was met, some rounds more.
    for turn in range(_MOST_TURNS):
        if turn >= _TURNS and set(seen) == met:
            break
        session.rollback()
        session.expire_all()
        shuffle(database, ids, luck, now)
        if are_some_away:
            send_away(database, luck)
        plainly = Plainly(session, now)
        items = session.scalars(
            select(WorkItem).where(WorkItem.nomination_id.in_(ids), WorkItem.closed_at.is_(None))
        ).all()
        expected = {(one.id, reason) for one in items for reason in plainly.reasons(one) - left_out}
        mine = {one.id for one in items}
        found = {key for key in find_obstacles(session, now=now) if key[0] in mine}
        assert expected == {key for key in found if key[1] not in left_out}
        seen.update(reason for _, reason in expected)
    assert set(seen) == met, seen


def test_no_transaction_stands_still_while_the_policy_is_asked(
    office: Office, session: Session, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server ends one that does: with a hundred thousand open no look came to its end."""
    many_submitted(office, session, 3, clock.now())
    session.rollback()
    open_while = set[tuple[str, bool]]()
    for name in ("mover_keys", "movers"):
        asked = getattr(moves, name)

        def noted(*said: object, _name: str = name, _asked: Callable[..., object] = asked, **more: object):
            open_while.add((_name, session.in_transaction()))
            return _asked(*said, **more)

        monkeypatch.setattr(moves, name, noted)
    find_obstacles(session, now=clock.now())
    assert open_while == {("mover_keys", False), ("movers", False)}
