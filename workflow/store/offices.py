"""Which late work is an office's business, and which of it was reported or will be."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    Text,
    and_,
    cast,
    exists,
    false,
    func,
    or_,
    select,
    true,
)
from sqlalchemy.orm import Session, aliased

from workflow.domain.rights.escalation_rights import office_seats
from workflow.domain.rights.policy import Actor, mending_keys
from workflow.domain.rights.scope import Scope, needs_tree, scope_of
from workflow.domain.vocabulary import MailState, RungKind
from workflow.store.access import Account, Grant
from workflow.store.awards import Round
from workflow.store.base import among, table_of
from workflow.store.codes import is_named
from workflow.store.conditions import is_in_force, is_open, is_waiting
from workflow.store.database import local_day
from workflow.store.mail import Outbox
from workflow.store.nominations import Nomination, Rung, WorkItem
from workflow.store.nominees import nominates
from workflow.store.organisation import Unit
from workflow.store.people import load_tree
from workflow.store.submissions import ExpectedReturn
from workflow.store.visible import rounds_run_by

_RUNG, _OUTBOX = table_of(Rung), table_of(Outbox)


def is_of_office(session: Session, actor: Actor, now: datetime) -> ColumnElement[bool]:
    """Return the condition of rungs of rounds that the actor's office runs, or of units that they oversee.

    Join the nomination and the expected return outside.
    """
    keys = mending_keys(actor)
    tree = load_tree(session, today=local_day(session, now)) if needs_tree(keys) else {}
    scope = scope_of(actor.account_id, keys, tree)
    if scope.is_everything or scope.counts_everything:
        return true()
    seats, overseen = office_seats(actor), scope.units | scope.counted
    unit_id = func.coalesce(Nomination.unit_id, ExpectedReturn.unit_id)
    round_id = func.coalesce(Nomination.round_id, ExpectedReturn.round_id)
    # Read before: the planner knows then how many they are, and walks the escalations in order for a page.
    rounds = session.scalars(rounds_run_by(seats)).all() if seats else ()
    return or_(
        among(unit_id, overseen) if overseen else false(),
        among(round_id, rounds) if rounds else false(),
    )


def is_overseen(scope: Scope, day: date) -> ColumnElement[bool]:
    """Return the condition of accounts that hold a seat of a unit in the scope, seen or counted, on a day."""
    if scope.is_everything or scope.counts_everything:
        return true()
    seat = aliased(Grant, name="overseen_seat")
    return exists().where(
        seat.account_id == Account.id,
        is_in_force(seat, day),
        seat.key.contains("@unit:"),
        Unit.code == func.split_part(seat.key, "@unit:", 2),
        among(Unit.id, scope.units | scope.counted),
    )


def owed_to_office(session: Session, actor: Actor, now: datetime, *, round_code: str) -> Select[int, str]:
    """Return the statement for what a round expects of units, by id and unit, that is the actor's to ask for.

    Not of a unit that has nominated them.

    It is joined with the units, whose `Unit` a condition may name.
    """
    return (
        select(ExpectedReturn.id, Unit.code)
        .select_from(ExpectedReturn)
        .join(Round, Round.id == ExpectedReturn.round_id)
        .join(Unit, Unit.id == ExpectedReturn.unit_id)
        # None is about a nomination: joined for the condition of an office, which asks of both.
        .outerjoin(Nomination, Nomination.id.is_(None))
        .where(
            is_named(session, Round.code, round_code), is_of_office(session, actor, now), ~nominates(actor)
        )
    )


def was_reported(session: Session, work_item_id: UUID | None) -> bool:
    """Return whether an escalation of this work told anybody; one whose letters came back did not."""
    told = exists().where(*of_rung(_OUTBOX), _OUTBOX.c.state != MailState.CANCELLED)
    reported = exists().where(
        _RUNG.c.work_item_id == work_item_id,
        _RUNG.c.kind == RungKind.ESCALATE,
        _RUNG.c.fired_at.is_not(None),
        _RUNG.c.bounced_at.is_(None),
        told,
    )
    return bool(session.scalar(select(reported)))


def of_rung(letter: FromClause) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions of the letters that a rung promised; name the rung outside."""
    return (
        or_(
            letter.c.nomination_id == _RUNG.c.nomination_id,
            letter.c.expected_return_id == _RUNG.c.expected_return_id,
        ),
        letter.c.work_item_id == _RUNG.c.work_item_id,
        func.split_part(letter.c.dedupe_key, ":", 2) == cast(_RUNG.c.id, Text),
    )


def is_coming() -> ColumnElement[bool]:
    """Return the condition of escalations that will fire; joined as above, and with the work."""
    waits = or_(Nomination.id.is_(None), and_(is_open(Nomination), Nomination.is_held.is_(False)))
    return and_(
        Rung.kind == RungKind.ESCALATE,
        is_waiting(Rung),
        Rung.fire_at.is_not(None),
        is_open(WorkItem),
        waits,
    )
