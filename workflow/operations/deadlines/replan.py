"""New instants for the rungs of work that goes on: after a hold, and when a date was moved."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Row, and_, any_, bindparam, func, insert, or_, select, update
from sqlalchemy.orm import Session

from workflow.domain.callers import CALLS_FROM
from workflow.domain.time.promises import place_of_rung
from workflow.domain.vocabulary import MailState, NoticeKind
from workflow.store.base import table_of
from workflow.store.conditions import is_waiting
from workflow.store.mail import Outbox
from workflow.store.nominations import EscalationHold, Rung, WorkItem

_RUNG = table_of(Rung)
_OUTBOX = table_of(Outbox)
_WORK = table_of(WorkItem)
_HOLD = table_of(EscalationHold)
_REMINDERS: Final = (
    NoticeKind.REMINDER,
    NoticeKind.ESCALATION,
    NoticeKind.RETURN_REMINDER,
    NoticeKind.RETURN_ESCALATION,
)
_SET = (
    update(_RUNG)
    .where(_RUNG.c.id == bindparam("rung_id"))
    .values(fire_at=bindparam("at"), warns=bindparam("tells"), recipient=bindparam("whom"))
)
_SET_HELD = update(_HOLD).where(_HOLD.c.rung_id == bindparam("held_id")).values(was_at=bindparam("at"))


@dataclass(frozen=True, slots=True)
class RungMove:
    """One promise and when it fires: before (None: it would not have) and from now on (None: not at all).

    `recipient` is whom the ladder names now, `was_for` whom it named before.
    `rung_id` is the row that waits already, or `row` the one to write for a promise made anew. `warns` is
    whether it warns from now on, `warned` whether it did. `held_from`, of one that is held back: when it
    would fire if it were let go.
    """

    kind: str
    recipient: str
    was_at: datetime | None
    at: datetime | None
    rung_id: UUID | None = None
    row: Mapping[str, Any] | None = None
    warns: bool = False
    warned: bool = False
    ordinal: int = 0
    held_from: datetime | None = None
    was_for: str | None = None

    @property
    def is_new(self) -> bool:
        """Whether the row that waits has to be written anew."""
        before = (self.was_at, self.warned, self.was_for or self.recipient)
        return self.rung_id is not None and (self.at, self.warns, self.recipient) != before


def read_rungs(session: Session, work_item_ids: Iterable[UUID]) -> Mapping[UUID, Sequence[Row[Any]]]:
    """Return every rung of each work item's ladder, fired or not, with until when it is held back."""
    rows = session.execute(
        select(_RUNG, _HOLD.c.until_at.label("held_until"))
        .outerjoin(_HOLD, and_(_HOLD.c.rung_id == _RUNG.c.id, _HOLD.c.released_at.is_(None)))
        .where(_RUNG.c.work_item_id.in_(list(work_item_ids)), _RUNG.c.ordinal < CALLS_FROM)
        .order_by(_RUNG.c.ordinal)
    )
    found: dict[UUID, list[Row[Any]]] = defaultdict(list)
    for row in rows:
        found[row.work_item_id].append(row)
    return found


def plan_moves(
    found: Sequence[Row[Any]], planned: Sequence[Mapping[str, Any]], *, size: int, renews: bool
) -> tuple[RungMove, ...]:
    """Return what becomes of the rungs of one work item; what is not planned any more is silent.

    `size` is the ladder's length. What could never be promised so far is promised now, and with `renews` also
    what fired already, under an ordinal one ladder further on: a date that moved away deserves its reminders
    again. What the office holds back stays so.
    """
    wanted = {place_of_rung(str(row["kind"]), int(row["ordinal"]), size): row for row in planned}
    waiting, moves = dict[tuple[str, int], Row[Any]](), list[RungMove]()
    for there in found:
        place = place_of_rung(there.kind, there.ordinal, size)
        if there.fired_at or there.dead_at:
            continue
        # A ladder of another length may have promised twice at one place: the first stays.
        moves.append(_move(there, None if place in waiting else wanted.get(place)))
        waiting.setdefault(place, there)
    for place, row in wanted.items():
        before = [old.ordinal for old in found if place_of_rung(old.kind, old.ordinal, size) == place]
        if place not in waiting and (renews or not before):
            anew = {**row, "ordinal": max(before) + size} if before else dict(row)
            moves.append(RungMove(str(row["kind"]), str(row["recipient"]), None, row["fire_at"], row=anew))
    return tuple(sorted(moves, key=_instant))


def _move(row: Row[Any], planned: Mapping[str, Any] | None) -> RungMove:
    at: datetime | None = planned["fire_at"] if planned else None
    held_from = None
    if at is not None and row.held_until is not None:
        held_from = min(at, row.held_until)
        at = max(at, row.held_until)
    warns = bool(planned and planned["warns"])
    # The ladder may be another version's, that names others at this place.
    whom = str(planned["recipient"]) if planned else row.recipient
    return RungMove(
        row.kind,
        whom,
        row.fire_at,
        at,
        rung_id=row.id,
        warns=warns,
        warned=row.warns,
        ordinal=row.ordinal,
        held_from=held_from,
        was_for=row.recipient,
    )


def write_moves(session: Session, moves: Iterable[RungMove]) -> None:
    """Write the new instants, and the rows of promises made anew."""
    every = list(moves)
    changed = [
        {"rung_id": move.rung_id, "at": move.at, "tells": move.warns, "whom": move.recipient}
        for move in every
        if move.is_new
    ]
    if changed:
        session.connection().execute(_SET, changed)
    held = [{"held_id": move.rung_id, "at": move.held_from} for move in every if move.held_from is not None]
    if held:
        session.connection().execute(_SET_HELD, held)
    # One insert takes rungs of nominations and of what units owe: each names one of the two.
    roots = {"nomination_id": None, "expected_return_id": None}
    if anew := [{**roots, **move.row} for move in every if move.row is not None]:
        session.execute(insert(_RUNG), anew)


def waiting_reminders(session: Session, work_item_ids: Iterable[UUID | None]) -> int:
    """Return how many reminders of work wait to be sent."""
    ids = [one for one in work_item_ids if one is not None]
    counted = select(func.count()).select_from(_OUTBOX).where(_wait(ids))
    return (session.scalar(counted) or 0) if ids else 0


def silence_reminders(session: Session, work_item_ids: Iterable[UUID | None]) -> int:
    """Cancel reminders that wait to be sent for a date that is another one now, and return how many."""
    ids = [one for one in work_item_ids if one is not None]
    silent = {"state": MailState.CANCELLED, "state_reason": "dates_moved"}
    silence = update(_OUTBOX).where(_wait(ids)).values(silent)
    return session.connection().execute(silence).rowcount if ids else 0


def _wait(ids: Sequence[UUID]) -> ColumnElement[bool]:
    # Letters are found by what they are about: by their work alone, all that wait anywhere are walked.
    about = [
        _OUTBOX.c[name]
        == any_(func.array(select(_WORK.c[name]).where(_WORK.c.id.in_(ids)).scalar_subquery()))
        for name in ("nomination_id", "expected_return_id")
    ]
    return and_(
        or_(*about),
        _OUTBOX.c.work_item_id.in_(ids),
        _OUTBOX.c.state == MailState.NEW,
        _OUTBOX.c.notice.in_(_REMINDERS),
    )


def replan_rungs(
    session: Session, work_item_id: UUID, planned: Sequence[Mapping[str, Any]], *, size: int
) -> None:
    """Give the rungs of one work item that have not fired the instants planned for them."""
    found = read_rungs(session, [work_item_id]).get(work_item_id, ())
    write_moves(session, plan_moves(found, planned, size=size, renews=False))


def ask_again(session: Session, work_item_id: UUID, morning: datetime) -> None:
    """Promise whoever telephoned the reminder whose day came while the work waited for nobody."""
    session.execute(
        update(_RUNG)
        .where(
            _RUNG.c.work_item_id == work_item_id,
            _RUNG.c.ordinal >= CALLS_FROM,
            is_waiting(_RUNG.c),
            _RUNG.c.fire_at.is_(None),
        )
        .values(fire_at=morning)
    )


def _instant(move: RungMove) -> float:
    at = move.at or move.was_at
    return at.timestamp() if at is not None else 0.0
