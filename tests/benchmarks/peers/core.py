"""Plain SQLAlchemy Core: the statements of `raw_decision.sql` as expressions over the product's tables.

No rule is asked: what a decision leads to is handed in, and the order is that of the raw statements.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from psycopg.types.json import Jsonb
from sqlalchemy import (
    BigInteger,
    BindParameter,
    Boolean,
    ColumnElement,
    Connection,
    CursorResult,
    DateTime,
    Select,
    Text,
    Uuid,
    and_,
    any_,
    bindparam,
    case,
    column,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import aliased
from sqlalchemy.sql.base import Executable

from tests.benchmarks.raw_decision import RawDecisions
from workflow.store.access import Account, Grant
from workflow.store.awards import Round
from workflow.store.base import table_of
from workflow.store.history import Event, RequestKey
from workflow.store.mail import Outbox
from workflow.store.nominations import Decision, Nomination, Rung, Visit, WorkItem
from workflow.store.organisation import Cluster, ClusterMember, Council, Unit, UnitEdition

N, V, W = table_of(Nomination), table_of(Visit), table_of(WorkItem)
_TODAY: Final[BindParameter[date]] = bindparam("today")
_PARENT, _OWNER, _ADVISED = aliased(Unit), aliased(Unit), aliased(Unit)


def in_force(model: type[Grant | UnitEdition]) -> ColumnElement[bool]:
    """Return the condition of rows that hold today."""
    return and_(model.valid_from <= _TODAY, or_(model.valid_to.is_(None), model.valid_to > _TODAY))


def _stream(nomination_id: Any) -> ColumnElement[str]:
    return func.concat("nomination:", nomination_id)


def facts() -> Select[*tuple[Any, ...]]:
    """Return the one read of what a decision is told, with the joins of the raw statement."""
    last = (
        select(Event.seq, Event.hash)
        .where(Event.stream == _stream(Nomination.id))
        .order_by(Event.seq.desc())
        .limit(1)
        .lateral("last")
    )
    taken = (
        select(func.array_agg(func.distinct(Event.source)))
        .where(
            Event.stream == _stream(Nomination.id),
            Event.actor_id == bindparam("actor_id"),
            Event.source.is_not(None),
            Event.dest.is_not(None),
            Event.dest != Event.source,
        )
        .scalar_subquery()
    )
    of_member = and_(
        ClusterMember.unit_id == Nomination.unit_id,
        ClusterMember.year == Round.year,
        ClusterMember.owner_unit_id == Round.owner_unit_id,
    )
    return (
        select(
            *(N.c[name] for name in _NOMINATION),
            Unit.code.label("unit"),
            _PARENT.code.label("parent"),
            _OWNER.code.label("round_owner"),
            _ADVISED.code.label("council"),
            Cluster.code.label("cluster"),
            Round.year,
            Visit.id.label("visit_id"),
            *(V.c[name] for name in _VISIT),
            WorkItem.id.label("work_item_id"),
            WorkItem.owner_key,
            WorkItem.assignee_id,
            WorkItem.first_claimed_at,
            last.c.seq,
            last.c.hash,
            taken.label("seats_taken"),
        )
        .join(Unit, Unit.id == Nomination.unit_id)
        .outerjoin(UnitEdition, and_(UnitEdition.unit_id == Unit.id, in_force(UnitEdition)))
        .outerjoin(_PARENT, _PARENT.id == UnitEdition.parent_id)
        .join(Round, Round.id == Nomination.round_id)
        .join(_OWNER, _OWNER.id == Round.owner_unit_id)
        .outerjoin(Council, Council.id == Round.council_id)
        .outerjoin(_ADVISED, _ADVISED.id == Council.unit_id)
        .outerjoin(ClusterMember, of_member)
        .outerjoin(Cluster, Cluster.id == ClusterMember.cluster_id)
        .outerjoin(Visit, and_(Visit.nomination_id == Nomination.id, Visit.left_at.is_(None)))
        .outerjoin(WorkItem, and_(WorkItem.visit_id == Visit.id, WorkItem.closed_at.is_(None)))
        .outerjoin(last, bindparam("yes", value=True))
        .where(Nomination.id == bindparam("nomination_id"))
    )


_NOMINATION = (
    "id", "state", "stage", "version", "is_held", "unit_id", "audience", "created_by", "subject_kind",
    "person_id", "subject_name", "achievement", "proposer", "definition_id",
)  # fmt: skip
_VISIT = (
    "ordinal", "entered_at", "sent_by", "sent_from", "clock_unit", "budget_minutes", "consumed_minutes",
    "clock_started_at", "due_at",
)  # fmt: skip


def _rows_of(name: str, **types: Any) -> Any:
    """Return arrays, a parameter each, as a table of rows."""
    given = (bindparam(f"{one}s", type_=ARRAY(kind)) for one, kind in types.items())
    derived = func.unnest(*given).table_valued(*(column(one, kind) for one, kind in types.items()))
    return derived.render_derived(name=name)


def _plan_rungs() -> Executable:
    kinds: dict[str, Any] = {"ordinal": BigInteger, "kind": Text, "recipient": Text}
    kinds |= {"fire_at": DateTime(timezone=True), "warns": Boolean}
    ladder = _rows_of("ladder", id=Uuid, **kinds)
    names = ["id", "work_item_id", "nomination_id", *kinds]
    owner = [bindparam("work_item_id", type_=Uuid), bindparam("nomination_id", type_=BigInteger)]
    given = select(ladder.c.id, *owner, *(ladder.c[name] for name in kinds))
    return insert(table_of(Rung)).from_select(names, given)


def _write_mails() -> Executable:
    mail = _rows_of("mail", id=Uuid, dedupe_key=Text, account_id=BigInteger)
    codes: dict[str, Any] = {"notice": Text, "mail_class": Text}
    same = codes | {"nomination_id": BigInteger, "work_item_id": Uuid, "event_id": Uuid}
    now = bindparam("now", type_=DateTime(timezone=True))
    given: Select[*tuple[Any, ...]] = select(
        mail.c.id,
        mail.c.dedupe_key,
        mail.c.account_id,
        *(bindparam(name, type_=kind) for name, kind in same.items()),
        mail.c.id.cast(Text),
        bindparam("new", "new", type_=Text),
        now,
        now,
    )
    names = ["id", "dedupe_key", "account_id", *same, "fold_key", "state", "not_before", "created_at"]
    return upsert(table_of(Outbox)).from_select(names, given).on_conflict_do_nothing()


def _set(model: Any, where: ColumnElement[bool], **values: object) -> Executable:
    return update(table_of(model)).where(where).values(values)


_SEAT = bindparam("seat", type_=Text)
STATEMENTS: Final[Mapping[str, Executable]] = {
    "actor": select(
        *(table_of(Account).c[name] for name in ("id", "name", "email", "locale", "person_id")),
        select(func.array_agg(Grant.key))
        .where(Grant.account_id == Account.id, in_force(Grant))
        .scalar_subquery()
        .label("keys"),
    ).where(Account.id == bindparam("actor_id"), Account.disabled_at.is_(None)),
    "claim_request_key": upsert(table_of(RequestKey))
    .values({name: bindparam(name) for name in ("actor_id", "key", "route", "mac")})
    .values(created_at=bindparam("now"))
    .on_conflict_do_nothing(),
    "lock": select(Nomination.id)
    .where(Nomination.id == bindparam("nomination_id"))
    .with_for_update(key_share=True),
    "facts": facts(),
    "holders": select(Grant.key, Account.id, Account.person_id)
    .join(Account, Account.id == Grant.account_id)
    .where(
        Grant.key == any_(bindparam("keys", type_=ARRAY(Text))),
        Account.disabled_at.is_(None),
        in_force(Grant),
    )
    .order_by(Grant.key, Account.id),
    "insert_decision": upsert(table_of(Decision)).on_conflict_do_nothing(),
    "find_decision": select(Decision.id, Decision.decided_on, Decision.signer, Decision.kind).where(
        Decision.body == bindparam("body"),
        Decision.year == bindparam("year"),
        Decision.number == bindparam("number"),
    ),
    "update_nomination": _set(
        Nomination,
        and_(
            N.c.id == bindparam("nomination_id"),
            N.c.version == bindparam("seen"),
            N.c.state == bindparam("source"),
        ),
        state=bindparam("state"),
        stage=bindparam("stage"),
        version=N.c.version + 1,
        is_held=False,
        audience=case(
            (or_(_SEAT.is_(None), any_(N.c.audience) == _SEAT), N.c.audience),
            else_=func.array_append(N.c.audience, _SEAT),
        ),
        decision_id=func.coalesce(bindparam("decision_id", type_=BigInteger), N.c.decision_id),
        closed_at=bindparam("closed_at"),
    ),
    "insert_event": insert(table_of(Event)),
    "close_visit": _set(
        Visit,
        V.c.id == bindparam("visit_id"),
        left_at=bindparam("now"),
        ended="moved",
        working_minutes=0,
    ),
    "close_work": _set(
        WorkItem,
        W.c.id == bindparam("work_item_id"),
        closed_at=bindparam("now"),
        outcome=bindparam("action"),
    ),
    "stop_rungs": _set(
        Rung,
        and_(Rung.work_item_id == bindparam("of_work_item"), Rung.fired_at.is_(None)),
        fire_at=None,
    ),
    "open_visit": insert(V),
    "open_work": insert(W),
    "plan_rungs": _plan_rungs(),
    "write_mails": _write_mails(),
    "settle_request_key": _set(
        RequestKey,
        and_(RequestKey.actor_id == bindparam("whose"), RequestKey.key == bindparam("which")),
        result=bindparam("result"),
    ),
}
# SQLAlchemy keeps a column's own name for what is set; a condition on that column takes another.
_RENAMED: Final[Mapping[str, Mapping[str, str]]] = {
    "update_nomination": {"version": "seen"},
    "stop_rungs": {"work_item_id": "of_work_item"},
    "settle_request_key": {"actor_id": "whose", "key": "which"},
    "insert_event": {"now": "recorded_at"},
    "open_visit": {"visit_id": "id", "actor_id": "sent_by", "source": "sent_from", "now": "entered_at"},
    "plan_rungs": {"fire_at": "fire_ats", "warns": "warnss"},
    "open_work": {"work_item_id": "id", "now": "opened_at"},
}
_COLUMNS: Final[Mapping[str, frozenset[str]]] = {
    "insert_event": frozenset(table_of(Event).c.keys()),
    "open_visit": frozenset(V.c.keys()),
    "open_work": frozenset(W.c.keys()),
}


class CoreDecisions(RawDecisions):
    """Makes decisions over one SQLAlchemy connection, one transaction each."""

    def __init__(self, connection: Connection, *, today: date) -> None:
        self._core = connection
        self._connection = connection  # type: ignore[assignment]  # commits like the driver's
        self._today = today

    def _run(self, name: str, values: Mapping[str, object]) -> CursorResult[Any]:  # type: ignore[override]  # the same calls
        renamed = _RENAMED.get(name, {})
        given = {
            renamed.get(word, word): value.obj if isinstance(value, Jsonb) else value
            for word, value in values.items()
        }
        if name == "open_work":
            given["kind"] = "stage"
        if name in _COLUMNS:
            given = {word: value for word, value in given.items() if word in _COLUMNS[name]}
        return self._core.execute(STATEMENTS[name], given)
