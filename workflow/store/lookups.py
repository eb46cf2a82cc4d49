"""Asking a large table for many keys, each by its index."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy import text
from sqlalchemy.orm import Session

_BY_INDEX: Final = text("SET LOCAL enable_seqscan = off")
_AS_USUAL: Final = text("SET LOCAL enable_seqscan TO DEFAULT")


@contextmanager
def looking_up(session: Session) -> Iterator[None]:
    """Have the server look keys up in indexes while the block lasts, whatever it expects to find.

    Where a few people did all that there is, it expects of any key that a great part of the table is meant,
    and reads the whole table for each, and so do its own checks of foreign keys when a row goes.
    """
    session.execute(_BY_INDEX)
    yield
    session.execute(_AS_USUAL)
