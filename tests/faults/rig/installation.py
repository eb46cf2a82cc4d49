"""One installation to break: `commendo up` on a PostgreSQL, a Redis and a mail server that the rig owns.

Everything between the processes and their servers goes through a proxy that can fall silent. `up` keeps web,
worker and beat alive; the rig brings back what belongs to the machine: PostgreSQL, Redis, the mail server.
"""

import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, TypeAlias

import psutil
import psycopg
from sqlalchemy import event

from tests.faults.rig import programs
from tests.faults.rig.sink import Sink, sink
from tests.faults.rig.watch import Watch
from tests.faults.rig.world import World, make_world
from tests.support.hours import noon_zone
from tests.support.patience import PATIENCE, as_busy
from tests.support.processes import Broker, Crew
from tests.support.proxy import Proxy, proxy
from tests.support.running import Running, free_port
from tests.support.servers import clear, connect, is_alive, places, postmaster
from workflow import embedded
from workflow.clock import DatabaseClock, wait_for
from workflow.embedded import Services
from workflow.operations.setup.publish import publish_shipped
from workflow.servers.postgres import OWNER, SUPERUSER
from workflow.settings import child_environment
from workflow.store.database import Sessions, make_engine, make_sessions
from workflow.store.schema import role_of, upgrade

Window: TypeAlias = tuple[datetime, datetime]
UNMARKED: Final = timedelta(seconds=5)
"""How long a busy machine may need from the mail server's 250 to the commit of `sent`."""

ON_THE_WIRE: Final = 2.0
"""Seconds after a sender died in which the mail server may still read its last message; more by load."""

_HANGS: Final = ("has given no sign of life", "lane hangs")
"""What the product says of its own programs right before it kills one."""

ZONE: Final = noon_zone(datetime.now(UTC))
"""Where its days are counted: letters of a morning may leave, whatever hour it is on this machine."""


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
    """What a fault may lay hands on.

    `spoilt` is the nomination, with its unit, that a scenario has made to spoil it: nobody asks about it.
    """

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
    spoilt: tuple[int, str] = (0, "")
    windows: list[Window] = field(default_factory=list)
    hung: tuple[int, datetime] = field(default_factory=lambda: (0, datetime.now(UTC)))

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
        try:
            return [process for process in self.up.tree(name) if is_alive(process)]
        except (ValueError, psutil.NoSuchProcess):
            # It has just died, or is about to be started.
            return []

    def kill(self, *found: psutil.Process, sends: bool = True, since: datetime | None = None) -> bool:
        """Kill processes at one stroke and say whether any was there to be killed.

        Those that `sends` letters could not write that the last ones went: what the mail server took just
        before, or `since` it held them, or what lay on the wire when they died, may come again.
        """
        alive = [process for process in found if is_alive(process)]
        for process in alive:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        if alive and sends:
            now = datetime.now(UTC)
            self.windows.append(((since or now) - UNMARKED, now + timedelta(seconds=as_busy(ON_THE_WIRE))))
        self.kills += bool(alive)
        return bool(alive)

    def heed_hung(self) -> None:
        """Know of a sender that the product itself killed because it hung, since this was asked last.

        A lane that dies again and again before its first letter gives no sign, and its worker is begun anew.
        """
        log, now = self.log(), datetime.now(UTC)
        count = sum(log.count(words) for words in _HANGS)
        if count > self.hung[0]:
            self.windows.append((self.hung[1] - UNMARKED, now + timedelta(seconds=as_busy(ON_THE_WIRE))))
        self.hung = (count, now)

    def kill_up(self) -> None:
        """Kill `up` and everything below it at once, as a power cut would."""
        first = psutil.Process(self.up.process.pid)
        found = [*first.children(recursive=True), first]
        self.kill(*found)
        self.up.process.wait()
        assert wait_for(lambda: not any(map(is_alive, found)), seconds=PATIENCE)

    def start_up(self) -> None:
        """Start `commendo up` again, on the same port; whoever calls this need not wait for it."""
        self.up = _begin(self.folder, self.crew.settings, self.up.port)

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
        up = _begin(folder, settings, free_port())
        rig = Installation(folder, setup, services, sessions, database, broker, hints, mails, crew, up, world)
        stack.callback(_end_up, rig)
        stack.callback(_end_crew, crew)
        may_be_red = frozenset() if setup.has_redis else frozenset({"broker"})
        assert wait_for(lambda: Watch(rig.port).look() <= may_be_red, seconds=PATIENCE, every=0.2), rig.log()
        yield rig


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
        "timezone": ZONE,
        # What faults do to letters is seen at any hour; the scenario of digests says otherwise.
        "task_mail": "at_once",
        "quiet_hours": "none",
        "undo_seconds": "0",
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


def _begin(folder: Path, settings: Mapping[str, str], port: int) -> Running:
    """Start `commendo up`, with nobody waiting for it; it writes to up.log."""
    with (folder / "up.log").open("ab") as log:
        process = subprocess.Popen(
            [*programs.command(folder), "up", "--port", str(port), "--no-demo"],
            env=child_environment(**settings),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    return Running(folder, port, process, "")


def _end_up(rig: Installation) -> None:
    first = psutil.Process(rig.up.process.pid)
    for each in [first, *first.children(recursive=True)]:
        with suppress(psutil.NoSuchProcess):
            each.resume()
    rig.up.process.send_signal(signal.SIGINT)
    rig.up.process.wait(timeout=PATIENCE)


def _end_broker(broker: Broker) -> None:
    broker.signal(signal.SIGCONT)
    broker.kill()


def _end_crew(crew: Crew) -> None:
    for process in crew.started:
        crew.kill_group(process)
