"""Which mails of one reader are told as the list of a day, and what stands in it beside their own work."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final, TypeAlias

from sqlalchemy import DateTime, bindparam, func, select
from sqlalchemy.orm import Session

from workflow.domain.time.workdays import CalendarName
from workflow.domain.vocabulary import NoticeKind
from workflow.messages.compose import LetterItem, StuckWork
from workflow.store.awaited import Awaited, read_awaited
from workflow.store.calendars import calendar_in_force
from workflow.store.correspondence import Promise
from workflow.store.database import local_day
from workflow.store.departures import is_daily
from workflow.store.menders import load_mender
from workflow.store.obstacles import Obstacle
from workflow.store.obstacles_watched import STANDING, joined_obstacles, watched_values
from workflow.store.statements import Statement

Matter: TypeAlias = tuple[int | None, int | None, int | None]
"""A nomination, what a unit owes or a question about a fact, by its number."""

_TOLD_FROM: Final = bindparam("told_from", type_=DateTime(timezone=True))
_COUNTED: Final = Statement(
    joined_obstacles(
        select(
            func.count().label("count"), func.count().filter(Obstacle.told_at >= _TOLD_FROM).label("fresh")
        )
    ).where(*STANDING)
)


def notice_of(promises: Sequence[Promise]) -> NoticeKind | None:
    """Return as what mails are told that go out as one, None where they are the list of a day.

    One thing alone is told as the newest that was promised of it, and so are mails of one kind that were
    not folded into a day. That somebody is named beside work of theirs is told with that work.
    """
    newest, kinds = NoticeKind(promises[-1].notice), {promise.notice for promise in promises}
    if len(things(promises)) == 1 and (len(kinds) == 1 or NoticeKind.MENTIONED not in kinds):
        return newest
    is_plain = len(kinds) == 1 and not is_daily(promises[0].fold_key)
    return newest if is_plain else None


def things(promises: Iterable[Promise]) -> set[Matter]:
    """Return what mails are about: nominations, what units owe, and facts that are asked for."""
    return set(map(thing_of, promises))


def thing_of(promise: Promise) -> Matter:
    """Return what a mail is about, alike for all that are about the same."""
    fact = promise.fact
    return promise.nomination_id, promise.expected_return_id, fact.question_id if fact is not None else None


def read_awaited_by(
    session: Session, mails: Iterable[Sequence[Promise]], *, now: datetime
) -> Mapping[int, Sequence[Awaited]]:
    """Return what the readers of lists of a day wait for; of no list nothing is read."""
    readers = {told[0].account_id for told in mails if notice_of(told) is None}
    if not readers:
        return {}
    return read_awaited(session, readers, today=local_day(session, now), now=now)


def awaited_items(
    session: Session, awaited: Sequence[Awaited], *, locale: str, base_url: str, now: datetime
) -> tuple[LetterItem, ...]:
    """Return what others are late with as a letter names it."""
    calendar = calendar_in_force(session, CalendarName.LOCAL)
    return tuple(
        LetterItem(
            nomination_id=one.nomination_id,
            subject_name=one.subject_name,
            award_name=one.award_en if locale == "en" else one.award_vi,
            unit_name="",
            step_label="",
            url=f"{base_url.rstrip('/')}/nominations/{one.nomination_id}",
            due_at=one.due_at.astimezone(calendar.timezone),
            working_days_left=calendar.working_days_left(now, one.due_at),
        )
        for one in awaited
    )


def tells_of_stuck(promise: Promise) -> bool:
    """Tell whether a mail is word of what cannot go on, and about no dossier."""
    return promise.notice == NoticeKind.OBSTACLES


def stuck_before(
    session: Session, promises: Iterable[Promise], *, base_url: str = "", now: datetime
) -> Mapping[int, StuckWork]:
    """Return by account what stands before each reader who is to be told of it; who could not help has none.

    New is what their letters were promised for. Of other mails nothing is asked.
    """
    since: dict[int, datetime] = {}
    for promise in filter(tells_of_stuck, promises):
        known = since.get(promise.account_id, promise.created_at)
        since[promise.account_id] = min(known, promise.created_at)
    today, found = local_day(session, now), dict[int, StuckWork]()
    for account_id, told_from in since.items():
        mender = load_mender(session, account_id, today=today)
        if mender is None:
            continue
        values = watched_values(mender, now=now, today=today)
        [(count, new_count)] = _COUNTED.fetch(session, {**values, "told_from": told_from})
        if count:
            found[account_id] = StuckWork(count, new_count, f"{base_url.rstrip('/')}/obstacles")
    return found
