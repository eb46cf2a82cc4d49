"""How somebody wants their mails, as they see it themselves."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow.domain.mails.preferences import MailPreferences
from workflow.domain.rights.policy import Actor
from workflow.store.mail import MailPreference


def mail_preferences(session: Session, *, actor: Actor, office: MailPreferences) -> MailPreferences:
    """Return what the actor chose, and where they chose nothing what the installation says."""
    row = session.scalars(
        select(MailPreference).where(MailPreference.account_id == actor.account_id)
    ).one_or_none()
    if row is None:
        return office
    return office.with_choice(
        row.pace,
        row.digest_at,
        row.quiet_from,
        row.quiet_until,
        wants_information=row.no_information_since is None,
    )
