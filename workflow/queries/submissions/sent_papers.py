"""The papers that lay at nominations and their list at one moment, as one reader may know them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, false, or_, select
from sqlalchemy.orm import Session

from workflow.domain.papers.kinds import PaperRoot, Target
from workflow.domain.papers.rules import Phase, is_withheld
from workflow.domain.rights.policy import Actor
from workflow.domain.vocabulary import PaperKind
from workflow.queries.paper_words import paper_title
from workflow.queries.shapes import Words, is_nominee
from workflow.store.attachments import Attachment
from workflow.store.base import among
from workflow.store.conditions import is_kept
from workflow.store.paper_desks import read_root
from workflow.store.paper_scans import scanned_papers

_MOST_PAPERS: Final = 10_000


@dataclass(frozen=True, slots=True)
class SentPaper:
    """A paper that lay there when it was sent, of one nomination or (`nomination_id` null) of the list.

    What tells how people judged the nominee reads with the result. A secret paper has a number and no file.
    """

    nomination_id: int | None
    title: Words
    filename: str
    sha256: str | None
    secret_number: str | None
    is_withheld: bool


def papers_then(
    session: Session, actor: Actor, names: Sequence[Row[Any]], at: datetime, now: datetime
) -> tuple[SentPaper, ...]:
    """Return the papers that lay there at that moment: those of the list, then of each name in its order."""
    listed = names[0].submission_id
    place = {row.nomination_id: number for number, row in enumerate(names)}
    own = {row.nomination_id for row in names if is_nominee(actor, row.person_id, row.closed_at)}
    is_own_list = False
    if listed is not None:
        desk = read_root(session, actor, Target(PaperRoot.SUBMISSION, listed), now=now).desk
        is_own_list = desk.is_own and desk.phase is not Phase.CLOSED
    scans: Iterable[str] = ()
    if own or is_own_list:
        scans = scanned_papers(session, nomination_ids=own, submission_id=listed if is_own_list else None)
    # Without a list there is none of a list: what equals nothing here would be all that lies elsewhere.
    of_list: ColumnElement[bool] = false() if listed is None else Attachment.submission_id == listed
    rows: Sequence[Any] = session.execute(
        select(
            Attachment.id,
            Attachment.nomination_id,
            Attachment.kind,
            Attachment.filename,
            Attachment.sha256,
            Attachment.secret_number,
            Attachment.uploaded_by,
        )
        .where(
            or_(among(Attachment.nomination_id, place), of_list),
            Attachment.uploaded_at <= at,
            or_(is_kept(), Attachment.removed_at > at),
        )
        .order_by(Attachment.id)
        .limit(_MOST_PAPERS)
    ).all()
    kind = names[0].cluster_kind
    return tuple(
        _paper(
            row,
            kind,
            is_hidden=is_withheld(
                is_judged=is_own_list if row.nomination_id is None else row.nomination_id in own,
                kind=row.kind,
                is_theirs=row.uploaded_by == actor.account_id,
                is_scan=str(row.id) in scans,
            ),
        )
        for row in sorted(rows, key=lambda row: place.get(row.nomination_id, -1))
    )


def _paper(row: Row[Any], kind: str | None, *, is_hidden: bool) -> SentPaper:
    return SentPaper(
        row.nomination_id,
        paper_title(PaperKind(row.kind), kind).title,
        "" if is_hidden else row.filename,
        row.sha256.hex() if row.sha256 and not is_hidden else None,
        None if is_hidden else row.secret_number,
        is_hidden,
    )
