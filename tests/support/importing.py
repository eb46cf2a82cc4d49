"""Importing text in a test as the command line imports a file."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow.domain.errors import InvalidImport
from workflow.domain.rights.policy import Actor
from workflow.domain.vocabulary import Via
from workflow.imports.reading.columns import ImportKind
from workflow.imports.reading.sheet import read_sheet
from workflow.imports.run import Imported, import_sheet, preview_import
from workflow.imports.undo import Undone, undo_last_import
from workflow.store.base import Base


class Desk:
    """Imports text into a test's database, at the instant it was given."""

    def __init__(self, session: Session, now: datetime, actor: Actor | None = None) -> None:
        self.session = session
        self.now = now
        self.actor = actor

    def take(self, kind: str, text: str) -> Imported:
        """Import the text as a file of that kind."""
        sheet = read_sheet(text.encode(), f"{kind}.csv", ImportKind(kind))
        self.now += timedelta(minutes=1)
        return import_sheet(
            self.session, actor=self.actor, kind=ImportKind(kind), sheet=sheet, via=Via.IMPORT, now=self.now
        )

    def look(self, kind: str, text: str) -> Imported:
        """Say what the text would change."""
        sheet = read_sheet(text.encode(), f"{kind}.csv", ImportKind(kind))
        return preview_import(
            self.session, actor=self.actor, kind=ImportKind(kind), sheet=sheet, now=self.now
        )

    def undo(self) -> Undone:
        """Take the last import back."""
        self.now += timedelta(minutes=1)
        return undo_last_import(self.session, actor=None, via=Via.CLI, now=self.now)

    def bad(self, kind: str, text: str) -> list[str]:
        """Return the bad cells of a text that is refused, which then has changed nothing."""
        before = everything(self.session)
        try:
            self.take(kind, text)
        except InvalidImport as refused:
            self.session.rollback()
            assert everything(self.session) == before
            return [f"{error.field}: {error.message}" for error in refused.errors]
        raise AssertionError("the file was taken")


def everything(session: Session) -> dict[str, list[tuple[object, ...]]]:
    """Return every row of the database but the record of imports, events with words, and old calendars."""
    kept = {}
    for table in Base.metadata.sorted_tables:
        if table.name in {"import_batch", "event", "event_text", "calendar_version"}:
            continue
        rows = session.execute(select(table).order_by(*table.primary_key.columns)).all()
        kept[table.name] = [tuple(row) for row in rows]
    return kept
