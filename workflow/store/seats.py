"""Which roles and seats exist, so that a grant names something real."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute, Session

from workflow.domain.near import did_you_mean
from workflow.domain.reading import meant
from workflow.domain.rights.scope import EVERYWHERE
from workflow.domain.route.definition import Definition
from workflow.domain.route.role_at import RoleAt
from workflow.domain.vocabulary import Role, RoleScope
from workflow.store.awards import WorkflowDefinition
from workflow.store.codes import near_code
from workflow.store.definitions import shown_definition
from workflow.store.organisation import Cluster, Council, Unit

PUBLISH_FIRST: Final = (
    "publish the definition that declares it first, under Routes or by commendo workflow publish FILE"
)


_USUAL: Final[Mapping[str, frozenset[str]]] = {
    Role.NOMINATOR: frozenset({"unit"}),
    Role.UNIT_REVIEWER: frozenset({"unit"}),
    Role.UNIT_DEPUTY: frozenset({"unit"}),
    Role.CLUSTER_HEAD: frozenset({"cluster"}),
    Role.CLUSTER_DEPUTY: frozenset({"cluster"}),
    Role.APPRAISER: frozenset({"council"}),
    Role.COUNCIL_MEMBER: frozenset({"council"}),
    Role.COUNCIL_SECRETARY: frozenset({"council"}),
}
_SEAT_OF: Final = {
    RoleScope.SUBJECT_UNIT: "unit",
    RoleScope.PARENT_UNIT: "unit",
    RoleScope.ROUND: "unit",
    RoleScope.CLUSTER: "cluster",
    RoleScope.COUNCIL: "council",
    RoleScope.ALL: EVERYWHERE,
}


def usual_places(session: Session, key: str) -> tuple[str, ...]:
    """Return where a role is held if not at such a place as the key names, nothing where it may be.

    A role at another place is no mistake for a route that asks it there; of others it gets no work.
    """
    role, _, seat = key.partition("@")
    kind = seat.partition(":")[0]
    if role not in _USUAL or kind in _USUAL[role]:
        return ()
    asked = {
        _SEAT_OF[one.scope]
        for definition_id in session.scalars(
            select(WorkflowDefinition.id).order_by(WorkflowDefinition.id)
        ).all()
        for one in _askers(shown_definition(session, definition_id))
        if one.role == role
    }
    return () if kind in asked else tuple(sorted(_USUAL[role]))


def _askers(definition: Definition) -> Iterator[RoleAt]:
    yield from (step.owner for step in definition.steps if step.owner is not None)
    yield from (move.by for move in definition.moves if isinstance(move.by, RoleAt))


def known_roles(session: Session) -> frozenset[str]:
    """Return the built-in roles and those that any published definition declares."""
    contents = session.scalars(select(WorkflowDefinition.content).order_by(WorkflowDefinition.id))
    declared = {entry["name"] for content in contents for entry in _declared(content)}
    return frozenset({*map(str, Role), *declared})


def unknown_role(role: str, roles: Iterable[str]) -> str:
    """Say that a role is none, what was probably meant, and how a role of one's own comes to be."""
    return f"no role '{role}'{meant(role, sorted(roles))} (of your own? {PUBLISH_FIRST})"


def known_starters(session: Session) -> frozenset[str]:
    """Return the roles that draft in any published definition that can be read."""
    ids = session.scalars(select(WorkflowDefinition.id).order_by(WorkflowDefinition.id)).all()
    starters = [shown_definition(session, definition_id).starter for definition_id in ids]
    return frozenset(starter.role for starter in starters if starter is not None)


def known_seats(session: Session, seats: Iterable[str]) -> frozenset[str]:
    """Return those of the given seats (`unit:X`, `cluster:Y/X/1`, `council:X`, `all`) that exist."""
    wanted: dict[str, list[str]] = defaultdict(list)
    for seat in seats:
        kind, _, name = seat.partition(":")
        wanted[kind].append(name)
    found = {EVERYWHERE}
    for kind, column in _COLUMNS.items():
        if wanted[kind]:
            statement = select(column).where(column.in_(wanted[kind]))
            if kind == "council":
                statement = statement.join(Council, Council.unit_id == Unit.id)
            found |= {f"{kind}:{name}" for name in session.scalars(statement)}
    return frozenset(found)


def meant_seat(session: Session, seat: str) -> str:
    """Return "; did you mean ...?" for a seat that does not exist, empty where none is near."""
    kind, _, name = seat.partition(":")
    if (column := _COLUMNS.get(kind)) is None:
        return did_you_mean(kind, [*_COLUMNS, EVERYWHERE])
    found = near_code(session, column, name)
    return f"; did you mean '{kind}:{found}'?" if found else ""


_COLUMNS: dict[str, InstrumentedAttribute[str]] = {
    "unit": Unit.code,
    "cluster": Cluster.code,
    "council": Unit.code,
}


def _declared(content: dict[str, object]) -> list[dict[str, str]]:
    roles = content.get("roles")
    entries = roles if isinstance(roles, list) else []
    return [entry for entry in entries if isinstance(entry, dict) and isinstance(entry.get("name"), str)]
