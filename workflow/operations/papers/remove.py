"""Taking a paper away again: its row and its file stay, marked as removed."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, Text, exists, select, tuple_, update
from sqlalchemy import cast as sql_cast
from sqlalchemy.orm import Session

from workflow.domain.errors import NotFound, Reason, RequirementsMissing
from workflow.domain.papers.kinds import PaperRoot, Target
from workflow.domain.papers.rules import PaperAction, Phase, PlacedPaper, refuse_removal
from workflow.domain.rights.policy import Actor
from workflow.domain.text import normalise
from workflow.domain.vocabulary import PaperKind, Via
from workflow.operations.keys import Claim, claim_key, settle_key
from workflow.operations.papers.attach import Filed, told_of
from workflow.operations.papers.roots import Held, lock_root, record_on
from workflow.store.attachments import Attachment
from workflow.store.database import local_day
from workflow.store.history import Event
from workflow.store.nominations import Nomination
from workflow.store.submissions import Submission


def remove(
    session: Session,
    *,
    actor: Actor,
    attachment_id: UUID,
    reason: str,
    via: Via,
    now: datetime,
    version: int | None = None,
    claim: Claim | None = None,
) -> Filed:
    """Take a paper away and commit: its row and its file stay, marked as removed.

    Raises `NotFound`, `Forbidden`, `Conflict` once something was decided on it, `RequirementsMissing` without
    a reason after the unit has sent it.
    """
    answered = claim_key(session, claim, actor=actor, now=now)
    if answered is not None:
        return Filed.again(answered)
    words = normalise(reason, field="reason")
    root = _root_of(session, attachment_id)
    held = lock_root(session, actor, root, version=version, now=now, with_names=True)
    paper = session.execute(_paper(attachment_id)).one()
    if paper.removed_at is not None:
        raise NotFound("This paper was removed already.")
    lying = PlacedPaper(
        kind=PaperKind(paper.kind),
        uploaded_by=paper.uploaded_by,
        uploaded_on=local_day(session, paper.uploaded_at),
        is_a_scan=_is_a_scan(session, held, attachment_id),
    )
    refusal = refuse_removal(actor, held.root.desk, lying)
    if refusal is not None:
        raise refusal
    if not words and held.root.desk.phase is not Phase.WITH_UNIT:
        message = "It has left the unit; say why the paper is removed."
        raise RequirementsMissing(message, reasons=[Reason("paper_has_left", message)])
    data = told_of(attachment_id, paper._mapping)  # noqa: SLF001 - SQLAlchemy's public name for it
    record_on(session, held, PaperAction.REMOVE, actor=actor, via=via, now=now, data=data, words=words)
    session.execute(update(Attachment).where(Attachment.id == attachment_id).values(removed_at=now))
    settle_key(session, claim, actor=actor, result={"attachment_id": str(attachment_id)})
    session.commit()
    return Filed(attachment_id)


def _paper(attachment_id: UUID) -> Select[*tuple[Any, ...]]:
    return select(
        Attachment.kind,
        Attachment.sha256,
        Attachment.byte_count,
        Attachment.uploaded_by,
        Attachment.uploaded_at,
        Attachment.removed_at,
    ).where(Attachment.id == attachment_id)


def _root_of(session: Session, attachment_id: UUID) -> Target:
    row = session.execute(
        select(Attachment.nomination_id, Attachment.submission_id, Attachment.expected_return_id).where(
            Attachment.id == attachment_id
        )
    ).one_or_none()
    for kind, root_id in zip(PaperRoot, row or (), strict=False):
        if root_id is not None:
            return Target(kind, root_id)
    raise NotFound("There is no such paper among those you may see.")


def _is_a_scan(session: Session, held: Held, attachment_id: UUID) -> bool:
    """Return whether the record of a step done on paper names this paper as its scan."""
    streams = [held.root.stream]
    if held.root.kind is PaperRoot.SUBMISSION:
        # Also the names that were on the list once: of the same unit and round, whatever list they are on.
        of_unit = select(Submission.round_id, Submission.unit_id).where(Submission.id == held.root.id)
        listed = session.scalars(
            select(Nomination.id)
            .where(tuple_(Nomination.round_id, Nomination.unit_id).in_(of_unit))
            .order_by(Nomination.id)
        )
        streams += [f"nomination:{nomination_id}" for nomination_id in listed]
    return bool(
        session.scalar(
            select(
                exists().where(
                    Event.stream.in_(streams),
                    Event.via == Via.PAPER,
                    sql_cast(Event.data, Text).contains(str(attachment_id)),
                )
            )
        )
    )
