"""The bytes of papers: a folder of files under random names, which no web server serves.

A file is received into `pending/`, hashed and looked at while it is written. Keeping it links it to its place
and happens before its row is committed, so that there is never a row without its file. The link in `pending/`
goes after the commit: whatever died in between left it there, and only such files are ever tidied away.
"""

import os
import re
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from errno import ENOSPC
from hashlib import sha256
from io import BufferedReader
from mmap import ACCESS_READ, mmap
from pathlib import Path
from shutil import disk_usage
from tempfile import mkstemp
from typing import IO, Final

from workflow.domain.errors import EmptyFile, FileTooLarge, LockedFile, UnknownFileType
from workflow.domain.papers.media import PDF, Incoming, media_type_of
from workflow.store.locked_pdf import asks_password

_PENDING: Final = "pending"
_CHUNK: Final = 256 * 1024
_NAME: Final = re.compile(r"[0-9a-f]{48}")
_MEGABYTE: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class PaperFolder:
    """The folder in which an installation keeps its papers, made when the first one comes."""

    root: Path

    @contextmanager
    def receive(self, stream: IO[bytes], *, most_bytes: int) -> Iterator[Incoming]:
        """Write a file to the disk and yield what it is; unless kept in the block, nothing is left of it.

        Whatever fails in the block after it was kept leaves its mark in `pending/`: nobody knows then whether
        its row came to be. Raises `FileTooLarge` beyond `most_bytes`, `EmptyFile`, `UnknownFileType` for
        anything but a whole PDF or image, and `LockedFile` for a PDF that asks for a password.
        """
        name = secrets.token_hex(24)
        pending = self._pending_place(name)
        _make_folder(pending.parent)
        try:
            yield _write(pending, name, stream, most_bytes)
        except BaseException:
            if not self._place(name).exists():
                pending.unlink(missing_ok=True)
            raise
        pending.unlink(missing_ok=True)

    def keep(self, incoming: Incoming) -> None:
        """Put a received file in its place, lastingly; call it before the commit of its row."""
        place = self._place(incoming.storage_name)
        _make_folder(place.parent)
        os.link(self._pending_place(incoming.storage_name), place)
        _sync_folder(place.parent)

    def open(self, storage_name: str) -> BufferedReader:
        """Return the open bytes of a kept file. Raises FileNotFoundError when the disk lost it."""
        return self._place(storage_name).open("rb")

    def digest(self, storage_name: str) -> bytes | None:
        """Return the SHA-256 of a kept file as it lies on the disk, None when it cannot be read."""
        hashed = sha256()
        try:
            with self.open(storage_name) as file:
                while chunk := file.read(_CHUNK):
                    hashed.update(chunk)
        except OSError:
            return None
        return hashed.digest()

    def demand_room(self, byte_count: int) -> None:
        """Really write a little, lastingly, and see that so many bytes more would find room.

        Raises OSError: with ENOSPC where they would not, else with what the system said.
        """
        _make_folder(self.root / _PENDING)
        descriptor, name = mkstemp(prefix="room-", dir=self.root / _PENDING)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(bytes(_CHUNK))
                file.flush()
                os.fsync(file.fileno())
        finally:
            Path(name).unlink(missing_ok=True)
        if disk_usage(self.root).free < byte_count:
            raise OSError(ENOSPC, os.strerror(ENOSPC))

    def pending(self) -> dict[str, float]:
        """Return the uploads that have not come to their end, with when each began (epoch seconds)."""
        try:
            entries = [entry for entry in os.scandir(self.root / _PENDING) if _NAME.fullmatch(entry.name)]
        except FileNotFoundError:
            return {}
        return {entry.name: _begun(entry) for entry in entries}

    def forget(self, names: Iterable[str], *, kept: frozenset[str]) -> int:
        """Take away what is left of uploads, with their file where no row names it; return how many files."""
        count = 0
        for name in names:
            if name not in kept:
                self._place(name).unlink(missing_ok=True)
                count += 1
            self._pending_place(name).unlink(missing_ok=True)
        return count

    def _pending_place(self, name: str) -> Path:
        return self.root / _PENDING / name

    def _place(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            message = f"'{name}' is no name of a stored paper"
            raise ValueError(message)
        return self.root / name[:2] / name[2:4] / name


def _begun(entry: os.DirEntry[str]) -> float:
    try:
        return entry.stat().st_mtime
    except FileNotFoundError:
        # Its upload ended while we looked: that is as young as a file can be.
        return float("inf")


def _write(place: Path, name: str, stream: IO[bytes], most_bytes: int) -> Incoming:
    hashed, count = sha256(), 0
    descriptor = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        while chunk := stream.read(_CHUNK):
            count += len(chunk)
            if count > most_bytes:
                megabytes = str(most_bytes // _MEGABYTE)
                raise FileTooLarge(
                    f"The file is larger than {megabytes} MB. Scan it in grey or at 200 dpi, or split it.",
                    megabytes=megabytes,
                )
            hashed.update(chunk)
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    if not count:
        raise EmptyFile("The file is empty (0 bytes): look whether it was saved or scanned to its end.")
    media_type = _told(place)
    if media_type is None:
        raise UnknownFileType(
            "This is no whole PDF, PNG, JPEG or TIFF: its content says so, whatever its name says. "
            "Save another format, such as a HEIC photo, as PDF or JPEG."
        )
    return Incoming(name, hashed.digest(), count, media_type)


def _told(place: Path) -> str | None:
    with place.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as content:
        media_type = media_type_of(content)
        if media_type == PDF and asks_password(content):
            raise LockedFile(
                "This PDF asks for a password, so whoever has to read it could not. Take the password off, "
                "or print it to a PDF, and send that."
            )
        return media_type


def _make_folder(path: Path) -> None:
    """Make a folder with those above it, for its owner alone."""
    for folder in (path.parent.parent, path.parent, path):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def _sync_folder(path: Path) -> None:
    """Have the disk remember a folder's new entry, as it has to before a row relies on it."""
    for folder in (path, path.parent):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
