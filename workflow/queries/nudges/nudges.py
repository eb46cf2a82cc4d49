"""What whoever would be pressed was told last: when, by whom, to whom, and what became of it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, Text, func, or_, select
from sqlalchemy.orm import Session

from workflow.domain.callers import CALLS_FROM
from workflow.domain.history.chain import stream_of_work
from workflow.domain.vocabulary import NUDGE, MailState, known
from workflow.queries.mail.bounce import BOUNCE, Bounce, bounce_of, bounced
from workflow.store.access import Account
from workflow.store.base import among
from workflow.store.delivery import DeliveryReport
from workflow.store.history import Event, EventText
from workflow.store.mail import Outbox
from workflow.store.nominations import Rung

MOST_REMINDERS: Final = 3


@dataclass(frozen=True, slots=True)
class ToldView:
    """One letter of a reminder: to whom, and what became of it."""

    name: str
    state: MailState | None
    reason: str | None
    bounce: Bounce | None


@dataclass(frozen=True, slots=True)
class RemindedView:
    """One reminder that fired: `kind` is remind, escalate or nudge; `by` who pressed, null for the ladder.

    `came_back` says that none of its letters reached anybody: it does not count.
    """

    kind: str
    at: datetime
    by: str | None
    words: str | None
    came_back: bool
    told: tuple[ToldView, ...]


def last_reminders(session: Session, work_ids: Iterable[UUID]) -> dict[UUID, tuple[RemindedView, ...]]:
    """Return for each work item the last three reminders that told anybody, the newest first."""
    rungs = session.execute(
        select(
            Rung.id,
            Rung.work_item_id,
            Rung.nomination_id,
            Rung.expected_return_id,
            Rung.kind,
            Rung.ordinal,
            Rung.fired_at,
            Rung.bounced_at,
        )
        .where(
            among(Rung.work_item_id, work_ids),
            Rung.fired_at.is_not(None),
            # Whoever telephoned was reminded of their own call: that said nothing to who holds the work.
            or_(Rung.ordinal < CALLS_FROM, Rung.kind == NUDGE),
        )
        .order_by(Rung.fired_at.desc(), Rung.ordinal.desc())
    ).all()
    letters = _letters(session, rungs)
    told = [row for row in rungs if row.id in letters]
    said = _said(session, [row for row in told if row.kind == NUDGE])
    found: dict[UUID, list[RemindedView]] = defaultdict(list)
    for row in told:
        by, words = said.get((str(row.work_item_id), row.ordinal), (None, None))
        came_back = row.bounced_at is not None
        view = RemindedView(row.kind, row.fired_at, by, words, came_back, tuple(letters[row.id]))
        found[row.work_item_id].append(view)
    return {work_id: tuple(views[:MOST_REMINDERS]) for work_id, views in found.items()}


def _letters(session: Session, rungs: Sequence[Row[*tuple[Any, ...]]]) -> Mapping[UUID, list[ToldView]]:
    """Return the letters of rungs, found by what these hang on: a rung is named in the key of its letters."""
    if not rungs:
        return {}
    rung_id = func.split_part(Outbox.dedupe_key, ":", 2, type_=Text)
    rows = session.execute(
        select(rung_id.label("rung"), Account.name, Outbox.state, Outbox.state_reason, *BOUNCE)
        .join(Account, Account.id == Outbox.account_id)
        .outerjoin(DeliveryReport, bounced())
        .where(
            or_(
                among(Outbox.nomination_id, {row.nomination_id for row in rungs} - {None}),
                among(Outbox.expected_return_id, {row.expected_return_id for row in rungs} - {None}),
            ),
            among(Outbox.work_item_id, {row.work_item_id for row in rungs}),
            among(rung_id, {str(row.id) for row in rungs}),
        )
        .order_by(Outbox.created_at, Account.name)
    )
    found: dict[UUID, list[ToldView]] = defaultdict(list)
    for row in rows:
        view = ToldView(row.name, known(MailState, row.state), row.state_reason, bounce_of(row))
        found[UUID(row.rung)].append(view)
    return found


def _said(
    session: Session, nudges: Sequence[Row[*tuple[Any, ...]]]
) -> dict[tuple[str, int], tuple[str | None, str | None]]:
    """Return by work and place of a nudge who pressed, and in which words."""
    if not nudges:
        return {}
    streams = {stream_of_work(row.nomination_id, row.expected_return_id) for row in nudges}
    rows = session.execute(
        select(
            Event.data["work_item"].astext.label("work"),
            Event.data["rung"].astext.label("place"),
            Account.name,
            EventText.text,
        )
        .outerjoin(Account, Account.id == Event.actor_id)
        .outerjoin(EventText, EventText.event_id == Event.id)
        .where(among(Event.stream, streams), Event.action == NUDGE)
    )
    return {(row.work, int(row.place)): (row.name, row.text or None) for row in rows}
