"""Help for the tests of the private servers: a process that uses them and can be killed; a look inside."""

import os
import select
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg

from tests.support.patience import PATIENCE
from workflow.clock import wait_for
from workflow.embedded import Services
from workflow.servers.places import Places, settle

CHECKOUT = Path(__file__).resolve().parents[2]
USER = """
import sys
from pathlib import Path
from workflow import embedded
folder, redis, owner, durable = Path(sys.argv[1]), *(word == "yes" for word in sys.argv[2:5])
with embedded.start(folder, redis=redis, owner=owner, durable=durable) as services:
    print(services.database_url, services.redis_url, flush=True)
    sys.stdin.readline()
"""


@dataclass(frozen=True)
class User:
    """Another process that uses the services of a folder until it is told to end, or is killed."""

    process: subprocess.Popen[str]
    database_url: str
    redis_url: str

    def end(self) -> int:
        """Let it leave as a command does, and answer its exit code."""
        self.process.communicate("\n", timeout=PATIENCE)
        return self.process.returncode

    def kill(self) -> None:
        """End it as a power cut would."""
        self.process.kill()
        self.process.wait()


def begin_user(folder: Path, *, redis: bool, owner: bool, durable: bool = False) -> subprocess.Popen[str]:
    """Start a process that will use the services; it says the URLs when it does."""
    words = ["yes" if word else "no" for word in (redis, owner, durable)]
    return subprocess.Popen(
        [sys.executable, "-c", USER, str(folder), *words],
        cwd=CHECKOUT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def await_user(process: subprocess.Popen[str], seconds: float = PATIENCE) -> User:
    """Wait until a begun user has its services."""
    assert process.stdout is not None
    assert select.select([process.stdout], [], [], seconds)[0], "the other process says nothing"
    return User(process, *process.stdout.readline().split())


@contextmanager
def user(folder: Path, *, redis: bool = True, owner: bool = True, durable: bool = False) -> Iterator[User]:
    """Another process that uses the services; it is gone at the end of the block, whatever happened."""
    process = begin_user(folder, redis=redis, owner=owner, durable=durable)
    try:
        yield await_user(process)
    finally:
        process.kill()
        process.communicate()


def places(folder: Path) -> Places:
    """Where a data folder's servers are."""
    return settle(folder / "embedded", throwaway=True)


def postmaster(folder: Path) -> psutil.Process:
    """Find the PostgreSQL process that its note names."""
    note = places(folder).cluster / "postmaster.pid"
    return psutil.Process(int(note.read_text(encoding="utf-8").split()[0]))


def processes_of(folder: Path) -> list[psutil.Process]:
    """Every living process that works in the folder's cluster or among its sockets."""
    home = places(folder).home
    found = []
    for process in psutil.process_iter():
        try:
            if Path(process.cwd()).is_relative_to(home) and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except psutil.Error:
            continue
    return [process for process in found if process.pid != os.getpid()]


def _is_named(process: psutil.Process, name: str) -> bool:
    """Whether a process has that name; one that ended meanwhile has none."""
    try:
        return process.name() == name
    except psutil.NoSuchProcess:
        return False


def redis_process(folder: Path) -> psutil.Process:
    """Find the Redis of a folder: it works among its sockets."""
    redis = {process.pid: process for process in processes_of(folder) if _is_named(process, "redis-server")}
    # While it saves, a child of the same name writes the file.
    [found] = [process for process in redis.values() if process.ppid() not in redis]
    return found


def kill(processes: Sequence[psutil.Process]) -> None:
    """Kill processes and return when none of them does anything any more."""
    for process in processes:
        process.kill()
    assert wait_for(lambda: not any(map(is_alive, processes)), seconds=PATIENCE)


def clear(folder: Path) -> None:
    """Remove whatever servers a test has left in its data folder."""
    if (folder / "embedded").exists():
        kill(processes_of(folder))
        places(folder).discard()


def is_alive(process: psutil.Process) -> bool:
    """Whether a process still does something; a dead one that nobody has buried does not."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def all_gone(folder: Path) -> bool:
    """Whether no server of the folder lives on, or the last is about to end: a child outlives its parent."""
    return wait_for(lambda: processes_of(folder) == [], seconds=PATIENCE)


def is_gone(process: psutil.Process) -> bool:
    """Whether a process has ended, or is about to."""
    return wait_for(lambda: not is_alive(process), seconds=PATIENCE)


def connect(url: str) -> psycopg.Connection[tuple[object, ...]]:
    """Connect as the URL says, without SQLAlchemy."""
    return psycopg.connect(url.replace("+psycopg", ""), autocommit=True)


def remember(services: Services | User, word: str) -> None:
    """Commit a word that must not be lost."""
    url = services.database_url.replace("commendo_app", "commendo_owner")
    with connect(url) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS word (text text PRIMARY KEY)")
        connection.execute("INSERT INTO word VALUES (%s)", (word,))


def remembered(services: Services) -> set[str]:
    """Every word that is there."""
    with connect(services.migration_url) as connection:
        return {str(row[0]) for row in connection.execute("SELECT text FROM word")}
