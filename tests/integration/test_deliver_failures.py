"""When mail servers fail: nothing is lost, nobody is stormed, and what is given up says why."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Thread
from uuid import uuid4

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tasks.smtp import SmtpTransport
from tests.support.mail import Scene, free_port, mail_server
from tests.support.office import furnish
from tests.support.patience import PATIENCE, no_time_passes
from tests.support.waiting import many_submitted, submitted
from workflow.clock import FixedClock
from workflow.operations.mail.fate import Delivered, pause_after
from workflow.store.mail import Outbox

LONG = timedelta(hours=2)


@pytest.fixture
def scene(session: Session, clock: FixedClock, database) -> Iterator[Scene]:
    with mail_server() as server:
        yield Scene(furnish(session, now=clock.now()), session, database.sessions, clock, server)


def test_a_server_that_is_down_loses_nothing_and_is_asked_once_a_pass(scene: Scene) -> None:
    many_submitted(scene.office, scene.session, 5, scene.clock.now())
    scene.server.stop()
    assert scene.deliver() == Delivered(later=5)
    assert scene.deliver() == Delivered(), "all of them rest"
    for _ in range(20):
        scene.clock.advance(LONG)
        scene.deliver()
    scene.session.rollback()
    assert set(scene.session.scalars(select(Outbox.state))) == {"new"}, "an outage is no mail's fault"
    scene.server.start()
    scene.clock.advance(LONG)
    assert scene.deliver() == Delivered(sent=5)
    assert len(set(scene.server.inbox.message_ids)) == 5


def test_after_five_days_without_a_server_a_mail_is_dead_and_says_so(scene: Scene) -> None:
    submitted(scene.office, scene.clock.now())
    scene.server.stop()
    scene.clock.advance(timedelta(days=5))
    assert scene.deliver() == Delivered(dead=1)
    assert (scene.only_row().state_reason or "").startswith("server_away: ConnectionRefusedError")


def test_a_mail_that_is_put_off_is_tried_for_five_days_ever_more_rarely_then_dead(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    no_time_passes(monkeypatch)
    submitted(scene.office, scene.clock.now())
    began = scene.clock.now()
    scene.server.inbox.recipient_answer = "451 4.7.1 greylisted"
    tries, pauses = 0, []
    while scene.clock.now() - began < timedelta(days=5):
        assert scene.deliver() == Delivered(later=1)
        tries += 1
        row = scene.only_row()
        assert (row.attempt, row.excused_count) == (tries, 0)
        pauses.append(row.not_before - scene.clock.now())
        scene.clock.advance(pauses[-1])
    assert max(pauses) <= timedelta(hours=1.5)
    assert 60 < tries < 300, "a server that says later is asked about once an hour"
    assert scene.deliver() == Delivered(dead=1)
    row = scene.only_row()
    assert row.state == "dead"
    assert row.state_reason == "delayed: recipient not accepted: 451 4.7.1 greylisted"
    scene.clock.advance(timedelta(days=1))
    assert scene.deliver() == Delivered()


def test_an_hour_without_a_server_does_not_make_the_next_pause_longer(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    no_time_passes(monkeypatch)
    submitted(scene.office, scene.clock.now())
    scene.server.stop()
    for _ in range(60):
        assert scene.deliver() == Delivered(later=1)
        row = scene.only_row()
        assert row.not_before - scene.clock.now() <= timedelta(minutes=1)
        scene.clock.advance(row.not_before - scene.clock.now())
    scene.server.start()
    scene.server.inbox.recipient_answer = "451 4.7.1 greylisted"
    assert scene.deliver() == Delivered(later=1)
    row = scene.only_row()
    assert (row.attempt, row.excused_count) == (61, 60)
    assert row.not_before - scene.clock.now() <= timedelta(seconds=90), "the first pause of its own"


@pytest.mark.parametrize("trouble", ["away", "put off"])
def test_the_first_letter_that_is_taken_wakes_all_that_rest(scene: Scene, trouble: str) -> None:
    many_submitted(scene.office, scene.session, 5, scene.clock.now())
    if trouble == "away":
        scene.server.stop()
    scene.server.inbox.recipient_answer = "451 4.3.2 try later"
    assert scene.deliver() == Delivered(later=5)
    if trouble == "away":
        scene.server.start()
    scene.server.inbox.recipient_answer = None
    assert scene.deliver() == Delivered(), "all of them rest"
    submitted(scene.office, scene.clock.now())
    assert scene.deliver() == Delivered(sent=6), "the letter of somebody else showed that the server is back"


def test_what_rests_after_maybe_sent_is_not_woken_and_goes_out_seldom(scene: Scene) -> None:
    submitted(scene.office, scene.clock.now())
    copies, began = 0, scene.clock.now()
    while scene.only_row().state == "new":
        with silent_after_data() as (port, heard):
            scene.deliver(SmtpTransport(f"smtp://127.0.0.1:{port}"))
            copies += len(heard)
        row = scene.only_row()
        if row.state == "new":
            assert row.not_before - scene.clock.now() >= timedelta(minutes=7)
            scene.clock.advance(row.not_before - scene.clock.now())
    row = scene.only_row()
    assert row.state == "dead"
    assert (row.state_reason or "").startswith("maybe_sent")
    assert copies <= 8
    assert scene.clock.now() - began >= timedelta(days=5)


def test_the_most_urgent_go_first_whatever_waits_longer(scene: Scene) -> None:
    ids = many_submitted(scene.office, scene.session, 3, scene.clock.now())
    kinds = ["info", "task", "decision", "escalation", "security"]
    rows = scene.session.scalars(select(Outbox).order_by(Outbox.id)).all()
    template = {name: getattr(rows[0], name) for name in Outbox.__table__.columns.keys()}  # noqa: SIM118 - no dict
    scene.session.execute(update(Outbox).values(state="cancelled"))
    for age, kind in enumerate(kinds):
        for number in range(12):
            key = f"{kind}:{number}"
            scene.session.add(
                Outbox(
                    **template
                    | {
                        "id": uuid4(),
                        "dedupe_key": key,
                        "fold_key": key,
                        "mail_class": kind,
                        "nomination_id": ids[number % 3],
                        "not_before": scene.clock.now() - timedelta(minutes=10 - age),
                    }
                )
            )
    scene.session.commit()
    seen: list[str] = []

    class Watching(SmtpTransport):
        def send(self, parcel) -> None:
            seen.append(parcel.mail_class)
            super().send(parcel)

    scene.deliver(Watching(scene.server.url))
    assert seen == [kind for kind in reversed(kinds) for _ in range(12)]


def test_the_pause_doubles_from_a_minute_to_an_hour_with_jitter() -> None:
    for attempt, seconds in [(1, 60), (2, 120), (5, 960), (7, 3600), (60, 3600)]:
        pauses = {pause_after(attempt).total_seconds() for _ in range(50)}
        assert len(pauses) > 1
        assert all(0.5 * seconds <= pause <= 1.5 * seconds for pause in pauses)


def test_a_link_that_breaks_after_the_message_is_noted_and_the_copy_bears_the_same_id(scene: Scene) -> None:
    submitted(scene.office, scene.clock.now())
    with silent_after_data() as (port, heard):
        assert scene.deliver(SmtpTransport(f"smtp://127.0.0.1:{port}")) == Delivered(later=1)
    assert (scene.only_row().state_reason or "").startswith("maybe_sent: the link broke")
    scene.clock.advance(LONG)
    assert scene.deliver() == Delivered(sent=1)
    row = scene.only_row()
    assert (row.state, row.state_reason) == ("sent", "maybe_sent_twice")
    assert f"Message-ID: {row.message_id}".encode() in heard[0]
    assert scene.server.inbox.message_ids == [row.message_id]


def test_a_server_that_hangs_up_between_mails_is_called_again(scene: Scene) -> None:
    many_submitted(scene.office, scene.session, 2, scene.clock.now())

    class Restless(SmtpTransport):
        def send(self, parcel) -> None:
            super().send(parcel)
            scene.server.stop()
            scene.server.start()

    assert scene.deliver(Restless(scene.server.url)) == Delivered(sent=2)


@contextmanager
def silent_after_data() -> Iterator[tuple[int, list[bytes]]]:
    """Run a server that takes one whole message and hangs up instead of answering."""
    heard: list[bytes] = []
    port = free_port()
    listener = socket.create_server(("127.0.0.1", port))

    def serve() -> None:
        link, _ = listener.accept()
        with link, link.makefile("rwb") as talk:
            talk.write(b"220 ready\r\n")
            talk.flush()
            for line in talk:
                if line.upper().startswith(b"DATA"):
                    break
                talk.write(b"250 OK\r\n")
                talk.flush()
            talk.write(b"354 go on\r\n")
            talk.flush()
            message = b""
            while not message.endswith(b"\r\n.\r\n"):
                message += talk.readline()
            heard.append(message)

    thread = Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield port, heard
    finally:
        thread.join(timeout=PATIENCE)
        listener.close()
