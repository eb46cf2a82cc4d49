"""The product's tables as Django's models, on a database that `use_database` names."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import django
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import connections, models
from django.db.models import Q, QuerySet
from django_fsm import FSMField, transition
from sqlalchemy.engine import make_url

from tests.benchmarks.scene import ROUTE

# Models can be made only once Django is set up; which database they are on is said later.
settings.configure(
    DATABASES={"default": {"ENGINE": "django.db.backends.postgresql"}}, USE_TZ=True, TIME_ZONE="UTC"
)
django.setup()

MOVED = ["state", "stage", "version", "is_held", "audience", "decision_id", "closed_at"]


def use_database(url: str) -> None:
    """Name the database, with the time limits that the product sets."""
    at = make_url(url)
    limits = "-c statement_timeout=5s -c lock_timeout=3s -c idle_in_transaction_session_timeout=15s"
    connections.settings["default"].update(
        NAME=at.database,
        USER=at.username,
        PASSWORD=at.password or "",
        HOST=at.host or at.query.get("host", ""),
        PORT=at.port or at.query.get("port", ""),
        CONN_MAX_AGE=None,
        OPTIONS={"options": limits},
    )


def _model(name: str, table: str, /, **fields: Any) -> Any:
    meta = type("Meta", (), {"app_label": "peers", "db_table": table, "managed": False})
    return type(name, (models.Model,), {**fields, "Meta": meta, "__module__": __name__})


def _text(**more: Any) -> Any:
    return models.TextField(**more)


def _id() -> Any:
    return models.UUIDField(primary_key=True)


def _maybe(kind: Callable[..., Any]) -> Any:
    return kind(null=True)


def _moves() -> dict[str, Any]:
    """Return a method for each move of the route, as django-fsm wants them."""
    made = {}
    for _, source, action, dest in ROUTE:

        def moved(self: Any) -> None:
            """Move the state; what else follows is written by whoever asked."""

        name = moved.__name__ = f"{action}_{source}"
        made[name] = transition(field="state", source=source, target=dest)(moved)
    return made


def _foreign(to: str, **more: Any) -> Any:
    return models.ForeignKey(to, on_delete=models.DO_NOTHING, related_name="+", null=True, **more)


Account = _model(
    "Account", "account", id=models.BigAutoField(primary_key=True), email=_text(), name=_text(),
    locale=_text(), person_id=_maybe(models.BigIntegerField), disabled_at=_maybe(models.DateTimeField),
)  # fmt: skip
Grant = _model(
    "Grant", "grant", id=models.BigAutoField(primary_key=True), account=_foreign("Account"), key=_text(),
    valid_from=models.DateField(), valid_to=_maybe(models.DateField),
)  # fmt: skip
RequestKey = _model(
    "RequestKey", "request_key", pk=models.CompositePrimaryKey("actor_id", "key"),
    actor_id=models.BigIntegerField(), key=_text(), route=_text(), mac=models.BinaryField(),
    result=_maybe(models.JSONField), created_at=models.DateTimeField(),
)  # fmt: skip
Unit = _model("Unit", "unit", id=models.BigAutoField(primary_key=True), code=_text())
UnitEdition = _model(
    "UnitEdition", "unit_edition", id=models.BigAutoField(primary_key=True), unit=_foreign("Unit"),
    parent=_foreign("Unit"), valid_from=models.DateField(), valid_to=_maybe(models.DateField),
)  # fmt: skip
Council = _model("Council", "council", id=models.BigAutoField(primary_key=True), unit=_foreign("Unit"))
Round = _model(
    "Round", "round", id=models.BigAutoField(primary_key=True), year=models.IntegerField(),
    owner_unit=_foreign("Unit"), council=_foreign("Council"),
)  # fmt: skip
Cluster = _model("Cluster", "cluster", id=models.BigAutoField(primary_key=True), code=_text())
ClusterMember = _model(
    "ClusterMember", "cluster_member", pk=models.CompositePrimaryKey("cluster_id", "unit_id"),
    cluster=_foreign("Cluster"), unit_id=models.BigIntegerField(), year=models.IntegerField(),
    owner_unit_id=models.BigIntegerField(),
)  # fmt: skip
Decision = _model(
    "Decision", "decision", id=models.BigAutoField(primary_key=True), kind=_text(), body=_text(),
    year=models.IntegerField(), number=_text(), decided_on=models.DateField(), signer=_text(),
)  # fmt: skip
Nomination = _model(
    "Nomination", "nomination", id=models.BigAutoField(primary_key=True), round=_foreign("Round"),
    unit=_foreign("Unit"), subject_kind=_text(), person_id=_maybe(models.BigIntegerField),
    subject_name=_text(), achievement=_text(), proposer=_text(), definition_id=models.BigIntegerField(),
    state=FSMField(max_length=None, protected=True), stage=_text(), version=models.IntegerField(),
    is_held=models.BooleanField(), audience=ArrayField(_text()), decision_id=_maybe(models.BigIntegerField),
    created_by=models.BigIntegerField(), closed_at=_maybe(models.DateTimeField),
    **_moves(),
)  # fmt: skip
Visit = _model(
    "Visit", "visit", id=_id(), nomination_id=models.BigIntegerField(), ordinal=models.IntegerField(),
    step=_text(), stage=_text(), sent_by=models.BigIntegerField(), sent_from=_text(null=True),
    entered_at=models.DateTimeField(), left_at=_maybe(models.DateTimeField), clock_unit=_text(null=True),
    budget_minutes=_maybe(models.IntegerField), consumed_minutes=models.IntegerField(default=0),
    clock_started_at=_maybe(models.DateTimeField), due_at=_maybe(models.DateTimeField),
    calendar_version=_text(), nth=models.IntegerField(default=1), ended=_text(null=True),
    working_minutes=_maybe(models.IntegerField), is_summed=models.BooleanField(default=False),
)  # fmt: skip
WorkItem = _model(
    "WorkItem", "work_item", id=_id(), visit_id=_maybe(models.UUIDField),
    nomination_id=_maybe(models.BigIntegerField), kind=_text(), owner_key=_text(),
    assignee_id=_maybe(models.BigIntegerField), opened_at=models.DateTimeField(),
    first_claimed_at=_maybe(models.DateTimeField), due_at=_maybe(models.DateTimeField),
    closed_at=_maybe(models.DateTimeField), outcome=_text(null=True),
)  # fmt: skip
Rung = _model(
    "Rung", "rung", id=_id(), work_item_id=models.UUIDField(), nomination_id=_maybe(models.BigIntegerField),
    ordinal=models.IntegerField(), kind=_text(), recipient=_text(), fire_at=_maybe(models.DateTimeField),
    fired_at=_maybe(models.DateTimeField), attempt=models.IntegerField(default=0),
    warns=models.BooleanField(default=False),
)  # fmt: skip
Event = _model(
    "Event", "event", pk=models.CompositePrimaryKey("stream", "seq"), stream=_text(),
    seq=models.IntegerField(), id=models.UUIDField(), actor_id=_maybe(models.BigIntegerField),
    via=_text(), action=_text(), source=_text(null=True), dest=_text(null=True),
    recorded_at=models.DateTimeField(), data=models.JSONField(), hash=models.BinaryField(),
)  # fmt: skip
Outbox = _model(
    "Outbox", "outbox", id=_id(), dedupe_key=_text(), notice=_text(), mail_class=_text(),
    account_id=models.BigIntegerField(), nomination_id=_maybe(models.BigIntegerField),
    work_item_id=_maybe(models.UUIDField), event_id=_maybe(models.UUIDField), fold_key=_text(), state=_text(),
    not_before=models.DateTimeField(), created_at=models.DateTimeField(),
    attempt=models.IntegerField(default=0), excused_count=models.IntegerField(default=0),
)  # fmt: skip
PeerState = _model(
    "PeerState", "peer_state", nomination_id=models.BigIntegerField(primary_key=True),
    state=FSMField(max_length=None, protected=True), **_moves(),
)  # fmt: skip
PeerLog = _model(
    "PeerLog", "peer_log", id=models.BigAutoField(primary_key=True), nomination_id=models.BigIntegerField(),
    actor_id=models.BigIntegerField(), action=_text(), source=_text(), dest=_text(),
    at=models.DateTimeField(),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Told:
    """What a decision is told beyond the nomination itself."""

    visit: Any
    item: Any
    owner_key: str
    seq: int
    hash: bytes
    seats: tuple[str | None, ...]
    seats_taken: frozenset[str]


def in_force(rows: QuerySet[Any], today: date) -> QuerySet[Any]:
    """Return those of the rows that hold today."""
    return rows.filter(Q(valid_to=None) | Q(valid_to__gt=today), valid_from__lte=today)


def told_of(nomination: Any, actor_id: int, today: date) -> Told:
    """Read the seats, the open visit and work, the last event and where the actor sat."""
    related = Round.objects.select_related("owner_unit", "council__unit").get(pk=nomination.round_id)
    edition = in_force(UnitEdition.objects.filter(unit_id=nomination.unit_id), today)
    edition = edition.select_related("unit", "parent").first()
    member = ClusterMember.objects.filter(
        unit_id=nomination.unit_id, year=related.year, owner_unit_id=related.owner_unit_id
    )
    member = member.select_related("cluster").first()
    visit = Visit.objects.get(nomination_id=nomination.pk, left_at=None)
    item = WorkItem.objects.get(visit_id=visit.pk, closed_at=None)
    stream = Event.objects.filter(stream=f"nomination:{nomination.pk}")
    last = stream.order_by("-seq")[0]
    taken = stream.filter(actor_id=actor_id).exclude(source=None).values_list("source", flat=True)
    return Told(
        visit,
        item,
        item.owner_key,
        last.seq,
        last.hash,
        (
            edition.unit.code,
            edition.parent and edition.parent.code,
            related.owner_unit.code,
            related.council and related.council.unit.code,
            member and member.cluster.code,
        ),
        frozenset(taken.distinct()),
    )
