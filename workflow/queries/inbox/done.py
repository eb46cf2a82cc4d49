"""What the reader decided, the newest first: each move that they made, with where its file stands now.

It is read from the history in the order of an index, so a page costs what it shows, however much was decided.
"""

from functools import cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Row,
    Select,
    Uuid,
    bindparam,
    case,
    cast,
    false,
    func,
    select,
)

from workflow.domain.route.counterparts import MIGRATE
from workflow.domain.vocabulary import Stage, WorkKind
from workflow.queries.inbox.looks import Look
from workflow.queries.inbox.narrow import is_narrow, is_sought
from workflow.queries.inbox.reader import InboxReader
from workflow.queries.inbox.rows import ME, DoneMove, InboxItem, Why, WhyKind
from workflow.queries.paging import Page, cut, decode_cursor, encode_cursor, uuid
from workflow.queries.shapes import (
    AWARD_COLUMNS,
    UNIT_COLUMNS,
    ListRef,
    action_words,
    award_of_row,
    holder_of_row,
    is_nominee,
    state_words,
    unit_of_row,
)
from workflow.queries.waiting.spans import calendar_days_since, left_until, spent_since
from workflow.store.access import Account
from workflow.store.awards import Award, AwardEdition, Round
from workflow.store.clusters import kind_of_cluster
from workflow.store.conditions import TODAY, named_edition, open_work_of, taken_by
from workflow.store.definitions import shown_definition
from workflow.store.history import Event
from workflow.store.nominations import Nomination, Visit, WorkItem
from workflow.store.organisation import Unit, UnitEdition
from workflow.store.preparations import is_proposed
from workflow.store.statements import Statement
from workflow.store.submissions import Submission
from workflow.store.takers import holder_columns
from workflow.store.visible import visible_to_any

_NEWEST: Final = UUID(int=2**128 - 1)
_BEFORE: Final = bindparam("done_before", type_=Uuid())
_PREFIX: Final = "nomination:"
_NUMBER: Final = case(
    (Event.stream.startswith(_PREFIX), cast(func.substr(Event.stream, len(_PREFIX) + 1), BigInteger))
)

_SHOWN: Final = (
    *holder_columns(),
    kind_of_cluster(joins_round=True).label("cluster_kind"),
    WorkItem.due_at,
    WorkItem.owner_key,
    Visit.sent_from,
    Nomination.definition_id,
    Nomination.version,
    Nomination.subject_name,
    Nomination.person_id,
    Nomination.state,
    Nomination.stage,
    Nomination.is_held,
    Nomination.closed_at,
    *AWARD_COLUMNS,
    *UNIT_COLUMNS,
    Round.code.label("round"),
    Round.title.label("round_title"),
    Submission.id.label("submission_id"),
    Submission.number,
    is_proposed().label("is_prepared"),
)


def done_page(reader: InboxReader, *, name: str, limit: int, cursor: str | None) -> Page[InboxItem]:
    """Return one page of what the actor decided and may still see. Raises `UnreadableCursor`."""
    [before] = decode_cursor(name, cursor, uuid) if cursor is not None else [_NEWEST]
    statement = _page(reader.size_of(limit + 1), reader.look)
    rows = statement.fetch(reader.session, {**reader.values, _BEFORE.key: before})
    return cut(
        rows[: limit + 1],
        limit,
        item=lambda row: _item(reader, row),
        cursor=lambda row: encode_cursor(name, row.id),
    )


@cache
def _page(limit: int, look: Look) -> Statement:
    done = _found(look).limit(limit).cte("done")
    return Statement(
        select(done, *_SHOWN)
        .join(Nomination, Nomination.id == done.c.nomination_id)
        .join(AwardEdition, AwardEdition.id == Nomination.award_edition_id)
        .join(Award, Award.id == AwardEdition.award_id)
        .join(Unit, Unit.id == Nomination.unit_id)
        .outerjoin(UnitEdition, named_edition(TODAY))
        .join(Round, Round.id == Nomination.round_id)
        .outerjoin(WorkItem, WorkItem.id == done.c.work_item_id)
        .outerjoin(Visit, Visit.id == WorkItem.visit_id)
        .outerjoin(Submission, Submission.id == Nomination.submission_id)
        .outerjoin(Account, taken_by())
        .order_by(done.c.id.desc())
    )


def _found(look: Look) -> Select[*tuple[Any, ...]]:
    # One way or the other: of both the planner multiplies its guesses, expects no row, and reads all.
    by_name = Event.stream == func.concat(_PREFIX, Nomination.id)
    of_event = by_name if look.is_named else Nomination.id == _NUMBER
    found = (
        select(
            Event.id,
            Event.action,
            Event.source,
            Event.recorded_at,
            Nomination.id.label("nomination_id"),
            WorkItem.id.label("work_item_id"),
        )
        .select_from(Event)
        .join(Nomination, of_event)
        .outerjoin(WorkItem, open_work_of(Nomination))
        .where(Event.actor_id == ME, Event.source != Event.dest, Event.id < _BEFORE)
        # Another name of the same step is nothing that was done with it.
        .where(Event.action != MIGRATE)
        # Inside a `coalesce`, as filters are: a planner that guesses that hardly any is seen reads all.
        .where(func.coalesce(visible_to_any(), false()))
        .order_by(Event.id.desc())
    )
    found = found.where(is_narrow()) if look.is_narrowed else found
    return found.where(is_sought()) if look.is_named else found


def _item(reader: InboxReader, row: Row[Any]) -> InboxItem:
    session, now = reader.session, reader.now
    definition = shown_definition(session, row.definition_id)
    is_own = is_nominee(reader.actor, row.person_id, row.closed_at)
    holder = holder_of_row(row, is_withheld=is_own)
    return InboxItem(
        id=row.id,
        kind=WorkKind.STAGE,
        nomination_id=row.nomination_id,
        expected_return_id=None,
        submission=ListRef(row.submission_id, row.number) if row.submission_id is not None else None,
        version=row.version,
        subject=row.subject_name,
        award=award_of_row(row),
        unit=unit_of_row(row),
        round=row.round,
        round_title=row.round_title,
        state=row.state,
        stage=Stage(row.stage),
        label=state_words(definition, row.state, row.cluster_kind),
        is_held=row.is_held,
        is_returned=definition.came_back(row.state, row.sent_from),
        is_prepared=row.is_prepared and not is_own,
        awaits_opinion=False,
        why=Why(WhyKind.DONE, row.owner_key or ""),
        holder=holder,
        opened_at=row.recorded_at,
        due_at=row.due_at,
        working_time_left=left_until(
            session, definition.calendar, row.due_at, now, holder.seat if holder else None
        ),
        age=spent_since(session, definition.calendar, row.recorded_at, now),
        age_calendar_days=calendar_days_since(session, definition.calendar, row.recorded_at, now),
        due_explained=None,
        done=DoneMove(
            action_words(definition, row.action, row.source, row.cluster_kind).as_happened(), row.recorded_at
        ),
    )
