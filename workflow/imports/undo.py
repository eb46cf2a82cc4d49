"""Taking the last import back in one step: all of it, while nobody changed or built on what it wrote."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from workflow.domain.errors import Conflict, NotFound, Reason
from workflow.domain.rights.policy import Actor
from workflow.domain.vocabulary import Via
from workflow.imports.door import enter
from workflow.imports.in_hand import give_back, give_back_of_movers
from workflow.imports.in_the_way import MOST_NAMED, what_moved, what_refers
from workflow.imports.ledger import Write, take_back
from workflow.imports.reading.columns import OF_THE_CALENDAR, ImportKind
from workflow.imports.undo_submissions import withdraw_all
from workflow.operations.history.streams import StreamEvent, append_each
from workflow.operations.people.last_admin import ADMINISTRATOR, demand_somebody
from workflow.operations.setup.calendars import keep_calendars
from workflow.store.calendars import forget_revision
from workflow.store.imports import ImportBatch
from workflow.store.lookups import looking_up


@dataclass(frozen=True, slots=True)
class Undone:
    """The import that was taken back, or with `is_dry_run` could be: rows set back, removed, put back."""

    batch_id: int
    kind: str
    filename: str
    removed_count: int
    restored_count: int
    withdrawn_count: int
    is_dry_run: bool


def undo_last_import(
    session: Session, *, actor: Actor | None, via: Via, now: datetime, batch_id: int | None = None
) -> Undone:
    """Take the last import back and commit.

    Raises `NotFound` where nothing was imported, `Conflict` when it was undone already, is another than
    `batch_id`, or naming the first twenty rows in the way, or where nobody would run the installation then;
    nothing is changed. `Forbidden` unless an administrator asks.
    """
    undone = _take_back(session, actor=actor, via=via, now=now, is_dry_run=False, batch_id=batch_id)
    session.commit()
    return undone


def preview_undo(
    session: Session, *, actor: Actor | None, via: Via, now: datetime, batch_id: int | None = None
) -> Undone:
    """Return what `undo_last_import` would do, by doing it and taking it back; raises what it raises."""
    try:
        return _take_back(session, actor=actor, via=via, now=now, is_dry_run=True, batch_id=batch_id)
    finally:
        session.rollback()


def _take_back(
    session: Session,
    *,
    actor: Actor | None,
    via: Via,
    now: datetime,
    is_dry_run: bool,
    batch_id: int | None = None,
) -> Undone:
    enter(session, actor, now=now)
    batch = _last(session)
    if batch_id is not None and batch.id != batch_id:
        message = f"Import {batch_id} is not the last one any more: number {batch.id} is."
        params = {"number": str(batch_id), "last": str(batch.id)}
        raise Conflict(message, reasons=[Reason("import_not_last", message, params)])
    changes: Mapping[str, Any] = batch.changes
    kept = [Write(one["table"], one["key"], one["before"], one["after"]) for one in changes["rows"]]
    with looking_up(session):
        _demand_clear([*what_moved(session, kept), *what_refers(session, kept)])
        take_back(session, kept)
    if batch.kind in OF_THE_CALENDAR:
        forget_revision(session)
        keep_calendars(session, now=now)
    gone = [one.after or {} for one in kept if one.table == "grant" and one.before is None]
    if any(row["key"] == ADMINISTRATOR for row in gone):
        demand_somebody(session, actor=actor, now=now)
    lost = {int(str(row["account_id"])) for row in gone}
    give_back(session, lost, actor=actor, via=via, now=now)
    give_back_of_movers(session, kept, actor=actor, via=via, now=now)
    withdrawn_count = 0
    if batch.kind == ImportKind.SUBMISSION:
        withdrawn_count = withdraw_all(session, batch, via=via, now=now)
    session.execute(update(ImportBatch).where(ImportBatch.id == batch.id).values(undone_at=now))
    told = [
        StreamEvent(stream, "undo_import", {"import": batch.id})
        for stream in [*changes["streams"], f"import:{batch.id}"]
    ]
    append_each(session, told, actor=actor, via=via, now=now)
    return Undone(
        batch.id,
        batch.kind,
        batch.filename,
        sum(one.before is None for one in kept),
        sum(one.before is not None for one in kept),
        withdrawn_count,
        is_dry_run,
    )


def _last(session: Session) -> ImportBatch:
    batch = session.scalar(
        select(ImportBatch)
        .order_by(ImportBatch.id.desc())
        .limit(1)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    if batch is None:
        raise NotFound("Nothing was imported yet.")
    if batch.undone_at is not None:
        message = (
            f"The last import, number {batch.id} ({batch.kind}, {batch.filename}), was undone on "
            f"{batch.undone_at:%Y-%m-%d %H:%M} UTC. Only the last import can be undone."
        )
        raise Conflict(message, reasons=[Reason("import_undone", message, {"number": str(batch.id)})])
    return batch


def _demand_clear(found: Sequence[str]) -> None:
    if not found:
        return
    named = [Reason("import_built_on", sentence, {"row": sentence}) for sentence in found[:MOST_NAMED]]
    if len(found) > MOST_NAMED:
        more = f"and more; the first {MOST_NAMED} are named"
        named.append(Reason("import_built_on", more, {"row": more}))
    raise Conflict("The last import cannot be undone: rows are in the way.", reasons=named)
