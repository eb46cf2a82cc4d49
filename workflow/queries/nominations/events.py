"""What happened to one nomination, in order, with names and words as its reader may see them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import BigInteger, Row, Select, Text, bindparam, select
from sqlalchemy.orm import Session

from workflow.domain.moves.by_code import BY_CODE
from workflow.domain.remarks import Remark
from workflow.domain.rights.policy import Actor
from workflow.domain.route.definition import Definition
from workflow.domain.vocabulary import BuiltIn, UpperOutcome, Via
from workflow.queries.nominations.comments import REMARKS, CommentNote, Remarks, remarks_among
from workflow.queries.nominations.event_parts import (
    DueDates,
    PreparedNote,
    ScannedDocument,
    absent_of,
    dates_of,
    is_for_the_seat,
    is_return,
    label_of,
    names_in,
    paper_of,
    prepared_note,
    proposed_in,
)
from workflow.queries.nominations.prepared import keys_of
from workflow.queries.nominations.seen import Seen, demand_seen
from workflow.queries.nominations.verdict import VoteView, vote_of
from workflow.queries.paging import Page, cut, decode_cursor, encode_cursor, whole
from workflow.queries.shapes import Who, Words, is_nominee, reason_words, state_words
from workflow.store.access import Account
from workflow.store.definitions import shown_definition
from workflow.store.history import Event, EventText
from workflow.store.routes_told import route_at, routes_told
from workflow.store.statements import Statement


@dataclass(frozen=True, slots=True)
class EventView:
    """One entry of the timeline.

    `recorded_at` is when we learned it, `occurred_on` the day it was signed. `also_acted_in` names the other
    steps in which the same person took part, `routed_to` the stand-in's seat the work went to, `assignee` who
    was handed the work, `on_behalf_of` the seat that did the step on `paper` or the account in whose place it
    was done (`substitute_for`), `vote` the council's counts, `outcome` what became of it above. The nominee
    reads neither who reviewed nor what they wrote nor how the council voted (its `action` is then `vote`)
    until the nomination is closed; `is_withheld` says so.
    `by_code`: who did it by a letter's address had a code mailed. `fields` are the parts of the dossier that
    were written anew, `dates` those of which the entry tells. What is `prepared` for a seat is told to its
    own until the nomination is closed; `office` is the outside one that was asked. A `comment` is in the
    history of those alone for whom it was said.
    `not_secret`: whoever brought a paper confirmed that nothing in it is a state secret.
    """

    id: UUID
    seq: int
    action: str
    action_label: Words
    source: str | None
    source_label: Words | None
    dest: str | None
    dest_label: Words | None
    actor: Who | None
    via: Via
    by_code: bool
    text: str | None
    reason_code: str | None
    reason_label: Words | None
    occurred_on: date | None
    recorded_at: datetime
    also_acted_in: tuple[Words, ...]
    routed_to: str | None
    assignee: Who | None
    on_behalf_of: str | None
    substitute_for: Who | None
    paper: ScannedDocument | None
    vote: VoteView | None
    outcome: UpperOutcome | None
    fields: tuple[str, ...]
    dates: DueDates | None
    office: str | None
    prepared: PreparedNote | None
    comment: CommentNote | None
    is_withheld: bool
    not_secret: bool


VOTE: Final = "vote"
"""What a council's move is called to the nominee, whatever it recommends."""

_NAME: Final = "events"
_STREAM: Final = bindparam("stream", type_=Text())
_WRITTEN: Final[Select[*tuple[Any, ...]]] = (
    select(
        Event.id,
        Event.seq,
        Event.action,
        Event.source,
        Event.dest,
        Event.actor_id,
        Event.via,
        Event.on_behalf_of,
        Event.reason_code,
        Event.occurred_on,
        Event.recorded_at,
        Event.data,
        EventText.text,
        Account.name.label("actor"),
        routes_told(_STREAM).label("routes"),
    )
    .outerjoin(EventText, EventText.event_id == Event.id)
    .outerjoin(Account, Account.id == Event.actor_id)
    .where(Event.stream == _STREAM, Event.seq > bindparam("after", type_=BigInteger()))
    .limit(bindparam("limit", type_=BigInteger()))
)
_EVENTS: Final = Statement(_WRITTEN.order_by(Event.seq))
_COMMENTS: Final = Statement(_WRITTEN.where(Event.action == Remark.COMMENT).order_by(Event.seq))
_CHANGED = _WRITTEN.where(Event.via != Via.TIMER).order_by(Event.seq.desc())
_CHANGES: Final = Statement(_CHANGED)
_OTHERS_CHANGES: Final = Statement(
    _CHANGED.where(Event.actor_id.is_distinct_from(bindparam("me", type_=BigInteger())))
)


@dataclass(frozen=True, slots=True)
class Changes:
    """What people did with a nomination after one entry of its history: the newest, in the order of time."""

    newest: tuple[EventView, ...]
    has_earlier: bool


def list_events(
    session: Session,
    *,
    actor: Actor,
    nomination_id: int,
    limit: int,
    cursor: str | None,
    seen: Seen | None = None,
) -> Page[EventView]:
    """Return one page of a nomination's history, oldest first. Raises `NotFound`, `UnreadableCursor`.

    `seen` is what was found already by whoever asks for several parts of one nomination.
    """
    return _listed(session, _NAME, _EVENTS, actor, nomination_id, (limit, cursor), seen)


def list_comments(
    session: Session, *, actor: Actor, nomination_id: int, limit: int, cursor: str | None
) -> Page[EventView]:
    """Return one page of the comments for the actor, oldest first. Raises `NotFound`, `UnreadableCursor`."""
    return _listed(session, "comments", _COMMENTS, actor, nomination_id, (limit, cursor))


def _listed(  # noqa: PLR0917 - the parts of one page
    session: Session,
    kind: str,
    statement: Statement,
    actor: Actor,
    nomination_id: int,
    part: tuple[int, str | None],
    seen: Seen | None = None,
) -> Page[EventView]:
    seen = seen or demand_seen(session, actor.scope, nomination_id)
    name, (limit, cursor) = f"{kind}:{nomination_id}", part
    after = decode_cursor(name, cursor, whole)[0] if cursor is not None else 0
    values = {"stream": f"nomination:{nomination_id}", "after": after, "limit": limit + 1}
    rows = statement.fetch(session, values)
    remarks = remarks_among(session, rows, actor, nomination_id, seen)
    page = cut(
        rows,
        limit,
        item=_reader(session, rows, actor, seen, remarks),
        cursor=lambda row: encode_cursor(name, row.seq),
    )
    return Page(_shown(page.items), page.next)


def changes_since(
    session: Session,
    *,
    actor: Actor,
    nomination_id: int,
    seq: int,
    limit: int,
    seen: Seen,
    with_own: bool,
) -> Changes:
    """Return what people did with a nomination after one entry of its history: so many of the newest.

    What a timer told is left out, as it changes nothing, and without `with_own` what the actor did.
    """
    statement = _CHANGES if with_own else _OTHERS_CHANGES
    told = {"stream": f"nomination:{nomination_id}", "after": seq, "limit": limit + 1, "me": actor.account_id}
    rows = statement.fetch(session, told)
    newest = rows[:limit][::-1]
    remarks = remarks_among(session, newest, actor, nomination_id, seen)
    read = map(_reader(session, newest, actor, seen, remarks), newest)
    return Changes(_shown(read), has_earlier=len(rows) > limit)


def _shown(entries: Iterable[EventView | None]) -> tuple[EventView, ...]:
    """Return the entries without those that are not for their reader at all."""
    return tuple(entry for entry in entries if entry is not None)


def _reader(
    session: Session, rows: Sequence[Row[Any]], actor: Actor, seen: Seen, remarks: Remarks | None
) -> Callable[[Row[Any]], EventView | None]:
    """Return what makes of one of these entries what the actor may read of it, None where that is nothing."""
    names = names_in(session, rows)
    withholds = is_nominee(actor, seen.person_id, seen.closed_at)
    keys = keys_of(actor, nominee=seen.person_id, unit_id=seen.unit_id, audience=seen.audience)

    def on_route(row: Row[Any], seq: int) -> Definition:
        return shown_definition(session, route_at(row.routes, seq, seen.definition_id))

    def read(row: Row[Any]) -> EventView | None:
        routes = on_route(row, row.seq - 1), on_route(row, row.seq)
        if remarks is not None and row.action in REMARKS:
            if remarks.hides(row.data, row.actor_id):
                return None
            view = _view(routes, row, names, seen.cluster_kind, is_withheld=False)
            note = remarks.note(row.id, row.data, row.actor_id, names)
            return replace(view, comment=note, text=None if note.is_taken_back else view.text)
        is_others = seen.closed_at is None and is_for_the_seat(row.action, row.data, keys, seen.audience)
        is_withheld = (withholds or is_others) and row.actor_id != actor.account_id
        return _view(routes, row, names, seen.cluster_kind, is_withheld=is_withheld)

    return read


def _view(
    routes: tuple[Definition, Definition],
    row: Row[Any],
    names: dict[int, str],
    kind: str | None,
    *,
    is_withheld: bool,
) -> EventView:
    # What was done has the names of the route until then, and where that led those of the one from then on.
    definition, after = routes
    assignee_id, absent_id = row.data.get("assignee"), absent_of(row)
    shows = not is_withheld
    # What a return or a question asks for is said to the author, who may be the nominee and has to mend it.
    says = shows or row.action == BuiltIn.REQUEST_INFO or is_return(definition, row)
    # The council's moves are named after its vote: to the nominee it has met, and that is all.
    hides_vote = is_withheld and "vote" in row.data
    return EventView(
        id=row.id,
        seq=row.seq,
        action=VOTE if hides_vote else row.action,
        action_label=state_words(definition, row.source, kind)
        if hides_vote
        else label_of(definition, row, kind),
        source=row.source,
        source_label=state_words(definition, row.source, kind) if row.source else None,
        dest=row.dest,
        dest_label=state_words(after, row.dest, kind) if row.dest else None,
        actor=Who(row.actor_id, row.actor) if shows and row.actor_id is not None else None,
        via=Via(row.via),
        by_code=bool(row.data.get(BY_CODE)),
        text=row.text if says and row.action != BuiltIn.EDIT else None,  # `diff_since` tells words before
        reason_code=row.reason_code if says else None,
        reason_label=reason_words(definition, row.reason_code) if says else None,
        occurred_on=row.occurred_on,
        recorded_at=row.recorded_at,
        also_acted_in=tuple(
            state_words(definition, state, kind) for state in row.data.get("also_acted_in", ()) if shows
        ),
        routed_to=row.data.get("routed_to") if shows else None,
        assignee=Who(assignee_id, names.get(assignee_id, "")) if shows and assignee_id is not None else None,
        on_behalf_of=row.on_behalf_of if shows else None,
        substitute_for=Who(absent_id, names.get(absent_id, "")) if shows and absent_id is not None else None,
        paper=paper_of(row.data) if shows else None,
        vote=_vote(row.data) if shows else None,
        outcome=UpperOutcome(row.data["outcome"]) if row.data.get("outcome") else None,
        fields=tuple(row.data.get("fields", ())) if row.action == BuiltIn.EDIT else (),
        dates=dates_of(row.action, row.data),
        office=row.data.get("office") if shows else None,
        prepared=prepared_note(row.data, proposed_in(definition, row, kind), names) if shows else None,
        comment=None,
        is_withheld=is_withheld,
        not_secret=bool(row.data.get("not_secret")),
    )


def _vote(data: Mapping[str, Any]) -> VoteView | None:
    vote = data.get("vote")
    return vote and vote_of(vote["result"], date.fromisoformat(vote["voted_on"]), vote)
