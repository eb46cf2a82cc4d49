"""How many names a unit has in a round, for the few letters that say it: counted once for all of a claim."""

from collections.abc import Collection
from typing import Final

from sqlalchemy import Text, func, select
from sqlalchemy.orm import Session

from workflow.domain.vocabulary import Stage
from workflow.store.awards import Round
from workflow.store.base import given
from workflow.store.nominations import Nomination
from workflow.store.organisation import Unit
from workflow.store.statements import Statement

_ASKED: Final = given("asked", {"rounds": ("round", Text()), "units": ("unit", Text())})
# A row for each pair, looked up by the index of rounds and units: counted beside each letter, who is told of
# all the names of a unit would have all of them read for each.
_COUNTED: Final = Statement(
    select(
        _ASKED.c.round,
        _ASKED.c.unit,
        func.count().label("names"),
        func.count().filter(Nomination.stage == Stage.UNIT_REVIEW).label("waiting"),
    )
    .select_from(_ASKED)
    .join(Round, Round.code == _ASKED.c.round)
    .join(Unit, Unit.code == _ASKED.c.unit)
    .join(Nomination, (Nomination.round_id == Round.id) & (Nomination.unit_id == Unit.id))
    .where(Nomination.stage != Stage.WITHDRAWN)
    .group_by(_ASKED.c.round, _ASKED.c.unit)
)


def names_of_units(
    session: Session, asked: Collection[tuple[str, str]]
) -> dict[tuple[str, str], tuple[int, int]]:
    """Return for each round and unit, by code, how many names it has there and how many wait at the unit.

    Withdrawn ones do not count; who has none is left out.
    """
    if not asked:
        return {}
    pairs = sorted(asked)
    values = {"rounds": [pair[0] for pair in pairs], "units": [pair[1] for pair in pairs]}
    rows = _COUNTED.fetch(session, values)
    return {(row.round, row.unit): (row.names, row.waiting) for row in rows}
