"""What a file would change: the rows to write, and the same in words for whoever looks before it is done."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from workflow.imports.ledger import Write
from workflow.operations.history.streams import StreamEvent


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field of something that exists: what it says now and what the file makes of it."""

    field: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Changed:
    """Something that exists and changes, by its code."""

    name: str
    fields: tuple[FieldChange, ...]


@dataclass(slots=True)
class ImportPlan:
    """What one file changes. `notes` are sentences about what a reader could miss."""

    writes: list[Write] = field(default_factory=list)
    new: list[str] = field(default_factory=list)
    changed: list[Changed] = field(default_factory=list)
    unchanged_count: int = 0
    notes: list[str] = field(default_factory=list)
    events: list[StreamEvent] = field(default_factory=list)

    def note_change(self, name: str, fields: Mapping[str, tuple[object, object]]) -> None:
        """Count something that exists as changed where one of its fields (old, new) differs."""
        differ = tuple(
            FieldChange(field, _word(old), _word(new)) for field, (old, new) in fields.items() if old != new
        )
        if differ:
            self.changed.append(Changed(name, differ))
        else:
            self.unchanged_count += 1


def last_day(end: date | None) -> date | None:
    """Return the last day of a term as a file names it; what is kept is the first day after it."""
    return end - timedelta(days=1) if end else None


def _word(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(str, value)) if isinstance(value, tuple | list) else str(value)
