"""What became of a nomination since somebody looked: where it stood and stands, what changed, and by whom.

One question for a screen that is out of date, for the page behind a letter's address, and for programs.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Text, column, func, select, true
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from workflow.domain.errors import FieldError, InvalidField
from workflow.domain.history.attested import StreamFacts
from workflow.domain.papers.kinds import PaperRoot, Target
from workflow.domain.rights.policy import Actor
from workflow.domain.route.counterparts import MIGRATE
from workflow.domain.vocabulary import UNDONE, BuiltIn
from workflow.queries.nominations.events import EventView, changes_since
from workflow.queries.nominations.seen import Seen, demand_seen
from workflow.queries.papers import PaperView, papers_of
from workflow.queries.shapes import Words, is_nominee, state_words
from workflow.store.base import among
from workflow.store.definitions import shown_definition
from workflow.store.history import Event, EventText, versioned
from workflow.store.nominations import Nomination
from workflow.store.routes_told import route_at, routes_of
from workflow.store.told import told_until

_WORDS: Final = ("achievement", "proposer")
MOST_CHANGES: Final = 20
_TOLD: Final = ("recommendation", "decision", "upper_outcome", "submission", "is_held")
_NO_MOVES: Final = frozenset({BuiltIn.RECALL, MIGRATE})
_OF_THE_COUNCIL: Final = frozenset({"recommendation"})


@dataclass(frozen=True, slots=True)
class StoodAt:
    """Where a nomination stood at one entry of its history: the entry, its instant, version and state."""

    seq: int
    at: datetime
    version: int
    state: str
    label: Words


@dataclass(frozen=True, slots=True)
class ChangedFact:
    """One fact that is another now, as history tells it; null where there was or is none."""

    name: str
    before: str | int | bool | None
    after: str | int | bool | None


@dataclass(frozen=True, slots=True)
class RewrittenText:
    """One part of the dossier that was written anew; `before` is null where the words were not kept then."""

    field: str
    before: str | None
    after: str


@dataclass(frozen=True, slots=True)
class NominationDiff:
    """What lies between one entry of a nomination's history and its newest.

    `fields` are the parts of the dossier that were written anew, `texts` their words before and now, `papers`
    those that came or were taken away, by their hash. `changes` is what people did, in the order of time: the
    newest of it, where `has_earlier`.
    """

    since: StoodAt
    now: StoodAt
    fields: tuple[str, ...]
    texts: tuple[RewrittenText, ...]
    facts: tuple[ChangedFact, ...]
    papers: tuple[PaperView, ...]
    changes: tuple[EventView, ...]
    has_earlier: bool


def diff_since(
    session: Session,
    *,
    actor: Actor,
    nomination_id: int,
    seq: int,
    now: datetime,
    seen: Seen | None = None,
    with_own: bool = True,
) -> NominationDiff:
    """Return what happened after an entry of the history. Raises `NotFound`, `InvalidField` for no entry.

    `seen` is what was found already by whoever asks for several parts; without `with_own` what the actor did
    themselves is not among the changes.
    """
    seen = seen or demand_seen(session, actor.scope, nomination_id)
    first, last = _entry(session, nomination_id, seq), _entry(session, nomination_id, None)
    if first is None or last is None:
        message = "is no entry of this nomination's history"
        raise InvalidField(f"since: {message}.", errors=[FieldError("since", message)])
    changes = changes_since(
        session,
        actor=actor,
        nomination_id=nomination_id,
        seq=seq,
        limit=MOST_CHANGES,
        seen=seen,
        with_own=with_own,
    )
    before = told_until(session, nomination_id, first.seq)
    after = told_until(session, nomination_id, last.seq) if last.seq != first.seq else before
    hidden = _OF_THE_COUNCIL if is_nominee(actor, seen.person_id, seen.closed_at) else frozenset[str]()
    facts = tuple(
        ChangedFact(name, _plain(before.values.get(name)), _plain(after.values.get(name)))
        for name in _TOLD
        if name not in hidden and before.values.get(name) != after.values.get(name)
    )
    fields = dict.fromkeys(field for change in changes.newest for field in change.fields)
    target = Target(PaperRoot.NOMINATION, nomination_id)
    papers = papers_of(session, actor=actor, target=target, now=now).items if after is not before else ()
    return NominationDiff(
        since=_standing(session, nomination_id, seen, first, before),
        now=_standing(session, nomination_id, seen, last, after),
        fields=tuple(fields),
        texts=rewritten_since(session, nomination_id, first.seq) if last.seq != first.seq else (),
        facts=facts,
        papers=tuple(paper for paper in papers if _is_other(paper, before, after, first.recorded_at)),
        changes=changes.newest,
        has_earlier=changes.has_earlier,
    )


def seq_of_version(session: Session, nomination_id: int, version: int) -> int | None:
    """Return the entry of the history by which a nomination came to a version, None where it never had it."""
    if version < 1:
        return None
    seq: int | None = session.scalar(
        select(Event.seq)
        .where(Event.stream == f"nomination:{nomination_id}", versioned())
        .order_by(Event.seq)
        .offset(version - 1)
        .limit(1)
    )
    return seq


def _entry(session: Session, nomination_id: int, seq: int | None) -> Any:  # noqa: ANN401 - a row
    """Return one entry of a history, the newest without a number."""
    entry = select(Event.seq, Event.recorded_at).where(Event.stream == f"nomination:{nomination_id}")
    entry = entry.order_by(Event.seq.desc()).limit(1) if seq is None else entry.where(Event.seq == seq)
    return session.execute(entry).one_or_none()


def _standing(
    session: Session,
    nomination_id: int,
    seen: Seen,
    entry: Any,  # noqa: ANN401 - a row
    facts: StreamFacts,
) -> StoodAt:
    told = select(func.count()).where(
        Event.stream == f"nomination:{nomination_id}", Event.seq <= entry.seq, versioned()
    )
    state, route = facts.state or "", facts.values.get("definition")
    definition = shown_definition(session, route if isinstance(route, int) else seen.definition_id)
    label = state_words(definition, state, seen.cluster_kind)
    return StoodAt(entry.seq, entry.recorded_at, session.scalar(told) or 0, state, label)


def _is_other(paper: PaperView, before: StreamFacts, after: StreamFacts, at: datetime) -> bool:
    """Whether a paper came or went since: as its history tells; of the submission, by the instant."""
    name = str(paper.id)
    if name in after.papers:
        return name not in before.papers or (name in after.removed) is not (name in before.removed)
    return paper.uploaded_at > at or (paper.removed_at is not None and paper.removed_at > at)


def _plain(value: object) -> str | int | bool | None:
    return value if value is None or isinstance(value, bool | int) else str(value)


def rewritten_since(session: Session, nomination_id: int, seq: int) -> tuple[RewrittenText, ...]:
    """Return the words that are others now than at an entry of the history, field by field.

    Of an entry amid writing they are those that were sent last before, or else first: a draft is its unit's.
    """
    stream = Event.stream == f"nomination:{nomination_id}"
    moves = (stream, Event.source != Event.dest, Event.action != MIGRATE)
    last = select(func.max(Event.seq)).where(*moves, Event.seq <= seq).scalar_subquery()
    first = select(func.min(Event.seq)).where(*moves).scalar_subquery()
    written = func.jsonb_array_elements_text(Event.data["fields"])
    edited = written.table_valued(column("field", Text)).render_derived().lateral("edited")
    # Of each field the first edit alone, however often it was written: what came between is not told.
    edits = session.execute(
        select(edited.c.field, EventText.text)
        .join_from(Event, edited, true())
        .outerjoin(EventText, EventText.event_id == Event.id)
        .where(stream, Event.seq > func.coalesce(last, first, seq), Event.action == BuiltIn.EDIT)
        .where(among(edited.c.field, _WORDS))
        .ext(distinct_on(edited.c.field))
        .order_by(edited.c.field, Event.seq)
    )
    before = {name: json.loads(kept).get(name) if kept else None for name, kept in edits}
    if not before:
        return ()
    now = session.execute(
        select(Nomination.achievement, Nomination.proposer).where(Nomination.id == nomination_id)
    ).one()
    pairs = [(field, before[field], getattr(now, field) or "") for field in _WORDS if field in before]
    return tuple(RewrittenText(*pair) for pair in pairs if pair[1] != pair[2])


def last_return_among(
    session: Session, nomination_id: int, definition_id: int, entries: Sequence[EventView]
) -> EventView | None:
    """Return the entry by which a nomination came back last, of those given; None where none did."""
    stream, found = f"nomination:{nomination_id}", None
    has_gone_over = any(entry.action == MIGRATE for entry in entries)
    told = routes_of(session, [stream]).get(stream) if has_gone_over else None
    for entry in entries:
        if entry.action == UNDONE:
            found = None
        elif entry.action not in _NO_MOVES and entry.source != entry.dest and entry.source and entry.dest:
            definition = shown_definition(session, route_at(told, entry.seq, definition_id))
            found = entry if definition.came_back(entry.dest, entry.source) else found
    return found
