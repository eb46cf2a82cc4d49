"""The parts of an inbox, and how each is read: merged from ranges, counted, or looked up.

A part is told twice, by the sources that it is merged from and by what is asked of each piece of work; a
property test compares both with a plain look at all there is.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    CompoundSelect,
    Select,
    Uuid,
    all_,
    any_,
    bindparam,
    func,
    or_,
    select,
    true,
    tuple_,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import aliased

from workflow.queries.inbox.lent import lent_in_hand, lent_in_seat
from workflow.queries.inbox.looks import PLAIN, Look, Tab
from workflow.queries.inbox.narrow import is_among_few, is_narrow, may_be_mine, may_be_nobodys
from workflow.queries.inbox.rows import IS_MINE, KEYS
from workflow.queries.inbox.sources import (
    AFTER,
    HELD,
    IN_ORDER,
    LENT,
    UNTIL,
    escalated,
    handed,
    handed_to_absent,
    in_lent_seats,
    in_seats,
    left_by_absent,
    open_work,
    put_aside,
    seen_work,
    sent_on,
    waits_for_me,
)
from workflow.store.conditions import or_never
from workflow.store.nominations import Nomination, WorkItem

_named = aliased(Nomination)


def first_waiting(
    limit: int, *conditions: ColumnElement[bool], look: Look = PLAIN, name: str = "waiting"
) -> CTE:
    """Return the first so many of what waits behind a place, in order.

    The number stands in the text: a planner that does not know it reads and sorts all there is.
    """
    conditions = (tuple_(*IN_ORDER) > tuple_(*AFTER), *conditions)
    if look.is_few:
        found = _looked_up(look, *conditions)
        return found.order_by(*IN_ORDER).limit(limit).cte(name)
    each = _first_of_each(limit, look, *conditions).subquery("each_first")
    return select(*each.c).order_by(or_never(each.c.due_at), each.c.id).limit(limit).cte(name)


def waiting(*conditions: ColumnElement[bool], look: Look = PLAIN) -> CTE:
    """Return all that waits for the actor, by id and what is counted of it."""
    if look.is_few:
        return _looked_up(look, *conditions).cte("waiting")
    conditions = (*_behind(look), *conditions)
    return _merged(*_ranges(look, *conditions), hands=_handed(look, *conditions)).cte("waiting")


def first_of_each(most: int, look: Look = PLAIN, name: str = "waiting") -> CTE:
    """Return the first so many of each range of what waits, by id and what is counted of it."""
    if look.is_few:
        return _looked_up(look).cte(name)
    return _first_of_each(most, look, *_behind(look)).cte(name)


def waiting_among(lists: ColumnElement[Any], *, look: Look = PLAIN) -> CTE:
    """Return the same of the names on lists (an array of ids), looked up from them and not from its seats.

    The names come first, as one array: beside a join the planner reads all that is open to meet a few.
    """
    names = select(_named.id).where(_named.submission_id == any_(lists)).scalar_subquery()
    on_them = WorkItem.nomination_id == any_(func.array(names, type_=ARRAY(BigInteger)))
    among = _in_tab(look).where(on_them)
    return (among.where(is_narrow()) if look.is_narrowed else among).cte("waiting")


def waiting_one() -> CTE:
    """Return one piece of work, told as `work_item`, where it waits for the actor, set aside or not."""
    return seen_work().where(WorkItem.id == bindparam("work_item", type_=Uuid()), waits_for_me()).cte("one")


@dataclass(frozen=True, slots=True)
class _Range:
    """What waits in the seats of a table that is given, each a range of the index."""

    table: Any
    work: Select[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class _Parts:
    """What a tab is merged from: ranges of seats, what the reader has in hand, and what comes from others."""

    seats: tuple[_Range, ...] = ()
    mine: tuple[Select[*tuple[Any, ...]], ...] = ()
    others: tuple[Select[*tuple[Any, ...]], ...] = ()


def _parts(look: Look) -> _Parts:
    parts = _TABS[look.tab]()
    if not look.is_narrowed:
        return parts
    narrow = (is_narrow(), tuple_(*IN_ORDER) < tuple_(*UNTIL)) if look.is_dated else (is_narrow(),)
    return _Parts(
        tuple(_Range(one.table, one.work.where(may_be_nobodys(), *narrow)) for one in parts.seats),
        tuple(one.where(may_be_mine(), *narrow) for one in parts.mine),
        tuple(one.where(*narrow) for one in parts.others),
    )


def _behind(look: Look) -> tuple[ColumnElement[bool], ...]:
    """Return the condition of where an inbox begins of which a filter by due date leaves a part."""
    return (tuple_(*IN_ORDER) > tuple_(*AFTER),) if look.is_dated else ()


def _held() -> _Range:
    return _Range(HELD, in_seats(HELD))


def _lent() -> _Range:
    return _Range(LENT, in_lent_seats())


_OF_KEYS: Final = WorkItem.owner_key == any_(KEYS)
_NOT_OF_KEYS: Final = WorkItem.owner_key != all_(KEYS)
_TABS: Final[Mapping[Tab, Callable[[], _Parts]]] = {
    Tab.ALL: lambda: _Parts(
        (_held(), _lent()), (handed(),), (handed_to_absent(), left_by_absent(), escalated())
    ),
    Tab.MINE: lambda: _Parts(mine=(handed(),)),
    Tab.GROUPS: lambda: _Parts(
        (_held(),), others=(left_by_absent().where(_OF_KEYS), escalated().where(_OF_KEYS))
    ),
    Tab.SUBSTITUTE: lambda: _Parts(
        (_lent(),), others=(handed_to_absent(), left_by_absent().where(_NOT_OF_KEYS))
    ),
    Tab.ESCALATED: lambda: _Parts(others=(escalated().where(_NOT_OF_KEYS),)),
    Tab.WAITING: lambda: _Parts(others=(sent_on(),)),
    Tab.ASIDE: lambda: _Parts(others=(put_aside(),)),
}


def _looked_up(look: Look, *conditions: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    """Return what of a tab is among the little work that can be meant."""
    return _in_tab(look).where(is_among_few(), is_narrow(), *conditions)


def _in_tab(look: Look) -> Select[*tuple[Any, ...]]:
    """Return what is in a tab by what is asked of each piece of work: what its ranges say together."""
    if look.tab is Tab.ASIDE:
        return put_aside()
    if look.tab is Tab.WAITING:
        return sent_on()
    is_lent = or_(lent_in_seat(), lent_in_hand())
    work = open_work(is_lent=~IS_MINE & is_lent) if look.is_few else open_work()
    kinds: dict[Tab, tuple[ColumnElement[bool], ...]] = {
        Tab.MINE: (IS_MINE,),
        Tab.SUBSTITUTE: (~IS_MINE, is_lent),
        Tab.GROUPS: (~IS_MINE, ~is_lent, _OF_KEYS),
        Tab.ESCALATED: (~IS_MINE, ~is_lent, _NOT_OF_KEYS),
    }
    return work.where(waits_for_me(), *kinds.get(look.tab, ()))


def _first_of_each(
    limit: int, look: Look, *conditions: ColumnElement[bool]
) -> CompoundSelect[*tuple[Any, ...]]:
    # Who took it is nobody throughout; the index has it before the order, so the order says it too.
    seats = (
        _Range(one.table, one.work.order_by(WorkItem.assignee_id, *IN_ORDER).limit(limit))
        for one in _ranges(look, *conditions)
    )
    hands = [one.order_by(*IN_ORDER).limit(limit) for one in _handed(look, *conditions)]
    return _merged(*seats, hands=hands)


def _ranges(look: Look, *conditions: ColumnElement[bool]) -> list[_Range]:
    return [_Range(one.table, one.work.where(*conditions)) for one in _parts(look).seats]


def _handed(look: Look, *conditions: ColumnElement[bool]) -> list[Select[*tuple[Any, ...]]]:
    parts = _parts(look)
    return [one.where(*conditions) for one in (*parts.mine, *parts.others)]


def _merged(*seats: _Range, hands: Sequence[Select[*tuple[Any, ...]]]) -> CompoundSelect[*tuple[Any, ...]]:
    ranges = [(one.table, one.work.lateral(f"in_seats_{number}")) for number, one in enumerate(seats)]
    rest = (one.subquery(f"source_{number}") for number, one in enumerate(hands))
    return union_all(
        *(select(*work.c).select_from(table).join(work, true()) for table, work in ranges),
        *(select(*one.c) for one in rest),
    )
