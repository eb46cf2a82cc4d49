"""By which ladder units are reminded of what they owe a round: one that a route names, else the usual one.

The round keeps which version of which route that is, so that no later version changes what was promised.
"""

from collections.abc import Collection
from datetime import date
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from workflow.domain.errors import FieldError, InvalidField, NotFound
from workflow.domain.time.ladder import LadderRung
from workflow.domain.time.return_ladder import RETURN_LADDER
from workflow.store.awards import AwardEdition, WorkflowDefinition
from workflow.store.conditions import is_in_force
from workflow.store.definitions import latest_definition_id, shown_definition

_FIELD: Final = "reminders"


def ladder_of(session: Session, definition_id: int | None) -> tuple[LadderRung, ...]:
    """Return the ladder of what units owe that a round was opened with."""
    owed = shown_definition(session, definition_id).owed if definition_id is not None else None
    return RETURN_LADDER if owed is None else owed.ladder


def choose_ladder(
    session: Session, key: str | None, award_ids: Collection[int], *, today: date
) -> int | None:
    """Return the definition by whose ladder the units of a new round are reminded, None for the usual one.

    That is the newest version of the route named. Where none is, it is that of the awards' route (without
    awards: of every award in force) which says something of it. Raises `InvalidField` where the route named
    says nothing of it, or several do and differ.
    """
    if key is not None:
        return _named(session, key)
    found = {
        definition_id: owed.ladder
        for definition_id in _newest_of(session, award_ids, today)
        if (owed := shown_definition(session, definition_id).owed) is not None
    }
    if len(set(found.values())) > 1:
        keys = sorted(shown_definition(session, one).key for one in found)
        _refuse(f"the routes {', '.join(keys)} remind units differently: name one of them")
    return next(iter(found), None)


def _named(session: Session, key: str) -> int:
    try:
        definition_id = latest_definition_id(session, key)
    except NotFound as error:
        raise InvalidField(str(error), errors=[FieldError(_FIELD, str(error))]) from error
    if shown_definition(session, definition_id).owed is None:
        _refuse(f"the route '{key}' does not say how units are reminded of what they owe")
    return definition_id


def _newest_of(session: Session, award_ids: Collection[int], today: date) -> list[int]:
    keys = select(AwardEdition.workflow_key).where(is_in_force(AwardEdition, today))
    if award_ids:
        keys = keys.where(AwardEdition.award_id.in_(award_ids))
    newest = (
        select(WorkflowDefinition.key, func.max(WorkflowDefinition.version).label("version"))
        .where(WorkflowDefinition.key.in_(keys))
        .group_by(WorkflowDefinition.key)
        .subquery()
    )
    same = (WorkflowDefinition.key == newest.c.key) & (WorkflowDefinition.version == newest.c.version)
    return list(
        session.scalars(select(WorkflowDefinition.id).join(newest, same).order_by(WorkflowDefinition.key))
    )


def _refuse(message: str) -> None:
    raise InvalidField(f"The round cannot open: {message}.", errors=[FieldError(_FIELD, message)])
