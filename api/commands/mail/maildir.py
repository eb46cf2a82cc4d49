"""Mails that lie on a disk: single files, folders of them, and Maildirs."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from workflow.messages.reports import LONGEST_READ

_MAILDIR: Final = ("cur", "new", "tmp")
# maildir(5): flags after the name; S says that it was seen.
_SEEN: Final = ":2,S"


@dataclass(frozen=True, slots=True)
class StoredMail:
    """A mail and where it lies; `done` notes that it was taken in, where its folder keeps account of that."""

    place: str
    read: Callable[[], bytes]
    done: Callable[[], object] = lambda: None


def stored_mails(paths: Iterable[Path]) -> Iterator[StoredMail]:
    """Yield the mails of files, of folders in the order of names, and what is new in Maildirs."""
    for path in paths:
        if not path.is_dir():
            yield _stored(path)
        elif all((path / name).is_dir() for name in _MAILDIR):
            for file in _files(path / "new"):
                yield _stored(file, _mover(file, path / "cur"))
        else:
            yield from map(_stored, _files(path))


def _stored(file: Path, done: Callable[[], object] = lambda: None) -> StoredMail:
    return StoredMail(str(file), lambda: _beginning(file), done)


def _beginning(file: Path) -> bytes:
    with file.open("rb") as stream:
        return stream.read(LONGEST_READ)


def _files(folder: Path) -> list[Path]:
    return sorted(file for file in folder.iterdir() if file.is_file() and not file.name.startswith("."))


def _mover(file: Path, folder: Path) -> Callable[[], object]:
    def move() -> None:
        try:
            file.rename(folder / f"{file.name.partition(':')[0]}{_SEEN}")
        except FileNotFoundError:
            # Whoever else reads this Maildir was faster; the report counts once all the same.
            return

    return move
