"""Whether somebody sees a nomination, and what the parts of its page need once they do."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import BigInteger, bindparam, select
from sqlalchemy.orm import Session

from workflow.domain.rights.scope import Scope
from workflow.queries.nominations.stages import StageReached
from workflow.queries.shapes import not_among_those
from workflow.store.clusters import kind_of_cluster
from workflow.store.nominations import Nomination
from workflow.store.statements import Statement
from workflow.store.visible import scope_values, visible_to_any


@dataclass(frozen=True, slots=True)
class Seen:
    """What the parts of a nomination's page need once somebody is known to see it."""

    definition_id: int
    version: int
    person_id: int | None
    closed_at: datetime | None
    cluster_kind: str | None
    unit_id: int
    audience: Sequence[str]
    stages: tuple[StageReached, ...] = ()


_SEEN: Final = Statement(
    select(
        Nomination.definition_id,
        Nomination.version,
        Nomination.person_id,
        Nomination.closed_at,
        kind_of_cluster().label("cluster_kind"),
        Nomination.unit_id,
        Nomination.audience,
    ).where(Nomination.id == bindparam("nomination_id", type_=BigInteger()), visible_to_any())
)


def demand_seen(session: Session, scope: Scope, nomination_id: int) -> Seen:
    """Return what parts of a nomination need, or raise `NotFound` when it is not in the scope."""
    found = _SEEN.fetch(session, {"nomination_id": nomination_id, **scope_values(scope)})
    if not found:
        raise not_among_those(nomination_id)
    return Seen(*found[0])
