"""What follows from what mail servers said: a reminder that reached nobody does not count.

A bounce counts from the moment it is noted: whom a rung tells is asked of the reports themselves
(`store.conditions.is_reachable`). Here history is told, rungs are marked, and bounces end that a later letter
outlived. Refusals at the hand-over and reports that came later take this one road.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import astuple, dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Self
from uuid import UUID

import structlog
from sqlalchemy import ColumnElement, Row, Text, and_, cast, exists, func, or_, select, update
from sqlalchemy.orm import Session

from workflow.clock import Clock, monotonic
from workflow.domain.callers import CALLS_FROM
from workflow.domain.reported import DeliveryAction, ReportSource
from workflow.domain.time.ladder import next_morning
from workflow.domain.time.workdays import CalendarName
from workflow.domain.vocabulary import NUDGE, MailState, NoticeKind, Via
from workflow.operations.history.streams import StreamEvent, append_each, append_event
from workflow.store.base import table_of
from workflow.store.calendars import calendar_of_seat
from workflow.store.conditions import is_open, is_waiting
from workflow.store.database import Sessions, is_out_of_reach
from workflow.store.delivery import DeliveryReport, standing, unfollowed_reports
from workflow.store.mail import Outbox
from workflow.store.nominations import Nomination, Rung, WorkItem
from workflow.store.offices import of_rung
from workflow.store.outbox_results import MAYBE_SENT
from workflow.store.reads import reading
from workflow.store.submissions import ExpectedReturn
from workflow.store.turns import own_turn

SILENCE: Final = timedelta(days=5)
"""A letter of which no report came for so long got through: servers give up sooner (RFC 5321, 4.5.4.1)."""

_TURN: Final = 7263_1106
_AT_ONCE: Final = 200
_LOG: Final[structlog.stdlib.BoundLogger] = structlog.get_logger()
_AFTER: Final = timedelta(microseconds=1)
"""A rung that fired this very morning is promised again for another."""

_OF_RUNGS: Final = frozenset(
    {
        NoticeKind.REMINDER,
        NoticeKind.ESCALATION,
        NoticeKind.RETURN_REMINDER,
        NoticeKind.RETURN_ESCALATION,
    }
)
_OVER: Final = (MailState.DEAD, MailState.CANCELLED)
_REPORT, _OUTBOX, _RUNG = table_of(DeliveryReport), table_of(Outbox), table_of(Rung)


@dataclass(frozen=True, slots=True)
class Followed:
    """What a pass did: bounces told, rungs that do not count, of them promised anew, addresses back."""

    bounces: int = 0
    rungs: int = 0
    again: int = 0
    reachable: int = 0

    def __add__(self, other: Self) -> "Followed":
        """Return both counts together."""
        return Followed(*(mine + theirs for mine, theirs in zip(astuple(self), astuple(other), strict=True)))


def follow_reports(sessions: Sessions, *, clock: Clock, seconds: float | None = None) -> Followed:
    """Draw what follows from each report once, one a transaction, and end the bounces that are outlived.

    For about so many seconds. A report that cannot be followed is told of and left for the next pass: it
    holds up neither the others nor the reminders.
    """
    done, began, tried = Followed(), monotonic(), set[UUID]()
    with own_turn(sessions, _TURN) as is_ours:
        while is_ours and (seconds is None or monotonic() - began < seconds):
            with reading(sessions) as session:
                found = [one for one in unfollowed_reports(session, limit=_AT_ONCE) if one not in tried]
            for report_id in found:
                tried.add(report_id)
                done += _surely_followed(sessions, report_id, clock)
            if not found:
                with sessions() as session:
                    done += end_outlived(session, now=clock.now(session))
                break
    return done


def _surely_followed(sessions: Sessions, report_id: UUID, clock: Clock) -> Followed:
    try:
        with sessions() as session:
            return follow_report(session, report_id, now=clock.now(session))
    except Exception as error:
        # One report must not hold up all others.
        if is_out_of_reach(error):
            raise
        _LOG.exception("report_not_followed", report=str(report_id))
        return Followed()


def follow_report(session: Session, report_id: UUID, *, now: datetime) -> Followed:
    """Draw what follows from one report and commit; from one that another has followed nothing does."""
    report = session.execute(select(_REPORT).where(_REPORT.c.id == report_id)).one()
    followed = _follow(session, report, now)
    session.commit()
    return followed


def end_outlived(session: Session, *, now: datetime) -> Followed:
    """End the bounces after which a letter got through, and commit."""
    ended = _end_outlived(session, now)
    session.commit()
    return ended


def _follow(session: Session, report: Row[Any], now: datetime) -> Followed:
    # What is locked stands before what is written: who sends again goes the same way.
    is_bounce = report.action == DeliveryAction.FAILED
    letters = session.execute(
        select(_OUTBOX).where(_OUTBOX.c.message_id == report.message_id).order_by(_OUTBOX.c.id)
    ).all()
    rungs = rungs_of(letters) if is_bounce else []
    lock_roots(session, rungs)
    ours = update(_REPORT).where(_REPORT.c.id == report.id, _REPORT.c.followed_at.is_(None))
    if session.connection().execute(ours.values(followed_at=now)).rowcount == 0:
        return Followed()
    if not is_bounce:
        return _end_older(session, report.account_id, now)
    marked, again = _discount(session, rungs, now)
    append_event(
        session,
        f"account:{report.account_id}",
        "bounce",
        actor=None,
        via=Via.TIMER,
        now=now,
        data={
            "class": report.bounce_class,
            "status": report.status,
            "source": report.source,
            "report": str(report.id),
            "notices": sorted({letter.notice for letter in letters}),
            "nominations": sorted({letter.nomination_id for letter in letters if letter.nomination_id}),
            "returns": sorted({letter.expected_return_id for letter in letters if letter.expected_return_id}),
            "rungs": [str(rung) for rung in rungs],
        },
    )
    return Followed(bounces=1, rungs=marked, again=again) + _end_older(session, report.account_id, now)


def _end_older(session: Session, account_id: int, now: datetime) -> Followed:
    which = and_(_REPORT.c.account_id == account_id, _is_older_than_delivered())
    return _end(session, which, now)


def rungs_of(letters: Iterable[Row[Any]]) -> list[UUID]:
    """Return the rungs that promised letters: the cause that their keys are made of (`mail.notify`)."""
    return sorted({UUID(one.dedupe_key.split(":")[1]) for one in letters if one.notice in _OF_RUNGS})


def _discount(session: Session, ids: Collection[UUID], now: datetime) -> tuple[int, int]:
    """Mark the rungs of which no letter is left that may have reached anybody; return how many, and anew.

    Where a rung was the last of work that is open, nothing else would tell anybody: it is promised once more
    for the next morning, and then takes another way. Nobody is written to a third time by the same rung.
    """
    if not ids:
        return 0, 0
    alive = exists().where(*of_rung(_OUTBOX), _OUTBOX.c.state.not_in(_OVER))
    marked = (
        session.execute(
            update(_RUNG)
            .where(_RUNG.c.id.in_(ids), _RUNG.c.fired_at.is_not(None), _RUNG.c.bounced_at.is_(None), ~alive)
            .values(bounced_at=now)
            .returning(_RUNG.c.id)
        )
        .scalars()
        .all()
    )
    return len(marked), _promise_again(session, marked, now)


def lock_roots(session: Session, ids: Collection[UUID]) -> None:
    """Lock what the rungs hang on, in the order of all locks."""
    for root, column in ((Nomination, Rung.nomination_id), (ExpectedReturn, Rung.expected_return_id)):
        wanted = select(column).where(Rung.id.in_(ids), column.is_not(None))
        session.execute(
            select(root.id).where(root.id.in_(wanted)).order_by(root.id).with_for_update(key_share=True)
        )


def _promise_again(session: Session, ids: Sequence[UUID], now: datetime) -> int:
    if not ids:
        return 0
    other, before = _RUNG.alias("other"), _OUTBOX.alias("before")
    last = session.execute(
        select(_RUNG.c.id, _RUNG.c.kind, WorkItem.owner_key)
        .join(WorkItem, WorkItem.id == _RUNG.c.work_item_id)
        .where(
            _RUNG.c.id.in_(ids),
            is_open(WorkItem),
            # Words to one person are not sent to another by themselves; whoever said them sees the bounce.
            _RUNG.c.kind != NUDGE,
            # Whoever telephoned asks again for themselves: that tells nobody whom the ladder meant.
            ~exists().where(
                other.c.work_item_id == _RUNG.c.work_item_id,
                is_waiting(other.c),
                other.c.ordinal < CALLS_FROM,
            ),
            ~exists().where(
                *of_rung(_OUTBOX),
                *of_rung(before),
                before.c.account_id == _OUTBOX.c.account_id,
                before.c.id < _OUTBOX.c.id,
            ),
        )
    ).all()
    for rung in last:
        # The letters that failed give up their name, so that the next to the same reader is no copy of them.
        failed = cast(_OUTBOX.c.id, Text)
        session.execute(
            update(_OUTBOX)
            .where(
                *of_rung(_OUTBOX), _RUNG.c.id == rung.id, func.split_part(_OUTBOX.c.dedupe_key, ":", 4) == ""
            )
            .values(dedupe_key=_OUTBOX.c.dedupe_key + ":" + failed)
        )
        calendar = calendar_of_seat(session, CalendarName.LOCAL, rung.owner_key)
        morning = next_morning(calendar, now + _AFTER)
        again = {"fired_at": None, "bounced_at": None, "fire_at": morning}
        session.execute(update(_RUNG).where(_RUNG.c.id == rung.id).values(again))
    return len(last)


def _end_outlived(session: Session, now: datetime) -> Followed:
    """End the bounces after which a letter to the same reader was taken, and nothing was said against it."""
    later = _OUTBOX.alias("later")
    got_through = exists().where(
        later.c.account_id == _REPORT.c.account_id,
        later.c.state == MailState.SENT,
        or_(later.c.state_reason.is_(None), later.c.state_reason == f"{MAYBE_SENT}_twice"),
        later.c.sent_at > _REPORT.c.reported_at,
        # A server that refused at once says no less by taking one; a report takes its time.
        or_(_REPORT.c.source == ReportSource.SMTP, later.c.sent_at <= now - SILENCE),
    )
    return _end(session, got_through, now)


def _is_older_than_delivered() -> ColumnElement[bool]:
    """Return the condition of bounces of letters that went out before one that is said to be delivered."""
    delivered, bounced, arrived = (
        _REPORT.alias("delivered"),
        _OUTBOX.alias("bounced"),
        _OUTBOX.alias("arrived"),
    )
    went_at = func.coalesce(bounced.c.sent_at, bounced.c.created_at)
    return exists().where(
        delivered.c.account_id == _REPORT.c.account_id,
        delivered.c.email == _REPORT.c.email,
        delivered.c.action == DeliveryAction.DELIVERED,
        bounced.c.message_id == _REPORT.c.message_id,
        arrived.c.message_id == delivered.c.message_id,
        func.coalesce(arrived.c.sent_at, arrived.c.created_at) > went_at,
    )


def _end(session: Session, which: ColumnElement[bool], now: datetime) -> Followed:
    accounts = end_bounces(session, which, now=now)
    events = [StreamEvent(f"account:{account_id}", "reachable", {}) for account_id in accounts]
    if events:
        append_each(session, events, actor=None, via=Via.TIMER, now=now)
    return Followed(reachable=len(accounts))


def end_bounces(session: Session, which: ColumnElement[bool], *, now: datetime) -> list[int]:
    """End the standing bounces of a condition on reports and return whose; never commits."""
    ended = session.scalars(
        update(_REPORT).where(standing(), which).values(ended_at=now).returning(_REPORT.c.account_id)
    ).all()
    return sorted(set(ended))
