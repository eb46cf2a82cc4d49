"""Each time that a unit sent nominations on, read from their history."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, Text, cast, func, select
from sqlalchemy.orm import Session, aliased

from workflow.domain.moves.engine import Direction, direction_of
from workflow.domain.papers.kinds import PaperRoot, Target
from workflow.domain.rights.policy import Actor
from workflow.domain.rights.submission_rights import WITH_THE_UNIT
from workflow.domain.route.counterparts import MIGRATE
from workflow.domain.route.definition import Definition
from workflow.queries.shapes import AWARD_COLUMNS, UNIT_COLUMNS
from workflow.store.access import Account
from workflow.store.awards import Award, AwardEdition, Round
from workflow.store.base import among
from workflow.store.clusters import kind_of_cluster
from workflow.store.conditions import named_edition, open_visit_of_nomination, open_work_of, taken_by
from workflow.store.definitions import shown_definition
from workflow.store.history import Event, was_undone
from workflow.store.nominations import Nomination, Visit, WorkItem
from workflow.store.organisation import Unit, UnitEdition
from workflow.store.routes_told import route_at, routes_of
from workflow.store.submissions import Submission
from workflow.store.visible import visible

_MOST_NAMES: Final = 2000
_MOST_MOVES: Final = 10_000
_sent_for = aliased(Account, name="sent_for")


@dataclass(frozen=True, slots=True)
class SentEntry:
    """One entry of history by which a nomination was sent on, and the route that it was on then."""

    id: UUID
    stream: str
    seq: int
    source: str
    dest: str
    recorded_at: datetime
    hash: bytes
    actor_id: int
    name: str
    absent_id: int | None
    absent: str | None
    route: Definition


def names_of(session: Session, actor: Actor, target: Target, today: date) -> Sequence[Any]:
    """Return the names of a target that the actor sees, each with where it stands today."""
    of_target = {PaperRoot.SUBMISSION: Nomination.submission_id, PaperRoot.NOMINATION: Nomination.id}
    return session.execute(
        select(
            Nomination.id.label("nomination_id"),
            Nomination.definition_id,
            Nomination.subject_name,
            Nomination.subject_position,
            Nomination.person_id,
            Nomination.state,
            Nomination.closed_at,
            Round.title.label("round_title"),
            *AWARD_COLUMNS,
            *UNIT_COLUMNS,
            Submission.id.label("submission_id"),
            Submission.number,
            Submission.signed_on,
            Submission.signer,
            Visit.entered_at,
            WorkItem.due_at,
            WorkItem.owner_key,
            Account.name.label("assignee"),
            kind_of_cluster(joins_round=True).label("cluster_kind"),
        )
        .join(Round, Round.id == Nomination.round_id)
        .join(AwardEdition, AwardEdition.id == Nomination.award_edition_id)
        .join(Award, Award.id == AwardEdition.award_id)
        .join(Unit, Unit.id == Nomination.unit_id)
        .outerjoin(UnitEdition, named_edition(today))
        .outerjoin(Submission, Submission.id == Nomination.submission_id)
        .outerjoin(Visit, open_visit_of_nomination())
        .outerjoin(WorkItem, open_work_of(Visit))
        .outerjoin(Account, taken_by())
        .where(of_target[target.kind] == target.id, visible(actor.scope))
        .order_by(Nomination.subject_kind, Nomination.name_sort, Nomination.person_id, Nomination.id)
        .limit(_MOST_NAMES),
        {"today": today},
    ).all()


def sendings_of(session: Session, rows: Sequence[Row[Any]]) -> list[list[SentEntry]]:
    """Return what was sent on by the unit, each time apart, newest first: one transaction has one instant."""
    streams = {f"nomination:{row.nomination_id}": row.definition_id for row in rows}
    routes = routes_of(session, streams)
    groups: dict[tuple[datetime, int | None], list[SentEntry]] = {}
    for row in _moves(session, streams):
        route = shown_definition(session, route_at(routes.get(row.stream), row.seq, streams[row.stream]))
        if _was_sent(route, row.source, row.dest):
            groups.setdefault((row.recorded_at, row.actor_id), []).append(
                SentEntry(**row._asdict(), route=route)
            )
    return list(groups.values())


def _moves(session: Session, streams: Iterable[str]) -> Iterable[Any]:
    return session.execute(
        select(
            Event.id,
            Event.stream,
            Event.seq,
            Event.source,
            Event.dest,
            Event.recorded_at,
            Event.hash,
            Event.actor_id,
            Account.name,
            _sent_for.id.label("absent_id"),
            _sent_for.name.label("absent"),
        )
        .outerjoin(Account, Account.id == Event.actor_id)
        .outerjoin(_sent_for, Event.on_behalf_of == func.concat("account:", cast(_sent_for.id, Text)))
        .where(
            among(Event.stream, streams),
            Event.source != Event.dest,
            # Another name of the same step: nobody sent anything.
            Event.action != MIGRATE,
            Event.actor_id.is_not(None),
            ~was_undone(),
        )
        .order_by(Event.recorded_at.desc(), Event.seq)
        .limit(_MOST_MOVES)
    )


def _was_sent(definition: Definition, source: str, dest: str) -> bool:
    if not (definition.has_step(source) and definition.has_step(dest)):
        return False
    leads_on = direction_of(definition, source, dest) is Direction.FORWARD
    return leads_on and definition.stage_of(source) in WITH_THE_UNIT
