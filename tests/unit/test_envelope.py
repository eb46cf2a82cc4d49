"""A mail goes to one mailbox, threads, and no robot answers it."""

import re
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from workflow.domain.vocabulary import MailClass
from workflow.messages.addresses import UnusableAddress
from workflow.messages.compose import Letter
from workflow.messages.envelope import MailNames, WrittenMail, build, domain_of, thread_id_for

LETTER = Letter(
    subject="[TĐKT] Cần xử lý trước 17:00 thứ Năm, 11/6/2026: Nguyễn Văn A - Chiến sĩ thi đua cơ sở",
    text="Kính gửi: Lê Thị Hoa\n\n.\nFrom dòng này\n" + "chữ " * 600 + "\n",
    html='<!doctype html><html lang="vi"><body>Kính gửi: Lê Thị Hoa</body></html>',
)
SENDER = '"Thi đua, Khen thưởng" <commendo@khen.example.vn>'
LONG_HOST = "phong-thi-dua-khen-thuong.van-phong.vien-kiem-sat-nhan-dan-toi-cao.example.gov.vn"


def sent(**changes: Any) -> WrittenMail:
    arguments: dict[str, Any] = {
        "sender": SENDER,
        "recipient_name": "Lê Thị Hoa",
        "recipient_address": "hoa@angiang.example.vn",
        "message_id": "<mail.0190f0c0-1111-7111-8111-111111111111@khen.example.vn>",
        "thread_id": thread_id_for("nomination.123", "khen.example.vn"),
        "date": datetime(2026, 6, 4, 10, 30, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh")),
        "mail_class": MailClass.TASK,
        "list_id": "task.khen.example.vn",
    }
    said = arguments | changes
    said.setdefault("off_address", None)
    names = MailNames(
        **{name: said.pop(name) for name in ("message_id", "thread_id", "list_id", "off_address")}
    )
    return build(LETTER, names=names, **said)


def received(message: WrittenMail) -> EmailMessage:
    """Read the mail as a mail program does, from its bytes."""
    return message_from_bytes(message.octets, policy=default)


def test_a_mail_carries_the_headers_that_keep_robots_quiet():
    mail = received(sent())
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["X-Auto-Response-Suppress"] == "All"
    assert mail["List-Id"] == "<task.khen.example.vn>"
    assert mail["Date"] == "Thu, 04 Jun 2026 10:30:00 +0700"
    assert mail["Importance"] is None
    assert received(sent(mail_class=MailClass.ESCALATION))["Importance"] == "high"


def test_a_mail_threads_under_its_nomination_and_keeps_its_name():
    mail = received(sent())
    assert mail["Message-ID"] == "<mail.0190f0c0-1111-7111-8111-111111111111@khen.example.vn>"
    assert mail["In-Reply-To"] == mail["References"] == "<nomination.123@khen.example.vn>"


def test_a_mail_without_thread_or_list_has_no_such_headers():
    mail = received(sent(thread_id=None, list_id=None, mail_class=MailClass.SECURITY))
    assert {"In-Reply-To", "References", "List-Id"}.isdisjoint(mail.keys())


@pytest.mark.parametrize(
    ("scheme", "post"), [("https", "List-Unsubscribe=One-Click"), ("http", None)], ids=["safe", "in the open"]
)
def test_a_program_is_asked_to_post_one_click_to_a_safe_address_alone(scheme: str, post: str | None) -> None:
    """As RFC 8058, section 3.1 has it; a person may open the page at any address."""
    address = f"{scheme}://khen.example.vn/mails/off/abc"
    mail = received(sent(off_address=address, mail_class=MailClass.INFO))
    assert mail["List-Unsubscribe"] == f"<{address}>"
    assert mail["List-Unsubscribe-Post"] == post


def test_threads_survive_a_long_host_name():
    raw = sent(
        thread_id=thread_id_for("nomination.123456789", LONG_HOST),
        message_id=f"<mail.{'x' * 36}@{LONG_HOST}>",
    ).octets
    assert b"In-Reply-To: <nomination.123456789@" in raw
    assert b"References: <nomination.123456789@" in raw
    assert f"@{LONG_HOST}>\r\n".encode() in raw


def test_vietnamese_in_headers_is_encoded_and_comes_back_whole():
    raw = sent().octets
    head = raw.partition(b"\r\n\r\n")[0]
    assert head.isascii()
    assert all(len(line) <= 78 for line in head.split(b"\r\n"))
    mail = received(sent())
    assert mail["Subject"] == LETTER.subject
    assert mail["To"].addresses[0].display_name == "Lê Thị Hoa"
    assert mail["From"].addresses[0].display_name == "Thi đua, Khen thưởng"


def test_text_comes_first_and_the_page_is_its_alternative():
    mail = received(sent())
    assert mail.get_content_type() == "multipart/alternative"
    text, html = mail.iter_parts()
    assert (text.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    assert text.get_content_charset() == html.get_content_charset() == "utf-8"
    assert text.get_content().replace("\r\n", "\n") == LETTER.text
    assert html.get_content().strip() == LETTER.html


def test_no_line_of_a_mail_is_longer_than_servers_allow():
    assert max(len(line) for line in sent().octets.split(b"\r\n")) <= 998


def test_a_second_copy_has_the_same_headers():
    def headers(mail: EmailMessage) -> list[tuple[str, str]]:
        return [(name, value) for name, value in mail.items() if name != "Content-Type"]

    assert headers(received(sent())) == headers(received(sent()))


@pytest.mark.parametrize(
    "address",
    [
        "a@example.vn,b@example.vn",
        "a@example.vn, b@example.vn",
        "a@example.vn;b@example.vn",
        "a@example.vn\r\nBcc: b@example.vn",
        "a@example.vn\n",
        "a@example.vn\x00",
        "Name <a@example.vn>",
        "<a@example.vn>",
        '"a,b"@example.vn',
        "a@b@example.vn",
        "a b@example.vn",
        "a..b@example.vn",
        "@example.vn",
        "a@",
        "a",
        "",
        "hoà@example.vn",
        "a@[127.0.0.1]",
        "a@-example.vn",
        f"{'a' * 65}@example.vn",
        f"a@{'b' * 60}.{'c' * 60}.{'d' * 60}.{'e' * 60}.{'f' * 60}.vn",
    ],
    ids=repr,
)
def test_an_address_that_is_not_exactly_one_mailbox_is_refused(address):
    with pytest.raises(UnusableAddress) as refused:
        sent(recipient_address=address)
    assert not re.search(r"[\r\n\x00]", str(refused.value))


@pytest.mark.parametrize(
    "name",
    [
        "Nguyễn, Văn A <x@example.vn>",
        'A" <x@example.vn>, "B',
        "A\r\nBcc: x@example.vn",
        "A\nB",
        "(comment) @;:",
        "",
    ],
)
def test_a_name_never_adds_a_recipient_or_a_header(name):
    mail = received(sent(recipient_name=name))
    assert [address.addr_spec for address in mail["To"].addresses] == ["hoa@angiang.example.vn"]
    assert mail["Bcc"] is None
    assert mail.keys() == received(sent()).keys()


@pytest.mark.parametrize(
    "wrong",
    [
        {"message_id": "no-brackets@example.vn"},
        {"message_id": "<a@example.vn>\r\nBcc: x@example.vn"},
        {"thread_id": "<a b@example.vn>"},
        {"list_id": "task example"},
        {"date": datetime(2026, 6, 4, 10)},  # noqa: DTZ001 - the fault under test
    ],
)
def test_headers_that_no_mail_may_carry_are_refused(wrong):
    with pytest.raises(ValueError, match=r"."):
        sent(**wrong)


def test_the_domain_of_the_sender_names_our_mails():
    assert domain_of(SENDER) == "khen.example.vn"
    with pytest.raises(UnusableAddress):
        domain_of("nobody")
