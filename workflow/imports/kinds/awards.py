"""Awards out of a file: new ones, and new editions of those that changed. An edition never changes."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow.domain.reading import meant
from workflow.domain.vocabulary import AwardLevel, PaperKind, SubjectKind
from workflow.imports.ledger import added, new_ids
from workflow.imports.plan import ImportPlan, last_day
from workflow.imports.reading.bad_cells import BadCells
from workflow.imports.reading.cells import Cells
from workflow.store.awards import Award, AwardEdition, WorkflowDefinition
from workflow.store.base import table_of
from workflow.store.codes import spellings

_KINDS = {
    "individual": SubjectKind.PERSON,
    "cá nhân": SubjectKind.PERSON,
    "collective": SubjectKind.COLLECTIVE,
    "tập thể": SubjectKind.COLLECTIVE,
}
_LEVELS = {
    **{str(level): level for level in AwardLevel},
    "cơ sở": AwardLevel.BASE,
    "cơ sở hoặc ngành": AwardLevel.BASE_OR_SECTOR,
    "ngành": AwardLevel.SECTOR,
    "nhà nước": AwardLevel.STATE,
}
# In this order a change is told.
_FIELDS = (
    "name_vi", "name_en", "subject_kind", "level", "workflow_key", "papers", "vote_percent", "valid_to",
)  # fmt: skip
_PERCENT = 100
_PUBLISH = "one of your own is published first, under Routes or by commendo workflow publish FILE"


def plan_awards(session: Session, rows: Sequence[Cells], problems: BadCells) -> ImportPlan:
    """Return what the rows change: an award is named by its code, an edition by regime and first day."""
    routes = sorted(set(session.scalars(select(WorkflowDefinition.key))))
    wishes: dict[tuple[str, str, object], dict[str, Any]] = {}
    lines: dict[tuple[str, str, object], int] = {}
    stored = spellings(session, Award.code, [cells.text("code") for cells in rows])
    for cells in rows:
        wish, code = _read(cells, routes), cells.text("code")
        key = (stored.get(code, code), wish["regime"], wish["valid_from"])
        if key in lines:
            cells.bad("code", f"is there twice for this regime and day; the first is in line {lines[key]}")
        lines.setdefault(key, cells.line)
        wishes.setdefault(key, wish)
    problems.demand_none()
    return _plan(session, {(key[0], lines[key]): wish for key, wish in wishes.items()})


def _read(cells: Cells, routes: Sequence[str]) -> dict[str, Any]:
    workflow = cells.text("workflow")
    if workflow and workflow not in routes:
        cells.bad("workflow", f"no such workflow is published{meant(workflow, routes)} ({_PUBLISH})")
    papers = cells.words("papers")
    for paper in papers:
        if paper not in list(PaperKind):
            cells.bad("papers", f"no such paper{meant(paper, PaperKind)}", paper)
    valid_from, last = cells.day("valid_from"), cells.day("valid_to")
    if valid_from and last and last < valid_from:
        cells.bad("valid_to", f"lies before its first day, {valid_from}")
    if not cells.text("vi") and not cells.text("en"):
        cells.bad("vi", "is required")
    return {
        "regime": cells.text("regime"),
        # A name in one language is its name in both.
        "name_vi": cells.text("vi") or cells.text("en"),
        "name_en": cells.text("en") or cells.text("vi"),
        "subject_kind": cells.choice("kind", _KINDS),
        "workflow_key": workflow,
        "level": cells.choice("level", _LEVELS),
        "papers": list(papers),
        "vote_percent": cells.whole("vote_percent", least=1, most=_PERCENT, sign="%"),
        "valid_from": valid_from,
        # A file names the last day, as the papers do; an edition's end is the day after.
        "valid_to": last + timedelta(days=1) if last else None,
    }


def _plan(session: Session, wishes: Mapping[tuple[str, int], dict[str, Any]]) -> ImportPlan:
    plan = ImportPlan()
    codes = dict.fromkeys(code for code, _ in wishes)
    ids = {
        row.code: row.id for row in session.execute(select(Award.code, Award.id).where(Award.code.in_(codes)))
    }
    fresh = [code for code in codes if code not in ids]
    for code, award_id in zip(fresh, new_ids(session, "award", len(fresh)), strict=True):
        ids[code] = award_id
        plan.writes.append(added("award", {"id": award_id, "code": code}))
    present = _present(session, [ids[code] for code in codes])
    edition_ids = iter(new_ids(session, "award_edition", len(wishes)))
    for (code, _), wish in wishes.items():
        now = present.get((ids[code], wish["regime"], wish["valid_from"]))
        name = " ".join(filter(None, (code, wish["regime"], str(wish["valid_from"]))))
        # Where the file is silent an edition keeps its level, and a new one is decided at the base.
        wish["level"] = wish["level"] or (now["level"] if now else AwardLevel.BASE)
        if now is not None:
            was, will_be = _told(now), _told(wish)
            plan.note_change(name, {field: (was[field], will_be[field]) for field in _FIELDS})
            if was == will_be:
                continue
        else:
            plan.new.append(name)
        wish["subject_kind"], wish["level"] = str(wish["subject_kind"]), str(wish["level"])
        row = {"id": next(edition_ids), "award_id": ids[code], **wish}
        row["content_hash"] = _hash(code, wish, now["content_hash"] if now else None)
        plan.writes.append(added("award_edition", row))
    if plan.changed:
        plan.notes.append("Nominations under way keep the edition they were drafted with.")
    return plan


def _told(edition: Mapping[str, Any]) -> dict[str, Any]:
    """Return what an edition says, as a file says it."""
    return {field: edition[field] for field in _FIELDS} | {"valid_to": last_day(edition["valid_to"])}


def _present(session: Session, award_ids: Sequence[int]) -> dict[tuple[object, ...], Mapping[str, Any]]:
    """Return the newest edition of each award, regime and first day."""
    table = table_of(AwardEdition)
    rows = session.execute(
        select(table).where(table.c.award_id.in_(award_ids)).order_by(table.c.id)
    ).mappings()
    return {(row["award_id"], row["regime"], row["valid_from"]): dict(row) for row in rows}


def _hash(code: str, content: Mapping[str, Any], replaced: str | None) -> str:
    """Return the digest of an edition's content and of what it takes the place of.

    Without the latter a change that is changed back would be the first edition again, which stays behind.
    """
    whole = {"code": code, **content, "replaces": replaced}
    canonical = json.dumps(whole, ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.sha256(canonical.encode()).hexdigest()
