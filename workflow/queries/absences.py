"""Who is away and who acts for them: one's own absences, those one stands in for, those of one's office."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, Text, exists, func, or_, select, true, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from workflow.domain.errors import NotFound
from workflow.domain.rights.absence import is_lent
from workflow.domain.rights.absence_rights import may_announce_for
from workflow.domain.rights.policy import Actor, may_administer
from workflow.domain.rights.scope import steered_part
from workflow.domain.vocabulary import Role
from workflow.queries.paging import Page, cut, decode_cursor, encode_cursor, name_of, text, whole
from workflow.queries.shapes import Who
from workflow.store.absences import Absence, Substitute
from workflow.store.access import Account, Grant
from workflow.store.base import among
from workflow.store.conditions import is_active, is_in_force
from workflow.store.database import local_day
from workflow.store.offices import is_overseen
from workflow.store.substitutes import absent_person, candidates, unit_ids_of_seats

MOST_PEOPLE: Final = 500
MOST_STANDING: Final = 500
_NAME: Final = "substitutions"
_ONE_DAY: Final = timedelta(days=1)
_person = aliased(Account)
_announcer = aliased(Account)


class AbsenceState(StrEnum):
    """Whether an absence is to come, in force today, over by its date, or was ended before."""

    COMING = "coming"
    NOW = "now"
    OVER = "over"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class AbsenceView:
    """Somebody is away from the first day to the last, both included, from one seat (`key`) or from all.

    `substitutes` act for them in that order; `announced_by` is null where the command line spoke.
    `can_change` says whether the reader may put it right or end it; `changed_at` is what a change names.
    """

    id: int
    person: Who
    key: str | None
    first: date
    last: date
    state: AbsenceState
    substitutes: tuple[Who, ...]
    announced_by: Who | None
    changed_at: datetime
    can_change: bool


@dataclass(frozen=True, slots=True)
class AbsenceChoices:
    """What somebody may say of a person: the seats they can leave, and who could act for them."""

    person: Who
    seats: tuple[str, ...]
    substitutes: tuple[Who, ...]


def list_absences(
    session: Session, *, actor: Actor, now: datetime, limit: int, cursor: str | None, is_office: bool = False
) -> Page[AbsenceView]:
    """Return a page of absences, the latest first: one's own and those in which one is named a substitute.

    With `is_office` those of the people whose office one is. Raises `UnreadableCursor`.
    """
    today = local_day(session, now)
    if is_office:
        seen = _is_of_office(actor, today)
    else:
        named = exists().where(Substitute.absence_id == Absence.id, Substitute.account_id == actor.account_id)
        seen = or_(Absence.account_id == actor.account_id, named)
    statement = _absences().where(seen).order_by(Absence.valid_to.desc(), Absence.id.desc()).limit(limit + 1)
    name = name_of(_NAME, is_office)
    if cursor is not None:
        day, last_id = decode_cursor(name, cursor, _day, whole)
        statement = statement.where(tuple_(Absence.valid_to, Absence.id) < tuple_(day, last_id))
    rows = session.execute(statement).all()
    views = {view.id: view for view in _views(session, rows[:limit], actor, today)}
    return cut(
        rows,
        limit,
        item=lambda row: views[row.id],
        cursor=lambda row: encode_cursor(name, row.valid_to.isoformat(), row.id),
    )


def get_absence(session: Session, *, actor: Actor, absence_id: int, now: datetime) -> AbsenceView:
    """Return an absence that the actor may see. Raises `NotFound`."""
    today = local_day(session, now)
    named = exists().where(Substitute.absence_id == Absence.id, Substitute.account_id == actor.account_id)
    seen = or_(Absence.account_id == actor.account_id, named, _is_of_office(actor, today))
    rows = session.execute(_absences().where(Absence.id == absence_id, seen)).all()
    if not rows:
        raise NotFound("There is no such person or absence among those you may speak for.")
    return _views(session, rows, actor, today)[0]


def absence_choices(session: Session, *, actor: Actor, account_id: int, now: datetime) -> AbsenceChoices:
    """Return what the actor may say of a person's absence. Raises `NotFound` where that is nothing."""
    today = local_day(session, now)
    person = absent_person(session, account_id, today=today)
    units = unit_ids_of_seats(session, person.keys if person else ())
    if person is None or not any(
        may_announce_for(actor, account_id, [key], units) for key in person.keys or {""}
    ):
        raise NotFound("There is no such person or absence among those you may speak for.")
    seats = sorted(key for key in person.keys if is_lent(key))
    found = tuple(Who(one.account_id, one.name) for one in candidates(session, account_id, None, day=today))
    return AbsenceChoices(Who(person.account_id, person.name), tuple(seats), found)


def people_of_office(session: Session, *, actor: Actor, now: datetime) -> tuple[Who, ...]:
    """Return those whose absence the actor may announce for their office, by name.

    One more than MOST_PEOPLE at most: then the others are named by their address (`accounts_of`).
    """
    today = local_day(session, now)
    condition = _holds_office_seat(actor, Account.id, today)
    rows = session.execute(
        select(Account.id, Account.name)
        .where(condition, is_active(Account), Account.id != actor.account_id)
        .order_by(Account.name, Account.id)
        .limit(MOST_PEOPLE + 1)
    )
    return tuple(Who(row.id, row.name) for row in rows)


def accounts_of(session: Session, emails: Iterable[str]) -> dict[str, int]:
    """Return the accounts of addresses, in lower case; what may be said of them is asked elsewhere."""
    wanted = {email.strip().lower() for email in emails}
    rows = session.execute(select(Account.email, Account.id).where(among(Account.email, wanted)))
    return {row.email: row.id for row in rows}


def standing_absences(session: Session, *, account_id: int | None, now: datetime) -> list[AbsenceView]:
    """Return the absences of today and of days to come, the next first, of everybody or of one account.

    For the command line, which may change them all; one more than MOST_STANDING at most.
    """
    today = local_day(session, now)
    stands = [Absence.ended_at.is_(None), Absence.valid_to > today]
    stands += [Absence.account_id == account_id] if account_id is not None else []
    order = (Absence.valid_from, Absence.id)
    rows = session.execute(_absences().where(*stands).order_by(*order).limit(MOST_STANDING + 1)).all()
    return _views(session, rows, None, today)


def is_an_office(actor: Actor) -> bool:
    """Return whether the actor may announce absences of anybody beside themselves."""
    return any(actor.holds(role) for role in (Role.HEAD, Role.SUPERVISOR, Role.ADMIN))


def _absences() -> Any:  # noqa: ANN401 - a select of many columns
    return (
        select(
            Absence.id,
            Absence.account_id,
            Absence.key,
            Absence.valid_from,
            Absence.valid_to,
            Absence.changed_at,
            Absence.ended_at,
            Absence.announced_by,
            _person.name.label("person"),
            _announcer.name.label("announcer"),
        )
        .join(_person, _person.id == Absence.account_id)
        .outerjoin(_announcer, _announcer.id == Absence.announced_by)
    )


def _views(session: Session, rows: Sequence[Row[Any]], actor: Actor | None, today: date) -> list[AbsenceView]:
    substitutes: dict[int, list[Who]] = defaultdict(list)
    for row in session.execute(
        select(Substitute.absence_id, Account.id, Account.name)
        .join(Account, Account.id == Substitute.account_id)
        .where(among(Substitute.absence_id, [row.id for row in rows]))
        .order_by(Substitute.absence_id, Substitute.ordinal)
    ):
        substitutes[row.absence_id].append(Who(row.id, row.name))
    held: dict[int, set[str]] = defaultdict(set)
    people = {row.account_id for row in rows}
    for grant in session.execute(
        select(Grant.account_id, Grant.key).where(among(Grant.account_id, people), is_in_force(Grant, today))
    ):
        held[grant.account_id].add(grant.key)
    units = unit_ids_of_seats(session, {key for keys in held.values() for key in keys})
    return [
        AbsenceView(
            id=row.id,
            person=Who(row.account_id, row.person),
            key=row.key,
            first=row.valid_from,
            last=row.valid_to - _ONE_DAY,
            state=(state := _state(row, today)),
            substitutes=tuple(substitutes[row.id]),
            announced_by=Who(row.announced_by, row.announcer) if row.announced_by is not None else None,
            changed_at=row.changed_at,
            can_change=state in {AbsenceState.COMING, AbsenceState.NOW}
            and (
                actor is None
                or may_announce_for(
                    actor,
                    row.account_id,
                    held[row.account_id] if row.key is None else held[row.account_id] & {row.key},
                    units,
                )
            ),
        )
        for row in rows
    ]


def _state(row: Row[Any], today: date) -> AbsenceState:
    if row.ended_at is not None:
        return AbsenceState.ENDED
    if row.valid_to <= today:
        return AbsenceState.OVER
    return AbsenceState.NOW if row.valid_from <= today else AbsenceState.COMING


def _is_of_office(actor: Actor, today: date) -> ColumnElement[bool]:
    return _holds_office_seat(actor, Absence.account_id, today)


def _holds_office_seat(
    actor: Actor, account_id: InstrumentedAttribute[int], today: date
) -> ColumnElement[bool]:
    """Return the condition of accounts that hold a seat whose office the actor is."""
    if may_administer(actor):
        return true()
    heads = [key.removeprefix(f"{Role.HEAD}@") for key in actor.keys if key.startswith(f"{Role.HEAD}@unit:")]
    places = [*heads, *(f"council:{seat.partition(':')[2]}" for seat in heads)]
    seat = func.split_part(Grant.key, "@", 2, type_=Text())
    headed = select(Grant.account_id).where(among(seat, places), is_in_force(Grant, today))
    conditions = [account_id.in_(headed)]
    if actor.holds(Role.SUPERVISOR) or actor.holds(Role.ADMIN):
        steered = select(Account.id).where(is_overseen(steered_part(actor.scope), today))
        conditions.append(account_id.in_(steered))
    return or_(*conditions)


def _day(place: object) -> date:
    return date.fromisoformat(text(place))
