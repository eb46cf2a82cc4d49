"""File locks between the processes of one data folder.

They are flock locks: the kernel gives them back when their holder dies, however it dies, so no lock is ever
stale. Python opens the files close-on-exec, so a server that we start never holds one.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class FileLock:
    """One lock file, held by this object in one mode at a time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    @property
    def is_held(self) -> bool:
        """Whether this object holds the lock, alone or with others."""
        return self._descriptor is not None

    def share(self) -> None:
        """Wait until nobody holds the lock alone, then hold it together with others."""
        fcntl.flock(self._open(), fcntl.LOCK_SH)

    def wait_alone(self) -> None:
        """Wait until nobody else holds the lock, then hold it alone."""
        fcntl.flock(self._open(), fcntl.LOCK_EX)

    def try_alone(self) -> bool:
        """Answer whether the lock is now held alone; a shared hold of this object is given up either way."""
        try:
            fcntl.flock(self._open(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self.release()
            return False
        return True

    def release(self) -> None:
        """Give the lock back, if it is held."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Hold the lock alone for the length of a block."""
        self.wait_alone()
        try:
            yield
        finally:
            self.release()

    def note(self, text: str) -> None:
        """Write into the file who holds it, for the message that the next one to come will show."""
        descriptor = self._open()
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, text.encode(), 0)

    def read_note(self) -> str:
        """Answer what the holder wrote."""
        return self._path.read_text(encoding="utf-8")

    def _open(self) -> int:
        if self._descriptor is None:
            self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        return self._descriptor
