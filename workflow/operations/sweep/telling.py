"""Whom rungs that are due together tell on a day, asked by sweeps and by forecasts. Never writes."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import takewhile
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow.domain.callers import caller_of
from workflow.domain.vocabulary import NoticeKind, Recipient, RungKind
from workflow.operations.deadlines.recipients import (
    OwedWork,
    Root,
    resolve_recipients,
    resolve_return_recipients,
)
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


def waiting_work(found: Iterable[Locked]) -> dict[UUID, Locked]:
    """Return what of the nominations waits for somebody, by its work; what is done or on hold does not."""
    return {
        one.work_item_id: one
        for one in (each.in_front() for each in found)
        if one.work_item_id is not None and not (one.facts.is_closed or one.facts.is_held)
    }


def firings_of_work(
    session: Session, locked: Mapping[Root, Locked], due: Mapping[Root, Sequence[Rung]], *, today: date
) -> dict[Root, list[Firing]]:
    """Return whom the rungs of each nomination that are due together tell on a day."""
    coming = announced_by(session, due)
    asked = {
        root: (locked[root].in_front().facts, _words((*rungs, *coming.get(root, ()))))
        for root, rungs in due.items()
    }
    people = resolve_recipients(session, asked, today=today) if asked else {}
    return {root: plan_firings(rungs, people[root], coming.get(root, ())) for root, rungs in due.items()}


def firings_of_returns(
    session: Session, work: Mapping[Root, OwedWork], due: Mapping[Root, Sequence[Rung]], *, today: date
) -> dict[Root, list[Firing]]:
    """Return whom the rungs of what each unit owes that are due together tell on a day."""
    coming = announced_by(session, due)
    asked = {root: (work[root], _words((*rungs, *coming.get(root, ())))) for root, rungs in due.items()}
    people = resolve_return_recipients(session, asked, today=today) if asked else {}
    return {root: plan_firings(rungs, people[root], coming.get(root, ())) for root, rungs in due.items()}


def announced_by(session: Session, due: Mapping[Root, Sequence[Rung]]) -> dict[Root, list[Rung]]:
    """Return by root the escalations that due reminders speak of, earliest first: up to the next warning.

    Asked only where one warns. What is held back comes on the day it is held back to.
    """
    last = {
        (root, rung.work_item_id): rung.fire_at
        for root, rungs in due.items()
        for rung in rungs
        if rung.warns and rung.kind == RungKind.REMIND and rung.fire_at is not None
    }
    if not last:
        return {}
    ahead: dict[UUID, list[Rung]] = defaultdict(list)
    rows = session.scalars(
        select(Rung)
        .where(
            among(Rung.work_item_id, {work for _, work in last}),
            is_waiting(Rung),
            Rung.fire_at.is_not(None),
            Rung.warns,
        )
        .order_by(Rung.fire_at, Rung.ordinal)
    )
    for rung in rows:
        ahead[rung.work_item_id].append(rung)
    found: dict[Root, list[Rung]] = defaultdict(list)
    for (root, work), after in last.items():
        later = (rung for rung in ahead[work] if rung.fire_at is not None and rung.fire_at > after)
        found[root] += takewhile(lambda rung: rung.kind != RungKind.REMIND, later)
    return found


def _words(rungs: Iterable[Rung]) -> set[Recipient]:
    return {Recipient(rung.recipient) for rung in rungs if caller_of(rung.recipient) is None}
