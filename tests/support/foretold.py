"""What was foretold and what a mail server then took, spelled alike so that the two can be compared."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import NamedTuple

from sqlalchemy import select

from tasks.smtp import SmtpTransport
from tests.support.mail import BASE_URL, ONE_CLICK, RECEIPTS, SENDER, Scene, text_of
from workflow.domain.rights.policy import Actor
from workflow.domain.vocabulary import MailState
from workflow.operations.foresight.forecast import Asked, ComingLetter, forecast, whole_forecast
from workflow.operations.mail.post import Post
from workflow.operations.sweep.sweep import sweep
from workflow.store.mail import Outbox
from workflow.store.reads import reading

_ABOUT = re.compile(re.escape(BASE_URL) + r"/(nominations/\d+|rounds/[^\s?#/]+|people/[^\s?#/]+)")
_AWAITED = "ĐANG CHỜ NGƯỜI KHÁC, ĐÃ QUÁ HẠN"


class Mail(NamedTuple):
    """One mail as both sides can tell of it: when, to which address, and what it leads to."""

    at: datetime
    to: str
    about: tuple[str, ...]


def foretold(scene: Scene, days: int) -> list[ComingLetter]:
    """Return every letter that is foretold, as the command line reads them."""
    asked = Asked(days, office=scene.preferences)
    return list(whole_forecast(scene.sessions, asked=asked, clock=scene.clock).letters)


def foretold_to(scene: Scene, days: int, actor: Actor, *, mine: bool = True) -> list[ComingLetter]:
    """Return every letter that is foretold to somebody, or in what they watch over, read in pages."""
    letters, place = list[ComingLetter](), None
    asked = Asked(days, mine=mine, office=scene.preferences)
    while True:
        with scene.sessions() as session:
            page = forecast(session, actor=actor, asked=asked, now=scene.clock.now(), after=place, limit=100)
        letters += page.letters
        place = page.next
        if place is None:
            return letters


def as_mails(letters: Sequence[ComingLetter]) -> list[Mail]:
    """Return letters that are foretold as the server would take them."""
    return sorted(
        Mail(one.at, one.reader.email, _in_order(_leads_to(one))) for one in letters if one.reader is not None
    )


def about_in(mail: EmailMessage) -> tuple[str, ...]:
    """Return what a mail leads to; what others are late with, the end of a list, is promised to nobody."""
    return _in_order(_ABOUT.findall(text_of(mail).partition(_AWAITED)[0]))


def _in_order(paths: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(paths)))


def _leads_to(letter: ComingLetter) -> Iterator[str]:
    for item in letter.items:
        if item.about.nomination_id is not None:
            yield f"nominations/{item.about.nomination_id}"
        elif item.about.person_code is not None:
            yield f"people/{item.about.person_code}"
        else:
            yield f"rounds/{item.about.round_code}"


@dataclass
class Watched:
    """A scene whose sweeps run by the clock, and each mail that its server took, with the instant."""

    scene: Scene
    mails: list[Mail] = field(default_factory=list)

    def sweep(self) -> None:
        """Do what is due at this instant, and note what the server took."""
        inbox = self.scene.server.inbox
        before = len(inbox.mails)
        post = Post(
            SmtpTransport(self.scene.server.url),
            SENDER,
            BASE_URL,
            receipts=RECEIPTS,
            preferences=self.scene.preferences,
            one_click=ONE_CLICK,
        )
        sweep(self.scene.sessions, clock=self.scene.clock, post=post)
        at = self.scene.clock.now()
        for mail, to in zip(inbox.mails[before:], inbox.recipients[before:], strict=True):
            self.mails.append(Mail(at, to, about_in(mail)))

    def run(self, days: int) -> list[Mail]:
        """Sweep as a worker that never stands still until the last day is over; return what went out."""
        first = self.scene.clock.now().astimezone(UTC)
        midnight = (first + timedelta(hours=7)).replace(hour=0, minute=0, second=0, microsecond=0)
        self.run_until(midnight - timedelta(hours=7) + timedelta(days=days + 1))
        return sorted(self.mails)

    def run_until(self, ends_at: datetime) -> None:
        """Sweep now, at midnight, 07:00, 08:00 and noon of each day, and whenever a mail may leave.

        Nothing is swept at the end itself.
        """
        self.sweep()
        first = self.scene.clock.now().astimezone(UTC)
        # Hà Nội is seven hours ahead the whole year.
        midnight = (first + timedelta(hours=7)).replace(hour=0, minute=0, second=0, microsecond=0)
        began_at = midnight - timedelta(hours=7)
        days = (ends_at - began_at).days + 1
        hours = [began_at + timedelta(days=day, hours=hour) for day in range(days) for hour in (0, 7, 8, 12)]
        while steps := [at for at in (*hours, *self._leaving()) if self.scene.clock.now() < at < ends_at]:
            self.scene.clock.advance(min(steps) - self.scene.clock.now())
            self.sweep()
        self.scene.clock.advance(ends_at - self.scene.clock.now())

    def _leaving(self) -> list[datetime]:
        with reading(self.scene.sessions) as session:
            return list(session.scalars(select(Outbox.not_before).where(Outbox.state == MailState.NEW)))
