"""An office whose route takes mailed codes at the unit, with a real mail server and its letters."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from email.message import EmailMessage

from sqlalchemy import select

from tasks.smtp import SmtpTransport
from tests.conftest import Database
from tests.support.definitions import text_of as file_of
from tests.support.mail import BASE_URL, SENDER, MailServer, mail_server, text_of
from tests.support.office import Office
from tests.support.pages import Browser, browser
from workflow.clock import FixedClock
from workflow.domain.vocabulary import Via
from workflow.messages.action_links import ActionLinks
from workflow.operations.mail.deliver import deliver
from workflow.operations.mail.post import Post
from workflow.operations.setup.publish import publish_definition
from workflow.store.history import Event
from workflow.store.nominations import Nomination

REVIEWER = "nv02@example.vn"
SUBJECT = "Đặng Quốc Dũng"
YES = "Nhất trí đề nghị"
_OF_UNIT = "    by: unit_reviewer@subject.unit\n"


@dataclass
class CodeDesk:
    """An office whose route takes codes at the unit, with a real mail server, and how it is read."""

    office: Office
    database: Database
    clock: FixedClock
    server: MailServer
    nomination_id: int

    def post(self) -> list[EmailMessage]:
        """Send what waits, and return all that the reviewer has got."""
        transport = SmtpTransport(self.server.url)
        letters = Post(transport, SENDER, BASE_URL, action_links=ActionLinks(b"x" * 32))
        deliver(self.database.sessions, clock=self.clock, post=letters)
        return self.server.inbox.of(REVIEWER)

    def path(self, words: str = YES) -> str:
        """Return the address of an action in the letter about the work."""
        self.clock.advance(timedelta(minutes=11))
        found = re.findall(r"- (.+): " + re.escape(BASE_URL) + r"(/act/\S+)", text_of(self.post()[0]))
        return str(dict(found)[words])

    def code(self) -> str:
        """Return the code of the newest letter."""
        found = re.search(r"Mã để xử lý hồ sơ số \d+: (\d{6})\b", text_of(self.post()[-1]))
        assert found is not None
        return found[1]

    def guest(self) -> Browser:
        return browser(self.database.sessions, self.clock, smtp_url=self.server.url)

    def came_in(self, path: str) -> Browser:
        """Return a browser that entered the code of an address."""
        reader = self.guest()
        reader.open(path)
        assert reader.send("/code").status_code == 200
        assert reader.send("/enter", {"code": self.code()}).status_code == 303
        assert reader.follow().status_code == 200
        return reader

    def state(self) -> str:
        self.office.session.expire_all()
        return self.office.session.get_one(Nomination, self.nomination_id).state

    def said(self) -> list[str]:
        """Return what history says of codes, with who was asked."""
        stream = f"account:{self.office.ids['reviewer']}"
        rows = self.office.session.execute(
            select(Event.action, Event.via)
            .where(Event.stream == stream, Event.action.like("code_%"))
            .order_by(Event.seq)
        )
        return [row.action for row in rows if row.via == "link"]


@contextmanager
def code_desk(office: Office, database: Database, clock: FixedClock) -> Iterator[CodeDesk]:
    """Open a desk whose route takes codes at the unit, where one nomination waits."""
    text = re.sub(
        r"\nversion: (\d+)", lambda found: f"\nversion: {int(found[1]) + 1}", file_of("standard"), count=1
    )
    text = text.replace(_OF_UNIT, f"{_OF_UNIT}    by_code: true\n")
    publish_definition(office.session, text=text, filename="x.yaml", actor=None, via=Via.CLI, now=clock.now())
    made = office.draft(clock.now()).nomination_id
    office.act("nominator", made, "submit", clock.now())
    with mail_server() as server:
        yield CodeDesk(office, database, clock, server, made)
