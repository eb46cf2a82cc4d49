"""What rungs will tell, and whom, on the day that each of them fires."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow.domain.callers import caller_of
from workflow.domain.rights.policy import Actor
from workflow.domain.vocabulary import NoticeKind, Recipient, Role, RungKind
from workflow.operations.foresight.coming import Cause, Coming, WhyTold, coming_of
from workflow.operations.sweep.firing import Firing, notices_of
from workflow.operations.sweep.telling import (
    OF_RETURNS,
    OF_WORK,
    OwedWork,
    firings_of_return,
    firings_of_work,
    waiting_work,
)
from workflow.store.base import among
from workflow.store.conditions import open_work_of
from workflow.store.database import local_day
from workflow.store.locked import read_nominations
from workflow.store.nominations import Rung, WorkItem
from workflow.store.organisation import Unit
from workflow.store.people import load_seated
from workflow.store.submissions import ExpectedReturn

_NOBODY: Final = Actor(account_id=0, name="")
_NO_RECIPIENT: Final = "no_recipient"


def foresee_rungs(session: Session, rungs: Iterable[Rung], *, now: datetime) -> Iterator[Coming]:
    """Yield what each rung will tell, instant by instant; what should have fired by now comes at once.

    Rungs of one nomination or return that are due together have to be given together.
    """
    together: dict[tuple[datetime, bool], list[Rung]] = defaultdict(list)
    for rung in rungs:
        if rung.fire_at is not None:
            # Reminders that are still to come fire an hour before the escalations of their morning.
            is_ahead = rung.fire_at > now and rung.kind == RungKind.REMIND
            together[max(rung.fire_at, now), not is_ahead].append(rung)
    for at, is_whole in sorted(together):
        due = sorted(together[at, is_whole], key=lambda rung: (rung.fire_at, rung.ordinal))
        yield from _of_work(session, [rung for rung in due if rung.nomination_id is not None], at)
        yield from _of_returns(session, [rung for rung in due if rung.expected_return_id is not None], at)


def _of_work(session: Session, rungs: Sequence[Rung], at: datetime) -> Iterator[Coming]:
    ids = {rung.nomination_id for rung in rungs if rung.nomination_id is not None}
    if not ids:
        return
    # As of that day: whoever took the work and leaves the seat before does not hold it any more.
    locked = read_nominations(session, ids, actor=_NOBODY, now=at)
    waiting = waiting_work(locked.values())
    due: dict[int, list[Rung]] = defaultdict(list)
    for rung in rungs:
        if rung.work_item_id in waiting:
            due[rung.nomination_id or 0].append(rung)
    for firings in firings_of_work(session, locked, due, today=local_day(session, at)).values():
        yield from _told(session, firings, OF_WORK, at)


def _of_returns(session: Session, rungs: Sequence[Rung], at: datetime) -> Iterator[Coming]:
    today = local_day(session, at)
    due: dict[int, list[Rung]] = defaultdict(list)
    for rung in rungs:
        due[rung.expected_return_id or 0].append(rung)
    for return_id, work in _owed(session, due, today).items():
        mine = [rung for rung in due[return_id] if rung.work_item_id == work.id]
        if mine:
            yield from _told(session, firings_of_return(session, work, mine, today=today), OF_RETURNS, at)


def _owed(session: Session, ids: Iterable[int], today: date) -> dict[int, OwedWork]:
    """Return the open work of returns; for it answers whoever heads the unit on the day."""
    rows = session.execute(
        select(ExpectedReturn.id, WorkItem.id.label("work_item_id"), WorkItem.owner_key, Unit.code)
        .join(WorkItem, open_work_of(ExpectedReturn))
        .join(Unit, Unit.id == ExpectedReturn.unit_id)
        .where(among(ExpectedReturn.id, set(ids)))
        .order_by(ExpectedReturn.id)
    ).all()
    heads = load_seated(session, {f"{Role.HEAD}@unit:{row.code}" for row in rows}, today=today)
    answering = {row.code: min(heads.get(f"{Role.HEAD}@unit:{row.code}", ()), default=None) for row in rows}
    return {row.id: OwedWork(row.work_item_id, row.owner_key, answering[row.code]) for row in rows}


def _told(
    session: Session, firings: Iterable[Firing], kinds: Mapping[RungKind, NoticeKind], at: datetime
) -> Iterator[Coming]:
    for firing in firings:
        rung, told = firing.rung, firing.recipients
        word = Recipient.HOLDER if caller_of(rung.recipient) else Recipient(rung.recipient)
        why = WhyTold(Cause.RUNG, word, told.key, firing.is_told_around, told.unreached)
        for mail in notices_of(session, firing, rung.id, kinds, at):
            yield coming_of(mail, why)
        if firing.skipped == _NO_RECIPIENT:
            yield Coming(
                at=at,
                notice=kinds[RungKind(rung.kind)],
                account_id=None,
                fold=f"{_NO_RECIPIENT}:{rung.id}",
                nomination_id=rung.nomination_id,
                expected_return_id=rung.expected_return_id,
                work_item_id=rung.work_item_id,
                why=why,
            )
