"""Saying that somebody is away and who acts for them, putting it right, and ending it.

Nothing that waits is rewritten: who acts is asked anew whenever somebody looks (`stand_ins`). So it counts at
once, and never for a day that has passed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from workflow.domain.errors import Conflict, FieldError, InvalidField, NotFound, Reason
from workflow.domain.rights.absence import MOST_SUBSTITUTES, DaysAway
from workflow.domain.rights.absence_rights import may_announce_for
from workflow.domain.rights.policy import Actor
from workflow.domain.vocabulary import Via
from workflow.operations.keys import Claim, claim_key, settle_key
from workflow.operations.people.absence_told import Announcement, named_in, record_absence, tell_above
from workflow.store.absences import Absence, Substitute
from workflow.store.access import Account
from workflow.store.base import table_of
from workflow.store.database import local_day
from workflow.store.substitutes import PossibleSubstitute, absent_person, candidates, unit_ids_of_seats

LONGEST_DAYS: Final = 366
"""How long one absence lasts at most: who is gone for longer has left the seat."""

_ABSENCE, _SUBSTITUTE = table_of(Absence), table_of(Substitute)
_ONE_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class NewAbsence:
    """Who is away, by account; the first and last day; the one seat, None for all; who acts, in order."""

    account_id: int
    first: date
    last: date
    key: str | None = None
    substitutes: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class AbsenceChanges:
    """What an absence says from now on; `seen` is when it was changed last for whoever changes it."""

    first: date
    last: date
    substitutes: Sequence[int] = ()
    seen: datetime | None = None


@dataclass(frozen=True, slots=True)
class AnnouncedAbsence:
    """An absence as it was written, by its id."""

    absence_id: int
    was_answered_before: bool = False


def announce_absence(
    session: Session,
    *,
    actor: Actor | None,
    new: NewAbsence,
    via: Via,
    now: datetime,
    claim: Claim | None = None,
) -> AnnouncedAbsence:
    """Write that somebody is away and who acts for them, and commit.

    The person themselves says so, or the office of each seat (`may_announce_for`). Above of work that nobody
    can take because of it is told at once. Raises `NotFound` where the actor may not say it of anybody like
    that, `InvalidField` for days that have passed or stand the wrong way round, a seat they do not hold and
    people who cannot act for them, `Conflict` where the days are announced already.
    """
    answered = claim_key(session, claim, actor=actor, now=now)
    if answered is not None:
        return AnnouncedAbsence(int(str(answered["absence"])), was_answered_before=True)
    today = local_day(session, now)
    _demand_right(session, actor, new.account_id, new.key, today)
    _lock_account(session, new.account_id)
    chosen = _checked(session, actor, new, today, earliest=today)
    _demand_free(session, new, None)
    values = _values(new) | {"account_id": new.account_id, "key": new.key, "changed_at": now}
    values |= {"announced_by": actor.account_id if actor else None, "announced_at": now}
    absence_id: int = session.execute(insert(_ABSENCE).values(values).returning(_ABSENCE.c.id)).scalar_one()
    _write_substitutes(session, absence_id, chosen)
    record_absence(
        session,
        "announce_absence",
        new.account_id,
        _said(absence_id, new),
        said=Announcement(actor, via, now),
    )
    tell_above(session, new.account_id, new.key, (new.first, new.last), today=today, now=now)
    settle_key(session, claim, actor=actor, result={"absence": absence_id})
    session.commit()
    return AnnouncedAbsence(absence_id)


def correct_absence(
    session: Session,
    *,
    actor: Actor | None,
    absence_id: int,
    changes: AbsenceChanges,
    via: Via,
    now: datetime,
) -> None:
    """Write other days or other substitutes, from now on, and commit.

    One that has begun keeps its first day, and its last is today or later. Raises as `announce_absence`, and
    `Conflict` for one that is over or was changed since it was seen.
    """
    today = local_day(session, now)
    row = _take(session, actor, absence_id, today)
    if changes.seen is not None and changes.seen != row.changed_at:
        raise _conflict(
            Reason("absence_changed", "Somebody changed this absence meanwhile. Look at it again.")
        )
    new = NewAbsence(row.account_id, changes.first, changes.last, row.key, changes.substitutes)
    has_begun = row.valid_from <= today
    if has_begun and changes.first != row.valid_from:
        raise _invalid("first", Reason("absence_begun", "It has begun, and its first day stays."))
    chosen = _checked(session, actor, new, today, earliest=row.valid_from if has_begun else today)
    _demand_free(session, new, absence_id)
    before = named_in(session, absence_id)
    session.execute(
        update(_ABSENCE).where(_ABSENCE.c.id == absence_id).values(**_values(new), changed_at=now)
    )
    session.execute(delete(_SUBSTITUTE).where(_SUBSTITUTE.c.absence_id == absence_id))
    _write_substitutes(session, absence_id, chosen)
    data, said = _said(absence_id, new), Announcement(actor, via, now)
    record_absence(session, "correct_absence", new.account_id, data, said=said, before=before)
    tell_above(session, new.account_id, new.key, (new.first, new.last), today=today, now=now)
    session.commit()


def end_absence(session: Session, *, actor: Actor | None, absence_id: int, via: Via, now: datetime) -> None:
    """End an absence at once, begun or not, and commit: from now on nobody acts for anybody by it.

    Raises `NotFound`, `Conflict` for one that is over.
    """
    row = _take(session, actor, absence_id, local_day(session, now))
    session.execute(update(_ABSENCE).where(_ABSENCE.c.id == absence_id).values(ended_at=now, changed_at=now))
    data, before = {"absence": absence_id}, named_in(session, absence_id)
    said = Announcement(actor, via, now)
    record_absence(session, "end_absence", row.account_id, data, said=said, before=before)
    session.commit()


def _take(session: Session, actor: Actor | None, absence_id: int, today: date) -> Absence:
    """Lock an absence that the actor may change, behind its account. Raises `NotFound`, `Conflict`."""
    account_id = session.scalar(select(Absence.account_id).where(Absence.id == absence_id))
    if account_id is None:
        raise _no_absence()
    _lock_account(session, account_id)
    row = session.scalars(
        select(Absence).where(Absence.id == absence_id).execution_options(populate_existing=True)
    ).one()
    _demand_right(session, actor, account_id, row.key, today)
    if row.ended_at is not None or row.valid_to <= today:
        raise _conflict(Reason("absence_over", "This absence is over already; nothing of it can be changed."))
    return row


def _demand_right(
    session: Session, actor: Actor | None, account_id: int, key: str | None, today: date
) -> None:
    """Raise `NotFound` unless the actor may speak of it; nobody learns by it who has an account."""
    if actor is None:
        return
    person = absent_person(session, account_id, today=today)
    keys = () if person is None else person.keys if key is None else person.keys & {key}
    units = unit_ids_of_seats(session, keys)
    if person is None or not may_announce_for(actor, account_id, keys, units):
        raise _no_absence()


def _lock_account(session: Session, account_id: int) -> None:
    """Take turns: who announces at the same moment sees what the other wrote. Raises `NotFound`."""
    lock = select(Account.id).where(Account.id == account_id).with_for_update(key_share=True)
    if session.scalar(lock) is None:
        raise _no_absence()


def _checked(
    session: Session, actor: Actor | None, new: NewAbsence, today: date, *, earliest: date
) -> list[PossibleSubstitute]:
    """Return who acts, each with the seat that they have to keep.

    Raises `InvalidField` naming the field, and `NotFound` where the seats of that day are not the actor's
    to speak for: an office says nothing of what somebody holds elsewhere by then.
    """
    _demand_days(new, today, earliest)
    day = max(new.first, today)
    person = absent_person(session, new.account_id, today=day)
    if new.key is not None and (person is None or new.key not in person.keys):
        raise _invalid("key", Reason("seat_not_held", f"They do not hold {new.key} on that day."))
    _demand_right(session, actor, new.account_id, new.key, day)
    chosen = list(new.substitutes)
    if len(chosen) > MOST_SUBSTITUTES:
        raise _invalid(
            "substitutes", Reason("too_many_substitutes", f"Name at most {MOST_SUBSTITUTES} people.")
        )
    if len(set(chosen)) < len(chosen):
        raise _invalid("substitutes", Reason("substitute_twice", "Somebody is named twice."))
    found = {one.account_id: one for one in candidates(session, new.account_id, new.key, day=day)}
    for account_id in chosen:
        if account_id not in found:
            message = "Only people of the same place, of the same unit or of a unit above act for them."
            raise _invalid("substitutes", Reason("no_substitute", message))
    return [found[account_id] for account_id in chosen]


def _demand_days(new: NewAbsence, today: date, earliest: date) -> None:
    if new.first < earliest:
        raise _invalid("first", Reason("day_passed", "The day has passed; an absence begins today or later."))
    if new.last < new.first:
        raise _invalid("last", Reason("days_turned", "The last day lies before the first."))
    if new.last < today:
        raise _invalid("last", Reason("last_day_passed", "The last day has passed; end the absence instead."))
    if (new.last - new.first).days >= LONGEST_DAYS:
        message = f"An absence lasts {LONGEST_DAYS} days at most; who is gone for longer gives up the seat."
        raise _invalid("last", Reason("absence_too_long", message))


def _demand_free(session: Session, new: NewAbsence, but: int | None) -> None:
    """Raise `Conflict` where another absence says something about one seat on one day."""
    others = session.scalars(
        select(Absence)
        .where(
            Absence.account_id == new.account_id,
            Absence.ended_at.is_(None),
            Absence.id.is_distinct_from(but),
            Absence.valid_from <= new.last,
            Absence.valid_to > new.first,
        )
        .order_by(Absence.valid_from, Absence.id)
    )
    wanted = DaysAway(new.first, new.last, new.key)
    for other in others:
        span = DaysAway(other.valid_from, other.valid_to - _ONE_DAY, other.key)
        if wanted.meets(span):
            first, last = f"{span.first:%d/%m/%Y}", f"{span.last:%d/%m/%Y}"
            message = f"They are away from {first} to {last} already; correct that absence or end it."
            reason = Reason("absence_overlaps", message, {"first": first, "last": last})
            raise Conflict(message, reasons=[reason])


def _values(new: NewAbsence) -> dict[str, object]:
    return {"valid_from": new.first, "valid_to": new.last + _ONE_DAY}


def _write_substitutes(session: Session, absence_id: int, chosen: Sequence[PossibleSubstitute]) -> None:
    rows = [
        {"absence_id": absence_id, "ordinal": ordinal, "account_id": one.account_id, "seat": one.seat}
        for ordinal, one in enumerate(chosen, 1)
    ]
    if rows:
        session.execute(insert(_SUBSTITUTE), rows)


def _said(absence_id: int, new: NewAbsence) -> dict[str, object]:
    return {
        "absence": absence_id,
        "first": new.first.isoformat(),
        "last": new.last.isoformat(),
        "key": new.key,
        "substitutes": list(new.substitutes),
    }


def _no_absence() -> NotFound:
    return NotFound("There is no such person or absence among those you may speak for.")


def _conflict(reason: Reason) -> Conflict:
    return Conflict(reason.message, reasons=[reason])


def _invalid(name: str, reason: Reason) -> InvalidField:
    return InvalidField(
        f"{name}: {reason.message}", reasons=[reason], errors=[FieldError(name, reason.message)]
    )
