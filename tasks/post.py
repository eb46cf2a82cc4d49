"""Which way the mails of an installation go, and what its letters carry."""

from tasks.smtp import SmtpTransport
from workflow.clock import DatabaseClock
from workflow.domain.vocabulary import InstallationKind
from workflow.messages.action_links import ActionLinks
from workflow.messages.one_click import OneClick
from workflow.messages.receipts import Receipts
from workflow.operations.mail.mailbox import Mailbox
from workflow.operations.mail.post import Post, Transport
from workflow.operations.setup.mail_way import settle_mail_way
from workflow.queries.installation import installation_kind
from workflow.settings import Settings
from workflow.store.database import Sessions
from workflow.store.reads import end_read


def open_post(settings: Settings, sessions: Sessions) -> Post:
    """Return how this installation sends, by its settings and by what its data are.

    Raises `SettingsError` when the installation sends another way than these settings say.
    """
    with sessions() as session:
        settle_mail_way(session, settings, now=DatabaseClock().now(session))
        kind = installation_kind(session)
        end_read(session)
    return Post(
        transport=choose_transport(settings, kind, sessions),
        mail_from=settings.mail_from,
        base_url=settings.base_url,
        officer_name=settings.officer_name,
        officer_telephone=settings.officer_telephone,
        officer_email=settings.officer_email or "",
        subject_tag=settings.mail_tag,
        is_demo=kind == InstallationKind.DEMO,
        receipts=Receipts(settings.secret.encode()),
        action_links=ActionLinks(settings.secret.encode()),
        bounce_address=settings.bounce_address,
        preferences=settings.mail_preferences,
        one_click=OneClick(settings.secret.encode()),
    )


def choose_transport(settings: Settings, kind: str | None, sessions: Sessions) -> Transport:
    """Return the mail server for live data where one is set; else the mailbox page, and always in a demo.

    Invented people have no addresses: a demo, a replay and a simulation never speak SMTP, whatever the
    settings say.
    """
    if settings.smtp_url is None or kind not in {None, InstallationKind.LIVE}:
        return Mailbox(sessions)
    return SmtpTransport(settings.smtp_url)
