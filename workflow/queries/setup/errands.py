"""What the worker was asked to do, and what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from workflow.domain.errors import NotFound
from workflow.domain.rights.errands import ErrandKind, ErrandState, demand_errand
from workflow.domain.rights.policy import Actor
from workflow.queries.shapes import Who
from workflow.store.access import Account
from workflow.store.errands import Errand
from workflow.store.history import Event


@dataclass(frozen=True, slots=True)
class ErrandView:
    """One errand. `done` is how much of it was gone through; `is_begun`: a worker has taken it in hand.

    `result` is null until it has `ended_at`; where it failed, its `problem` says by which code.
    """

    id: int
    kind: ErrandKind
    state: ErrandState
    asked_by: Who
    asked_at: datetime
    reason: str
    args: Mapping[str, Any]
    done: int
    is_begun: bool
    ended_at: datetime | None
    result: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Taken:
    """A checkpoint that was taken: when, by whom, and the SHA-256 of its text."""

    at: datetime
    by: Who | None
    sha256: str


def newest_errand(
    session: Session, *, actor: Actor, kind: ErrandKind, route: str | None = None
) -> ErrandView | None:
    """Return what was asked for last of a kind, of one `route` where it names one.

    Raises `NotFound` for whoever may not ask for it.
    """
    demand_errand(actor, kind)
    of_route = () if route is None else (Errand.args["key"].astext == route,)
    return _one(session, Errand.kind == kind, *of_route)


def get_errand(session: Session, *, actor: Actor, errand_id: int) -> ErrandView:
    """Return one errand. Raises `NotFound` where there is none, or the actor may not ask for its kind."""
    found = _one(session, Errand.id == errand_id)
    if found is None:
        raise NotFound(f"There is no errand {errand_id}.")
    demand_errand(actor, found.kind)
    return found


def _one(session: Session, *conditions: ColumnElement[bool]) -> ErrandView | None:
    row = session.execute(
        select(
            Errand.id,
            Errand.kind,
            Errand.state,
            Errand.asked_at,
            Errand.reason,
            Errand.args,
            Errand.done,
            Errand.attempt,
            Errand.ended_at,
            Errand.result,
            Account.id.label("account_id"),
            Account.name,
        )
        .join(Account, Account.id == Errand.asked_by)
        .where(*conditions)
        .order_by(Errand.id.desc())
        .limit(1)
    ).one_or_none()
    return row and ErrandView(
        id=row.id,
        kind=ErrandKind(row.kind),
        state=ErrandState(row.state),
        asked_by=Who(row.account_id, row.name),
        asked_at=row.asked_at,
        reason=row.reason,
        args=row.args,
        done=row.done,
        is_begun=row.attempt > 0,
        ended_at=row.ended_at,
        result=row.result,
    )


def last_checkpoint(session: Session, *, actor: Actor) -> Taken | None:
    """Return when a checkpoint of history was taken last, and by whom; nobody where the command line did."""
    demand_errand(actor, ErrandKind.VERIFY)
    row = session.execute(
        select(Event.recorded_at, Event.data, Account.id, Account.name)
        .outerjoin(Account, Account.id == Event.actor_id)
        .where(Event.stream == "installation", Event.action == "checkpoint")
        .order_by(Event.seq.desc())
        .limit(1)
    ).one_or_none()
    if row is None:
        return None
    by = None if row.id is None else Who(row.id, row.name)
    return Taken(row.recorded_at, by, str(row.data.get("sha256", "")))
