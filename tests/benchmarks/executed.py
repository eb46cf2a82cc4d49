"""The decision path without `store/statements.py`: SQLAlchemy executes each statement itself."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from typing import Any, cast

from sqlalchemy import Executable
from sqlalchemy.orm import Session

from workflow.operations.nominations import apply
from workflow.store.statements import Statement, Values


def _execute(self: Statement, session: Session, values: Values) -> Any:
    return session.connection().execute(cast("Executable", self._core), values)


def _run_each(self: Statement, session: Session, rows: Sequence[Values]) -> None:
    session.connection().execute(cast("Executable", self._core), list(rows))


@contextmanager
def sqlalchemy_executes() -> Iterator[None]:
    """Send the same statements for as long as the block lasts, one after the other, as SQLAlchemy does."""
    ways: tuple[tuple[object, str, object], ...] = (
        (Statement, "_execute", _execute),
        (Statement, "run_each", _run_each),
        (apply, "at_once", lambda _session: nullcontext()),
    )
    with ExitStack() as before:
        for place, name, way in ways:
            before.callback(setattr, place, name, getattr(place, name))
            setattr(place, name, way)
        yield
