"""A folder of papers for a play, in which one invented page stands for all of them."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from typing import IO, Final

from workflow.domain.papers.media import Incoming
from workflow.simulate.sheet import SHEET
from workflow.store.paper_files import PaperFolder

_MOST_BYTES: Final = 4096


@dataclass(frozen=True)
class OneSheetFolder(PaperFolder):
    """Puts the invented page to the disk once, and every paper as one more name of that file.

    Several hundred papers written one by one, each waited for, cost more than everything else in a demo.
    `kept` are the names in use, so that a play that breaks off can take them back.
    """

    kept: dict[str, Incoming] = field(default_factory=dict)

    @contextmanager
    def receive(self, stream: IO[bytes], *, most_bytes: int = _MOST_BYTES) -> Iterator[Incoming]:
        """Yield the invented page under a name of its own; its bytes go to the disk once."""
        if self.kept:
            first = next(iter(self.kept.values()))
            yield Incoming(secrets.token_hex(24), first.sha256, first.byte_count, first.media_type)
            return
        with super().receive(stream, most_bytes=most_bytes) as incoming:
            yield incoming

    def keep(self, incoming: Incoming) -> None:
        """Give the page this name as well."""
        if self.kept:
            place = self._place(incoming.storage_name)
            place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.link(self._place(next(iter(self.kept))), place)
        else:
            super().keep(incoming)
        self.kept[incoming.storage_name] = incoming

    def take_back(self) -> None:
        """Take every name away again."""
        self.forget(self.kept, kept=frozenset())


def sheet() -> IO[bytes]:
    """Return the invented page as it is handed in."""
    return BytesIO(SHEET)
