"""The papers of a nomination, a submission or a unit's answer, and the checklist of those it still needs."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy.orm import Session

from workflow.domain.errors import NotFound, Reason
from workflow.domain.papers.kinds import ROOTS, PaperLevel, PaperRoot, Target, level_of
from workflow.domain.papers.quota import PaperQuota
from workflow.domain.papers.rules import (
    PaperPlace,
    Phase,
    PlacedPaper,
    attachable,
    is_withheld,
    refuse_removal,
)
from workflow.domain.rights.policy import Actor
from workflow.domain.vocabulary import PaperKind
from workflow.queries.paper_words import paper_help, paper_title
from workflow.queries.shapes import Titled, Who, Words
from workflow.queries.sight import read_seen
from workflow.store.attachments import Attachment
from workflow.store.clusters import kind_of_units_cluster
from workflow.store.database import local_day
from workflow.store.definitions import load_definition
from workflow.store.locked import Locked
from workflow.store.paper_desks import PaperHome, nomination_root, read_root, return_root
from workflow.store.paper_room import demand_room, may_lie_there
from workflow.store.paper_rows import kinds_asked_at, paper_rows, papers_at, target_of_row
from workflow.store.paper_scans import scanned_papers

_NONE: Final[frozenset[str]] = frozenset()


@dataclass(frozen=True, slots=True)
class PaperView:
    """One paper. A stub has `secret_number` and `secret_place` instead of a file.

    `at` says to what it is attached. A removed paper stays listed. `is_withheld`: what tells how people judge
    the nominee reads with the result, and learns until then only that it is there. `is_removable` is said for
    the reader, as far as can be known without looking for scans of paper steps.
    """

    id: UUID
    kind: PaperKind
    title: Words
    at: PaperRoot
    filename: str
    media_type: str | None
    byte_count: int | None
    sha256: str | None
    secret_number: str | None
    secret_place: str | None
    uploaded_by: Who | None
    uploaded_at: datetime
    removed_at: datetime | None
    is_withheld: bool
    is_removable: bool


@dataclass(frozen=True, slots=True)
class Needed:
    """One kind of paper that is asked for: where it is looked for, and whether it is still missing."""

    kind: PaperKind
    title: Words
    help: Words
    level: PaperLevel
    is_missing: bool


@dataclass(frozen=True, slots=True)
class Papers:
    """All papers of one root, oldest first, with the checklist and the kinds that its reader may add now.

    `next` is there because every list has it; papers come in one piece. `needs_reason` says that taking one
    away needs a reason.
    """

    items: tuple[PaperView, ...]
    next: str | None
    needed: tuple[Needed, ...]
    attachable: tuple[Titled, ...]
    needs_reason: bool


@dataclass(frozen=True, slots=True)
class _Look:
    """What one reader's look at the papers of a root shares."""

    actor: Actor
    root: PaperHome
    desks: Mapping[PaperRoot, PaperPlace]
    scans: Collection[str]
    cluster_kind: str | None


@dataclass(frozen=True, slots=True)
class StoredPaper:
    """A file as it is sent to its reader."""

    filename: str
    media_type: str
    byte_count: int
    sha256: bytes
    storage_name: str


def papers_of(
    session: Session, *, actor: Actor, target: Target, now: datetime, seen: Locked | None = None
) -> Papers:
    """Return the papers of a nomination with those of its submission, or of another root; else `NotFound`.

    `seen` is the nomination, for whoever asks for several parts of it and has read it already.
    """
    root, submission_id = _nomination(session, seen) if seen else _root(session, actor, target, now)
    cluster = kind_of_units_cluster(session, unit=root.desk.unit, round_id=root.round_id)
    desks = {root.kind: root.desk}
    told = {"root": root.id, "submission": submission_id}
    if submission_id is not None:
        listed = Target(PaperRoot.SUBMISSION, submission_id)
        desks[listed.kind] = read_root(session, actor, listed, now=now).desk
    rows = papers_at(root.kind, with_list=submission_id is not None).fetch(session, told)
    held = {row.kind for row in rows if row.removed_at is None}
    scans = _scans(session, root, submission_id) if any(desk.is_own for desk in desks.values()) else _NONE
    look = _Look(actor, root, desks, scans, cluster)
    return Papers(
        items=tuple(_view(session, look, row) for row in rows),
        next=None,
        needed=tuple(_needed(kind, held, cluster) for kind in _required(session, root)),
        attachable=tuple(paper_title(kind, cluster) for kind in attachable(actor, root.desk)),
        needs_reason=root.desk.phase is not Phase.WITH_UNIT,
    )


def find_paper(session: Session, *, actor: Actor, attachment_id: UUID, now: datetime) -> StoredPaper:
    """Return a file to send. Raises `NotFound`: not to be seen, removed, or a stub."""
    row = session.execute(paper_rows().where(Attachment.id == attachment_id)).one_or_none()
    if row is None or row.removed_at is not None:
        raise _no_paper()
    target = target_of_row(row)
    try:
        root, _ = _root(session, actor, target, now)
    except NotFound as refused:
        raise _no_paper() from refused
    if _is_withheld(actor, root.desk, row, _scans(session, root) if root.desk.is_own else _NONE):
        message = "Who is nominated reads this paper with the result."
        raise NotFound(message, reasons=[Reason("withheld_paper", message)])
    if row.storage_name is None:
        message = "A secret paper is not kept here; see its number and place."
        raise NotFound(message, reasons=[Reason("secret-paper", message)])
    return StoredPaper(row.filename, row.media_type, row.byte_count, row.sha256, row.storage_name)


def demand_room_ahead(
    session: Session, *, actor: Actor, target: Target, byte_count: int, quota: PaperQuota, now: datetime
) -> None:
    """Refuse a file before it is stored, as `attach` would. Raises `NotFound`, `PapersFull`.

    Files of the same time may still come before it, so `attach` asks again under its locks.
    """
    root, _ = _root(session, actor, target, now)
    if not may_lie_there(session, root, byte_count):
        demand_room(session, root, account_id=actor.account_id, byte_count=byte_count, quota=quota, now=now)


def target_of_return(session: Session, *, actor: Actor, round_code: str, unit_code: str) -> Target:
    """Return what a unit owes a round, for its papers. Raises `NotFound` alike for none and for unseen."""
    root = return_root(session, actor, round_code=round_code, unit_code=unit_code)
    if root is None:
        message = f"Nothing is expected of '{unit_code}' in the round '{round_code}' that you may see."
        raise NotFound(message)
    return Target(PaperRoot.EXPECTED_RETURN, root.id)


def target_of_paper(session: Session, attachment_id: UUID) -> Target:
    """Return to what a paper is attached; whether that is seen is for whoever asks next to find out."""
    row = session.execute(paper_rows().where(Attachment.id == attachment_id)).one_or_none()
    if row is None:
        raise _no_paper()
    return target_of_row(row)


def _root(session: Session, actor: Actor, target: Target, now: datetime) -> tuple[PaperHome, int | None]:
    """Return a root that the actor sees, and the submission whose papers count for it too."""
    if target.kind is not PaperRoot.NOMINATION:
        return read_root(session, actor, target, now=now), None
    return _nomination(session, read_seen(session, actor=actor, nomination_id=target.id, now=now))


def _nomination(session: Session, seen: Locked) -> tuple[PaperHome, int | None]:
    return nomination_root(seen, load_definition(session, seen.definition_id)), seen.submission_id


def _view(session: Session, look: _Look, row: Row[Any]) -> PaperView:
    """Return a paper as its own desk shows it: one of the list tells of everybody on the list."""
    kind, at = PaperKind(row.kind), target_of_row(row).kind
    actor, root = look.actor, look.root
    hidden = _is_withheld(actor, look.desks[at], row, look.scans)
    day = local_day(session, row.uploaded_at)
    # The papers of its submission are changed there, not on the page of one name.
    removable = (
        at is root.kind
        and row.removed_at is None
        and refuse_removal(actor, root.desk, PlacedPaper(kind, row.uploaded_by, day)) is None
    )
    return PaperView(
        id=row.id,
        kind=kind,
        title=paper_title(kind, look.cluster_kind).title,
        at=at,
        filename="" if hidden else row.filename,
        media_type=row.media_type,
        byte_count=row.byte_count,
        sha256=row.sha256.hex() if row.sha256 and not hidden else None,
        secret_number=None if hidden else row.secret_number,
        secret_place=None if hidden else row.secret_place,
        uploaded_by=None if hidden else Who(row.uploaded_by, row.uploader),
        uploaded_at=row.uploaded_at,
        removed_at=row.removed_at,
        is_withheld=hidden,
        is_removable=removable and not hidden,
    )


def _is_withheld(actor: Actor, desk: PaperPlace, row: Row[Any], scans: Collection[str]) -> bool:
    return is_withheld(
        is_judged=desk.is_own and desk.phase is not Phase.CLOSED,
        kind=row.kind,
        is_theirs=row.uploaded_by == actor.account_id,
        is_scan=str(row.id) in scans,
    )


def _scans(session: Session, root: PaperHome, submission_id: int | None = None) -> Collection[str]:
    """Return the ids of the papers on which steps of this nomination, or of this list, were done."""
    listed = root.id if root.kind is PaperRoot.SUBMISSION else submission_id
    alone = [root.id] if root.kind is PaperRoot.NOMINATION else []
    return scanned_papers(session, nomination_ids=alone, submission_id=listed)


def _required(session: Session, root: PaperHome) -> Sequence[PaperKind]:
    """Return the kinds that the awards ask for here, in the order of lists."""
    if root.kind is PaperRoot.EXPECTED_RETURN:
        return ()
    found = {PaperKind(row.kind) for row in kinds_asked_at(root.kind).fetch(session, {"root": root.id})}
    if root.kind is PaperRoot.SUBMISSION:
        found = {kind for kind in found if level_of(kind) is PaperLevel.SUBMISSION}
    return tuple(kind for kind in ROOTS if kind in found)


def _needed(kind: PaperKind, held: set[str], cluster: str | None) -> Needed:
    title, words = paper_title(kind, cluster).title, paper_help(kind, cluster)
    return Needed(kind, title, words, level_of(kind), is_missing=kind not in held)


def _no_paper() -> NotFound:
    return NotFound("There is no such paper among those you may see.")
