"""One unit's line on a board, put together from what it owes, its counts and its open work."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy.orm import Session

from workflow.domain.owed import ReturnStatus
from workflow.domain.time.parties import Hold
from workflow.domain.time.periods import TimeUnit
from workflow.domain.time.stays import holds_of, net_minutes
from workflow.domain.time.workdays import Calendar
from workflow.queries.board.outlook import OWES, Horizon, Outlook, Risk
from workflow.queries.board.rows import BoardCount, OpenGroup, UnitFacts
from workflow.queries.contacts import Desks, read_desks
from workflow.queries.progress import Progress
from workflow.queries.seats import Officer, cluster_kinds, name_seats
from workflow.queries.shapes import (
    HolderView,
    InHands,
    Named,
    Who,
    Words,
    holder_in,
    own_words,
    state_words,
)
from workflow.store.definitions import shown_definition
from workflow.store.takers import NamedTaker, Taken, name_takers


@dataclass(frozen=True, slots=True)
class BoardRow:
    """One unit of a round.

    `is_expected` says whether it owes a paper; where it does not, `status` follows from its nominations.
    `admitted_until` is until when the office takes what comes late of it, by exception.
    `days_late` are working days past its own day, until today or until it was sent. `holder`, `step` and
    `place` (the name of the holder's seat) are of the work that has been open longest, since `oldest_since`:
    `waiting_days` net, working days without holds, `waiting_calendar_days` gross.
    `through_on` is when it will be through if every step takes its period, null when nothing is open; the
    risk is that of `slow_step`, at `slow_place`, where there is any. `officer` is whom to telephone: who has
    that work, at the unit where it lies; with no open work the unit's own officer.
    """

    unit: Named
    is_expected: bool
    status: ReturnStatus
    due_on: date | None
    admitted_until: date | None
    days_late: int
    sent_on: date | None
    counts: Mapping[Progress, BoardCount]
    step: Words | None
    holder: HolderView | None
    place: str
    oldest_since: datetime | None
    waiting_days: int
    waiting_calendar_days: int
    accountable: str | None
    officer: Officer | None
    through_on: date | None
    risk: Risk | None
    slow_step: Words | None
    slow_place: str

    @property
    def owes(self) -> bool:
        """Whether something is still expected of the unit."""
        return self.is_expected and self.status in OWES

    @property
    def is_silent(self) -> bool:
        """Whether something is expected of the unit and nothing has begun."""
        return self.is_expected and self.status is ReturnStatus.NOT_STARTED

    @property
    def is_late(self) -> bool:
        """Whether the unit is behind its own day, or some of its work behind its due date."""
        return (self.owes and self.days_late > 0) or self.counts[Progress.OVERDUE].total > 0


def totals_of(rows: Iterable[BoardRow]) -> Mapping[Progress, BoardCount]:
    """Return each count of these units together."""
    counts = [row.counts for row in rows]
    return {
        one: BoardCount(sum(mine[one].total for mine in counts), sum(mine[one].named for mine in counts))
        for one in Progress
    }


_NOTHING: Final = dict.fromkeys(Progress, BoardCount())


@dataclass(frozen=True, slots=True)
class BoardBasis:
    """What the lines of one board are made with; days are counted by the calendar of rounds."""

    session: Session
    calendar: Calendar
    now: datetime
    today: date
    horizon: Horizon


@dataclass(frozen=True, slots=True)
class _Work:
    """Work that waits: what it is, since when, at which seat, who took it."""

    since: datetime
    step: Words
    owner_key: str
    assignee_id: int | None
    is_named: bool
    holds: tuple[Hold, ...] = ()


@dataclass(frozen=True, slots=True)
class _Names:
    """The names of those who hold work and of the places where it lies, and who sits there."""

    takers: Mapping[Taken, NamedTaker]
    seats: Mapping[str, str]
    desks: Desks
    kinds: Mapping[str, str]

    def taker(self, work: _Work) -> NamedTaker | None:
        return self.takers.get((work.assignee_id, work.owner_key))

    def place(self, key: str) -> str:
        seat = _seat(key)
        return self.seats.get(seat) or seat.partition(":")[2]


def make_rows(
    desk: BoardBasis,
    units: Sequence[UnitFacts],
    counts: Mapping[int, Mapping[Progress, BoardCount]],
    groups: Mapping[int, Sequence[OpenGroup]],
) -> list[BoardRow]:
    """Return the lines of units in their order; counts and open work are by the unit's id."""
    kinds = cluster_kinds(
        desk.session, {_seat(group.owner_key) for mine in groups.values() for group in mine}
    )
    oldest = {unit.unit_id: _oldest(desk, kinds, unit, groups.get(unit.unit_id, ())) for unit in units}
    names = _names(desk, [work for work in oldest.values() if work is not None], groups, kinds)
    rows = []
    for unit in units:
        mine = counts.get(unit.unit_id, _NOTHING)
        status = _status(unit, mine)
        is_past_due = _days_late(desk, unit) > 0
        outlook = desk.horizon.of(unit, groups.get(unit.unit_id, ()), status, is_past_due=is_past_due)
        rows.append(_row(desk, unit, mine, outlook=outlook, work=oldest[unit.unit_id], names=names))
    return rows


def _names(
    desk: BoardBasis,
    works: Sequence[_Work],
    groups: Mapping[int, Sequence[OpenGroup]],
    kinds: Mapping[str, str],
) -> _Names:
    keys = {work.owner_key for work in works}
    keys |= {group.owner_key for mine in groups.values() for group in mine}
    return _Names(
        name_takers(desk.session, [(work.assignee_id, work.owner_key) for work in works], today=desk.today),
        name_seats(desk.session, {_seat(key) for key in keys}, today=desk.today),
        read_desks(desk.session, sorted(keys), today=desk.today),
        kinds,
    )


def _row(
    desk: BoardBasis,
    unit: UnitFacts,
    counts: Mapping[Progress, BoardCount],
    *,
    outlook: Outlook,
    work: _Work | None,
    names: _Names,
) -> BoardRow:
    slow = outlook.slowest
    return BoardRow(
        unit=Named(unit.code, unit.name),
        is_expected=unit.due_on is not None,
        status=_status(unit, counts),
        due_on=unit.due_on,
        admitted_until=unit.admitted_until,
        days_late=_days_late(desk, unit),
        sent_on=desk.calendar.local_day(unit.sent_at) if unit.sent_at else None,
        counts=counts,
        step=work.step if work else None,
        holder=_holder(work, names) if work else None,
        place=names.place(work.owner_key) if work else "",
        oldest_since=work.since if work else None,
        waiting_days=_days_of(desk, work) if work else 0,
        waiting_calendar_days=(desk.today - desk.calendar.local_day(work.since)).days if work else 0,
        accountable=unit.accountable,
        officer=_contact(unit, work, names),
        through_on=outlook.through_on,
        risk=outlook.risk,
        slow_step=_step_of(desk, slow, names.kinds) if slow else None,
        slow_place=names.place(slow.owner_key) if slow else "",
    )


def _status(unit: UnitFacts, counts: Mapping[Progress, BoardCount]) -> ReturnStatus:
    """Return how far the unit is; of one that owes nothing its nominations alone tell."""
    if unit.answered_at is not None:
        return ReturnStatus.NOTHING
    if unit.sent_at is not None or (unit.due_on is None and counts[Progress.SENT].total):
        return ReturnStatus.SENT
    has_begun = counts[Progress.PROPOSED].total > 0 or unit.has_submission
    return ReturnStatus.DRAFTING if has_begun else ReturnStatus.NOT_STARTED


def _days_late(desk: BoardBasis, unit: UnitFacts) -> int:
    """Return the working days past the unit's own day, at least one from the day after it."""
    if unit.due_on is None or unit.answered_at is not None:
        return 0
    at = unit.sent_at or desk.now
    if desk.calendar.local_day(at) <= unit.due_on:
        return 0
    return max(1, -desk.calendar.working_days_left(at, desk.calendar.closes_at(unit.due_on)))


def _oldest(
    desk: BoardBasis, kinds: Mapping[str, str], unit: UnitFacts, groups: Sequence[OpenGroup]
) -> _Work | None:
    group = min(groups, key=lambda one: one.oldest_since, default=None)
    opened_at, owner_key = unit.opened_at, unit.owner_key
    if opened_at is not None and owner_key is not None and (group is None or opened_at < group.oldest_since):
        return _Work(opened_at, own_words("work.preparing"), owner_key, unit.assignee_id, is_named=True)
    if group is None:
        return None
    step = _step_of(desk, group, kinds)
    return _Work(
        group.oldest_since, step, group.owner_key, group.assignee_id, group.is_named, holds_of(group.holds)
    )


def _step_of(desk: BoardBasis, group: OpenGroup, kinds: Mapping[str, str]) -> Words:
    definition = shown_definition(desk.session, group.definition_id)
    return state_words(definition, group.state, kinds.get(_seat(group.owner_key)))


def _seat(key: str) -> str:
    return key.partition("@")[2]


def _holder(work: _Work, names: _Names) -> HolderView:
    taker = names.taker(work)
    hands = None
    if work.assignee_id is not None:
        who = Who(work.assignee_id, taker.name if taker else "")
        hands = InHands(who, *((taker.away_until, taker.substitutes) if taker else ()))
    return holder_in(work.owner_key, hands, is_seat_empty=names.desks.is_empty(work.owner_key))


def _contact(unit: UnitFacts, work: _Work | None, names: _Names) -> Officer | None:
    """Return whom to telephone: who has the oldest open work, else the unit's officer."""
    if work is not None:
        taker = names.taker(work)
        if found := names.desks.contact(work.owner_key, taker.name if taker else None, names=work.is_named):
            return found
    return Officer(unit.officer_name, unit.officer_telephone) if unit.officer_name else None


def _days_of(desk: BoardBasis, work: _Work) -> int:
    minutes = net_minutes(desk.calendar, work.since, desk.now, work.holds)
    return minutes // TimeUnit.WORKING_DAYS.minutes
