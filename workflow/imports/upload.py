"""A file between the look at it and its import, kept with its bytes: what was shown is what is imported.

One file waits for each account, and another takes its place (docs/adr/0066).
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from workflow.domain.errors import Conflict, Reason
from workflow.domain.rights.policy import Actor
from workflow.domain.vocabulary import Via
from workflow.imports.door import demand_administrator, demand_live
from workflow.imports.reading.columns import ImportKind
from workflow.imports.reading.sheet import Sheet
from workflow.imports.run import take_sheet
from workflow.operations.keys import Claim, claim_key, settle_key
from workflow.store.base import table_of
from workflow.store.imports import ImportBatch, ImportUpload

_UPLOAD = table_of(ImportUpload)


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as somebody sent it, and the sheet of a workbook that they named."""

    kind: ImportKind
    filename: str
    sheet: str | None
    content: bytes
    sha256: bytes


def keep_upload(session: Session, *, actor: Actor, upload: Upload, now: datetime) -> None:
    """Keep a file until it is imported, in place of the one before, and commit.

    Raises `Conflict` where the data are no live ones, `Forbidden` unless an administrator asks.
    """
    demand_live(session)
    demand_administrator(actor)
    row = insert(_UPLOAD).values(
        account_id=actor.account_id,
        kind=str(upload.kind),
        filename=upload.filename,
        sheet=upload.sheet,
        content=upload.content,
        sha256=upload.sha256,
        uploaded_at=now,
    )
    fresh = {column.name: row.excluded[column.name] for column in _UPLOAD.columns if not column.primary_key}
    session.execute(row.on_conflict_do_update(index_elements=["account_id"], set_=fresh))
    session.commit()


def find_upload(session: Session, *, actor: Actor, kind: ImportKind, sha256: str) -> Upload | None:
    """Return the file that waits for the actor, None where it is another or waits no longer."""
    row = session.scalar(select(ImportUpload).where(ImportUpload.account_id == actor.account_id))
    if row is None or row.sha256.hex() != sha256 or row.kind != kind:
        return None
    return Upload(ImportKind(row.kind), row.filename, row.sheet, row.content, row.sha256)


def imported_before(session: Session, *, actor: Actor, kind: ImportKind, sha256: str) -> int:
    """Return the number of the last import where it is this very file, imported by the actor and not undone.

    Raises `Conflict` where it is not: then the file waits no longer, and nothing came of it.
    """
    last = session.scalar(select(ImportBatch).order_by(ImportBatch.id.desc()).limit(1))
    is_this = last is not None and (last.sha256.hex(), last.kind) == (sha256, kind) and last.undone_at is None
    if last is None or not is_this or last.imported_by != actor.account_id:
        message = "This file waits no longer; choose it again."
        raise Conflict(message, reasons=[Reason("file_waits_no_longer", message)])
    return last.id


def import_upload(
    session: Session,
    *,
    actor: Actor,
    kind: ImportKind,
    sheet: Sheet,
    seen: str,
    via: Via,
    now: datetime,
    claim: Claim | None = None,
) -> int | None:
    """Import a file that was looked at, let go what was kept of it, and commit.

    Returns the number of the import, None where nothing changed. Raises what `import_sheet` raises, and
    `PreviewStale` where it would change something else than what `seen` was given for; then it still waits.
    """
    answer = claim_key(session, claim, actor=actor, now=now)
    if answer is not None:
        found: int | None = answer["import"]  # type: ignore[assignment]  # a number of our own in JSON
        return found
    done = take_sheet(session, actor=actor, kind=kind, sheet=sheet, via=via, now=now, seen=seen)
    mine = ImportUpload.account_id == actor.account_id
    session.execute(delete(ImportUpload).where(mine, ImportUpload.sha256 == sheet.sha256))
    settle_key(session, claim, actor=actor, result={"import": done.batch_id})
    session.commit()
    return done.batch_id
