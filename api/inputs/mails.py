"""How somebody wants their mails, and where copies of a unit's mails go."""

from dataclasses import asdict
from typing import Annotated

from pydantic import Field

from api.reading import Hour, Input, Line
from workflow.domain.mails.preferences import MailPreferences, Pace


class MailChoice(Input):
    """How mails come: all of it, as `GET` told it or otherwise; hours are those of the installation.

    `digest_at` is the hour of the morning's letter on working days. From `quiet_from` until `quiet_until`
    nothing but security comes; where both are equal no hour is quiet.
    """

    pace: Pace
    digest_at: Hour
    quiet_from: Hour
    quiet_until: Hour
    wants_information: bool

    @classmethod
    def of(cls, chosen: MailPreferences) -> "MailChoice":
        """Return a choice as it is told."""
        return cls.model_construct(**asdict(chosen))

    def chosen(self) -> MailPreferences:
        """Return the choice as the operation takes it."""
        return MailPreferences(
            self.pace,
            self.digest_at,
            self.quiet_from,
            self.quiet_until,
            wants_information=self.wants_information,
        )


class MailboxChoice(Input):
    """The address that gets copies; null where no copies are sent."""

    mailbox: Annotated[Line | None, Field(description="One e-mail address, or null.")]
