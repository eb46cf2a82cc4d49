"""Whom escalations that are to come would tell as of now: the same answer as when they fire. Reads only."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow.domain.rights.policy import Actor
from workflow.domain.vocabulary import Recipient
from workflow.operations.deadlines.recipients import (
    OwedWork,
    RungRecipients,
    resolve_recipients,
    resolve_return_recipients,
)
from workflow.store.base import among
from workflow.store.database import local_day
from workflow.store.desks import read_names
from workflow.store.locked import read_nominations
from workflow.store.nominations import Rung, WorkItem
from workflow.store.submissions import ExpectedReturn

_NOBODY: Final = Actor(account_id=0, name="")
_NO_ONE: Final = RungRecipients(None, ())


@dataclass(frozen=True, slots=True)
class Heard:
    """Whom an escalation would tell: the seat, None for whoever took the work, and the accounts by name."""

    key: str | None
    people: tuple[tuple[int, str], ...]


def heard_by(session: Session, ids: Collection[UUID], *, now: datetime) -> Mapping[UUID, Heard]:
    """Return whom each of the rungs would tell if it fired now."""
    found = _resolved(session, ids, now)
    names = read_names(session, {one for told in found.values() for one in told.account_ids})
    return {
        rung_id: Heard(told.key, tuple((one, names[one]) for one in told.account_ids if one in names))
        for rung_id, told in found.items()
    }


def _resolved(session: Session, ids: Collection[UUID], now: datetime) -> dict[UUID, RungRecipients]:
    today = local_day(session, now)
    rows = session.execute(
        select(
            Rung.id,
            Rung.recipient,
            Rung.nomination_id,
            Rung.work_item_id,
            WorkItem.owner_key,
            WorkItem.assignee_id,
            ExpectedReturn.accountable_id,
        )
        .join(WorkItem, WorkItem.id == Rung.work_item_id)
        .outerjoin(ExpectedReturn, ExpectedReturn.id == Rung.expected_return_id)
        .where(among(Rung.id, ids))
    ).all()
    words: dict[int, set[Recipient]] = {}
    owed: dict[UUID, tuple[OwedWork, set[Recipient]]] = {}
    for row in rows:
        if row.nomination_id is not None:
            words.setdefault(row.nomination_id, set()).add(Recipient(row.recipient))
        else:
            work = OwedWork(row.work_item_id, row.owner_key, row.accountable_id, row.assignee_id)
            owed[row.id] = work, {Recipient(row.recipient)}
    locked = read_nominations(session, words, actor=_NOBODY, now=now) if words else {}
    asked = {
        number: (locked[number].in_front().facts, wanted)
        for number, wanted in words.items()
        if number in locked
    }
    people = resolve_recipients(session, asked, today=today) if asked else {}
    units = resolve_return_recipients(session, owed, today=today) if owed else {}
    told = {row.id: units.get(row.id) or people.get(row.nomination_id, {}) for row in rows}
    return {row.id: told[row.id].get(Recipient(row.recipient), _NO_ONE) for row in rows}
