"""The SMTP transport against real servers: who may sign in, and what is never said in the clear."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from structlog.testing import capture_logs

from tasks.smtp import SmtpTransport
from tasks.work import ServerTrouble
from tests.support.mail import Inbox, free_port
from workflow.domain.vocabulary import MailClass
from workflow.messages.compose import Letter
from workflow.messages.envelope import MailNames, build
from workflow.operations.mail.post import MailServerAwayError, Parcel

NOW = datetime(2026, 3, 2, 2, tzinfo=UTC)
LETTER = Letter("Nhắc việc", "Đề nghị xử lý.\n.\nHết.\n", "<p>Đề nghị xử lý.</p>")


class Guarded:
    """A server that asks for a name and a password, and remembers what it heard."""

    def __init__(self) -> None:
        self.inbox = Inbox()
        self.heard: list[LoginPassword] = []
        self.port = free_port()
        self.controller = Controller(
            self.inbox,
            hostname="0.0.0.0",  # noqa: S104 - a test server; this is how an address other than loopback reaches it
            port=self.port,
            authenticator=self.authenticate,
            auth_required=True,
            auth_require_tls=False,
        )

    def authenticate(self, _server, _session, _envelope, _mechanism, given) -> AuthResult:
        self.heard.append(given)
        is_right = given == LoginPassword(b"an", b"pass/word")
        return AuthResult(success=is_right, handled=is_right)


@pytest.fixture
def guarded() -> Iterator[Guarded]:
    server = Guarded()
    server.controller.start()
    yield server
    server.controller.stop()


def parcel() -> Parcel:
    message = build(
        LETTER,
        sender="Commendo <commendo@x.vn>",
        recipient_name="Lê Thị Hoa",
        recipient_address="hoa@x.vn",
        names=MailNames("<mail.1@x.vn>"),
        date=NOW,
        mail_class=MailClass.TASK,
    )
    return Parcel("<mail.1@x.vn>", 1, MailClass.TASK, "hoa@x.vn", LETTER, message, NOW)


def test_it_signs_in_with_the_name_and_password_of_the_url(guarded: Guarded) -> None:
    transport = SmtpTransport(f"smtp://an:pass%2Fword@127.0.0.1:{guarded.port}")
    transport.send(parcel())
    transport.close()
    [mail] = guarded.inbox.mails
    assert mail["To"] == "Lê Thị Hoa <hoa@x.vn>"
    body = mail.get_body(("plain",))
    assert body is not None
    assert body.get_content().splitlines() == LETTER.text.splitlines(), (
        "a line with one dot does not end the mail"
    )


def test_a_wrong_password_is_no_mails_fault(guarded: Guarded) -> None:
    with pytest.raises(MailServerAwayError, match="535"):
        SmtpTransport(f"smtp://an:wrong@127.0.0.1:{guarded.port}").send(parcel())


def test_a_password_never_travels_in_the_clear_to_another_machine(guarded: Guarded) -> None:
    with pytest.raises(MailServerAwayError, match="not sent in the clear"):
        SmtpTransport(f"smtp://an:pass%2Fword@0.0.0.0:{guarded.port}").send(parcel())
    assert guarded.heard == []
    assert guarded.inbox.mails == []


def test_a_server_that_speaks_no_tls_where_the_url_asks_for_it_gets_no_letter(guarded: Guarded) -> None:
    with pytest.raises(MailServerAwayError, match="SSL"):
        SmtpTransport(f"smtps://an:pass%2Fword@127.0.0.1:{guarded.port}").send(parcel())
    assert guarded.heard == []
    assert guarded.inbox.mails == []


def test_why_no_letter_goes_is_known_in_kinds_and_codes_and_told_once(guarded: Guarded) -> None:
    trouble = ServerTrouble()

    def tried(password: str, port: int) -> None:
        transport = SmtpTransport(f"smtp://an:{password}@127.0.0.1:{port}")
        with suppress(MailServerAwayError):
            transport.greet()
        transport.close()
        trouble.heed(transport.away, has_taken=transport.away is None)

    with capture_logs() as said:
        tried("wrong", guarded.port)
        tried("wrong", guarded.port)
        tried("wrong", free_port())
        tried("pass%2Fword", guarded.port)
    assert [(line["event"], line.get("error") or line["was"]) for line in said] == [
        ("mail server away", "SMTPAuthenticationError 535"),
        ("mail server away", "ConnectionRefusedError"),
        ("mail server takes letters again", "ConnectionRefusedError"),
    ]
