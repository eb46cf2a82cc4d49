"""What was prepared last for whoever decides during a stay: which event says so, and of which version."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, ForeignKey, Index, Uuid, exists, func, select
from sqlalchemy.orm import InstrumentedAttribute, Mapped, aliased, mapped_column

from workflow.domain.facts import Prepared
from workflow.store.access import Account
from workflow.store.base import Base
from workflow.store.history import Event, EventText
from workflow.store.nominations import Nomination, Visit


class Preparation(Base):
    """A proposal to whoever decides, one a stay: what it says is in its event, under the chain.

    `version` is that of the nomination it speaks of; once that is another, it is void. `again_id` is the
    event by which it was sent back, which makes it work of whoever prepared it.
    """

    __tablename__ = "preparation"
    __table_args__ = (
        Index("uq_preparation_event_id", "event_id", unique=True),
        Index("ix_preparation_prepared_by", "prepared_by"),
        Index("uq_preparation_again_id", "again_id", unique=True, postgresql_where="again_id IS NOT NULL"),
    )

    visit_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("visit.id"), primary_key=True)
    version: Mapped[int]
    prepared_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    event_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("event.id"))
    again_id: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("event.id"))


_said = aliased(Event, name="prepared_event")
_words = aliased(EventText, name="prepared_text")
_by = aliased(Account, name="prepared_account")
_again_words = aliased(EventText, name="again_text")

PREPARED: Final = (
    select(
        func.jsonb_build_object(
            "by",
            _said.actor_id,
            "name",
            _by.name,
            "at",
            _said.recorded_at,
            "for",
            _said.data["for"],
            "seat",
            _said.data["seat"],
            "version",
            Preparation.version,
            "move",
            _said.data["proposes"],
            "to_step",
            _said.data["to_step"],
            "reason_code",
            _said.reason_code,
            "comment",
            func.coalesce(_words.text, ""),
            "is_again",
            Preparation.again_id.is_not(None),
            "again",
            _again_words.text,
        )
    )
    .select_from(Preparation)
    .join(_said, _said.id == Preparation.event_id)
    .outerjoin(_by, _by.id == _said.actor_id)
    .outerjoin(_words, _words.event_id == _said.id)
    .outerjoin(_again_words, _again_words.event_id == Preparation.again_id)
    .where(Preparation.visit_id == Visit.id)
    .scalar_subquery()
)
"""What was prepared in a stay, as one value; correlated to `Visit`, null where nobody prepared."""


def is_proposed() -> ColumnElement[bool]:
    """Return the condition that something is proposed for a nomination in its stay, not void or sent back."""
    return exists().where(
        Preparation.visit_id == Visit.id,
        Preparation.version == Nomination.version,
        Preparation.again_id.is_(None),
    )


def waits_to_be_prepared(again_id: InstrumentedAttribute[UUID | None]) -> ColumnElement[bool]:
    """Return the condition that what was sent back by an event was not prepared anew, nor decided on."""
    waits = exists().where(
        Preparation.again_id == again_id, Visit.id == Preparation.visit_id, Visit.left_at.is_(None)
    )
    return waits.correlate_except(Preparation, Visit)


def prepared_of(told: Mapping[str, Any] | None) -> Prepared | None:
    """Return what such a value tells, None where nobody prepared."""
    if told is None:
        return None
    return Prepared(
        by=told["by"],
        name=told["name"],
        at=datetime.fromisoformat(told["at"]),
        version=told["version"],
        owner_key=told["for"],
        move=told["move"],
        to_step=told["to_step"],
        reason_code=told["reason_code"],
        comment=told["comment"],
        again_because=(told["again"] or "") if told["is_again"] else None,
        seat=told["seat"],
    )
