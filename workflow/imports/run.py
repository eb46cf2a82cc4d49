"""Importing a file: everything in it or nothing, with what it changed kept for one step back."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import insert, or_, select
from sqlalchemy.orm import Session

from workflow.domain.errors import FieldError, InvalidField, PreviewStale
from workflow.domain.rights.policy import Actor
from workflow.domain.vocabulary import Role, Via
from workflow.imports.door import enter
from workflow.imports.in_hand import give_back_of_movers
from workflow.imports.kinds.accounts import plan_accounts
from workflow.imports.kinds.awards import plan_awards
from workflow.imports.kinds.calendar import plan_calendar
from workflow.imports.kinds.clusters import plan_clusters
from workflow.imports.kinds.facts import SaidBy, plan_facts
from workflow.imports.kinds.history import plan_history
from workflow.imports.kinds.hours import plan_hours
from workflow.imports.kinds.org import plan_org
from workflow.imports.kinds.people import plan_people
from workflow.imports.kinds.submissions import ReadyLists, draft_all, plan_submissions
from workflow.imports.ledger import Write, as_json, write_all
from workflow.imports.plan import Changed, ImportPlan
from workflow.imports.reading.bad_cells import BadCells
from workflow.imports.reading.cells import Cells, rows_of
from workflow.imports.reading.columns import OF_THE_CALENDAR, ImportKind
from workflow.imports.reading.sheet import Sheet
from workflow.operations.clusters.grants import follow_officers, follow_unit_heads
from workflow.operations.deadlines.fact_letters import tell_askers
from workflow.operations.history.streams import StreamEvent, append_each
from workflow.operations.setup.calendars import keep_calendars
from workflow.store.access import Grant
from workflow.store.base import table_of
from workflow.store.calendars import forget_revision
from workflow.store.database import default_locale, local_day
from workflow.store.imports import ImportBatch
from workflow.store.organisation import Cluster

_BY_DAY: Final = {ImportKind.ORG: plan_org, ImportKind.PEOPLE: plan_people}
"""What asks which units there are by today."""

_BY_ROWS: Final = {
    ImportKind.CLUSTERS: plan_clusters,
    ImportKind.AWARDS: plan_awards,
    ImportKind.CALENDAR: plan_calendar,
    ImportKind.HOURS: plan_hours,
    ImportKind.HISTORY: plan_history,
}
_CLUSTER_ROLES: Final = (Role.CLUSTER_HEAD, Role.CLUSTER_DEPUTY)


@dataclass(frozen=True, slots=True)
class Imported:
    """What a file changed, or with `is_dry_run` would; `batch_id` is None where nothing was written."""

    batch_id: int | None
    kind: str
    filename: str
    form: str
    row_count: int
    new: tuple[str, ...]
    changed: tuple[Changed, ...]
    unchanged_count: int
    notes: tuple[str, ...]
    is_dry_run: bool

    @property
    def fingerprint(self) -> str:
        """Name in one word all that changes: whoever confirms it says by it what they saw."""
        changes = [asdict(one) for one in self.changed]
        told = [self.kind, self.new, changes, self.unchanged_count, self.notes]
        return hashlib.sha256(json.dumps(told).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class _Done:
    """What was written: the plan, its rows as kept, and the papers and nominations of submissions."""

    plan: ImportPlan
    kept: Sequence[Write] = ()
    made: Mapping[str, object] | None = None


def import_sheet(
    session: Session, *, actor: Actor | None, kind: ImportKind, sheet: Sheet, via: Via, now: datetime
) -> Imported:
    """Import a file and commit; the same file again changes nothing.

    Raises `InvalidImport` naming every bad cell, `Conflict` where the data are no live ones or somebody
    changed the same rows meanwhile, `Forbidden` unless an administrator asks. Submissions are imported by
    whoever may compose them; all else without an actor by the command line for the administrator.
    """
    imported = take_sheet(session, actor=actor, kind=kind, sheet=sheet, via=via, now=now)
    session.commit()
    return imported


def take_sheet(
    session: Session,
    *,
    actor: Actor | None,
    kind: ImportKind,
    sheet: Sheet,
    via: Via,
    now: datetime,
    seen: str | None = None,
) -> Imported:
    """Import a file as `import_sheet` does; never commits.

    Raises `PreviewStale` where it would change something else than what `seen` was given for.
    """
    done = _carry_out(session, actor=actor, kind=kind, sheet=sheet, now=now)
    if seen is not None and seen != _imported(done.plan, kind, sheet, None, is_dry_run=True).fingerprint:
        raise PreviewStale("Since it was shown, the file would change something else: look at it again.")
    batch_id = _record(session, done, actor=actor, kind=kind, sheet=sheet, via=via, now=now)
    return _imported(done.plan, kind, sheet, batch_id, is_dry_run=False)


def preview_import(
    session: Session, *, actor: Actor | None, kind: ImportKind, sheet: Sheet, now: datetime
) -> Imported:
    """Return what `import_sheet` would do, by doing it and taking all of it back; raises what it raises."""
    try:
        done = _carry_out(session, actor=actor, kind=kind, sheet=sheet, now=now)
        return _imported(done.plan, kind, sheet, None, is_dry_run=True)
    finally:
        session.rollback()


def _carry_out(
    session: Session, *, actor: Actor | None, kind: ImportKind, sheet: Sheet, now: datetime
) -> _Done:
    enter(session, None if kind is ImportKind.SUBMISSION else actor, now=now)
    problems = BadCells(default_locale(session))
    header, rows = rows_of(kind, sheet, problems)
    if kind is ImportKind.SUBMISSION:
        ready = _ready(session, rows, problems, actor=actor, now=now)
        done = _Done(ready.plan, made=draft_all(session, ready) if ready.desks else None)
    else:
        done = _written(
            session, kind, _plan(session, kind, rows, problems, actor=actor, now=now), actor=actor, now=now
        )
    if header.unread:
        done.plan.notes.append(f"Columns that nothing is read from: {', '.join(header.unread)}.")
    return done


def _plan(
    session: Session,
    kind: ImportKind,
    rows: Sequence[Cells],
    problems: BadCells,
    *,
    actor: Actor | None,
    now: datetime,
) -> ImportPlan:
    today = local_day(session, now)
    if kind in _BY_DAY:
        return _BY_DAY[kind](session, rows, problems, today=today)
    if kind is ImportKind.ACCOUNTS:
        return plan_accounts(session, rows, problems, today=today, now=now)
    if kind is ImportKind.FACTS:
        said = SaidBy(actor.account_id if actor else None, now, today)
        return plan_facts(session, rows, problems, said=said)
    return _BY_ROWS[kind](session, rows, problems)


def _ready(
    session: Session, rows: Sequence[Cells], problems: BadCells, *, actor: Actor | None, now: datetime
) -> ReadyLists:
    if actor is None:
        message = "say whose rights apply"
        raise InvalidField(f"Submissions: {message}.", errors=[FieldError("as", message)])
    return plan_submissions(session, rows, problems, actor=actor, now=now)


def _written(
    session: Session, kind: ImportKind, plan: ImportPlan, *, actor: Actor | None, now: datetime
) -> _Done:
    """Write the plan, and let the seats of clusters follow whoever heads units now."""
    kept = write_all(session, plan.writes)
    if kind in OF_THE_CALENDAR and kept:
        forget_revision(session)
        keep_calendars(session, now=now)
    if kind is ImportKind.FACTS:
        answered = [int(str(one.key["id"])) for one in kept if one.table == "fact_question"]
        tell_askers(session, answered, said_by=actor.account_id if actor else None, now=now)
    give_back_of_movers(session, kept, actor=actor, via=Via.IMPORT, now=now)
    if kind in {ImportKind.ACCOUNTS, ImportKind.CLUSTERS} and kept:
        before = _cluster_grants(session)
        _follow(session, kind, kept, actor=actor, now=now)
        followed = _difference(before, _cluster_grants(session))
        if followed:
            plan.notes.append(f"Seats of clusters that follow who heads their units: {len(followed)}.")
        kept += followed
    return _Done(plan, kept)


def _follow(
    session: Session, kind: ImportKind, kept: Sequence[Write], *, actor: Actor | None, now: datetime
) -> None:
    if kind is ImportKind.ACCOUNTS:
        prefix = f"{Role.HEAD}@unit:"
        keys = [str(one.after["key"]) for one in kept if one.table == "grant" and one.after]
        codes = sorted({key.removeprefix(prefix) for key in keys if key.startswith(prefix)})
        if codes:
            follow_unit_heads(session, unit_codes=codes, actor=actor, via=Via.IMPORT, now=now)
        return
    ids = sorted({int(str(one.key["id"])) for one in kept if one.table == "cluster"})
    found = session.scalars(
        select(Cluster)
        .where(Cluster.id.in_(ids))
        .order_by(Cluster.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    for cluster in found.all():
        follow_officers(session, cluster, now=now)


def _cluster_grants(session: Session) -> dict[int, dict[str, object]]:
    table = table_of(Grant)
    seats = or_(*(table.c.key.startswith(f"{role}@cluster:", autoescape=True) for role in _CLUSTER_ROLES))
    return {
        row["id"]: {str(name): as_json(value) for name, value in row.items()}
        for row in session.execute(select(table).where(seats).order_by(table.c.id)).mappings()
    }


def _difference(
    before: Mapping[int, dict[str, object]], after: Mapping[int, dict[str, object]]
) -> list[Write]:
    return [
        Write("grant", {"id": grant_id}, before.get(grant_id), row)
        for grant_id, row in after.items()
        if before.get(grant_id) != row
    ]


def _record(
    session: Session,
    done: _Done,
    *,
    actor: Actor | None,
    kind: ImportKind,
    sheet: Sheet,
    via: Via,
    now: datetime,
) -> int | None:
    """Keep the batch with its rows and append its events; nothing at all where nothing changed."""
    if not done.kept and done.made is None:
        return None
    plan = done.plan
    changes: dict[str, object] = {
        "rows": [one.as_json() for one in done.kept],
        "streams": [event.stream for event in plan.events],
        "made": dict(done.made or {}),
    }
    batch_id: int = session.execute(
        insert(ImportBatch)
        .values(
            kind=str(kind),
            filename=sheet.filename,
            sha256=sheet.sha256,
            row_count=len(sheet.rows),
            changes=changes,
            imported_by=actor.account_id if actor else None,
            imported_at=now,
        )
        .returning(ImportBatch.id)
    ).scalar_one()
    counts = {"new": len(plan.new), "changed": len(plan.changed), "unchanged": plan.unchanged_count}
    data: dict[str, object] = {"kind": str(kind), "sha256": sheet.sha256.hex(), **counts}
    told = [*plan.events, StreamEvent(f"import:{batch_id}", "import", data)]
    append_each(session, told, actor=actor, via=via, now=now)
    return batch_id


def _imported(
    plan: ImportPlan, kind: ImportKind, sheet: Sheet, batch_id: int | None, *, is_dry_run: bool
) -> Imported:
    return Imported(
        batch_id,
        str(kind),
        sheet.filename,
        sheet.form,
        len(sheet.rows),
        tuple(plan.new),
        tuple(plan.changed),
        plan.unchanged_count,
        tuple(plan.notes),
        is_dry_run,
    )
