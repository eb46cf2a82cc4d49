"""What a mail server is told so that its reports name their letter: the envelope's name and where they go."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

import pytest
from sqlalchemy.orm import Session

from tasks.smtp import SmtpTransport
from tests.support.mail import BASE_URL, RECEIPTS, SENDER
from tests.support.office import AG, furnish
from tests.support.waiting import submitted
from workflow.clock import FixedClock
from workflow.domain.mails.preferences import UNFOLDED
from workflow.domain.vocabulary import Via
from workflow.messages.receipts import HEADER
from workflow.operations.mail.deliver import deliver
from workflow.operations.mail.fate import Delivered
from workflow.operations.mail.post import Post
from workflow.operations.people.mailboxes import choose_mailbox


@contextmanager
def listening(*extensions: str) -> Iterator[tuple[str, list[str]]]:
    """Run a mail server that offers these extensions; yield its URL and all lines that it hears."""
    heard = list[str]()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        Thread(target=_serve, args=(listener, extensions, heard), daemon=True).start()
        yield f"smtp://127.0.0.1:{listener.getsockname()[1]}", heard


def _serve(listener: socket.socket, extensions: tuple[str, ...], heard: list[str]) -> None:
    link, _ = listener.accept()
    with link, link.makefile("rwb", buffering=0) as line:
        line.write(b"220 ready\r\n")
        in_message = False
        while said := line.readline():
            heard.append(said.decode().rstrip("\r\n"))
            if in_message:
                in_message = said != b".\r\n"
                answer = b"" if in_message else b"250 taken\r\n"
            elif said[:4].upper() == b"EHLO":
                offered = ("mx.example.vn", *extensions)
                answer = "".join(f"250-{one}\r\n" for one in offered).encode() + b"250 HELP\r\n"
            else:
                in_message = said[:4].upper() == b"DATA"
                answer = b"354 go on\r\n" if in_message else b"250 ok\r\n"
            line.write(answer)


@pytest.mark.parametrize(
    ("extensions", "bounce_address"),
    [(("DSN",), None), ((), None), (("DSN", "SIZE"), "bounces@vksnd.example"), ((), "bounces@vksnd.example")],
)
def test_reports_are_asked_to_name_the_letter(
    session: Session, clock: FixedClock, database, extensions: tuple[str, ...], bounce_address: str | None
) -> None:
    submitted(furnish(session, now=clock.now()), clock.now())
    with listening(*extensions) as (url, heard):
        post = Post(
            SmtpTransport(url),
            SENDER,
            BASE_URL,
            receipts=RECEIPTS,
            bounce_address=bounce_address,
            preferences=UNFOLDED,
        )
        assert deliver(database.sessions, clock=clock, post=post) == Delivered(sent=1)
    [mail] = [line for line in heard if line.upper().startswith("MAIL FROM:")]
    [receipt] = [line.partition(": ")[2] for line in heard if line.startswith(f"{HEADER}: ")]
    sender = f"bounces+{receipt}@vksnd.example" if bounce_address else "commendo@vksnd.example"
    asked = f" RET=HDRS ENVID={receipt}" if "DSN" in extensions else ""
    assert mail.partition(":")[2].startswith(f"<{sender}>")
    assert ("ENVID" in mail) == ("DSN" in extensions)
    assert asked.strip() in mail
    [of] = RECEIPTS.names_in(mail) or RECEIPTS.names_in(receipt)
    assert any(line.startswith(f"Message-ID: {of}") for line in heard)


@pytest.mark.parametrize("extensions", [("DSN",), ()])
def test_no_report_is_wanted_of_a_copy(
    session: Session, clock: FixedClock, database, extensions: tuple[str, ...]
) -> None:
    office = furnish(session, now=clock.now())
    mailbox = "vanthu@vks.example"
    choose_mailbox(session, actor=None, unit_code=AG, mailbox=mailbox, via=Via.CLI, now=clock.now())
    submitted(office, clock.now())
    with listening(*extensions) as (url, heard):
        post = Post(SmtpTransport(url), SENDER, BASE_URL, receipts=RECEIPTS, preferences=UNFOLDED)
        assert deliver(database.sessions, clock=clock, post=post) == Delivered(sent=1)
    named = [line.upper() for line in heard if line.upper().startswith("RCPT TO:")]
    assert [mailbox.upper() in line for line in named] == [False, True]
    assert ["NOTIFY=NEVER" in line for line in named] == [False, "DSN" in extensions]
