"""Taking back submissions: their drafts are withdrawn, and the paper's number is free again.

History keeps what was drafted, so nothing is deleted. Once one of the names is no draft any more, or its
draft was worked on, the list has begun its way and is taken back by people, not by an undo.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select, update
from sqlalchemy.orm import Session

from workflow.domain.errors import Conflict, Forbidden, Reason
from workflow.domain.facts import MoveRequest
from workflow.domain.vocabulary import BuiltIn, Stage, Via
from workflow.imports.in_the_way import MOST_NAMED
from workflow.imports.ledger import batched
from workflow.operations.history.streams import StreamEvent, append_each
from workflow.operations.nominations.commands import Command
from workflow.operations.nominations.decide_many import decide_list
from workflow.store.database import local_day
from workflow.store.imports import ImportBatch
from workflow.store.nominations import Nomination
from workflow.store.people import load_actor
from workflow.store.submissions import Submission

_AS_DRAFTED = 1


def withdraw_all(session: Session, batch: ImportBatch, *, via: Via, now: datetime) -> int:
    """Withdraw every draft of an import in the name of whoever imported it, and return how many.

    Raises `Conflict` naming the first that are no untouched drafts any more.
    """
    made: dict[str, Any] = dict(batch.changes["made"])  # type: ignore[call-overload]  # a dict of JSON
    papers, ids = list(made["submissions"]), list(made["nominations"])
    actor = load_actor(session, batch.imported_by or 0, today=local_day(session, now))
    if actor is None:
        raise Forbidden(
            "Whoever imported these submissions has no account any more; withdraw them one by one."
        )
    rows = _untouched(session, papers, ids)
    request = MoveRequest(action=BuiltIn.WITHDRAW)
    items = [Command(row.id, row.version, request, via) for row in rows]
    refused = [
        result
        for part in batched(items)
        for result in decide_list(session, actor=actor, commands=part, now=now)
        if result.refused
    ]
    if refused:
        raise Conflict(
            "The last import cannot be undone: a draft cannot be withdrawn.",
            reasons=[_begun(result.nomination_id) for result in refused[:MOST_NAMED]],
        )
    session.execute(
        update(Submission).where(Submission.id.in_(papers)).values(number="", version=Submission.version + 1)
    )
    told = [StreamEvent(f"submission:{paper}", "undo_import", {}) for paper in papers]
    append_each(session, told, actor=actor, via=via, now=now)
    return len(items)


def _untouched(session: Session, papers: list[int], ids: list[int]) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return the drafts of an import; raise `Conflict` when the lists hold anything else by now."""
    rows = session.execute(
        select(Nomination.id, Nomination.stage, Nomination.version, Nomination.submission_id)
        .where(Nomination.id.in_(ids))
        .order_by(Nomination.id)
    ).all()
    begun = [
        row.id
        for row in rows
        if row.stage != Stage.DRAFT or row.version != _AS_DRAFTED or row.submission_id not in papers
    ]
    others = session.scalars(
        select(Nomination.id).where(Nomination.submission_id.in_(papers), Nomination.id.not_in(ids))
    ).all()
    if found := [*begun, *others]:
        raise Conflict(
            "The last import cannot be undone: its lists have begun their way.",
            reasons=[_begun(number) for number in found[:MOST_NAMED]],
        )
    return rows


def _begun(number: int) -> Reason:
    sentence = f"nomination {number} is no untouched draft of this import any more"
    return Reason("import_built_on", sentence, {"row": sentence})
