"""Rungs that are due, whatever they hang on: whom each still has to tell, its event and its mails."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, field
from datetime import datetime
from typing import Any, Final, Self, TypeAlias
from uuid import UUID

from sqlalchemy import BindParameter, ColumnElement, and_, or_, select, update
from sqlalchemy.orm import Session
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from workflow.domain.callers import Caller, caller_of
from workflow.domain.history.attested import REACHED
from workflow.domain.history.chain import ChainedEvent, link
from workflow.domain.notices import ANNOUNCES, AROUND, FOLLOW_UP
from workflow.domain.rights.routing import split_key
from workflow.domain.time.ladder import strength
from workflow.domain.time.mornings import reminders_ahead
from workflow.domain.vocabulary import NoticeKind, Recipient, RungKind, Via
from workflow.operations.deadlines.recipients import RungRecipients
from workflow.operations.history.record import Deed, Recorded, append_events
from workflow.operations.mail.notify import PromisedMail
from workflow.store.base import table_of
from workflow.store.calendars import calendars_by_hours
from workflow.store.conditions import is_waiting
from workflow.store.database import local_day
from workflow.store.nominations import Rung

_RUNG = table_of(Rung)
_Instant: TypeAlias = datetime | BindParameter[datetime]
WAITING: Final = is_waiting(_RUNG.c)


@dataclass(frozen=True, slots=True)
class Fired:
    """What a pass did: rungs fired, mails promised; roots left because somebody had them in hand.

    A root is a nomination or what a unit owes a round. `failed` counts those whose rungs could not fire now,
    `dead` rungs that have failed for good. Of the kinds of root, time did not suffice for `cut`.
    """

    rungs: int = 0
    mails: int = 0
    left: int = 0
    failed: int = 0
    dead: int = 0
    cut: int = 0

    def __add__(self, other: Self) -> "Fired":
        """Return both counts together."""
        return Fired(*(mine + theirs for mine, theirs in zip(astuple(self), astuple(other), strict=True)))


@dataclass(frozen=True, slots=True)
class Announced:
    """An escalation that a reminder speaks of: when it fires, and whom it would tell as of now."""

    fire_at: datetime
    recipients: RungRecipients

    def as_data(self) -> dict[str, object]:
        """Return what history keeps of it, and the letter is written from."""
        told = self.recipients
        key = {"key": told.key} if told.key else {}
        return {"at": self.fire_at.isoformat(), "accounts": list(told.account_ids), **key}


@dataclass(frozen=True, slots=True)
class Firing:
    """One rung with those it still has to tell, or with the reason why it tells nobody.

    `announces` are the escalations that it says are coming.
    """

    rung: Rung
    recipients: RungRecipients
    account_ids: tuple[int, ...]
    skipped: str | None = field(default=None)
    announces: tuple[Announced, ...] = ()

    @property
    def shown_seat(self) -> str | None:
        """The seat that is told of what it may not have seen so far, None where who is told sees it."""
        key = self.recipients.key
        shows = self.rung.kind == RungKind.ESCALATE or self.is_told_around
        return split_key(key)[1] if shows and key and self.account_ids else None

    @property
    def is_told_around(self) -> bool:
        """Whether people of a seat are told that may not see the work, in the place of who holds it."""
        return self.recipients.is_around and self.recipients.key is not None


@dataclass(frozen=True, slots=True)
class Stream:
    """The history that firings are written to: its name, its last event, and the state it tells of."""

    name: str
    last_seq: int
    last_hash: bytes
    state: str | None = None


def looks_ahead(session: Session, now: datetime) -> datetime | None:
    """Return until when reminders fall due already that a letter of this morning may tell, mostly None."""
    return reminders_ahead(now, calendars_by_hours(session))


def falls_due(
    now: _Instant, ahead: _Instant | None, rung: ReadOnlyColumnCollection[str, Any] = _RUNG.c
) -> ColumnElement[bool]:
    """Return the condition that a rung's instant has come, or that of a reminder comes until `ahead`."""
    if ahead is None:
        has_come: ColumnElement[bool] = rung.fire_at <= now
        return has_come
    # By one bound for both, so that the index by instants serves.
    is_reminder = rung.kind == RungKind.REMIND
    return and_(rung.fire_at <= ahead, or_(rung.fire_at <= now, is_reminder))


def due_rungs(
    session: Session, roots: ColumnElement[bool], *, work: Collection[UUID], now: datetime
) -> list[Rung]:
    """Return the due rungs of the open work, oldest first; those of other work are silenced for good.

    `roots` is the condition of the rungs of some roots, `work` what of them is open and waits for somebody.
    """
    is_due = falls_due(now, looks_ahead(session, now))
    found = session.scalars(
        select(Rung).where(roots, is_due, WAITING).order_by(_RUNG.c.fire_at, _RUNG.c.ordinal)
    ).all()
    if stale := [rung.id for rung in found if rung.work_item_id not in work]:
        session.execute(update(_RUNG).where(_RUNG.c.id.in_(stale)).values(fire_at=None))
    return [rung for rung in found if rung.work_item_id in work]


def plan_firings(
    due: Sequence[Rung],
    people: Mapping[Recipient, RungRecipients],
    callers: Mapping[Caller, RungRecipients],
    coming: Sequence[Rung] = (),
) -> list[Firing]:
    """Decide whom each rung of one work item tells, and of which escalations that are `coming` it speaks.

    After a standstill several are due at once: only the strongest that means anybody is told, and the others
    are recorded as superseded. An escalation that was held back to the very morning of a stronger one goes
    out beside it, to whom that one does not tell. Who asked to be reminded of a call is, whatever is due.
    """
    calls = {
        rung.id: _follow_up(rung, caller, callers[caller])
        for rung in due
        if (caller := caller_of(rung.recipient))
    }
    ladder = [rung for rung in due if rung.id not in calls]
    firings = calls | {firing.rung.id: firing for firing in _of_ladder(ladder, people, coming)}
    return [firings[rung.id] for rung in due]


def _follow_up(rung: Rung, caller: Caller, told: RungRecipients) -> Firing:
    # Where nobody acts for who is away it is promised to them, and waits until they are back.
    return Firing(rung, told, told.account_ids or (caller.account_id,))


def _of_ladder(
    due: Sequence[Rung], people: Mapping[Recipient, RungRecipients], coming: Sequence[Rung]
) -> Iterator[Firing]:
    by_weight = sorted(due, key=lambda rung: strength(rung.kind, rung.ordinal))
    meaning = [rung for rung in by_weight if people[Recipient(rung.recipient)].account_ids]
    strongest = meaning[-1] if meaning else None
    reached: set[int] = set()
    for rung in reversed(by_weight):
        told = people[Recipient(rung.recipient)]
        goes_out = rung is strongest or (strongest is not None and _share_morning(rung, strongest))
        fresh = tuple(one for one in told.account_ids if one not in reached) if goes_out else ()
        reached.update(fresh)
        skipped = None if fresh else "superseded" if told.account_ids else "no_recipient"
        announces = _announced(rung, coming, people) if fresh else ()
        yield Firing(rung, told, fresh, skipped, announces)


def _share_morning(rung: Rung, strongest: Rung) -> bool:
    both_escalate = rung.kind == strongest.kind == RungKind.ESCALATE
    return both_escalate and rung.fire_at == strongest.fire_at


def _announced(
    rung: Rung, coming: Sequence[Rung], people: Mapping[Recipient, RungRecipients]
) -> tuple[Announced, ...]:
    if not rung.warns or rung.kind != RungKind.REMIND:
        return ()
    return tuple(
        Announced(one.fire_at, people[Recipient(one.recipient)]) for one in coming if one.fire_at is not None
    )


def record_firings(
    session: Session, planned: Sequence[tuple[Stream, Sequence[Firing]]], now: datetime
) -> list[tuple[Firing, Recorded]]:
    """Mark the rungs as fired and append one event each; nothing a decision rests on has changed."""
    deeds = [deed for stream, firings in planned for deed in _deeds(stream, firings, now)]
    recorded = append_events(session, deeds)
    every = [firing for _, firings in planned for firing in firings]
    session.execute(
        update(_RUNG).where(_RUNG.c.id.in_([firing.rung.id for firing in every])).values(fired_at=now)
    )
    return list(zip(every, recorded, strict=True))


def _deeds(stream: Stream, firings: Sequence[Firing], now: datetime) -> Iterator[Deed]:
    previous = stream.last_hash
    for seq, firing in enumerate(firings, start=stream.last_seq + 1):
        entry = ChainedEvent.of(
            stream.name,
            seq,
            firing.rung.kind,
            via=Via.TIMER,
            at=now,
            places=(stream.state, stream.state),
            data=_data(firing),
        )
        yield Deed(entry, previous)
        previous = link(previous, entry)


def notices_of(
    session: Session, firing: Firing, event_id: UUID, kinds: Mapping[RungKind, NoticeKind], now: datetime
) -> Iterator[PromisedMail]:
    """Yield the mail to each person a rung tells."""
    # The day of firing: what one reader hears of on one morning goes out as one mail.
    slot = local_day(session, now).isoformat() + (AROUND if firing.is_told_around else "")
    for account_id in firing.account_ids:
        yield PromisedMail(
            kind=kinds[RungKind(firing.rung.kind)],
            account_id=account_id,
            cause=firing.rung.id,
            nomination_id=firing.rung.nomination_id,
            at=now,
            work_item_id=firing.rung.work_item_id,
            event_id=event_id,
            slot=slot,
            expected_return_id=firing.rung.expected_return_id,
        )


def _data(firing: Firing) -> dict[str, object]:
    is_call = caller_of(firing.rung.recipient) is not None
    data: dict[str, object] = {
        "work_item": str(firing.rung.work_item_id),
        "rung": firing.rung.ordinal,
        "to": FOLLOW_UP if is_call else firing.rung.recipient,
        "accounts": list(firing.account_ids),
    }
    if firing.recipients.key:
        data["key"] = firing.recipients.key
    if firing.skipped:
        data["skipped"] = firing.skipped
    if firing.announces:
        data[ANNOUNCES] = [one.as_data() for one in firing.announces]
    if firing.recipients.unreached:
        data["unreached"] = list(firing.recipients.unreached)
    if firing.is_told_around and firing.account_ids:
        data["around"] = True
        if firing.rung.nomination_id is not None:
            data[REACHED] = [firing.shown_seat]
    return data
