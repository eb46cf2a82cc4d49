"""Starts, shares and stops the private PostgreSQL and Redis of a data folder.

Every process that uses them says so by holding a shared lock, and the last one out stops them. `commendo up`
is their owner: there is one at a time, and it stops them at its end whoever else is there. All locks are the
kernel's, so after a `kill -9` of everything the next command finds the servers running or dead, takes them
over or starts them again, and is the last one out itself.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from workflow.servers.accounts import EmbeddedError
from workflow.servers.binaries import NO_REDIS, this_platform
from workflow.servers.broker import Broker, is_available
from workflow.servers.locks import FileLock
from workflow.servers.places import Places, base_folder, settle
from workflow.servers.postgres import APPLICATION, OWNER, Postgres

__all__ = ["EmbeddedError", "Services", "start"]


class Services:
    """The running services of one data folder; a context manager that leaves them as the rules above say."""

    def __init__(self, base: Path, *, redis: bool, owner: bool, durable: bool) -> None:
        self._changes = FileLock(base / "changes.lock")
        self._users = FileLock(base / "users.lock")
        self._ownership = FileLock(base / "owner.lock")
        self._wants_redis = redis and is_available()
        self._process = os.getpid()
        self._durable = durable
        if owner:
            self._claim(base)
        try:
            with self._changes.alone():
                self._users.share()
                self._places: Places = settle(base, throwaway=not durable)
                self._postgres = Postgres(self._places, durable=durable)
                self._broker = Broker(self._places)
                self._start_missing()
                has_redis = self._wants_redis or self._broker.is_running()
        except BaseException:
            self._leave_after_failure()
            raise
        self.database_url = self._postgres.url(APPLICATION)
        self.migration_url = self._postgres.url(OWNER)
        self.redis_url = self._broker.url if has_redis else None
        self.redis_remedy = (
            NO_REDIS.format(platform=this_platform()) if redis and not self._wants_redis else None
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def ensure(self) -> tuple[str, ...]:
        """Start again whichever service has died, and answer the names of those that had.

        Raises EmbeddedError with what helps.
        """
        with _in_words(self._places.home):
            if self._postgres.is_running() and (not self._wants_redis or self._broker.is_running()):
                return ()
            with self._changes.alone():
                return self._start_missing()

    def close(self) -> None:
        """Stop using the services; the owner and the last one out stop them. A second call does nothing.

        Neither does a call in a forked child, whose stack unwinds through its parent's blocks when it ends.
        """
        if self._process != os.getpid():
            return
        with self._changes.alone():
            is_last = self._users.is_held and self._users.try_alone()
            if is_last or self._ownership.is_held:
                self._broker.stop()
                self._postgres.stop()
                if is_last and not self._durable:
                    self._places.discard()
            self._users.release()
            self._ownership.release()

    def _claim(self, base: Path) -> None:
        if not self._ownership.try_alone():
            holder = FileLock(base / "owner.lock").read_note()
            raise EmbeddedError(
                f"Commendo is already up on {base.parent} (process {holder}). Use that one, or stop it first."
            )
        self._ownership.note(str(os.getpid()))

    def _start_missing(self) -> tuple[str, ...]:
        started = []
        if self._postgres.start():
            started.append("PostgreSQL")
        if self._wants_redis and self._broker.start():
            started.append("Redis")
        return tuple(started)

    def _leave_after_failure(self) -> None:
        """Give back what a failed start has taken; its own error is the one that is told."""
        if hasattr(self, "_broker"):
            with suppress(EmbeddedError):
                self.close()
        self._users.release()
        self._ownership.release()


def start(data_dir: Path, *, redis: bool = False, owner: bool = False, durable: bool = True) -> Services:
    """Start the private services of a data folder, or join those that run, and answer how to reach them.

    PostgreSQL always; Redis when `redis` asks for it and this machine has one. `owner` is for `commendo up`:
    a second owner is refused. `durable=False` is for tests: nothing is flushed to disk, and the files are
    removed by the last one out. Raises EmbeddedError with what helps.
    """
    with _in_words(data_dir):
        return Services(base_folder(data_dir), redis=redis, owner=owner, durable=durable)


@contextmanager
def _in_words(folder: Path) -> Iterator[None]:
    """Tell of a full or read-only disk, or a folder that may not be entered, in the system's words."""
    try:
        yield
    except OSError as error:
        # What fails while it is written has no name: of a descriptor the system says no path.
        place = error.filename or folder
        raise EmbeddedError(f"The embedded services cannot use {place}: {error.strerror}.") from error
