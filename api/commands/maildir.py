"""Mails that lie on a disk: single files, folders of them, and Maildirs."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_MAILDIR: Final = ("cur", "new", "tmp")
# maildir(5): flags after the name; S says that it was seen.
_SEEN: Final = ":2,S"


@dataclass(frozen=True, slots=True)
class StoredMail:
    """A mail in a file; `done` notes that it was read, where its folder keeps account of that."""

    path: Path
    done: Callable[[], object] = lambda: None


def stored_mails(paths: Iterable[Path]) -> Iterator[StoredMail]:
    """Yield the mails of files, of folders in the order of names, and what is new in Maildirs."""
    for path in paths:
        if not path.is_dir():
            yield StoredMail(path)
        elif all((path / name).is_dir() for name in _MAILDIR):
            for file in _files(path / "new"):
                yield StoredMail(file, _mover(file, path / "cur"))
        else:
            yield from map(StoredMail, _files(path))


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
