"""Which files were imported, newest first."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow.store.imports import ImportBatch


@dataclass(frozen=True, slots=True)
class ImportView:
    """One imported file. `undone_at` is None while what it wrote stands."""

    id: int
    kind: str
    filename: str
    sha256: str
    row_count: int
    imported_at: datetime
    undone_at: datetime | None


def list_imports(session: Session, *, limit: int) -> list[ImportView]:
    """Return the newest imports; what each changed is in its batch alone."""
    rows = session.execute(
        select(
            ImportBatch.id,
            ImportBatch.kind,
            ImportBatch.filename,
            ImportBatch.sha256,
            ImportBatch.row_count,
            ImportBatch.imported_at,
            ImportBatch.undone_at,
        )
        .order_by(ImportBatch.id.desc())
        .limit(limit)
    )
    return [
        ImportView(
            row.id, row.kind, row.filename, row.sha256.hex(), row.row_count, row.imported_at, row.undone_at
        )
        for row in rows
    ]
