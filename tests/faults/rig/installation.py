"""One installation to break: `commendo up` on a PostgreSQL, a Redis and a mail server that the rig owns.

Everything between the processes and their servers goes through a proxy that can fall silent. `up` keeps web,
worker and beat alive; the rig brings back what belongs to the machine: PostgreSQL, Redis, the mail server.
"""

import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, TypeAlias

import psutil
import psycopg
from sqlalchemy import event

from tests.faults.rig.sink import Sink, sink
from tests.faults.rig.world import World, make_world
from tests.support.patience import PATIENCE
from tests.support.processes import Broker, Crew
from tests.support.proxy import Proxy, proxy
from tests.support.running import COMMAND, Running, free_port
from tests.support.servers import clear, connect, is_alive, places, postmaster
from workflow import embedded
from workflow.clock import DatabaseClock, wait_for
from workflow.embedded import Services
from workflow.operations.publish import publish_shipped
from workflow.servers.postgres import OWNER, SUPERUSER
from workflow.settings import child_environment
from workflow.store.database import Sessions, make_engine, make_sessions
from workflow.store.schema import role_of, upgrade

Window: TypeAlias = tuple[datetime, datetime]
UNMARKED: Final = timedelta(seconds=5)
"""How long a busy machine may need from the mail server's 250 to the commit of `sent`."""

ZONE: Final = "Asia/Ho_Chi_Minh"


@dataclass(frozen=True, slots=True)
class Setup:
    """How an installation is begun; scenarios of equal setups share one.

    `environment` is added to that of all its processes. `has_redis` is whether there is one to begin with:
    without, COMMENDO_REDIS_URL names a socket that nobody listens on. `prepare` is entered before anything is
    in the data folder, and left when nothing is there any more.
    """

    name: str = "plain"
    has_redis: bool = True
    environment: tuple[tuple[str, str], ...] = ()
    prepare: Callable[[Path], AbstractContextManager[object]] | None = None


@dataclass
class Installation:
    """What a fault may lay hands on."""

    folder: Path
    setup: Setup
    services: Services
    sessions: Sessions
    database: Proxy
    broker: Broker
    hints: Proxy
    sink: Sink
    crew: Crew
    up: Running
    world: World
    kills: int = 0
    windows: list[Window] = field(default_factory=list)

    @property
    def port(self) -> int:
        """Return where the web listens."""
        return self.up.port

    def postmaster(self) -> psutil.Process:
        """Return PostgreSQL's first process."""
        return postmaster(self.folder)

    def end_postgres(self, number: signal.Signals) -> None:
        """End PostgreSQL by a signal (SIGQUIT is `-m immediate`) and wait until it is gone."""
        first = self.postmaster()
        first.send_signal(number)
        assert wait_for(lambda: not is_alive(first), seconds=PATIENCE)

    def start_postgres(self) -> None:
        """Start PostgreSQL again as an init system would; it recovers by itself."""
        self.services.ensure()

    def connect(self) -> psycopg.Connection[tuple[object, ...]]:
        """Connect as the owner of the tables, past the proxy."""
        return connect(self.services.migration_url)

    def rule(self) -> psycopg.Connection[tuple[object, ...]]:
        """Connect as PostgreSQL's superuser, for whom it keeps a place, past the proxy."""
        return connect(self.services.migration_url.replace(OWNER, SUPERUSER))

    def processes(self, name: str) -> list[psutil.Process]:
        """Return a program of `up` (`web`, `worker`, `beat`) with everything below it, itself the last."""
        return self.up.tree(name) if self.up.is_running(name) else []

    def kill(self, process: psutil.Process) -> bool:
        """Kill one process and say whether it was there to be killed.

        What the mail server took just before may come again: its sender could not write that it went.
        """
        with suppress(psutil.NoSuchProcess):
            process.kill()
            now = datetime.now(UTC)
            self.windows.append((now - UNMARKED, now))
            self.kills += 1
            return True
        return False

    def is_ready(self) -> bool:
        """Whether /readyz finds nothing wrong."""
        return self.up.is_ready()

    def log(self) -> str:
        """Return what `up` and its programs have said, for whoever looks for the cause of a finding."""
        return (self.folder / "up.log").read_text(encoding="utf-8", errors="replace")


@contextmanager
def installation(setup: Setup) -> Iterator[Installation]:
    """Run an installation with its world for as long as the block lasts, and leave nothing behind."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="cm-")))
        if setup.prepare is not None:
            stack.enter_context(setup.prepare(folder))
        stack.callback(clear, folder)
        # Durable: what is acknowledged must survive a server that is killed.
        services = stack.enter_context(embedded.start(folder, durable=True))
        upgrade(services.migration_url, application_role=role_of(services.database_url))
        sessions = stack.enter_context(_sessions(services))
        with sessions() as session:
            publish_shipped(session, now=DatabaseClock().now(session))
        world = make_world(sessions)
        mails = stack.enter_context(sink())
        broker = Broker(folder)
        stack.callback(_end_broker, broker)
        if setup.has_redis:
            broker.start()
        hints = stack.enter_context(proxy(folder / "redis.sock"))
        database = stack.enter_context(proxy(places(folder).sockets / ".s.PGSQL.5432"))
        settings = _settings(folder, database, hints, mails, dict(setup.environment))
        crew = Crew(folder, settings)
        up = stack.enter_context(_up(folder, settings))
        stack.callback(_end_crew, crew)
        yield Installation(folder, setup, services, sessions, database, broker, hints, mails, crew, up, world)


def _settings(
    folder: Path, database: Proxy, hints: Proxy, mails: Sink, extra: Mapping[str, str]
) -> dict[str, str]:
    def url(role: str) -> str:
        return f"postgresql://{role}@127.0.0.1:{database.port}/commendo"

    return {
        "env": "development",
        "data_dir": str(folder),
        "database_url": url("commendo_app"),
        "migration_url": url("commendo_owner"),
        "redis_url": f"redis://127.0.0.1:{hints.port}/0",
        "smtp_url": mails.url,
        **extra,
    }


@contextmanager
def _sessions(services: Services) -> Iterator[Sessions]:
    """Give sessions of the application's role past the proxy, without the product's limits."""
    engine = make_engine(services.database_url)

    def be_patient(connection: psycopg.Connection, _record: object) -> None:
        connection.execute("SET statement_timeout = 0")
        connection.execute("SET idle_in_transaction_session_timeout = 0")
        connection.commit()

    event.listen(engine, "connect", be_patient)
    try:
        yield make_sessions(engine, timezone=ZONE)
    finally:
        engine.dispose()


@contextmanager
def _up(folder: Path, settings: Mapping[str, str], command: Sequence[str] = COMMAND) -> Iterator[Running]:
    """Start `commendo up`, wait until it is ready, and stop it at the end; it writes to up.log."""
    port = free_port()
    log = (folder / "up.log").open("wb")
    process = subprocess.Popen(
        [*command, "up", "--port", str(port), "--no-demo"],
        env=child_environment(**settings),
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    log.close()
    up = Running(folder, port, process, "")
    try:
        assert wait_for(up.is_ready, seconds=PATIENCE, every=0.2), (folder / "up.log").read_text()
        yield up
    finally:
        for each in [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]:
            with suppress(psutil.NoSuchProcess):
                each.resume()
        process.send_signal(signal.SIGINT)
        process.wait(timeout=PATIENCE)


def _end_broker(broker: Broker) -> None:
    broker.signal(signal.SIGCONT)
    broker.kill()


def _end_crew(crew: Crew) -> None:
    for process in crew.started:
        crew.kill_group(process)
