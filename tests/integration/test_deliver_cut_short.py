"""A pass that is cut short by a kill, a fault or the clock: what it had not begun is given back unblamed."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tasks.smtp import SmtpTransport
from tests.support.mail import Scene, mail_server, text_of
from tests.support.office import furnish
from tests.support.waiting import REMIND_AT, many_submitted, submitted
from workflow.clock import FixedClock
from workflow.operations.mail.fate import Delivered
from workflow.operations.mail.reading import read_mails
from workflow.store.mail import Outbox


class Died(BaseException):
    """Stands for SIGKILL: nothing of ours runs after it."""


class Dying(SmtpTransport):
    """Dies once the server has the letter."""

    def send(self, parcel) -> None:
        super().send(parcel)
        raise Died


@pytest.fixture
def scene(session: Session, clock: FixedClock, database) -> Iterator[Scene]:
    with mail_server() as server:
        yield Scene(furnish(session, now=clock.now()), session, database.sessions, clock, server)


def test_a_letter_taken_just_before_a_kill_does_not_stand_as_cancelled(scene: Scene) -> None:
    nomination_id = submitted(scene.office, scene.clock.now())
    with pytest.raises(Died):
        scene.deliver(Dying(scene.server.url))
    [taken] = scene.server.inbox.message_ids
    scene.office.act("reviewer", nomination_id, "approve", scene.clock.now())
    scene.expire_leases()
    scene.deliver()
    scene.session.rollback()
    # By its name: ids of one instant of the fixed clock lie in any order.
    first = scene.session.scalars(select(Outbox).where(Outbox.message_id == taken)).one()
    assert (first.state, first.state_reason) == ("sent", "maybe_sent, not repeated: work_done")
    assert scene.server.inbox.message_ids.count(first.message_id) == 1


def test_a_sender_whose_mail_somebody_else_took_over_does_not_send_it(scene: Scene) -> None:
    submitted(scene.office, scene.clock.now())

    class Slept(SmtpTransport):
        def send(self, parcel) -> None:
            scene.expire_leases()
            assert scene.deliver() == Delivered(sent=1), "another sender took it over"
            super().send(parcel)

    assert scene.deliver(Slept(scene.server.url)) == Delivered(outrun=1)
    assert len(scene.server.inbox.mails) == 1


def test_a_pass_that_fails_gives_back_what_it_had_not_begun(scene: Scene) -> None:
    many_submitted(scene.office, scene.session, 3, scene.clock.now())

    class Failing(SmtpTransport):
        def send(self, _parcel) -> None:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        scene.deliver(Failing(scene.server.url))
    scene.session.rollback()
    rows = scene.session.execute(select(Outbox.state, Outbox.attempt, Outbox.excused_count))
    assert sorted(rows) == [("new", 1, 1), ("new", 1, 1), ("sending", 1, 0)]


def test_a_mail_its_senders_always_die_of_is_buried_after_eight_starts(scene: Scene) -> None:
    submitted(scene.office, scene.clock.now())

    class Deadly(SmtpTransport):
        def send(self, _parcel) -> None:
            raise Died

    for _ in range(8):
        with pytest.raises(Died):
            scene.deliver(Deadly(scene.server.url))
        scene.expire_leases()
    assert scene.deliver() == Delivered()
    row = scene.only_row()
    assert (row.state, row.attempt) == ("dead", 8)
    assert (row.state_reason or "").startswith("no_result")


def test_a_pass_that_runs_out_of_time_gives_the_rest_back_unblamed(scene: Scene) -> None:
    many_submitted(scene.office, scene.session, 3, scene.clock.now())
    assert scene.deliver(seconds=0) == Delivered(later=3)
    scene.session.rollback()
    rows = scene.session.execute(select(Outbox.state, Outbox.attempt, Outbox.excused_count))
    assert set(rows) == {("new", 1, 1)}
    assert scene.deliver() == Delivered(sent=3)


@pytest.mark.parametrize(
    ("seconds_each", "in_hand"),
    [(1 / 128, [20, 50, 10]), (1 / 32, [20, 32, 28]), (1 / 8, [*[20] * 8, 16, 8])],
)
def test_a_sender_takes_as_many_in_hand_as_leave_within_a_second(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, seconds_each: float, in_hand: list[int]
) -> None:
    """Of a slow server 20, of which what does not leave in time is left to other senders."""
    many_submitted(scene.office, scene.session, 80, scene.clock.now())
    told = [0.0]
    monkeypatch.setattr("workflow.operations.mail.deliver.monotonic", lambda: told[0])
    claims = dict[int, int]()

    class Timed(SmtpTransport):
        def send(self, parcel) -> None:
            # Each claim is one attempt more of what it takes.
            is_in_hand = Outbox.state == "sending"
            asked = select(func.sum(Outbox.attempt), func.count().filter(is_in_hand))
            attempts, of_claim = scene.session.execute(asked).one()
            scene.session.rollback()
            claims.setdefault(attempts, of_claim)
            told[0] += seconds_each
            super().send(parcel)

    assert scene.deliver(Timed(scene.server.url)) == Delivered(sent=80)
    assert list(claims.values()) == in_hand


def test_letters_that_took_long_to_read_leave_all_the_same(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was read for longer than a claim's second was given back, claimed and read again, for ever."""
    many_submitted(scene.office, scene.session, 5, scene.clock.now())
    told = [0.0]
    monkeypatch.setattr("workflow.operations.mail.deliver.monotonic", lambda: told[0])

    def slowly(*args: Any, **given: Any) -> Any:
        told[0] += 2.0
        return read_mails(*args, **given)

    monkeypatch.setattr("workflow.operations.mail.deliver.read_mails", slowly)
    assert scene.deliver(seconds=60) == Delivered(sent=5)


def test_a_letter_of_two_goes_out_once_more_without_what_was_held_since(scene: Scene) -> None:
    held_id, other_id = many_submitted(scene.office, scene.session, 2, scene.clock.now())
    scene.deliver()
    scene.clock.advance(REMIND_AT - scene.clock.now())
    scene.fire()
    before = len(scene.server.inbox.mails)
    with pytest.raises(Died):
        scene.deliver(Dying(scene.server.url))
    scene.office.act("reviewer", held_id, "hold", scene.clock.now(), comment="Chờ xác minh.")
    scene.expire_leases()
    scene.deliver()
    first, again = (text_of(mail) for mail in scene.server.inbox.mails[before:])
    assert (f"/nominations/{held_id}" in first, f"/nominations/{other_id}" in first) == (True, True)
    assert (f"/nominations/{held_id}" in again, f"/nominations/{other_id}" in again) == (False, True)
    assert len(set(scene.server.inbox.message_ids[before:])) == 1
    scene.session.rollback()
    of = select(Outbox.nomination_id, Outbox.state, Outbox.state_reason).where(Outbox.notice == "reminder")
    rows = scene.session.execute(of).all()
    assert {row[0]: row[1:] for row in rows} == {
        held_id: ("sent", "maybe_sent, not repeated: on_hold"),
        other_id: ("sent", "maybe_sent_twice"),
    }
