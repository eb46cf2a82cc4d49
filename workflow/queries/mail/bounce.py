"""What a mail server said of a letter that did not arrive, as lists show it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, and_

from workflow.domain.bounces import said_trouble, server_words
from workflow.domain.reported import BounceClass, DeliveryAction, MailTrouble, ReportSource
from workflow.domain.vocabulary import known
from workflow.store.delivery import DeliveryReport
from workflow.store.mail import Outbox


@dataclass(frozen=True, slots=True)
class Bounce:
    """Why a letter did not arrive, when that was learned, and from whom.

    `bounce_class` is None where this release does not know it.
    """

    at: datetime
    bounce_class: BounceClass | None
    status: str | None
    words: str
    source: ReportSource

    @property
    def trouble(self) -> MailTrouble:
        """What it means for people."""
        return said_trouble(self.words, self.status)

    @property
    def told(self) -> str:
        """What the server said, in its own words or by its code alone."""
        return server_words(self.words) or self.status or ""


BOUNCE: Final = (
    DeliveryReport.reported_at.label("bounced_at"),
    DeliveryReport.bounce_class,
    DeliveryReport.status.label("bounce_status"),
    DeliveryReport.words.label("bounce_words"),
    DeliveryReport.source.label("bounce_source"),
)
"""The columns that `bounce_of` reads."""


def bounced() -> ColumnElement[bool]:
    """Return the condition that joins a letter with what was said of it when it did not arrive."""
    return and_(
        DeliveryReport.message_id == Outbox.message_id, DeliveryReport.action == DeliveryAction.FAILED
    )


def bounce_of(row: Any) -> Bounce | None:  # noqa: ANN401 - a row of any list that selects them
    """Return what a row's `BOUNCE` columns say, None where the letter did not bounce."""
    if row.bounced_at is None:
        return None
    return Bounce(
        row.bounced_at,
        known(BounceClass, row.bounce_class),
        row.bounce_status,
        row.bounce_words,
        ReportSource(row.bounce_source),
    )
