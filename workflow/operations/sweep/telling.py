"""Whom rungs that are due together tell on a day, asked by sweeps and by forecasts. Never writes."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import takewhile
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow.domain.callers import Caller, caller_of
from workflow.domain.rights.routing import SetAside, acting, set_aside_of
from workflow.domain.vocabulary import NoticeKind, Recipient, RungKind
from workflow.operations.deadlines.recipients import (
    OwedWork,
    Root,
    RungRecipients,
    resolve_recipients,
    resolve_return_recipients,
)
from workflow.operations.sweep.firing import Firing, plan_firings
from workflow.store.base import among
from workflow.store.conditions import is_waiting
from workflow.store.locked import Locked
from workflow.store.nominations import Rung
from workflow.store.people import load_seated
from workflow.store.takers import load_takers

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
    aside = {root: set_aside_of(facts) for root, (facts, _) in asked.items()}
    callers = _callers(session, due, aside, today)
    return {
        root: plan_firings(rungs, people[root], callers[root], coming.get(root, ()))
        for root, rungs in due.items()
    }


def firings_of_returns(
    session: Session, work: Mapping[Root, OwedWork], due: Mapping[Root, Sequence[Rung]], *, today: date
) -> dict[Root, list[Firing]]:
    """Return whom the rungs of what each unit owes that are due together tell on a day."""
    coming = announced_by(session, due)
    asked = {root: (work[root], _words((*rungs, *coming.get(root, ())))) for root, rungs in due.items()}
    people = resolve_return_recipients(session, asked, today=today) if asked else {}
    callers = _callers(session, due, {}, today)
    return {
        root: plan_firings(rungs, people[root], callers[root], coming.get(root, ()))
        for root, rungs in due.items()
    }


def _callers(
    session: Session,
    due: Mapping[Root, Sequence[Rung]],
    aside: Mapping[Root, SetAside],
    today: date,
) -> dict[Root, dict[Caller, RungRecipients]]:
    """Return who hears on a day what is meant for one person: that one, or who acts for them, or nobody."""
    meant = {
        root: {caller for rung in rungs if (caller := caller_of(rung.recipient))}
        for root, rungs in due.items()
    }
    asked = {(one.account_id, one.key) for callers in meant.values() for one in callers}
    takers = load_takers(session, asked, today=today) if asked else {}
    seated = load_seated(session, {key for _, key in asked}, today=today) if asked else {}

    def hears(one: Caller, root: Root) -> RungRecipients:
        sits = one.account_id in seated.get(one.key, ())
        hands = acting(takers.get((one.account_id, one.key), ()), aside.get(root, SetAside())) if sits else ()
        return RungRecipients(one.key, tuple(each.account_id for each in hands[:1]))

    return {root: {one: hears(one, root) for one in callers} for root, callers in meant.items()}


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
