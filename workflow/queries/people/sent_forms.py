"""What somebody sent by a form whose answer is a page, and what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from workflow.domain.rights.policy import Actor
from workflow.domain.sent_forms import KEPT_FOR
from workflow.store.history import RequestKey
from workflow.store.sent_forms import SentForm


@dataclass(frozen=True, slots=True)
class SentFormView:
    """A form as it was sent; `answer` is what its key was answered with, None while nothing was done."""

    fields: tuple[tuple[str, str], ...]
    noted: Mapping[str, Any]
    answer: Mapping[str, Any] | None


def sent_forms(session: Session, *, actor: Actor, key: str, now: datetime) -> dict[str, SentFormView]:
    """Return what the actor sent under a key by the address it was sent to: none of anybody else's."""
    is_of_key = and_(
        RequestKey.actor_id == SentForm.account_id,
        RequestKey.key == SentForm.key,
        RequestKey.route == func.concat("POST ", SentForm.path),
    )
    rows = session.execute(
        select(SentForm.path, SentForm.fields, SentForm.noted, RequestKey.result)
        .outerjoin(RequestKey, is_of_key)
        .where(SentForm.account_id == actor.account_id, SentForm.key == key)
        .where(SentForm.sent_at >= now - KEPT_FOR)
    )
    return {
        row.path: SentFormView(tuple((name, text) for name, text in row.fields), row.noted, row.result)
        for row in rows
    }
