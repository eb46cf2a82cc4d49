"""Doing what was asked of the worker: one errand after the other, each in hand for a lease that is renewed.

Whoever dies with one in hand gives it back when the lease ends, and it begins anew: each kind of errand goes
on with what is left of it, or only reads. One that was taken too often without a result has failed.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, TypeAlias

from sqlalchemy import func, null, or_, select, update
from sqlalchemy.orm import Session

from workflow.clock import Clock, monotonic
from workflow.domain.errors import Refusal
from workflow.domain.rights.errands import ErrandKind, ErrandState, demand_errand
from workflow.domain.rights.policy import Actor
from workflow.store.base import among
from workflow.store.database import Sessions, local_day
from workflow.store.errands import Errand
from workflow.store.people import load_actor

LEASE: Final = timedelta(seconds=60)
_RENEW_SECONDS: Final = 1.0
_MOST_ATTEMPTS: Final = 5
BEGUN: Final = "begun"
"""How often it was begun, among what its page tells: what writes counts what the last time left to do."""
_REAL_TIME: Final = func.clock_timestamp()


class ErrandLeftError(Exception):
    """The errand goes on elsewhere, or later: another worker has it, or this one is to end."""


@dataclass(frozen=True, slots=True)
class ErrandInHand:
    """An errand that this worker does: for whom and why, and what else was asked. `attempt` is its fence."""

    id: int
    kind: ErrandKind
    attempt: int
    actor: Actor
    reason: str
    args: Mapping[str, Any]


OnStep: TypeAlias = Callable[[int], None]
Doer: TypeAlias = Callable[[ErrandInHand, OnStep], Mapping[str, object]]
"""Does an errand, tells on the way how much more is done, and returns what its page tells."""


def run_errands(
    sessions: Sessions,
    *,
    clock: Clock,
    doers: Mapping[ErrandKind, Doer],
    is_ended: Callable[[], bool] = lambda: False,
) -> int:
    """Do what was asked for, the longest waiting first, until nothing is left; return how many ended.

    Once `is_ended` says so, the one in hand is given back at its next step.
    """
    ended = 0
    while not is_ended():
        with sessions() as session:
            errand = take_errand(session, doers, now=clock.now(session))
        if errand is None:
            break
        ended += _Carrying(sessions, clock, errand, is_ended).out(doers[errand.kind])
    return ended


def take_errand(session: Session, kinds: Iterable[ErrandKind], *, now: datetime) -> ErrandInHand | None:
    """Take the errand that waits longest in hand for one lease, and commit; None where nobody waits.

    Who asked comes with what they may do now: nothing, where the account was disabled meanwhile.
    """
    free = or_(Errand.lease_until.is_(None), Errand.lease_until < _REAL_TIME)
    first = (
        select(Errand.id)
        .where(Errand.state == ErrandState.WAITING, among(Errand.kind, kinds), free)
        .order_by(Errand.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    taken = session.execute(
        update(Errand)
        .where(Errand.id == first.scalar_subquery())
        .values(lease_until=_REAL_TIME + LEASE, attempt=Errand.attempt + 1, done=0)
        .returning(Errand.id, Errand.kind, Errand.attempt, Errand.asked_by, Errand.reason, Errand.args)
    ).one_or_none()
    if taken is None:
        return None
    actor = load_actor(session, taken.asked_by, today=local_day(session, now))
    nobody = Actor(account_id=taken.asked_by, name="")
    session.commit()
    return ErrandInHand(
        taken.id, ErrandKind(taken.kind), taken.attempt, actor or nobody, taken.reason, taken.args
    )


def note_errand(session: Session, errand: ErrandInHand, values: Mapping[str, object]) -> bool:
    """Write how far an errand is, or what came of it, and commit; False where another worker has it."""
    mine = (Errand.id == errand.id, Errand.attempt == errand.attempt, Errand.state == ErrandState.WAITING)
    written = session.scalar(update(Errand).where(*mine).values(values).returning(Errand.id))
    session.commit()
    return written is not None


@dataclass(slots=True)
class _Carrying:
    """One errand in hand: how much is done, and when its lease was renewed last."""

    sessions: Sessions
    clock: Clock
    errand: ErrandInHand
    is_ended: Callable[[], bool]
    done: int = 0
    renewed_at: float = 0.0

    def out(self, doer: Doer) -> bool:
        """Do it, and return whether it is over."""
        if self.errand.attempt > _MOST_ATTEMPTS:
            return self._settle(ErrandState.FAILED, {"problem": "no_result"})
        try:
            demand_errand(self.errand.actor, self.errand.kind)
            result = doer(self.errand, self._step)
        except ErrandLeftError:
            self._write(lease_until=null())
            return False
        except Refusal as refusal:
            codes = [reason.code for reason in refusal.reasons]
            return self._settle(ErrandState.FAILED, {"problem": codes[0] if codes else refusal.code})
        return self._settle(ErrandState.DONE, {**result, BEGUN: self.errand.attempt})

    def _step(self, count: int) -> None:
        self.done += count
        if self.is_ended():
            raise ErrandLeftError
        if monotonic() - self.renewed_at < _RENEW_SECONDS:
            return
        self.renewed_at = monotonic()
        if not self._write(done=self.done, lease_until=_REAL_TIME + LEASE):
            raise ErrandLeftError

    def _settle(self, state: ErrandState, result: Mapping[str, object]) -> bool:
        with self.sessions() as session:
            now = self.clock.now(session)
        return self._write(state=state, result=dict(result), ended_at=now, lease_until=null(), done=self.done)

    def _write(self, **values: object) -> bool:
        with self.sessions() as session:
            return note_errand(session, self.errand, values)
