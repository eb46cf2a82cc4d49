"""How many statements something sends to the database."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Connection, Engine, event

from workflow.store.statements import Statement


@contextmanager
def counted_statements(monkeypatch: pytest.MonkeyPatch, bind: Engine | Connection) -> Iterator[list[str]]:
    """Note every statement that is sent, whether SQLAlchemy sends it or the driver gets it ready-made."""
    sent: list[str] = []

    def noted(_connection: object, _cursor: object, text: str, *_rest: object) -> None:
        sent.append(text)

    def wrap(name: str) -> None:
        original = getattr(Statement, name)

        def run(self: Statement, *given: object) -> object:
            sent.append(f"{name} {id(self)}")
            return original(self, *given)

        monkeypatch.setattr(Statement, name, run)

    for name in ("run", "fetch", "run_each"):
        wrap(name)
    event.listen(bind, "before_cursor_execute", noted)
    yield sent
    event.remove(bind, "before_cursor_execute", noted)
    monkeypatch.undo()
