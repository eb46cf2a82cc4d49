"""How the server would carry a statement out, with the values that it is told beside it."""

from typing import Any

from sqlalchemy import Select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.expression import ClauseElement, Executable


class Planned(Executable, ClauseElement):
    """How the server would carry a statement out."""

    inherit_cache = False

    def __init__(self, found: Select[Any]) -> None:
        self.found = found


@compiles(Planned)
def _planned(element: Planned, compiler: SQLCompiler, **words: object) -> str:
    return f"EXPLAIN {compiler.process(element.found, **words)}"
