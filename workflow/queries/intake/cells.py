"""One name's papers, and one list's: which are asked for, where each goes, and what lies there."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, or_, select
from sqlalchemy.orm import Session

from workflow.domain.papers.kinds import ROOTS, PaperLevel, PaperRoot, Target, level_of
from workflow.domain.papers.rules import PaperPlace, attachable
from workflow.domain.rights.policy import Actor
from workflow.domain.vocabulary import PaperKind
from workflow.store.attachments import Attachment
from workflow.store.base import among
from workflow.store.conditions import is_kept


@dataclass(frozen=True, slots=True)
class PaperCell:
    """One kind of paper that a name or a list is asked for: whether it is missing, and what lies there.

    `at` is where it goes, None where that is the list's own row; `files` are names of files, or numbers of
    secret papers, not told of papers on people's own names. `is_open`: the reader may put one there.
    """

    kind: PaperKind
    at: Target | None
    is_missing: bool
    is_open: bool
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Lying:
    """What lies where: names of files by kind, of each nomination and of each list."""

    at: Mapping[Target, Mapping[str, tuple[str, ...]]]

    def files(self, target: Target, kind: PaperKind) -> tuple[str, ...] | None:
        """Return the names of the files of a kind, None where there is none."""
        return self.at.get(target, {}).get(kind)


def what_lies(session: Session, names: Sequence[int], lists: Sequence[int]) -> Lying:
    """Return what lies at names and lists, the oldest first."""
    rows = session.execute(
        select(
            Attachment.nomination_id,
            Attachment.submission_id,
            Attachment.kind,
            Attachment.filename,
            Attachment.secret_number,
        )
        .where(or_(among(Attachment.nomination_id, names), among(Attachment.submission_id, lists)), is_kept())
        .order_by(Attachment.id)
    )
    found: dict[Target, dict[str, tuple[str, ...]]] = defaultdict(dict)
    for row in rows:
        target = (
            Target(PaperRoot.NOMINATION, row.nomination_id)
            if row.nomination_id is not None
            else Target(PaperRoot.SUBMISSION, row.submission_id)
        )
        found[target][row.kind] = (*found[target].get(row.kind, ()), row.filename or row.secret_number or "")
    return Lying(found)


def cells_of_name(row: Row[Any], actor: Actor, desk: PaperPlace, lying: Lying) -> dict[PaperKind, PaperCell]:
    """Return the papers that a name's award asks for; one of the list it is on has its place there."""
    here, opened = Target(PaperRoot.NOMINATION, row.id), frozenset(attachable(actor, desk))
    of_list = None if row.submission_id is None else Target(PaperRoot.SUBMISSION, row.submission_id)
    cells = {}
    for kind in (kind for kind in ROOTS if kind in row.papers and level_of(kind) is not PaperLevel.LATER):
        own = lying.files(here, kind)
        is_listed = of_list is not None and level_of(kind) is PaperLevel.SUBMISSION
        shared = lying.files(of_list, kind) if of_list is not None else None
        cells[kind] = PaperCell(
            kind,
            at=None if is_listed else here,
            is_missing=own is None and shared is None,
            is_open=not is_listed and kind in opened,
            files=() if desk.is_own else own or (),
        )
    return cells


def cells_of_list(
    submission_id: int, asked: Collection[str], actor: Actor, desk: PaperPlace, lying: Lying
) -> dict[PaperKind, PaperCell]:
    """Return the papers of a list among those that the awards of its names ask for."""
    here, opened = Target(PaperRoot.SUBMISSION, submission_id), frozenset(attachable(actor, desk))
    cells = {}
    for kind in (kind for kind in ROOTS if kind in asked and level_of(kind) is PaperLevel.SUBMISSION):
        files = lying.files(here, kind)
        cells[kind] = PaperCell(
            kind,
            at=here,
            is_missing=files is None,
            is_open=kind in opened,
            files=() if desk.is_own else files or (),
        )
    return cells
