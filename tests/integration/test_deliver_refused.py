"""What a mail server refuses: a letter, a recipient, or us; a letter dies only of what is its own fault."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from tasks.smtp import SmtpTransport
from tests.integration.test_deliver_failures import LONG
from tests.support.mail import Scene, mail_server
from tests.support.office import furnish
from tests.support.waiting import many_submitted, submitted
from workflow.clock import FixedClock
from workflow.operations.mail.fate import Delivered
from workflow.store.access import Account


@pytest.fixture
def scene(session: Session, clock: FixedClock, database) -> Iterator[Scene]:
    with mail_server() as server:
        yield Scene(furnish(session, now=clock.now()), session, database.sessions, clock, server)


def test_a_recipient_refused_for_good_is_dead_at_once_and_stops_nobody_else(scene: Scene) -> None:
    submitted(scene.office, scene.clock.now())
    scene.server.inbox.recipient_answer = "550 5.1.1 no such user"
    assert scene.deliver() == Delivered(dead=1)
    assert scene.only_row().state_reason == "refused: recipient not accepted: 550 5.1.1 no such user"


def test_a_message_refused_for_good_is_dead_at_once(scene: Scene) -> None:
    submitted(scene.office, scene.clock.now())
    scene.server.inbox.data_answer = "550 5.6.0 no"
    assert scene.deliver() == Delivered(dead=1)
    assert scene.only_row().state_reason == "refused: message not accepted: 550 5.6.0 no"


def test_a_relay_that_is_not_ours_kills_no_letter_and_stops_no_other(scene: Scene) -> None:
    many_submitted(scene.office, scene.session, 3, scene.clock.now())
    scene.server.inbox.recipient_answer = "554 5.7.1 Relay access denied"
    for _ in range(20):
        assert scene.deliver() == Delivered(later=3), "each is tried, none is held back by another"
        scene.clock.advance(LONG)
    scene.server.inbox.recipient_answer = None
    assert scene.deliver() == Delivered(sent=3)


@pytest.mark.parametrize("answer", ["530 5.7.0 authentication required", "535 5.7.8 bad credentials"])
def test_a_password_that_is_asked_for_late_kills_no_letter(scene: Scene, answer: str) -> None:
    many_submitted(scene.office, scene.session, 3, scene.clock.now())
    scene.server.inbox.recipient_answer = answer
    for _ in range(20):
        assert scene.deliver() == Delivered(later=3)
        scene.clock.advance(LONG)
    scene.server.inbox.recipient_answer = None
    assert scene.deliver() == Delivered(sent=3)


def test_a_greeting_that_refuses_kills_no_letter(scene: Scene) -> None:
    submitted(scene.office, scene.clock.now())
    with greeting("554 5.7.1 not from your network") as port:
        for _ in range(10):
            assert scene.deliver(SmtpTransport(f"smtp://127.0.0.1:{port}")) == Delivered(later=1)
            scene.clock.advance(LONG)
    assert "554" in (scene.only_row().state_reason or "")
    assert scene.deliver() == Delivered(sent=1)


def test_an_address_that_is_none_is_dead_at_once(scene: Scene) -> None:
    submitted(scene.office, scene.clock.now())
    scene.session.execute(
        update(Account).where(Account.id == scene.office.ids["reviewer"]).values(email="a@x.vn, b@y.vn")
    )
    scene.session.commit()
    assert scene.deliver() == Delivered(dead=1)
    assert (scene.only_row().state_reason or "").startswith("unusable_address: ")
    assert scene.server.inbox.mails == []


def test_a_sender_the_server_does_not_know_is_no_mails_fault(scene: Scene) -> None:
    submitted(scene.office, scene.clock.now())
    scene.server.inbox.sender_answer = "553 5.7.1 sender not yours"
    assert scene.deliver() == Delivered(later=1)
    row = scene.only_row()
    assert (row.attempt, row.excused_count) == (1, 1)


@contextmanager
def greeting(words: str) -> Iterator[int]:
    """Run a server that says one line to everybody and hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            try:
                while True:
                    link, _ = listener.accept()
                    with link:
                        link.sendall(f"{words}\r\n".encode())
            except OSError:
                return

        Thread(target=serve, daemon=True).start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)
