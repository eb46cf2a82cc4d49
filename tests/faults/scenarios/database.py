"""PostgreSQL holds every fact: while it is away nothing is acknowledged, and what was is there afterwards."""

import os
import signal
import subprocess
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path
from threading import Event, Thread
from typing import Final

import psycopg
import pytest

from tests.faults.rig.installation import Installation, Setup
from tests.faults.rig.trial import Proof, Scenario
from tests.support.servers import is_alive
from workflow.servers.postgres import APPLICATION

DATABASE: Final = frozenset({"database"})
WRITES: Final = frozenset({"database", "write"})
_DISK_MEGABYTES: Final = 600
_END_APPLICATION: Final = (
    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
    f" WHERE usename = '{APPLICATION}' AND pid <> pg_backend_pid()"
)
_UNDER_WAY: Final = (
    "SELECT id FROM nomination WHERE state NOT IN ('approved', 'rejected', 'withdrawn')"
    " ORDER BY id DESC LIMIT 1 FOR UPDATE"
)
_WAITING: Final = "SELECT count(*) FROM pg_stat_activity WHERE %s = ANY (pg_blocking_pids(pid))"
_NEEDS_ROOM: Final = "SELECT count(*) FROM unnest(array_fill(repeat('x', 1000), ARRAY[5000])) AS line"


@contextmanager
def repeated(action: Callable[[], int], *, seconds: float) -> Iterator[Proof]:
    """Do something every so many seconds beside the block; what it gives counts how often it was done."""
    over, count = Event(), Counter[str]()

    def run() -> None:
        while not over.is_set():
            with suppress(psycopg.Error):
                count["done"] += action()
            over.wait(seconds)

    thread = Thread(target=run, daemon=True)
    thread.start()
    try:
        yield lambda: count["done"]
    finally:
        over.set()
        thread.join()


def asked(connection: psycopg.Connection[tuple[object, ...]], statement: str, *values: object) -> int:
    """Return the one number that a statement gives."""
    row = connection.execute(statement, values).fetchone()
    return int(str(row[0]))


@contextmanager
def restarted(rig: Installation, *, by: signal.Signals) -> Iterator[Proof]:
    """End PostgreSQL by a signal, and start it again at once: the log is read again."""
    before = rig.postmaster().pid
    rig.end_postgres(by)
    rig.start_postgres()
    yield lambda: int(rig.postmaster().pid != before)


@contextmanager
def gone(rig: Installation) -> Iterator[Proof]:
    """Have no PostgreSQL at all."""
    first = rig.postmaster()
    rig.end_postgres(signal.SIGKILL)
    yield lambda: int(not is_alive(first))
    rig.start_postgres()


@contextmanager
def terminated(rig: Installation) -> Iterator[Proof]:
    """End every session of the product every 2 s, in the middle of whatever it does."""
    with rig.rule() as admin, repeated(partial(asked, admin, _END_APPLICATION), seconds=2) as proof:
        yield proof


@contextmanager
def half_open(rig: Installation, *, new_too: bool) -> Iterator[Proof]:
    """Let nothing through on the links that are open, nor on new ones if `new_too`; nobody is told."""
    before = rig.database.fired
    rig.database.silence(new_too=new_too)
    yield lambda: rig.database.fired - before
    rig.database.heal()
    rig.database.forget()


@contextmanager
def crowded(rig: Installation) -> Iterator[Proof]:
    """Let somebody else hold every connection that PostgreSQL gives away."""
    held: list[psycopg.Connection[tuple[object, ...]]] = []

    def crowd_in() -> int:
        """End the product's sessions, take their places, and say whether none was left."""
        asked(admin, _END_APPLICATION)
        try:
            while True:
                held.append(rig.connect())
        except psycopg.OperationalError as error:
            return int("too many clients" in str(error) or "reserved" in str(error))

    with rig.rule() as admin:
        try:
            with repeated(crowd_in, seconds=0.5) as proof:
                yield proof
        finally:
            for connection in held:
                connection.close()


@contextmanager
def locked(rig: Installation, *, statement: str) -> Iterator[Proof]:
    """Let a stranger take a lock and keep it; seen when somebody waited for it."""
    with rig.rule() as admin, rig.connect() as stranger:
        stranger.execute("BEGIN")
        stranger.execute(statement)
        pid = stranger.info.backend_pid
        with repeated(partial(asked, admin, _WAITING, pid), seconds=0.2) as waits:
            # One lock, however many wait: each letter on its way at its beginning may go twice.
            yield lambda: min(waits(), 1)
        stranger.execute("ROLLBACK")


@contextmanager
def read_only(rig: Installation) -> Iterator[Proof]:
    """Take no writes, as a standby does that a failover has led everybody to."""
    with rig.rule() as admin:
        admin.execute("ALTER SYSTEM SET default_transaction_read_only = on")
        admin.execute("SELECT pg_reload_conf()")
        yield lambda: refuses(rig, "CREATE TABLE refused ()", psycopg.errors.ReadOnlySqlTransaction)
        admin.execute("ALTER SYSTEM RESET default_transaction_read_only")
        admin.execute("SELECT pg_reload_conf()")


def refuses(rig: Installation, statement: str, by: type[psycopg.Error]) -> int:
    """Return 1 when PostgreSQL refuses a statement by this error, or is not there to take it."""
    try:
        with rig.connect() as connection:
            connection.execute("SET work_mem = '64kB'")
            connection.execute(statement)
    except (by, psycopg.OperationalError):
        return 1
    return 0


@contextmanager
def small_disk(folder: Path) -> Iterator[None]:
    """Mount a small disk and let the private PostgreSQL of a data folder lie on it."""
    place = Path(tempfile.mkdtemp(prefix="disk-"))
    size = f"size={_DISK_MEGABYTES}m,mode=0711"
    mount = ["/usr/bin/env", "mount", "-t", "tmpfs", "-o", size, "tmpfs", str(place)]
    if os.geteuid() != 0 or subprocess.run(mount, check=False, capture_output=True).returncode:
        place.rmdir()
        pytest.skip("needs a disk of its own, and this account may not mount one")
    with ExitStack() as stack:
        stack.callback(place.rmdir)
        stack.callback(subprocess.run, ["/usr/bin/env", "umount", str(place)], check=True)
        home = place / "home"
        home.mkdir()
        home.chmod(0o711)
        base = folder / "embedded"
        base.mkdir(mode=0o700)
        (base / "home").symlink_to(home)
        yield


@contextmanager
def full(rig: Installation) -> Iterator[Proof]:
    """Take all the room there is on PostgreSQL's disk; at the end it is given back."""
    filler = (rig.folder / "embedded" / "home").readlink().parent / "filler"
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        while file.write(bytes(65536)):
            pass
    yield lambda: refuses(rig, _NEEDS_ROOM, psycopg.errors.DiskFull)
    filler.unlink()
    # It may have ended itself when it could not write its log: then the machine starts it again.
    rig.start_postgres()


SMALL_DISK: Final = Setup("small disk", prepare=small_disk)

SCENARIOS = (
    Scenario(
        "PostgreSQL restarted with -m immediate",
        partial(restarted, by=signal.SIGQUIT),
        seconds=1,
        bears=True,
    ),
    Scenario("PostgreSQL killed", partial(restarted, by=signal.SIGKILL), seconds=1, bears=True),
    Scenario("PostgreSQL's sessions ended every 2 s", terminated, seconds=20, bears=True),
    Scenario("PostgreSQL gone for 60 s", gone, seconds=60, red=DATABASE, bears=True, copies=1),
    # New links serve: it may be red for a moment, and whoever asked on an old one is told to come again.
    Scenario(
        "PostgreSQL's old links silent for 60 s, new ones fine",
        partial(half_open, new_too=False),
        seconds=60,
        bears=True,
    ),
    Scenario(
        "PostgreSQL's old links silent for 100 s, new ones fine",
        partial(half_open, new_too=False),
        seconds=100,
        bears=True,
    ),
    Scenario(
        "PostgreSQL silent for 60 s", partial(half_open, new_too=True), 60, red=DATABASE, bears=True, copies=1
    ),
    Scenario(
        "PostgreSQL silent for 100 s",
        partial(half_open, new_too=True),
        100,
        red=DATABASE,
        bears=True,
        copies=1,
    ),
    Scenario("PostgreSQL's connections all taken for 30 s", crowded, 30, red=DATABASE, bears=True),
    Scenario(
        "a nomination locked by a stranger for 60 s",
        partial(locked, statement=_UNDER_WAY),
        seconds=60,
        stays_green=True,
        bears=True,
    ),
    Scenario(
        "the outbox locked by a stranger for 60 s",
        partial(locked, statement="LOCK TABLE outbox IN ACCESS EXCLUSIVE MODE"),
        seconds=60,
        red=DATABASE,
        bears=True,
        copies=1,
    ),
    Scenario("PostgreSQL takes no writes for 60 s", read_only, 60, red=WRITES, bears=True, copies=1),
    Scenario("PostgreSQL's disk full for 30 s", full, 30, setup=SMALL_DISK, red=WRITES, bears=True, copies=1),
)
