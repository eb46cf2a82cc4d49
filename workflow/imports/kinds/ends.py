"""Units that are no more from a day on, dissolved or taken up by others, and what they leave behind.

Their files under way stay in the seats that they are in, and are read by the unit's last name: whoever
decides there goes on, or hands on. Nobody is asked for the unit again, and no form offers it.
"""

from collections import defaultdict
from collections.abc import Sequence
from itertools import islice
from typing import Final

from sqlalchemy import BigInteger, any_, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from workflow.imports.kinds.units import KnownUnit, Units
from workflow.imports.plan import last_day
from workflow.imports.reading.cells import Cells
from workflow.store.conditions import is_open
from workflow.store.nominations import Nomination
from workflow.store.organisation import Person
from workflow.store.submissions import ExpectedReturn

_MOST_NAMED: Final = 5
_IS_OWED: Final = (ExpectedReturn.sent_at.is_(None), ExpectedReturn.answered_at.is_(None))


def demand_nothing_below(rows: Sequence[tuple[Cells, KnownUnit]], together: Units) -> None:
    """Note each unit that would end while units right below it go on, or begin below one that has ended."""
    after = {unit.unit_id: unit for unit in together.by_code.values()} | {one.unit_id: one for _, one in rows}
    below: dict[int | None, list[KnownUnit]] = defaultdict(list)
    for unit in after.values():
        below[unit.parent_id].append(unit)
    named = {unit.unit_id for _, unit in rows}
    for cells, unit in rows:
        left = [one.code for one in below[unit.unit_id] if _outlasts(one, unit)]
        if unit.valid_to and left:
            codes = ", ".join(islice(sorted(left), _MOST_NAMED))
            cells.bad("valid_to", f"{len(left)} units right below it go on after that day: {codes}")
        parent = after.get(unit.parent_id or 0)
        if parent is not None and parent.unit_id not in named and _outlasts(unit, parent):
            cells.bad("parent", f"the unit above ended on {last_day(parent.valid_to)}")


def note_ends(session: Session, units: Sequence[KnownUnit]) -> list[str]:
    """Say of units that end how many there are, and what is still there."""
    if not units:
        return []
    ids = literal([unit.unit_id for unit in units], ARRAY(BigInteger))
    counts = (
        select(func.count()).where(Nomination.unit_id == any_(ids), is_open(Nomination)),
        select(func.count()).where(ExpectedReturn.unit_id == any_(ids), *_IS_OWED),
        select(func.count()).where(Person.unit_id == any_(ids)),
    )
    files, owed, people = (session.scalar(one) or 0 for one in counts)
    left = f"{files} nominations under way, {owed} lists not sent, {people} people"
    return [f"Units that end: {len(units)}. They leave {left}; all of it stays where it is."]


def _outlasts(unit: KnownUnit, other: KnownUnit) -> bool:
    """Return whether a unit is still there when another is no more."""
    return other.valid_to is not None and (unit.valid_to is None or unit.valid_to > other.valid_to)
