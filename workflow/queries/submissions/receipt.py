"""What was sent, when and by whom, as it can be shown later: read from history, so nothing is kept twice."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy.orm import Session

from workflow.domain.errors import NotFound
from workflow.domain.papers.kinds import PaperRoot, Target
from workflow.domain.rights.policy import Actor
from workflow.queries.contacts import read_desks
from workflow.queries.nominations.seen import demand_seen
from workflow.queries.seats import Officer
from workflow.queries.shapes import (
    Named,
    Titled,
    Who,
    Words,
    award_of_row,
    is_nominee,
    public_words,
    unit_of_row,
)
from workflow.queries.submissions.sendings import SentEntry, names_of, sendings_of
from workflow.queries.submissions.sent_papers import SentPaper, papers_then
from workflow.queries.submissions.submission import seen_submission
from workflow.store.database import local_day
from workflow.store.definitions import shown_definition

_MOST_EARLIER: Final = 20


@dataclass(frozen=True, slots=True)
class SentName:
    """One nomination that was sent: to which step, in public words, and where it stands now in the same.

    `entry` and `hash` are its entry of history, by which it can be proved.
    """

    nomination_id: int
    subject: str
    position: str
    award: Titled
    sent_to: Words
    stands: Words
    entry: int
    hash: str


@dataclass(frozen=True, slots=True)
class NextStep:
    """What happens next with those that are where they were sent to: by whom, until when, whom to call."""

    step: Words
    names: int
    due_at: datetime | None
    holder_key: str
    contact: Officer | None


@dataclass(frozen=True, slots=True)
class SentOnce:
    """One time that something was sent; `by` is null to the nominee until it is decided."""

    id: UUID
    at: datetime
    by: Who | None
    in_place_of: Who | None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was sent together, with the papers of that moment; `others` are the other times, newest first."""

    sent: SentOnce
    round_title: str
    unit: Named
    submission_id: int | None
    number: str
    signed_on: date | None
    signer: str
    names: tuple[SentName, ...]
    papers: tuple[SentPaper, ...]
    next: tuple[NextStep, ...]
    others: tuple[SentOnce, ...]


def get_receipt(
    session: Session, *, actor: Actor, target: Target, entry: UUID | None = None, now: datetime
) -> Receipt:
    """Return the receipt of the last time a nomination or list was sent on by its unit, or of one by `entry`.

    Of a list the names that the actor sees and that were sent together. Raises `NotFound`: for what is not
    seen, and for what was not sent.
    """
    is_list = target.kind is PaperRoot.SUBMISSION
    if is_list:
        seen_submission(session, actor=actor, submission_id=target.id)
    else:
        demand_seen(session, actor.scope, target.id)
    today = local_day(session, now)
    rows = names_of(session, actor, target, today)
    groups = sendings_of(session, rows)
    chosen = next((one for one in groups if entry is None or entry in {row.id for row in one}), None)
    if chosen is None:
        raise NotFound("Nothing was sent by that entry of history.")
    by_stream = {row.stream: row for row in chosen}
    sent = [(row, by_stream[key]) for row in rows if (key := f"nomination:{row.nomination_id}") in by_stream]
    first = sent[0][0]
    return Receipt(
        sent=_sent(actor, rows, chosen),
        round_title=first.round_title,
        unit=unit_of_row(first),
        submission_id=first.submission_id,
        number=first.number or "",
        signed_on=first.signed_on,
        signer=first.signer or "",
        names=tuple(_name(session, row, event) for row, event in sent),
        papers=papers_then(session, actor, [row for row, _ in sent], chosen[0].recorded_at, now),
        next=_next(session, actor, sent, today),
        others=tuple(_sent(actor, rows, one) for one in groups[: _MOST_EARLIER + 1] if one is not chosen),
    )


def _sent(actor: Actor, rows: Sequence[Row[Any]], group: Sequence[SentEntry]) -> SentOnce:
    streams = {row.stream for row in group}
    named = [row for row in rows if f"nomination:{row.nomination_id}" in streams]
    first = group[0]
    is_hidden = first.actor_id != actor.account_id and all(
        is_nominee(actor, row.person_id, row.closed_at) for row in named
    )
    by = None if is_hidden else Who(first.actor_id, first.name)
    absent = None if is_hidden or first.absent_id is None else Who(first.absent_id, first.absent or "")
    return SentOnce(first.id, first.recorded_at, by, absent)


def _name(session: Session, row: Row[Any], event: SentEntry) -> SentName:
    return SentName(
        row.nomination_id,
        row.subject_name,
        row.subject_position,
        award_of_row(row),
        public_words(event.route, event.dest, row.cluster_kind),
        public_words(shown_definition(session, row.definition_id), row.state, row.cluster_kind),
        event.seq,
        event.hash.hex(),
    )


def _next(
    session: Session, actor: Actor, sent: Sequence[tuple[Row[Any], SentEntry]], today: date
) -> tuple[NextStep, ...]:
    """Return where those wait that nobody moved since, the earliest due first."""
    waiting = [row for row, event in sent if row.owner_key and row.entered_at == event.recorded_at]
    groups: dict[tuple[str, str, datetime | None], list[Row[Any]]] = {}
    for row in waiting:
        groups.setdefault((row.state, row.owner_key, row.due_at), []).append(row)
    desks = read_desks(session, sorted({row.owner_key for row in waiting}), today=today)

    def told(rows: Sequence[Row[Any]]) -> Officer | None:
        is_told = not any(is_nominee(actor, row.person_id, row.closed_at) for row in rows)
        hands = {row.assignee for row in rows}
        taken_by_one = next(iter(hands)) if len(hands) == 1 else None
        return desks.contact(rows[0].owner_key, taken_by_one, names=is_told)

    steps = (_step(session, rows, told(rows)) for rows in groups.values())
    return tuple(sorted(steps, key=_earliest))


def _step(session: Session, rows: Sequence[Row[Any]], contact: Officer | None) -> NextStep:
    first = rows[0]
    words = public_words(shown_definition(session, first.definition_id), first.state, first.cluster_kind)
    return NextStep(words, len(rows), first.due_at, first.owner_key, contact)


def _earliest(one: NextStep) -> tuple[bool, float]:
    return (one.due_at is None, one.due_at.timestamp() if one.due_at else 0.0)
