"""Whom rungs that are due together tell on a day, asked by sweeps and by forecasts. Never writes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow.domain.callers import caller_of
from workflow.domain.vocabulary import NoticeKind, Recipient, RungKind
from workflow.operations.deadlines.recipients import resolve_recipients, resolve_return_recipients
from workflow.operations.sweep.firing import Firing, plan_firings
from workflow.store.base import among
from workflow.store.conditions import is_waiting
from workflow.store.locked import Locked
from workflow.store.nominations import Rung

OF_WORK: Final = {RungKind.REMIND: NoticeKind.REMINDER, RungKind.ESCALATE: NoticeKind.ESCALATION}
"""Which mail tells of a rung of a nomination."""

OF_RETURNS: Final = {
    RungKind.REMIND: NoticeKind.RETURN_REMINDER,
    RungKind.ESCALATE: NoticeKind.RETURN_ESCALATION,
}
"""Which mail tells of a rung of what a unit owes."""


@dataclass(frozen=True, slots=True)
class OwedWork:
    """The open work of an expected return, and who answers for it."""

    id: UUID
    owner_key: str
    accountable_id: int | None


def waiting_work(found: Iterable[Locked]) -> dict[UUID, Locked]:
    """Return what of the nominations waits for somebody, by its work; what is done or on hold does not."""
    return {
        one.work_item_id: one
        for one in found
        if one.work_item_id is not None and not (one.facts.is_closed or one.facts.is_held)
    }


def firings_of_work(
    session: Session, locked: Mapping[int, Locked], due: Mapping[int, Sequence[Rung]], *, today: date
) -> dict[int, list[Firing]]:
    """Return whom the rungs of each nomination that are due together tell on a day."""
    coming = announced_by(session, due)
    asked = {
        number: (locked[number].facts, _words((*rungs, *coming.get(number, ()))))
        for number, rungs in due.items()
    }
    people = resolve_recipients(session, asked, today=today)
    return {
        number: plan_firings(rungs, people[number], coming.get(number, ())) for number, rungs in due.items()
    }


def firings_of_return(session: Session, work: OwedWork, due: Sequence[Rung], *, today: date) -> list[Firing]:
    """Return whom the rungs of what a unit owes that are due together tell on a day."""
    coming = announced_by(session, {0: due}).get(0, ())
    people = resolve_return_recipients(
        session,
        work.owner_key,
        _words((*due, *coming)),
        accountable_id=work.accountable_id,
        today=today,
    )
    return plan_firings(due, people, coming)


def announced_by(session: Session, due: Mapping[int, Sequence[Rung]]) -> dict[int, list[Rung]]:
    """Return by root the escalations that due reminders speak of, earliest first: up to the next warning.

    Asked only where one warns. What is held back comes on the day it is held back to.
    """
    last = {
        rung.work_item_id: (number, rung.fire_at)
        for number, rungs in due.items()
        for rung in rungs
        if rung.warns and rung.kind == RungKind.REMIND and rung.fire_at is not None
    }
    if not last:
        return {}
    found: dict[int, list[Rung]] = {}
    ended = set[UUID]()
    rows = session.scalars(
        select(Rung)
        .where(among(Rung.work_item_id, last), is_waiting(Rung), Rung.fire_at.is_not(None), Rung.warns)
        .order_by(Rung.fire_at, Rung.ordinal)
    )
    for rung in rows:
        number, after = last[rung.work_item_id]
        if rung.fire_at is None or rung.fire_at <= after or rung.work_item_id in ended:
            continue
        if rung.kind == RungKind.REMIND:
            ended.add(rung.work_item_id)
        else:
            found.setdefault(number, []).append(rung)
    return found


def _words(rungs: Iterable[Rung]) -> set[Recipient]:
    return {Recipient(rung.recipient) for rung in rungs if caller_of(rung.recipient) is None}
