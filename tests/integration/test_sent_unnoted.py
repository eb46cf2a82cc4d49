"""A letter was taken and the database is away when it should be noted: sent once, or again by its name."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from threading import Thread

import pytest
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from tests.conftest import TIMEZONE, Database
from tests.support.mail import Scene, mail_server
from tests.support.office import furnish
from tests.support.patience import PATIENCE
from tests.support.proxy import Proxy, proxy, socket_of, through
from tests.support.waiting import many_submitted, submitted
from workflow.clock import FixedClock, wait_for
from workflow.operations.mail import settling
from workflow.operations.mail.fate import Delivered
from workflow.store.database import make_engine, make_sessions


@pytest.fixture
def wire(database: Database) -> Iterator[Proxy]:
    with proxy(socket_of(database.url)) as running:
        yield running


@pytest.fixture
def scene(session: Session, clock: FixedClock, database: Database, wire: Proxy) -> Iterator[Scene]:
    """Put an office on the database itself, and the sender behind the wire."""
    engine = make_engine(through(database.url, wire), patience=2)
    with mail_server() as server:
        office = furnish(session, now=clock.now())
        yield Scene(office, session, make_sessions(engine, timezone=TIMEZONE), clock, server)
    engine.dispose()


def test_a_database_away_for_a_moment_when_a_letter_was_taken_costs_no_copy(
    scene: Scene, wire: Proxy
) -> None:
    many_submitted(scene.office, scene.session, 3, scene.clock.now())
    came_back = []

    def come_back() -> None:
        came_back.append(wait_for(lambda: wire.refused >= 2, seconds=PATIENCE))
        wire.heal()

    def go_away() -> None:
        if not came_back and not wire.is_cut:
            wire.cut()
            Thread(target=come_back, daemon=True).start()

    scene.server.inbox.on_taken = go_away
    assert scene.deliver() == Delivered(sent=3)
    assert came_back == [True]
    assert wire.fired
    assert len(scene.server.inbox.message_ids) == len(set(scene.server.inbox.message_ids)) == 3
    assert {state for state, _ in scene.outcomes()} == {"sent"}


def test_one_that_stays_away_costs_one_copy_by_the_same_name_and_no_dead_letter(
    scene: Scene, wire: Proxy, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    submitted(scene.office, scene.clock.now())
    monkeypatch.setattr(settling, "_SETTLE_SECONDS", 1.0)
    scene.server.inbox.on_taken = wire.cut
    with pytest.raises(OperationalError):
        scene.deliver()
    assert wire.refused
    assert len(scene.server.inbox.message_ids) == 1
    wire.heal()
    scene.server.inbox.on_taken = lambda: None
    direct = replace(scene, sessions=database.sessions)
    assert scene.deliver() == Delivered(), "its lease still holds"
    direct.expire_leases()
    scene.clock.advance(timedelta(hours=2))
    assert scene.deliver() == Delivered(sent=1)
    row = scene.only_row()
    assert (row.state, row.state_reason) == ("sent", "maybe_sent_twice")
    assert scene.server.inbox.message_ids == [row.message_id, row.message_id]
    scene.clock.advance(timedelta(days=6))
    assert scene.deliver() == Delivered()
