"""What whoever decides on a list is told of a name beside where it stands: papers, returns, changes."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, bindparam, func, select
from sqlalchemy.orm import Session

from workflow.domain.papers.rules import PaperAction
from workflow.domain.rights.policy import Actor
from workflow.domain.vocabulary import BuiltIn
from workflow.queries.nominations.last_returns import LastReturn, returns_before
from workflow.queries.nominations.prepared import PreparedView, keys_of, prepared_view
from workflow.queries.shapes import is_nominee
from workflow.store.access import Account
from workflow.store.awards import AwardEdition
from workflow.store.base import among
from workflow.store.conditions import open_visit_of_nomination
from workflow.store.definitions import shown_definition
from workflow.store.history import Event
from workflow.store.locked import last_changes
from workflow.store.locked_rows import HAS_PAPERS
from workflow.store.nominations import Nomination, Visit
from workflow.store.preparations import PREPARED, prepared_of
from workflow.store.visible import visible

# What changes a dossier, or what is known of it, where the rest only says who does what with it.
_OF_CONTENT: Final = (*PaperAction, BuiltIn.EDIT, BuiltIn.ANSWER_INFO, BuiltIn.RECEIVE_OPINION)


@dataclass(frozen=True, slots=True)
class NameLook:
    """One name of a list as somebody looks at it; its nominee is told nothing of it.

    `papers` are the kinds that the award asks for, `papers_there` how many of them lie there. `returned` says
    why it came back last, whenever that was; `changed_at` when somebody else changed its dossier, or
    answered a question, since it came to the step it stands in. `prepared` is what is proposed for it.
    """

    papers: int
    papers_there: int
    returned: LastReturn | None
    changed_at: datetime | None
    prepared: PreparedView | None = None


UNSEEN: Final = NameLook(0, 0, None, None)


@dataclass(frozen=True, slots=True)
class ChangedBy:
    """Who changed a name since somebody looked, nobody for the installation, when, and whether I did."""

    name: str | None
    at: datetime
    is_own: bool


def looks_at(session: Session, *, actor: Actor, ids: Collection[int]) -> Mapping[int, NameLook]:
    """Return what is to be seen of each of the names, of those the actor sees."""
    rows = session.execute(
        _LOOKS.where(among(Nomination.id, ids), visible(actor.scope)), {"account_id": actor.account_id}
    ).all()
    returned = returns_before(session, {row.id: row.definition_id for row in rows})
    return {row.id: _look(session, row, actor, returned.get(row.id)) for row in rows}


def changed_since(session: Session, *, actor: Actor, ids: Collection[int]) -> Mapping[int, ChangedBy]:
    """Return who changed each of the names last; to its nominee not who."""
    seen = session.execute(
        select(Nomination.id, Nomination.person_id, Nomination.closed_at).where(
            among(Nomination.id, ids), visible(actor.scope)
        )
    ).all()
    hidden = {row.id for row in seen if is_nominee(actor, row.person_id, row.closed_at)}
    found = last_changes(session, [row.id for row in seen]) if seen else {}
    return {
        nomination_id: ChangedBy(
            None if nomination_id in hidden else change.by, change.at, change.account_id == actor.account_id
        )
        for nomination_id, change in found.items()
    }


_CHANGED: Final = (
    select(func.max(Event.recorded_at))
    .where(
        Event.stream == func.concat("nomination:", Nomination.id),
        Event.action.in_(_OF_CONTENT),
        Event.recorded_at > Visit.entered_at,
        Event.actor_id.is_distinct_from(bindparam("account_id", type_=Account.id.type)),
    )
    .scalar_subquery()
)
_LOOKS: Final = (
    select(
        Nomination.id,
        Nomination.definition_id,
        Nomination.version,
        Nomination.state,
        Nomination.person_id,
        Nomination.closed_at,
        Nomination.audience,
        Nomination.unit_id,
        PREPARED.label("prepared"),
        AwardEdition.papers,
        HAS_PAPERS.label("has_papers"),
        _CHANGED.label("changed_at"),
    )
    .join(AwardEdition, AwardEdition.id == Nomination.award_edition_id)
    .outerjoin(Visit, open_visit_of_nomination())
)


def _look(session: Session, row: Row[Any], actor: Actor, returned: LastReturn | None) -> NameLook:
    if is_nominee(actor, row.person_id, row.closed_at):
        return UNSEEN
    there = set(row.papers) & set(row.has_papers or ())
    prepared = prepared_view(
        prepared_of(row.prepared),
        keys=keys_of(actor, nominee=row.person_id, unit_id=row.unit_id, audience=row.audience),
        audience=row.audience,
        version=row.version,
        definition=shown_definition(session, row.definition_id),
        state=row.state,
        kind=None,
    )
    return NameLook(len(row.papers), len(there), returned, row.changed_at, prepared)
