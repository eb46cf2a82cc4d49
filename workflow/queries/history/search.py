"""History searched: by whom, what was done, to what, in which unit and when; the newest first.

Entries come in the order of their ids, which is time, and each narrowing has an index that ends in the id, or
leads to so few streams that they are read whole. What was said and proposed is not told here: that is on the
page of the nomination, for whom it is for.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Row, Select, String, cast, func, or_, select, union_all
from sqlalchemy.orm import Session

from workflow.domain.errors import FieldError, InvalidField, NotFound
from workflow.domain.history.attested import FACTS, NAMES
from workflow.domain.history.kinds import StreamKind
from workflow.domain.rights.policy import Actor, may_audit
from workflow.domain.vocabulary import Via
from workflow.queries.history.things import Thing, stream_called, things_of
from workflow.queries.paging import Page, cut, decode_cursor, encode_cursor, name_of, uuid
from workflow.queries.shapes import Who, Words, action_words, state_words, words_of
from workflow.store.access import Account
from workflow.store.awards import WorkflowDefinition
from workflow.store.base import among
from workflow.store.conditions import is_open
from workflow.store.database import timezone_of
from workflow.store.definitions import shown_definition
from workflow.store.history import Event, is_of_kind
from workflow.store.ids import lowest_id
from workflow.store.nominations import Nomination
from workflow.store.organisation import Person, Unit
from workflow.store.routes_told import route_at, routes_told
from workflow.store.submissions import ExpectedReturn, Submission

MOST_ACTORS: Final = 50
_LIST: Final = "audit"
_LAST_DAY: Final = date(9990, 12, 31)


@dataclass(frozen=True, slots=True)
class AuditFilters:
    """What is looked for. `actor` is an address or part of a name, `code` that of a thing of the `kind`.

    `since` and `until` are days of this installation, both of them among what is found.
    """

    actor: str | None = None
    action: str | None = None
    kind: StreamKind | None = None
    code: str | None = None
    unit: str | None = None
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One entry of any history: who did what to what, from which step to which.

    `seq` is its place in the history of `about`. `label` is what its route calls what was done to a
    nomination, None elsewhere. `data` are the codes that the entry tells, of a nomination none.
    """

    id: UUID
    recorded_at: datetime
    about: Thing
    seq: int
    actor: Who | None
    via: Via
    action: str
    label: Words | None
    source: Words | None
    dest: Words | None
    reason_code: str | None
    on_behalf_of: str | None
    occurred_on: date | None
    data: Mapping[str, object]


_COLUMNS: Final[Select[*tuple[Any, ...]]] = select(
    Event.id,
    Event.stream,
    Event.seq,
    Event.actor_id,
    Event.on_behalf_of,
    Event.via,
    Event.action,
    Event.source,
    Event.dest,
    Event.reason_code,
    Event.occurred_on,
    Event.recorded_at,
    Event.data,
    Account.name.label("actor"),
).outerjoin(Account, Account.id == Event.actor_id)


def demand_audit(actor: Actor) -> None:
    """Raise `NotFound` for whoever does not read all of history: to them there is no such place."""
    if not may_audit(actor):
        raise NotFound("There is no such page.")


def search_history(
    session: Session, *, actor: Actor, filters: AuditFilters, limit: int, cursor: str | None
) -> Page[AuditEntry]:
    """Return one page of all history as it is narrowed, the newest first.

    Of an open nomination its nominee, and who stands in for them, finds nothing here. Raises `NotFound` for
    who does not audit, `InvalidField` for what nothing is called, `UnreadableCursor`.
    """
    demand_audit(actor)
    name = name_of(_LIST, *(str(one or "") for one in astuple(filters)))
    statement = _COLUMNS.where(*_conditions(session, actor, filters))
    if cursor is not None:
        statement = statement.where(Event.id < decode_cursor(name, cursor, uuid)[0])
    rows = session.execute(statement.order_by(Event.id.desc()).limit(limit + 1)).all()
    shown = rows[:limit]
    things = things_of(session, (row.stream for row in shown))
    routes = _routes(session, shown)
    return cut(
        rows,
        limit,
        item=lambda row: _entry(session, row, things[row.stream], routes.get(row.stream)),
        cursor=lambda row: encode_cursor(name, row.id),
    )


def how_much_history(session: Session, *, actor: Actor, filters: AuditFilters, most: int) -> int:
    """Return how many entries are found, counted so far and no further. Raises as `search_history` does."""
    demand_audit(actor)
    found = select(Event.id).where(*_conditions(session, actor, filters)).limit(most).subquery("found")
    return session.execute(select(func.count()).select_from(found)).scalar_one()


def audit_actions(session: Session, *, actor: Actor) -> dict[str, tuple[Words, ...]]:
    """Return every word for what was done that history has, each found by one look into the index.

    With what the newest routes call a move of that name, which may be one thing in one step and another
    in the next; nothing for what no route names.
    """
    demand_audit(actor)
    words = select(func.min(Event.action).label("action")).cte("words", recursive=True)
    after = select(func.min(Event.action)).where(Event.action > words.c.action).scalar_subquery()
    words = words.union_all(select(after).where(words.c.action.is_not(None)))
    found = session.scalars(select(words.c.action).where(words.c.action.is_not(None))).all()
    labels = _move_labels(session)
    return {action: tuple(labels.get(action, ())) for action in found}


def _move_labels(session: Session) -> dict[str, dict[Words, None]]:
    newest = select(func.max(WorkflowDefinition.id)).group_by(WorkflowDefinition.key)
    labels: defaultdict[str, dict[Words, None]] = defaultdict(dict)
    for definition_id in sorted(session.scalars(newest)):
        for move in shown_definition(session, definition_id).moves:
            labels[move.name][words_of(move.label).as_happened()] = None
    return labels


def _conditions(session: Session, actor: Actor, filters: AuditFilters) -> list[ColumnElement[bool]]:
    found = [not_about(actor)]
    if filters.actor:
        found.append(_by(session, filters.actor))
    if filters.action:
        found.append(Event.action == filters.action)
    if filters.kind is not None:
        found.append(_about(session, filters.kind, filters.code))
    elif filters.code:
        raise _nothing("kind")
    if filters.unit:
        found.append(_of_unit(session, filters.unit))
    zone = ZoneInfo(timezone_of(session))
    if filters.since is not None:
        found.append(Event.id >= lowest_id(datetime.combine(filters.since, time(), zone)))
    if filters.until is not None:
        after = min(filters.until, _LAST_DAY) + timedelta(days=1)
        found.append(Event.id < lowest_id(datetime.combine(after, time(), zone)))
    return found


def not_about(actor: Actor) -> ColumnElement[bool]:
    """Return the condition of what is of no open nomination of the actor, or of whom they stand in for.

    Nor of the list it is on, whose history tells of what was done to its names.
    """
    people = {loan.absent.person_id for loan in actor.loans} | {actor.person_id}
    own = among(Nomination.person_id, people - {None}), is_open(Nomination)
    streams = union_all(
        select(_stream(StreamKind.NOMINATION, Nomination.id)).where(*own),
        select(_stream(StreamKind.SUBMISSION, Nomination.submission_id)).where(*own),
    ).subquery("of_own")
    return Event.stream.not_in(select(streams.c[0]))


def _by(session: Session, sought: str) -> ColumnElement[bool]:
    """Return the condition of what was done by whom these words call."""
    word = sought.strip().lower()
    called = or_(Account.email == word, func.lower(Account.name).contains(word, autoescape=True))
    ids = session.scalars(select(Account.id).where(called).limit(MOST_ACTORS + 1)).all()
    if not ids:
        raise _nothing("actor")
    if len(ids) > MOST_ACTORS:
        message = f"fits more than {MOST_ACTORS} accounts; write more of the name"
        raise InvalidField(f"actor: {message}.", errors=[FieldError("actor", message)])
    return Event.actor_id == ids[0] if len(ids) == 1 else among(Event.actor_id, ids)


def _about(session: Session, kind: StreamKind, code: str | None) -> ColumnElement[bool]:
    if not code:
        return is_of_kind(kind)
    stream = stream_called(session, kind, code)
    if stream is None:
        raise _nothing("code")
    return Event.stream == stream


def _of_unit(session: Session, code: str) -> ColumnElement[bool]:
    """Return the condition of what concerns a unit: itself, what it sends and owes, its people."""
    unit_id = session.scalar(select(Unit.id).where(Unit.code.in_([code, code.upper()])).limit(1))
    if unit_id is None:
        raise _nothing("unit")
    people = select(Person.id).where(Person.unit_id == unit_id)
    streams = union_all(
        select(_stream(StreamKind.UNIT, Unit.id)).where(Unit.id == unit_id),
        select(_stream(StreamKind.NOMINATION, Nomination.id)).where(Nomination.unit_id == unit_id),
        select(_stream(StreamKind.SUBMISSION, Submission.id)).where(Submission.unit_id == unit_id),
        select(_stream(StreamKind.EXPECTED_RETURN, ExpectedReturn.id)).where(
            ExpectedReturn.unit_id == unit_id
        ),
        select(_stream(StreamKind.PERSON, Person.id)).where(Person.unit_id == unit_id),
        select(_stream(StreamKind.ACCOUNT, Account.id)).where(Account.person_id.in_(people)),
    ).subquery("of_unit")
    return Event.stream.in_(select(streams.c[0]))


def _stream(kind: StreamKind, key: Any) -> ColumnElement[str]:  # noqa: ANN401 - a column of any table's key
    return func.concat(f"{kind}:", cast(key, String))


def _nothing(field: str) -> InvalidField:
    message = "nothing is called so"
    return InvalidField(f"{field}: {message}.", errors=[FieldError(field, message)])


def _routes(session: Session, rows: Sequence[Row[Any]]) -> dict[str, Row[Any]]:
    """Return the definition of each nomination among the streams of these rows, and those it had."""
    kind = f"{StreamKind.NOMINATION}:"
    ids = {int(row.stream.removeprefix(kind)) for row in rows if row.stream.startswith(kind)}
    if not ids:
        return {}
    told = routes_told(func.concat(kind, Nomination.id)).label("told")
    found = session.execute(
        select(Nomination.id, Nomination.definition_id, told).where(among(Nomination.id, ids))
    )
    return {f"{kind}{row.id}": row for row in found}


def _entry(session: Session, row: Row[Any], about: Thing, routes: Row[Any] | None) -> AuditEntry:
    route, after = (
        routes and shown_definition(session, route_at(routes.told, seq, routes.definition_id))
        for seq in (row.seq - 1, row.seq)
    )
    return AuditEntry(
        id=row.id,
        recorded_at=row.recorded_at,
        about=about,
        seq=row.seq,
        actor=Who(row.actor_id, row.actor or "") if row.actor_id is not None else None,
        via=Via(row.via),
        action=row.action,
        label=action_words(route, row.action, row.source, None).as_happened() if route else None,
        source=state_words(route, row.source, None) if route and row.source else None,
        dest=state_words(after, row.dest, None) if after and row.dest else None,
        reason_code=row.reason_code,
        on_behalf_of=row.on_behalf_of,
        occurred_on=row.occurred_on,
        data={} if route else {k: v for k, v in row.data.items() if k not in {FACTS, NAMES}},
    )
