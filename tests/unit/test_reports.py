"""What comes back is read as what it is: a report, or what only looks like one."""

import random
from base64 import b64encode
from email.message import EmailMessage
from pathlib import Path
from time import process_time

import pytest

from tests.support.mail import RECEIPTS
from tests.support.reports import fields_for, receipt_of, report_on
from workflow.domain.bounces import class_of, sharper_status
from workflow.domain.reported import BounceClass, DeliveryAction
from workflow.messages.receipts import HEADER, Receipts, return_path
from workflow.messages.reports import LONGEST_READ, ReportKind, read_report

SHARED = Path(__file__).resolve().parents[2] / ".." / "shared" / "data" / "mail" / "samples"
MESSAGE_ID = f"<mail.{'0f' * 20}@vksnd.example>"
READER = "hoa.pham@vksnd.example"


@pytest.fixture
def letter() -> EmailMessage:
    mail = EmailMessage()
    mail["Message-ID"] = MESSAGE_ID
    mail["To"] = READER
    receipt = RECEIPTS.receipt_for(MESSAGE_ID)
    assert receipt is not None
    mail[HEADER] = receipt
    return mail


@pytest.mark.parametrize(
    ("status", "words", "kind"),
    [
        ("5.1.1", "", BounceClass.PERMANENT),
        ("5.2.2", "", BounceClass.TEMPORARY),
        ("4.4.1", "", BounceClass.TEMPORARY),
        ("5.7.1", "", BounceClass.POLICY),
        ("4.7.1", "", BounceClass.POLICY),
        (None, "550 no such user", BounceClass.PERMANENT),
        (None, "552 mailbox full", BounceClass.TEMPORARY),
        (None, "451 try later", BounceClass.TEMPORARY),
        (None, "550 5.7.26 unauthenticated", BounceClass.POLICY),
        (None, "The mailbox is full", BounceClass.TEMPORARY),
        (None, "at 10.5.1.1 port 550000", BounceClass.PERMANENT),
    ],
)
def test_the_class_of_a_bounce_is_that_of_its_code(status: str | None, words: str, kind: BounceClass) -> None:
    assert class_of(status, words) is kind


def test_the_sharper_code_counts() -> None:
    assert sharper_status("5.0.0", "550 5.1.1 unknown") == "5.1.1"
    assert sharper_status("5.2.1", "550 5.1.1 unknown") == "5.2.1"
    assert sharper_status("5.0.0", "450 4.2.0 later") == "5.0.0"


def test_a_receipt_names_its_letter_and_no_other_secret_makes_it() -> None:
    receipt = RECEIPTS.receipt_for(MESSAGE_ID)
    assert receipt is not None
    assert len(return_path("bounces@vksnd.example", receipt).partition("@")[0]) <= 64
    assert RECEIPTS.names_in(f"x {receipt.upper()}.") == {MESSAGE_ID.partition("@")[0] + "@"}
    assert Receipts(b"another").names_in(receipt) == frozenset()
    forged = receipt[:-1] + ("a" if receipt[-1] != "a" else "b")
    assert RECEIPTS.names_in(forged) == frozenset()
    assert RECEIPTS.names_in(MESSAGE_ID) == frozenset(), "a Message-ID stands in lists and proves nothing"
    assert RECEIPTS.receipt_for("<nomination.7@vksnd.example>") is None


@pytest.mark.parametrize("action", list(DeliveryAction))
def test_each_action_is_read(letter: EmailMessage, action: DeliveryAction) -> None:
    report = read_report(report_on(letter, fields_for(READER, action=action, status="2.1.5", words="250 ok")))
    assert report.kind is ReportKind.DELIVERY
    found = report.about(READER)
    assert found is not None
    assert found.action is action
    assert len(RECEIPTS.names_in(report.text)) == 1


@pytest.mark.parametrize("kind", ["message/delivery-status", "message/global-delivery-status"])
@pytest.mark.parametrize("base64", [False, True])
def test_both_kinds_of_status_parts_are_read_however_encoded(
    letter: EmailMessage, kind: str, *, base64: bool
) -> None:
    group = fields_for(READER, words="550 5.1.1 Không có hộp thư này")
    report = read_report(report_on(letter, group, kind=kind, base64=base64, human="Thư không đến nơi: 550"))
    found = report.about(READER)
    assert found is not None
    assert (found.action, found.status) == (DeliveryAction.FAILED, "5.1.1")
    if not base64:
        assert "Không có hộp thư này" in found.words


def test_an_address_beyond_ascii_is_read(letter: EmailMessage) -> None:
    group = "Final-Recipient: utf-8; phạm\\x{2E}hoa@vksnd.example\nAction: failed\nStatus: 5.1.6\n"
    report = read_report(report_on(letter, group, kind="message/global-delivery-status"))
    assert report.recipients[0].addresses == {"phạm.hoa@vksnd.example"}


def test_of_several_recipients_the_readers_own_group_counts(letter: EmailMessage) -> None:
    other = fields_for("other@example.org", status="5.7.1")
    own = fields_for(READER.upper(), action="delayed", status="4.2.2")
    found = read_report(report_on(letter, other, own)).about(READER)
    assert found is not None
    assert (found.action, found.status) == (DeliveryAction.DELAYED, "4.2.2")


def test_where_the_address_forwards_one_who_was_reached_is_enough(letter: EmailMessage) -> None:
    groups = [fields_for("a@x.example"), fields_for("b@x.example", action="relayed", status="2.0.0")]
    found = read_report(report_on(letter, *groups)).about(READER)
    assert found is not None
    assert found.action is DeliveryAction.RELAYED


def test_a_receipt_is_found_in_the_envelope_id_when_nothing_else_comes_back(letter: EmailMessage) -> None:
    content = report_on(letter, fields_for(READER), envid=receipt_of(letter), returns="nothing")
    assert len(RECEIPTS.names_in(read_report(content).text)) == 1
    bare = report_on(letter, fields_for(READER), returns="nothing")
    assert RECEIPTS.names_in(read_report(bare).text) == frozenset()


def qmail(letter: EmailMessage) -> bytes:
    return (
        "Return-Path: <>\nFrom: MAILER-DAEMON@mx.example.vn\nSubject: failure notice\n\n"
        "Hi. This is the qmail-send program at mx.example.vn.\nI wasn't able to deliver your message.\n"
        f"This is a permanent error; I've given up. Sorry it didn't work out.\n\n<{READER}>:\n"
        "192.0.2.1 does not like recipient.\nRemote host said: 550 5.1.1 unknown\n\n"
        "--- Below this line is a copy of the message.\n\n"
        f"{HEADER}: {receipt_of(letter)}\n\n451 in the letter\n"
    ).encode()


def exim(letter: EmailMessage) -> bytes:
    return (
        f"From: Mail Delivery System <Mailer-Daemon@mx.example.vn>\nX-Failed-Recipients: {READER}\n"
        "Auto-Submitted: auto-replied\nSubject: Mail delivery failed: returning message to sender\n\n"
        f"A message that you sent could not be delivered.\n\n  {READER}\n    all relevant MX records "
        f"point to non-existent hosts\n\n------ This is a copy of the message, with all headers. ------\n\n"
        f"{HEADER}: {receipt_of(letter)}\n"
    ).encode()


def test_reports_in_words_alone_are_read(letter: EmailMessage) -> None:
    for content, status in ((qmail(letter), "5.1.1"), (exim(letter), None)):
        report = read_report(content)
        found = report.about(READER)
        assert found is not None
        assert (found.action, found.status) == (DeliveryAction.FAILED, status)
        assert len(RECEIPTS.names_in(report.text)) == 1


def test_a_warning_in_words_is_no_bounce(letter: EmailMessage) -> None:
    content = (
        f"From: Mailer-Daemon@mx.example.vn\nSubject: Warning: message delayed 24 hours\n\n{READER}\n"
        f"    451 4.2.2 mailbox busy; it will be retried for four days\n\n{HEADER}: {receipt_of(letter)}\n"
    )
    found = read_report(content.encode()).about(READER)
    assert found is not None
    assert found.action is DeliveryAction.DELAYED


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        ("From: hoa@x.example\nAuto-Submitted: auto-replied (vacation)\nReturn-Path: <>\n", "auto_reply"),
        ("From: hoa@x.example\nSubject: Automatic reply: 550 5.1.1\nReturn-Path: <>\n", "auto_reply"),
        ("From: hoa@x.example\nSubject: please confirm that you are human\n", "other"),
        ("From: hoa@x.example\nSubject: Re: Undeliverable\n", "other"),
        ("", "other"),
    ],
)
def test_what_only_looks_like_a_report_is_none(letter: EmailMessage, head: str, kind: str) -> None:
    content = f"{head}\n550 5.1.1 user unknown, I am away\n\n{HEADER}: {receipt_of(letter)}\n"
    assert read_report(content.encode()).kind == kind


def test_a_read_receipt_and_a_complaint_are_none(letter: EmailMessage) -> None:
    read = report_on(
        letter, "Disposition: automatic-action; deleted\n", kind="message/disposition-notification",
        report_type="disposition-notification",
    )  # fmt: skip
    assert read_report(read).kind is ReportKind.READ_RECEIPT
    complaint = report_on(
        letter, "Feedback-Type: abuse\n", kind="message/feedback-report", report_type="feedback-report"
    )
    assert read_report(complaint).kind is ReportKind.COMPLAINT


def test_a_report_that_somebody_sends_on_is_none(letter: EmailMessage) -> None:
    inner = report_on(letter, fields_for(READER)).decode()
    head = 'From: a@x.example\nContent-Type: multipart/mixed; boundary="o"\n\n'
    content = f"{head}--o\nContent-Type: message/rfc822\n\n{inner}\n--o--\n"
    assert read_report(content.encode()).kind is ReportKind.OTHER


def test_half_a_report_and_one_without_its_boundary_are_read(letter: EmailMessage) -> None:
    whole = report_on(letter, fields_for(READER))
    cut = whole[: whole.index(b"Diagnostic-Code")]
    found = read_report(cut).about(READER)
    assert found is not None
    assert found.action is DeliveryAction.FAILED
    loose = whole.replace(b"--b\n", b"\n").replace(b"--b--", b"")
    found = read_report(loose).about(READER)
    assert found is not None
    assert found.status == "5.1.1"


def test_fifty_megabytes_are_not_read_to_their_end(letter: EmailMessage) -> None:
    whole = report_on(letter, fields_for(READER))
    big = whole[: -len(b"--b--\n")] + b"x" * 60 + b"\n" + b"A" * (50 * 1024 * 1024)
    report = read_report(big)
    assert report.kind is ReportKind.DELIVERY
    assert len(report.text) <= 2 * LONGEST_READ


def test_nothing_that_comes_in_is_too_broken_to_be_read(letter: EmailMessage) -> None:
    """Bytes of a true report, changed at random places: NUL, halves of letters, broken parameters."""
    chance = random.Random(20261127)
    whole = report_on(letter, fields_for(READER), base64=True) + qmail(letter)
    for _ in range(400):
        broken = bytearray(whole)
        for _ in range(chance.randrange(1, 40)):
            broken[chance.randrange(len(broken))] = chance.choice(b'\0\r\n:;"=\xff\xc3 -%?<>\\x')
        assert read_report(bytes(broken)).kind in ReportKind
    for content in (b"", b"\0", b"\n\n", b'Content-Type: multipart/report; boundary="', b64encode(whole)):
        assert read_report(content).kind is ReportKind.OTHER


REAL = {
    "lhost-postfix-01": ("failed", "5.1.1"),
    "lhost-postfix-02": ("failed", "5.2.1"),
    "lhost-postfix-03": ("failed", "5.0.0"),
    "lhost-postfix-04": ("failed", "5.1.1"),
    "lhost-gmail-01": ("failed", "5.1.1"),
    "lhost-office365-01": ("failed", "5.1.10"),
    "lhost-office365-02": ("failed", "5.1.1"),
    "rb-issue-368-bug": ("failed", None),
    "rfc3464-01": ("failed", "5.1.1"),
    "rfc3464-03": ("failed", "5.0.0"),
    "rfc3464-04": ("failed", "5.5.0"),
    "rfc3464-06": ("failed", "5.5.0"),
}


@pytest.mark.skipif(not SHARED.is_dir(), reason="the real reports are not here")
@pytest.mark.parametrize("name", sorted(path.stem for path in SHARED.glob("*.eml")))
def test_real_mails_are_read_as_what_they_are(name: str) -> None:
    report = read_report((SHARED / f"{name}.eml").read_bytes())
    found = report.about("nobody@example.invalid")
    assert (found and (found.action.value, found.status)) == REAL.get(name)
    expected = {"arf": ReportKind.COMPLAINT, "rfc3834": ReportKind.AUTO_REPLY, "is-not": ReportKind.OTHER}
    for beginning, kind in expected.items():
        if name.startswith(beginning):
            assert report.kind is kind


@pytest.mark.parametrize(
    "content",
    [
        b"From: MAILER-DAEMON@x.example\nX-Failed-Recipients: " + b"a" * LONGEST_READ,
        b"From: MAILER-DAEMON@x.example\nX-Failed-Recipients: " + b"a@" * (LONGEST_READ // 2),
        b"From: MAILER-DAEMON@x.example\n\n" + b"-" * LONGEST_READ,
        b"From: MAILER-DAEMON@x.example\n\nFinal-Recipient: rfc822; " + b"a+2B" * (LONGEST_READ // 4),
    ],
    ids=["one address", "at signs", "dashes", "one recipient"],
)
def test_a_line_that_a_stranger_wrote_is_read_once(content: bytes) -> None:
    """Each held up all reports for hours when a pattern began anew at each letter."""
    assert read_report(content).kind in {ReportKind.DELIVERY, ReportKind.OTHER}


def within(depth: int) -> bytes:
    """Return the heads of so many parts, each in the one before."""
    heads = (b"Content-Type: multipart/mixed; boundary=%d\n\n--%d\n" % (one, one) for one in range(depth))
    return b"".join(heads)


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "content",
    [
        b'Content-Type: multipart/report; a="' + b'\\";' * 130_000 + b"\n\nx",
        b"From: MAILER-DAEMON@x.example\nContent-Type: text/plain" + b"; a=b" * 100_000 + b"\n\nx",
        within(300) + b"x\n" * 230_000,
        b"Content-Type: multipart/report; boundary=b\n\n--b\nContent-Type: message/delivery-status\n\n"
        + b"A:b\n\n" * 90_000,
    ],
    ids=["quotes", "charset", "within", "groups"],
)
def test_what_a_stranger_wrote_to_be_read_for_minutes_is_read_at_once(content: bytes) -> None:
    began = process_time()
    assert read_report(content).kind is ReportKind.OTHER
    assert process_time() - began < 3


def test_mails_within_mails_are_no_report() -> None:
    assert read_report(b"Content-Type: message/rfc822\n\n" * 5_000).kind is ReportKind.OTHER
