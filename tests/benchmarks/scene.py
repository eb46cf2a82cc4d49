"""What the benchmarks run on: a private PostgreSQL that really flushes, and a sector full of drafts."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import psycopg
from sqlalchemy import Engine
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from tests.benchmarks.raw_decision import Leap, Work
from tests.support.office import AG, CLUSTER, PAPER, ROUND, TOP, Office, furnish
from workflow import embedded
from workflow.domain.facts import Seats
from workflow.domain.rights.routing import resolve_or_refuse
from workflow.domain.route.definition import Definition
from workflow.domain.time.clocks import start_clock
from workflow.domain.vocabulary import DecisionKind, Via
from workflow.operations.deadlines.clocks import rung_rows
from workflow.operations.nominations.nominate import Draft, insert_drafts, prepare
from workflow.operations.setup.organise import NewPerson, add_people
from workflow.operations.setup.publish import publish_shipped
from workflow.store.calendars import calendar_in_force
from workflow.store.database import Sessions, local_day, make_engine, make_sessions
from workflow.store.definitions import latest_definition_id, load_definition
from workflow.store.drafts import load_choices
from workflow.store.ids import uuid7
from workflow.store.schema import role_of, upgrade

# Monday, 2 March 2026, 09:00 in Hà Nội: what a decision writes does not depend on when the benchmark runs.
NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
TIMEZONE = "Asia/Ho_Chi_Minh"
# An individual's way: who takes which decision from which step.
ROUTE = (
    ("nominator", "draft", "submit", "unit_review"),
    ("reviewer", "unit_review", "approve", "council"),
    ("secretary", "council", "approve", "decision"),
    ("head", "decision", "approve", "approved"),
)
SEATS = Seats(unit=AG, parent_unit=TOP, cluster=CLUSTER, council=TOP, round_owner=TOP)
_DURABLE = ("fsync", "synchronous_commit", "full_page_writes")


@dataclass(frozen=True, slots=True)
class Scene:
    """The furnished database, as the product and as plain psycopg see it, and an empty one for replays."""

    url: str
    owner_url: str
    untouched_url: str
    engine: Engine
    sessions: Sessions
    accounts: dict[str, int]

    @contextmanager
    def psycopg(self, *, as_owner: bool = False) -> Iterator[psycopg.Connection]:
        """Open the one plain connection with the time limits and zone that the product sets.

        The database's owner may make temporary tables, the application may not.
        """
        options = (
            "-c statement_timeout=5s -c lock_timeout=3s"
            " -c idle_in_transaction_session_timeout=15s -c TimeZone=UTC"
        )
        with psycopg.connect(plain(self.owner_url if as_owner else self.url), options=options) as connection:
            yield connection


def plain(url: str) -> str:
    """Return a SQLAlchemy URL as psycopg reads it."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


@contextmanager
def server(folder: Path) -> Iterator[embedded.Services]:
    """Start a private PostgreSQL that flushes every commit and leaves nothing behind.

    Servers that are thrown away run without flushing; this one is told to flush, as the product's own does.
    """
    with embedded.start(folder, durable=False) as services:
        superuser = make_url(services.database_url).set(username="postgres")
        with psycopg.connect(plain(str(superuser)), autocommit=True) as connection:
            for setting in _DURABLE:
                connection.execute(f"ALTER SYSTEM SET {setting} = on")
            connection.execute("SELECT pg_reload_conf()")
        yield services


@contextmanager
def scene(services: embedded.Services, *, database: str | None = None) -> Iterator[Scene]:
    """Migrate the database and furnish the small sector that the integration tests know.

    The services' own one, or another that is made under that name.
    """
    if database is not None:
        _create(services, f"CREATE DATABASE {database}")
    url, owner_url = (
        make_url(one).set(database=database or make_url(one).database).render_as_string(hide_password=False)
        for one in (services.database_url, services.migration_url)
    )
    upgrade(owner_url, application_role=role_of(url))
    engine = make_engine(url)
    sessions = make_sessions(engine, timezone=TIMEZONE)
    with sessions() as session:
        publish_shipped(session, now=NOW)
    engine.dispose()
    name = f"{make_url(url).database}_untouched"
    _create(services, f"CREATE DATABASE {name} TEMPLATE {make_url(url).database}")
    untouched = str(make_url(url).set(database=name))
    with sessions() as session:
        office = furnish(session, now=NOW)
    yield Scene(url, owner_url, untouched, engine, sessions, office.ids)
    engine.dispose()


def _create(services: embedded.Services, statement: str) -> None:
    owner = make_url(services.migration_url).set(database="template1")
    with psycopg.connect(plain(str(owner)), autocommit=True) as connection:
        connection.execute(statement.encode())


def add_drafts(scene: Scene, count: int) -> list[int]:
    """Draft that many complete nominations of as many colleagues and return their ids."""
    with scene.sessions() as session:
        number = session.connection().exec_driver_sql("SELECT count(*) FROM person").scalar_one()
        codes = [f"BM{number + n:06}" for n in range(count)]
        people = add_people(session, [NewPerson(code, f"Cán bộ {code}", AG) for code in codes])
        actor = Office(scene.accounts, session).actor("nominator", NOW)
        draft = Draft(ROUND, "CSTDCS", AG, codes[0], "Hoàn thành xuất sắc nhiệm vụ.", "Trần Thị Bích")
        names = {name: value for name, value in asdict(draft).items() if name.endswith("_code")}
        choices = load_choices(session, today=local_day(session, NOW), **names)
        row, definition = prepare(session, actor, draft, choices, NOW)
        rows = [(row | {"person_id": people[code]}, actor) for code in codes]
        made = insert_drafts(session, rows, definition, via=Via.API)
        session.commit()
    # As autovacuum would have done by the time a real table has this many rows.
    with psycopg.connect(plain(scene.owner_url), autocommit=True) as connection:
        connection.execute("ANALYZE")
    return [outcome.nomination_id for outcome in made]


def leaps(scene: Scene) -> list[Leap]:
    """Work out beforehand what each decision of the route leads to, for raw statements."""
    with scene.sessions() as session:
        definition = load_definition(session, latest_definition_id(session, "standard"))
        paper = {
            "number": PAPER.number,
            "decided_on": PAPER.signed_on,
            "signer": PAPER.signer,
            "kind": DecisionKind.DECISION.value,
            "body": f"unit:{TOP}",
            "year": PAPER.signed_on.year,
        }
        return [
            Leap(
                action=action,
                source=source,
                dest=dest,
                stage=definition.stage_of(dest).value,
                opens=None if definition.is_final(dest) else _work(session, definition, dest),
                paper=paper if definition.is_final(dest) else None,
            )
            for _, source, action, dest in ROUTE
        ]


def _work(session: Session, definition: Definition, dest: str) -> Work:
    step, calendar = definition.step(dest), calendar_in_force(session, definition.calendar)
    clock = start_clock(step.due, calendar, entered_at=NOW, round_dates={})
    ladder = rung_rows(step, clock, calendar, entered_at=NOW, nomination_id=0, work_item_id=uuid7(NOW))
    return Work(
        owner_key=resolve_or_refuse(str(step.owner), SEATS),
        clock_unit=clock.unit and clock.unit.value,
        budget_minutes=clock.budget_minutes,
        clock_started_at=clock.started_at,
        due_at=clock.due_at,
        calendar_version=calendar.version,
        rungs=[
            (row["ordinal"], str(row["kind"]), str(row["recipient"]), row["fire_at"], row["warns"])  # type: ignore[misc]  # values of a row that is written as it is
            for row in ladder
        ],
    )
