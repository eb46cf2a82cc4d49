"""Who reads an analysis: whether they count everything there is, and if not, which stays are theirs."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, true
from sqlalchemy.orm import Session

from workflow.domain.rights.scope import Depth, Scope
from workflow.store.sightings import counts_all, few_units
from workflow.store.visible import visible


@dataclass(frozen=True, slots=True)
class Reader:
    """A scope, and the condition of the nominations that it counts, said as shortly as it can be."""

    scope: Scope
    counts_everything: bool
    counted: ColumnElement[bool]


def reader_of(session: Session, scope: Scope) -> Reader:
    """Return the reader with that scope.

    For whoever counts all there is, nothing is asked of any nomination. Of others the planner is told how few
    units they see, for `visible` alone lets it expect half of all.
    """
    if counts_all(session, scope):
        return Reader(scope, counts_everything=True, counted=true())
    counted = visible(scope, Depth.COUNT) & few_units(session, scope, Depth.COUNT)
    return Reader(scope, counts_everything=False, counted=counted)
