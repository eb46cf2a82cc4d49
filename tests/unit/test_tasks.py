"""How the outer world is named: Redis as kombu reads it, a mail server by its URL, and which way mails go."""

import pytest

from tasks.app import broker_url
from tasks.post import choose_transport
from tasks.smtp import MailServer, SmtpTransport
from workflow.domain.vocabulary import InstallationKind
from workflow.operations.mail.mailbox import Mailbox
from workflow.settings import Settings
from workflow.store.database import make_engine, make_sessions

SESSIONS = make_sessions(make_engine("postgresql://nobody@127.0.0.1:1/none"), timezone="UTC")


@pytest.mark.parametrize(
    ("ours", "kombus"),
    [
        ("redis://cache:6379/0", "redis://cache:6379/0"),
        ("rediss://:secret@cache:6380/1", "rediss://:secret@cache:6380/1"),
        ("unix:///run/redis.sock?db=2", "redis+socket:///run/redis.sock?virtual_host=2"),
        ("unix:///run/redis.sock", "redis+socket:///run/redis.sock?virtual_host=0"),
        ("unix://:secret@/run/my redis.sock", "redis+socket://:secret@/run/my%20redis.sock?virtual_host=0"),
    ],
)
def test_redis_is_named_as_kombu_reads_it(ours: str, kombus: str) -> None:
    assert broker_url(ours) == kombus


@pytest.mark.parametrize(
    ("url", "server"),
    [
        (
            "smtp://mail.example.org",
            MailServer("mail.example.org", 25, speaks_tls=False, user=None, password=None),
        ),
        (
            "smtps://mail.example.org",
            MailServer("mail.example.org", 465, speaks_tls=True, user=None, password=None),
        ),
        (
            "smtp://an%40x.vn:s%2Fc@mail:587",
            MailServer("mail", 587, speaks_tls=False, user="an@x.vn", password="s/c"),
        ),
    ],
)
def test_a_mail_server_is_read_from_its_url(url: str, server: MailServer) -> None:
    assert MailServer.at(url) == server


def test_a_password_is_not_shown_when_a_server_is_printed() -> None:
    assert "hunter2" not in repr(MailServer.at("smtp://u:hunter2@mail"))


@pytest.mark.parametrize("kind", [None, InstallationKind.LIVE])
def test_live_mails_go_to_the_mail_server_where_one_is_set(kind: str | None) -> None:
    chosen = choose_transport(Settings(smtp_url="smtp://mail.example.org"), kind, SESSIONS)
    assert isinstance(chosen, SmtpTransport)
    assert isinstance(choose_transport(Settings(smtp_url=None), kind, SESSIONS), Mailbox)


@pytest.mark.parametrize("kind", sorted(set(InstallationKind) - {InstallationKind.LIVE}))
def test_invented_people_get_no_real_mail_whatever_the_settings_say(kind: str) -> None:
    chosen = choose_transport(Settings(smtp_url="smtp://mail.example.org"), kind, SESSIONS)
    assert isinstance(chosen, Mailbox)
