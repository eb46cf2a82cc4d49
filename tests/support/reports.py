"""Delivery reports as mail servers write them, typed here for letters that a test sent."""

from base64 import b64encode
from email.message import EmailMessage

from tests.support.mail import SENDER
from workflow.messages.receipts import HEADER

DOMAIN = "vksnd.example"
POSTFIX = "MAILER-DAEMON@mx.example.vn (Mail Delivery System)"


def fields_for(address: str, *, action: str = "failed", status: str = "5.1.1", words: str = "") -> str:
    """Return the group of fields of one recipient."""
    said = words or f"550 {status} <{address}>: Recipient address rejected: User unknown"
    return (
        f"Original-Recipient: rfc822;{address}\nFinal-Recipient: rfc822; {address}\nAction: {action}\n"
        f"Status: {status}\nDiagnostic-Code: smtp; {said}\n"
    )


def report_on(
    letter: EmailMessage,
    *groups: str,
    kind: str = "message/delivery-status",
    envid: str | None = None,
    returns: str = "headers",
    base64: bool = False,
    report_type: str = "delivery-status",
    human: str = "This is the mail system at host mx.example.vn.",
) -> bytes:
    """Return a report on a letter, whose headers come back unless `returns` is nothing."""
    fields = "Reporting-MTA: dns; mx.example.vn\n"
    fields += f"Original-Envelope-Id: {envid}\n" if envid else ""
    body = fields + "\n" + "\n".join(groups)
    encoding = "Content-Transfer-Encoding: base64\n" if base64 else ""
    if base64:
        body = b64encode(body.encode()).decode() + "\n"
    headers = "".join(f"{name}: {value}\n" for name, value in letter.items())
    returned = f"--b\nContent-Type: text/rfc822-headers\n\n{headers}\n" if returns == "headers" else ""
    return (
        f"Return-Path: <>\nFrom: {POSTFIX}\nTo: {SENDER}\nSubject: Undelivered Mail Returned to Sender\n"
        f"Auto-Submitted: auto-replied\nMIME-Version: 1.0\n"
        f'Content-Type: multipart/report; report-type={report_type}; boundary="b"\n\n'
        f"--b\nContent-Type: text/plain; charset=utf-8\n\n{human}\n\n"
        f"--b\nContent-Type: {kind}\n{encoding}\n{body}\n{returned}--b--\n"
    ).encode()


def receipt_of(letter: EmailMessage) -> str:
    """Return the receipt that a letter carries."""
    return str(letter[HEADER])
