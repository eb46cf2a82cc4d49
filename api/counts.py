"""Files in which web processes count requests together, with their room taken before anything is written.

The library maps a file that has holes. Where a disk is full, a write into one ends the whole process by a
SIGBUS, and each that follows it, at the first request that it counts: the pages would be gone because of a
figure that nobody may ever read. Taken beforehand, the room is there or an OSError says that it is not.
"""

import os
from typing import Final

from prometheus_client import values
from prometheus_client.mmap_dict import MmapedDict

_FIRST_BYTES: Final = 1 << 16
_BESIDE_THE_KEY: Final = 64
"""More than the length, the padding and the two numbers that stand beside each key."""


class RoomyCounts(MmapedDict):
    """The library's file of counts, in which nothing is a hole."""

    def __init__(self, filename: str, read_mode: bool = False) -> None:  # noqa: FBT001, FBT002 - the library's signature
        """Open it, with all of its first room taken where it is new. Raises OSError where there is none."""
        if not read_mode and not (os.path.exists(filename) and os.path.getsize(filename)):  # noqa: PTH110, PTH202 - a name is what the library gives
            _take(filename)
        super().__init__(filename, read_mode)  # type: ignore[no-untyped-call]  # prometheus_client gives it no types

    def _init_value(self, key: str) -> None:
        """Take the room that one more key needs, then write it. Raises OSError where there is none."""
        needed = self._used + len(key.encode()) + _BESIDE_THE_KEY
        capacity: int = self._capacity
        while needed > capacity:
            capacity *= 2
        if capacity > self._capacity:
            os.posix_fallocate(self._f.fileno(), self._capacity, capacity - self._capacity)
        super()._init_value(key)  # type: ignore[no-untyped-call]  # as above


def count_in_files() -> None:
    """Have the library count in such files, in the folder that its variable names."""
    vars(values)["MmapedDict"] = RoomyCounts
    values.ValueClass = values.MultiProcessValue()  # type: ignore[no-untyped-call]  # as above


def _take(filename: str) -> None:
    """Make a file of the first size, which is there whole or not at all: who adds the counts up reads all."""
    fresh = f"{filename}.new"
    descriptor = os.open(fresh, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        os.posix_fallocate(descriptor, 0, _FIRST_BYTES)
    except OSError:
        os.unlink(fresh)  # noqa: PTH108 - as above
        raise
    finally:
        os.close(descriptor)
    os.replace(fresh, filename)  # noqa: PTH105 - as above
