"""What somebody can do about work that cannot go on: only what the operation would let them do."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from workflow.domain.moves.movers import mover_keys
from workflow.domain.obstacles import REMEDIES, ObstacleReason, Remedy
from workflow.domain.rights.policy import Actor, may_administer, mending_keys
from workflow.domain.rights.round_rights import runs_round
from workflow.domain.vocabulary import BuiltIn
from workflow.queries.nominations.moves import moves_of
from workflow.queries.nudges.press import may_press
from workflow.queries.shapes import Who
from workflow.store.access import Account
from workflow.store.base import among
from workflow.store.conditions import is_active, is_reachable
from workflow.store.database import local_day
from workflow.store.definitions import shown_definition
from workflow.store.locked import Locked, read_nominations
from workflow.store.offices import is_overseen
from workflow.store.people import load_holders


@dataclass(frozen=True, slots=True)
class Help:
    """What can be done about one obstacle, and with whom."""

    remedies: tuple[Remedy, ...] = ()
    assignees: tuple[Who, ...] = ()
    unreached: tuple[Who, ...] = ()
    empty_keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Desk:
    """What is read once for a page."""

    actor: Actor
    now: datetime
    locked: Mapping[int, Locked]
    holders: Mapping[str, Sequence[Any]]
    unreached: Mapping[int, Who] = field(default_factory=dict)


def help_for(session: Session, rows: Sequence[Row[Any]], *, actor: Actor, now: datetime) -> dict[int, Help]:
    """Return by obstacle what the actor can do; of nominations that they may only count, nothing."""
    today = local_day(session, now)
    named = [row.nomination_id for row in rows if row.nomination_id is not None and row.is_named]
    locked = read_nominations(session, named, actor=actor, now=now)
    keys = {key for row in rows for key in _keys(session, row, locked)}
    holders = load_holders(session, keys, today=today)
    lost = [row for row in rows if row.reason == ObstacleReason.UNREACHABLE]
    unreached = _unreached(session, _meant(lost, holders), actor, today)
    desk = _Desk(actor, now, locked, holders, unreached)
    return {row.id: _help(session, row, desk) for row in rows}


def _help(session: Session, row: Row[Any], desk: _Desk) -> Help:
    reason = ObstacleReason(row.reason)
    one = desk.locked.get(row.nomination_id) if row.is_named else None
    moves = moves_of(session, actor=desk.actor, locked=one, now=desk.now) if one is not None else ()
    open_moves = {move.name: move for move in moves if move.is_open}
    # What can be handed over while who nominates is asked something is not what waits for them.
    is_asked = one is not None and one.facts.is_asked
    reassign = None if is_asked else open_moves.get(BuiltIn.REASSIGN)
    assignees = reassign.assignees if reassign is not None else ()
    unreached = tuple(
        desk.unreached[account_id]
        for account_id in _meant([row], desk.holders)
        if reason is ObstacleReason.UNREACHABLE and account_id in desk.unreached
    )
    empty_keys = tuple(sorted(key for key in _keys(session, row, desk.locked) if not desk.holders.get(key)))
    extends = row.round_closed_at is None and runs_round(desk.actor, row.owner_unit_id)
    open_to = {
        Remedy.RELEASE: BuiltIn.RELEASE in open_moves and not is_asked,
        Remedy.REASSIGN: bool(assignees),
        Remedy.GRANT: may_administer(desk.actor),
        Remedy.TRY_MAIL: bool(unreached) and bool(mending_keys(desk.actor)),
        Remedy.NUDGE: may_press(session, desk.actor, one)
        if one is not None
        else row.expected_return_id is not None and extends,
        Remedy.EXTEND: extends and row.expected_return_id is not None,
        Remedy.PLAN_SESSION: extends,
    }
    remedies = tuple(remedy for remedy in REMEDIES[reason] if open_to.get(remedy, False))
    return Help(remedies, assignees if Remedy.REASSIGN in remedies else (), unreached, empty_keys)


def _keys(session: Session, row: Row[Any], locked: Mapping[int, Locked]) -> frozenset[str]:
    """Return the seats that have to be held for the work of a row to go on."""
    own = frozenset({row.owner_key} if row.owner_key else ())
    one = locked.get(row.nomination_id) if row.nomination_id is not None else None
    if one is None or row.reason != ObstacleReason.NO_MOVE:
        return own
    return mover_keys(shown_definition(session, one.definition_id), one.facts) or own


def _meant(rows: Iterable[Row[Any]], holders: Mapping[str, Sequence[Any]]) -> list[int]:
    """Return the accounts that the work of rows waits for."""
    return [
        account_id
        for row in rows
        for account_id in (
            [row.assignee_id]
            if row.assignee_id is not None
            else [one.account_id for one in holders.get(row.owner_key, ())]
        )
    ]


def _unreached(session: Session, ids: Sequence[int], actor: Actor, today: date) -> dict[int, Who]:
    """Return those of the accounts that no letter reaches and that the actor oversees."""
    if not ids:
        return {}
    rows = session.execute(
        select(Account.id, Account.name).where(
            among(Account.id, set(ids)),
            is_active(Account),
            ~is_reachable(Account),
            is_overseen(actor.scope, today),
        )
    )
    return {row.id: Who(row.id, row.name) for row in rows}
