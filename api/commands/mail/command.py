"""`commendo mail`: what comes back from mail servers, what failed, and sending it again.

`receive` is meant to stand behind a mail server's pipe (Postfix pipe(8), Exim's pipe transport). There it
answers by the codes of sysexits.h: 0 when it is done with the mail, whatever it was, and 75 (try again) when
it could not be; no other, because a mail server would send a report about the report.
"""

import logging
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final
from uuid import UUID

import click

from api.commands.desk import Desk, at_desk
from api.commands.mail.maildir import StoredMail, stored_mails
from api.commands.output import CommandRefused, as_json, tell
from workflow.clock import DatabaseClock
from workflow.domain.vocabulary import Via
from workflow.messages.envelope import domain_of
from workflow.messages.receipts import Receipts
from workflow.messages.reports import LONGEST_READ
from workflow.operations.deadlines.bounces import follow_reports
from workflow.operations.deadlines.try_again import dead_mails_of, try_again
from workflow.operations.mail.receive import ReceivedMail, receive_mail
from workflow.operations.people.mailboxes import choose_mailbox
from workflow.queries.mail.dead import DeadMail, dead_mails

_TRY_AGAIN: Final = os.EX_TEMPFAIL
_CHUNK: Final = 1024 * 1024
_PAGE: Final = 100


@dataclass(frozen=True, slots=True)
class TakenIn:
    """A mail that was read, from where, and what it came to."""

    place: str
    mail: ReceivedMail


@click.group(help="Mails: take in what comes back, list what failed, send it again.")
def mail() -> None:
    """Hold the commands about mails."""


@mail.command(name="receive")
@click.argument("paths", nargs=-1, metavar="[PATH]...", type=click.Path(exists=True, path_type=Path))
@click.option("--recipient", default="", metavar="ADDRESS", help="To whom it came, by the envelope.")
@as_json
def receive(paths: tuple[Path, ...], *, recipient: str, as_json: bool) -> None:
    """Take in delivery reports: one mail on stdin, or files, folders and Maildirs.

    A reminder that did not arrive does not count, and the next takes another way. Nothing is answered, and
    whatever is no report on a letter of this installation changes nothing. On stdin the exit code is 0, or
    75 for a mail server to bring the mail again. Of a Maildir what is new is read and marked as seen.
    """
    if not paths:
        if sys.stdin.isatty():
            raise click.UsageError("Give a mail on stdin, or files, folders or Maildirs.")
        with _behind_a_mail_server():
            content = _read(sys.stdin.buffer)
            with at_desk() as desk:
                taken = _take_all(desk, [StoredMail("-", lambda: content)], recipient)
            _tell(taken, json_wanted=as_json)
        return
    with at_desk() as desk:
        taken = _take_all(desk, stored_mails(paths), recipient)
    _tell(taken, json_wanted=as_json)


@mail.command(name="dead")
@as_json
def dead(*, as_json: bool) -> None:
    """List the mails that failed for good, newest first, and why; exit code 1 when there are any."""
    with at_desk() as desk:
        found = list(_every_dead(desk))
    tell(found, lambda: map(_dead_line, found), json_wanted=as_json)
    if found:
        raise CommandRefused([f"{len(found)} mails failed. Mend what they say, then: commendo mail retry ID"])


@mail.command(name="retry")
@click.argument("mails", nargs=-1, metavar="[ID]...", type=click.UUID)
@click.option("--to", "email", metavar="EMAIL", help="Everything to this account that failed within 30 days.")
@as_json
def retry(mails: tuple[UUID, ...], *, email: str | None, as_json: bool) -> None:
    """Send failed mails again, by the ids that `dead` lists; what is no longer true is not sent."""
    if bool(mails) == bool(email):
        raise click.UsageError("Give ids of failed mails, or --to EMAIL.")
    with at_desk() as desk:
        wanted: Sequence[UUID] = mails
        if email is not None:
            wanted = dead_mails_of(desk.session, email, now=desk.now)
        count = try_again(desk.session, actor=None, mails=wanted, via=Via.CLI, now=desk.now) if wanted else 0
    tell({"mails": count}, lambda: [f"{count} mails will be sent again."], json_wanted=as_json)


@mail.command(name="mailbox")
@click.argument("unit")
@click.option("--to", "address", metavar="ADDRESS", help="The mailbox that gets copies from now on.")
@click.option("--none", "is_none", is_flag=True, help="No copies any more.")
@as_json
def mailbox(unit: str, *, address: str | None, is_none: bool, as_json: bool) -> None:
    """Say to which mailbox the letters about work to the people of a unit are copied.

    Letters about work and escalations alone: never decisions, links to set a password, or what tells of other
    units too. Whoever reads that mailbox reads the names in them.
    """
    if bool(address) == is_none:
        raise click.UsageError("Give --to ADDRESS, or --none.")
    with at_desk() as desk:
        is_new = choose_mailbox(
            desk.session, actor=None, unit_code=unit, mailbox=address or "", via=Via.CLI, now=desk.now
        )
    said = f"Letters to the people of {unit} are copied to {address}." if address else f"{unit}: no copies."
    tell({"unit": unit, "mailbox": address, "changed": is_new}, lambda: [said], json_wanted=as_json)


@contextmanager
def _behind_a_mail_server() -> Iterator[None]:
    """Answer a mail server: whatever went wrong is no fault of the mail, which is to come again."""
    try:
        yield
    except click.ClickException as refused:
        click.echo(" ".join(refused.format_message().split()), err=True)
        sys.exit(_TRY_AGAIN)
    except Exception:
        logging.getLogger("commendo.mail").exception("mail not taken in")
        sys.exit(_TRY_AGAIN)


def _read(stream: BinaryIO) -> bytes:
    """Read the beginning of a mail, and the rest for nothing: who writes must not find the pipe closed."""
    content = stream.read(LONGEST_READ)
    while stream.read(_CHUNK):
        pass
    return content


def _take_all(desk: Desk, mails: Iterable[StoredMail], recipient: str) -> list[TakenIn]:
    """Take in mails, each in a transaction of its own, and follow what they say."""
    settings, sessions, taken = desk.reach.settings, desk.reach.sessions(), list[TakenIn]()
    try:
        for stored in mails:
            try:
                content = stored.read()
            except FileNotFoundError:
                # Whoever else reads this folder has taken it in.
                continue
            with sessions() as session:
                mail = receive_mail(
                    session,
                    content,
                    receipts=Receipts(settings.secret.encode()),
                    domain=domain_of(settings.mail_from),
                    sent_to=recipient,
                    now=desk.now,
                )
            stored.done()
            taken.append(TakenIn(stored.place, mail))
        follow_reports(sessions, clock=DatabaseClock())
    finally:
        sessions.kw["bind"].dispose()
    return taken


def _tell(taken: Sequence[TakenIn], *, json_wanted: bool) -> None:
    tell(taken, lambda: (_line(one) for one in taken), json_wanted=json_wanted)


def _line(taken: TakenIn) -> str:
    mail = taken.mail
    said = " ".join(filter(None, (mail.action, mail.bounce_class, mail.status, mail.message_id)))
    return f"{taken.place}: {mail.outcome}{f' ({said})' if said else ''}"


def _every_dead(desk: Desk) -> Iterator[DeadMail]:
    cursor = None
    while True:
        page = dead_mails(desk.session, actor=None, limit=_PAGE, cursor=cursor)
        yield from page.items
        cursor = page.next
        if cursor is None:
            return


def _dead_line(mail: DeadMail) -> str:
    about = f" {mail.nomination_id}" if mail.nomination_id else ""
    return f"{mail.id}  {mail.created_at:%Y-%m-%d %H:%M}  {mail.notice}{about}  {mail.email}  {mail.reason}"
