"""What a statement read, as PostgreSQL tells of the plan that it carried out."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from tests.conftest import Database


@contextmanager
def asked(database: Database) -> Iterator[list[tuple[str, Any]]]:
    """Collect the statements that are sent meanwhile, with what is bound to them."""
    seen: list[tuple[str, Any]] = []

    def note(_conn, _cursor, statement: str, parameters: object, *_rest: object) -> None:
        seen.append((statement, parameters))

    event.listen(database.engine, "before_cursor_execute", note)
    yield seen
    event.remove(database.engine, "before_cursor_execute", note)


@contextmanager
def ready_made(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[Any, Any]]]:
    """Collect the statements that the driver gets ready-made, past SQLAlchemy, with what is bound to them."""
    sent: list[tuple[Any, Any]] = []

    class Noted(psycopg.RawCursor[Any]):
        def execute(self, query: Any, params: Any = None, **how: Any) -> Any:
            sent.append((query, params))
            return super().execute(query, params, **how)

    with monkeypatch.context() as patch:
        patch.setattr(psycopg, "RawCursor", Noted)
        yield sent


def scans(plan: dict[str, Any]) -> Iterator[tuple[str, str, float]]:
    """Yield each table that a plan reads, by which index, and how many rows that came to."""
    if "Relation Name" in plan or "Index Name" in plan:
        met = plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0)
        rows = met * plan["Actual Loops"]
        yield plan.get("Relation Name", "a bitmap"), plan.get("Index Name", "none"), rows
    for below in plan.get("Plans", ()):
        yield from scans(below)


def explained(session: Session, statement: str | bytes, parameters: Any) -> Sequence[tuple[str, str, float]]:
    """Carry a statement out and return what its plan read."""
    told = statement.decode() if isinstance(statement, bytes) else statement
    answer = session.connection().exec_driver_sql(
        f"EXPLAIN (ANALYZE, FORMAT JSON) {told}", tuple(parameters or ())
    )
    return list(scans(answer.scalar_one()[0]["Plan"]))
