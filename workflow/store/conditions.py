"""The conditions that many questions share, each written once: in force, open, waiting, seated."""

from collections.abc import Iterable
from datetime import date
from typing import Any, Final, TypeAlias

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    DateTime,
    Select,
    Text,
    all_,
    and_,
    bindparam,
    column,
    exists,
    false,
    func,
    literal_column,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by
from sqlalchemy.orm import InstrumentedAttribute, aliased
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from workflow.domain.rights.absence import NEVER_LENT
from workflow.domain.rights.routing import CLUSTER_SEAT
from workflow.domain.vocabulary import Stage, SubjectKind, WorkKind
from workflow.store.absences import Absence
from workflow.store.access import Account, ActionCode, Grant
from workflow.store.attachments import Attachment
from workflow.store.awards import AwardEdition, Round
from workflow.store.delivery import DeliveryReport, standing
from workflow.store.nominations import Nomination, Rung, Visit, WorkItem
from workflow.store.organisation import Person, Unit, UnitEdition
from workflow.store.submissions import ExpectedReturn

_Columns: TypeAlias = ReadOnlyColumnCollection[str, Any]
_Dated: TypeAlias = type[Grant] | type[UnitEdition] | type[AwardEdition] | type[Absence] | _Columns
_Column: TypeAlias = ColumnElement[Any] | InstrumentedAttribute[Any]
_Day: TypeAlias = date | ColumnElement[date] | InstrumentedAttribute[date]

_AT_CLUSTER: Final = f"@{CLUSTER_SEAT}"
_BOUNCE: Final = "standing_bounce"
_NEVER_LENT: Final = literal_column(f"'{{{','.join(NEVER_LENT)}}}'::text[]", ARRAY(Text()))
TODAY: Final = bindparam("today", type_=Date())
"""The local day, given when the statement runs."""


def holds_on(day: date, valid_from: date, valid_to: date | None) -> bool:
    """Return whether a term that was read is in force on a day: what `is_in_force` asks the database."""
    return valid_from <= day and (valid_to is None or valid_to > day)


def is_in_force(term: _Dated, day: _Day) -> ColumnElement[bool]:
    """Return the condition that a grant or an edition is in force on a day; its last day is excluded."""
    return and_(term.valid_from <= day, outlasts(term, day))


def outlasts(term: _Dated, day: _Day) -> ColumnElement[bool]:
    """Return the condition that a term goes on after a day, whether it has begun or not."""
    return or_(term.valid_to.is_(None), term.valid_to > day)


def edition_of_unit(day: _Day) -> ColumnElement[bool]:
    """Return the condition that joins each unit that exists on a day with its edition of that day."""
    return and_(UnitEdition.unit_id == Unit.id, is_in_force(UnitEdition, day))


def named_edition(day: _Day) -> ColumnElement[bool]:
    """Return the condition that joins each unit with the edition that names it on a day, or did last.

    The files of a unit that is no more go on, and are read by its name.
    """
    until = UnitEdition.named_until
    return and_(
        UnitEdition.unit_id == Unit.id, UnitEdition.valid_from <= day, or_(until.is_(None), until > day)
    )


def is_active(account: type[Account] | _Columns) -> ColumnElement[bool]:
    """Return the condition that an account was not disabled."""
    return account.disabled_at.is_(None)


def is_reachable(account: type[Account]) -> ColumnElement[bool]:
    """Return the condition that no bounce stands against the address that an account has."""
    bounce = aliased(DeliveryReport, name=_BOUNCE)
    return ~exists().where(bounce.account_id == account.id, bounce.email == account.email, standing(_BOUNCE))


def is_open(
    row: type[WorkItem] | type[Nomination] | type[Round] | type[ActionCode] | _Columns,
) -> ColumnElement[bool]:
    """Return the condition that work, a nomination, a round or a mailed code is not closed."""
    return row.closed_at.is_(None)


def or_never(due_at: ColumnElement[Any] | InstrumentedAttribute[Any]) -> ColumnElement[Any]:
    """Return a due date as inboxes are ordered and indexed by it: what has none comes last."""
    return func.coalesce(due_at, literal_column("'infinity'::timestamptz", DateTime(timezone=True)))


def has_been_in(stages: Iterable[Stage]) -> ColumnElement[bool]:
    """Return the condition of the stays of a nomination in stages; what was undone never was."""
    return and_(
        Visit.nomination_id == Nomination.id, Visit.stage.in_(tuple(stages)), Visit.voided_at.is_(None)
    )


def open_work_of(root: type[Nomination] | type[ExpectedReturn] | type[Visit]) -> ColumnElement[bool]:
    """Return the condition that joins a nomination, what a unit owes or a visit with its open work."""
    column = {
        Nomination: WorkItem.nomination_id,
        ExpectedReturn: WorkItem.expected_return_id,
        Visit: WorkItem.visit_id,
    }[root]
    return and_(column == root.id, is_open(WorkItem))


def open_visit_of_nomination() -> ColumnElement[bool]:
    """Return the condition that joins a nomination with the visit that it has not left."""
    return and_(Visit.nomination_id == Nomination.id, Visit.left_at.is_(None))


def is_waiting(rung: type[Rung] | _Columns) -> ColumnElement[bool]:
    """Return the condition that a reminder has neither fired nor failed for good."""
    return and_(rung.fired_at.is_(None), rung.dead_at.is_(None))


def is_kept() -> ColumnElement[bool]:
    """Return the condition that an attachment was not removed."""
    return Attachment.removed_at.is_(None)


def nobody_holds(day: _Day = TODAY, *, reached: bool = False) -> ColumnElement[bool]:
    """Return the condition that nobody could take the work item on a day, left joined with its nomination.

    With `reached`, nobody whom letters reach. Disabled accounts and grants of another day do not count, nor
    who is set aside: the nominee but for their own draft and what is asked of who drafts, and at a cluster
    whoever is of the unit that is nominated (`set_aside_of`).
    """
    sitting, holder = aliased(Grant, name="sitting"), aliased(Account, name="sitting_account")
    person = aliased(Person, name="sitting_person")
    unit_id = select(person.unit_id).where(person.id == holder.person_id).correlate_except(person)
    # Asked of the seat and not of the account: of few seats those accounts are looked up, and not all read.
    who, key = sitting.account_id, sitting.key
    is_there = or_(~is_away(who, key, day), stands_in(who, key, day))
    holding = (
        select(sitting.id)
        .join(holder, holder.id == sitting.account_id)
        .where(
            sitting.key == WorkItem.owner_key,
            is_active(holder),
            is_in_force(sitting, day),
            or_(~is_set_aside(holder.person_id, unit_id.scalar_subquery()), WorkItem.kind == WorkKind.ANSWER),
            is_there,
        )
    )
    if reached:
        holding = holding.where(is_reachable(holder))
    return ~holding.exists()


def is_set_aside(person_id: _Column, unit_id: _Column) -> ColumnElement[bool]:
    """Return the condition that somebody judges no such work: what `SetAside` says, asked of the database.

    It is the nominee's, but for their own draft, and at a cluster that of whoever is of the nominated unit.
    Never null. Join the work item with its nomination.
    """
    is_nominee = and_(Nomination.stage != Stage.DRAFT, person_id == Nomination.person_id)
    sits_for_own_unit = and_(
        Nomination.subject_kind == SubjectKind.COLLECTIVE,
        unit_id == Nomination.unit_id,
        func.strpos(WorkItem.owner_key, _AT_CLUSTER) > 0,
    )
    return func.coalesce(or_(is_nominee, sits_for_own_unit), false())


def is_absent(absence: type[Absence], day: _Day = TODAY) -> ColumnElement[bool]:
    """Return the condition that an absence was not taken back and is in force on a day."""
    return and_(absence.ended_at.is_(None), is_in_force(absence, day))


def _absences_of(account_id: _Column, key: _Column, day: _Day) -> tuple[type[Absence], ColumnElement[bool]]:
    away = aliased(Absence)
    return away, and_(
        away.account_id == account_id, or_(away.key.is_(None), away.key == key), is_absent(away, day)
    )


def is_away(account_id: _Column, key: _Column, day: _Day = TODAY) -> ColumnElement[bool]:
    """Return the condition that an account is away from a seat on a day, whoever acts for it."""
    away, condition = _absences_of(account_id, key, day)
    return select(away.id).where(condition).correlate_except(away).exists()


def away_until(account_id: _Column, key: _Column, day: _Day = TODAY) -> ColumnElement[Any]:
    """Return the last day on which an account that is away from a seat is so, null where it is not."""
    away, condition = _absences_of(account_id, key, day)
    last = select(away.valid_to - 1).where(condition).limit(1)
    return last.correlate_except(away).scalar_subquery()


def stands_in(account_id: _Column, key: _Column, day: _Day = TODAY) -> ColumnElement[bool]:
    """Return the condition that somebody acts in a seat of an account that is away, for this work.

    Join the work item with its nomination: who is set aside for it does not act.
    """
    return acting_for(account_id, key, day).exists()


def acting_for(account_id: _Column, key: _Column, day: _Day = TODAY) -> Select[Any]:
    """Return who acts in the seat of an account that is away, for this work, as `rank` orders them."""
    away, condition = _absences_of(account_id, key, day)
    other = stand_ins(away.id, day)
    return (
        select(other.c.account_id)
        .select_from(away)
        .join(other, true())
        .where(condition, _is_lent(away, key, day), ~is_set_aside(other.c.person_id, other.c.unit_id))
        .correlate_except(away, other)
    )


def is_left(day: _Day = TODAY) -> ColumnElement[bool]:
    """Return the condition that who took the work is away and nobody stands in: it is the group's then.

    Join the work item with its nomination.
    """
    taker, key = WorkItem.assignee_id, WorkItem.owner_key
    return and_(taker.is_not(None), is_away(taker, key, day), ~stands_in(taker, key, day))


def passes_on(key: _Column) -> ColumnElement[bool]:
    """Return the condition that a seat passes to a substitute: what `is_lent` says."""
    return func.split_part(key, "@", 1) != all_(_NEVER_LENT)


def _is_lent(away: type[Absence], key: _Column, day: _Day) -> ColumnElement[bool]:
    """Return the condition that an absence passes a seat on: not one that was given since it began.

    Whoever said it said it of the seats of its first day. What is in the absent's hands for another's seat,
    which they never held, does pass on.
    """
    now, first = aliased(Grant, name="held_now"), aliased(Grant, name="held_first")
    is_held = exists().where(now.account_id == away.account_id, now.key == key, is_in_force(now, day))
    was_held = exists().where(
        first.account_id == away.account_id, first.key == key, is_in_force(first, away.valid_from)
    )
    # The seat may be named two queries up: without a word each would read its table anew.
    is_held, was_held = is_held.correlate_except(now), was_held.correlate_except(first)
    return and_(passes_on(key), or_(~is_held, was_held))


def stand_ins(absence_id: _Column, day: _Day = TODAY) -> Any:  # noqa: ANN401 - SQLAlchemy's own type is not public
    """Return who stands in for whoever an absence is about, as a table to join, ordered by its `rank`."""
    columns = [column(name, BigInteger()) for name in ("rank", "account_id", "person_id", "unit_id")]
    return func.stand_ins(absence_id, day).table_valued(*columns).render_derived().lateral()


def told_stand_ins(
    account_id: _Column, key: _Column, day: _Day = TODAY, *, of_work: bool = False
) -> ColumnElement[Any]:
    """Return who stands in for an account in a seat, as JSON: null where it is not away.

    Each is (account, person, unit, whether letters reach it, name), in order; with `of_work` without who is
    set aside for the work: join it with its nomination.
    """
    away, condition = _absences_of(account_id, key, day)
    other = stand_ins(away.id, day)
    account = aliased(Account, name="stand_in")
    one = func.json_build_array(
        other.c.account_id, other.c.person_id, other.c.unit_id, is_reachable(account), account.name
    )
    listed = aggregate_order_by(one, other.c.rank)
    is_one = and_(other.c.account_id.is_not(None), _is_lent(away, key, day))
    if of_work:
        is_one = and_(is_one, ~is_set_aside(other.c.person_id, other.c.unit_id))
    return (
        select(func.coalesce(func.json_agg(listed).filter(is_one), literal_column("'[]'::json")))
        .select_from(away)
        .outerjoin(other, true())
        .outerjoin(account, account.id == other.c.account_id)
        .where(condition)
        .group_by(away.id)
        .limit(1)
        .correlate_except(away, other, account)
        .scalar_subquery()
    )


def taken_by() -> ColumnElement[bool]:
    """Return the condition that joins an account as whoever took the work; a disabled one holds nothing."""
    return and_(Account.id == WorkItem.assignee_id, is_active(Account))
