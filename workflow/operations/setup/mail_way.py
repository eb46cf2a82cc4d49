"""Where an installation's letters go: the installation remembers it, whichever shell a command runs in.

Without this, `commendo sweep` in a shell that lacks COMMENDO_SMTP_URL puts real people's letters where nobody
reads them, and says that they are sent.
"""

from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from workflow.domain.vocabulary import InstallationKind, Via
from workflow.operations.history.streams import append_event
from workflow.operations.setup.installation import is_untouched, mark_installation
from workflow.settings import Settings, SettingsError
from workflow.store.installation import Installation, identity_of


class MailWay(StrEnum):
    """Where letters of live data go: to a mail server, or to the page `/mailbox`."""

    SMTP = "smtp"
    MAILBOX = "mailbox"


_COPY: Final = (
    "COMMENDO_SMTP_URL: this database is a copy, brought back from a dump or moved: letters went to the mail "
    "server from another one, which may still send them. Nothing is sent until you say which it is. A test: "
    "unset it, and commendo mail-way mailbox. The installation from now on, while the other stays stopped: "
    "commendo mail-way smtp"
)
_PLACES: Final = {MailWay.SMTP: "to a mail server", MailWay.MAILBOX: "to the page /mailbox"}


def mail_way(session: Session) -> MailWay | None:
    """Return where letters have gone so far, None while none has gone anywhere."""
    way = session.scalar(select(Installation.mail_way))
    return MailWay(way) if way else None


def settle_mail_way(session: Session, settings: Settings, *, now: datetime, may_grow: bool = False) -> None:
    """Remember where letters go by these settings, or refuse when the installation sends them another way.

    Commits what it remembers. With `may_grow`, a mail server may take the place of the mailbox page: the
    processes that keep running say so by their settings. Raises `SettingsError` with what helps, also where
    the data are a copy of those that are sent from another database. Data that are not live go to the mailbox
    page whatever the settings say, and nothing is remembered of them.
    """
    kind = session.scalar(select(Installation.kind))
    if kind not in {None, InstallationKind.LIVE} or is_untouched(session):
        return
    wanted = MailWay.MAILBOX if settings.smtp_url is None else MailWay.SMTP
    before = mail_way(session)
    if before not in {None, wanted} and not (may_grow and wanted is MailWay.SMTP):
        remedy = "Unset it" if before is MailWay.MAILBOX else "Set it"
        words = (
            f"COMMENDO_SMTP_URL: this installation's letters go {_PLACES[before]}, and by these settings "
            f"they would go {_PLACES[wanted]}. {remedy}, or change it for good: commendo mail-way {wanted}"
        )
        raise SettingsError((words,))
    if wanted is MailWay.SMTP:
        _demand_no_copy(session)
    if wanted != before:
        set_mail_way(session, wanted, now=now)
    session.commit()


def set_mail_way(session: Session, way: MailWay, *, now: datetime) -> None:
    """Write where letters go from now on, with an event, and commit.

    To a mail server they go from this database from now on, whichever it was before.
    """
    mark_installation(session, InstallationKind.LIVE, now=now)
    sends = {"sending_database": identity_of(session)} if way is MailWay.SMTP else {}
    session.execute(update(Installation).values(mail_way=way, **sends))
    append_event(
        session, "installation", "mail_way", actor=None, via=Via.CLI, now=now, data={"way": str(way)}
    )
    session.commit()


def _demand_no_copy(session: Session) -> None:
    """Refuse to send from a copy, and write down which database sends where nothing says so yet."""
    known, this = session.scalar(select(Installation.sending_database)), identity_of(session)
    if known is None:
        session.execute(update(Installation).values(sending_database=this))
    elif this is not None and known != this:
        raise SettingsError((_COPY,))
