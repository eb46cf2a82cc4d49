"""What somebody stands proposed for themselves, in the words that the public reads."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, exists, func, or_, select
from sqlalchemy.orm import Session

from workflow.domain.rights.policy import Actor
from workflow.queries.shapes import (
    AWARD_COLUMNS,
    UNIT_COLUMNS,
    Named,
    Titled,
    Words,
    award_of_row,
    public_words,
    unit_of_row,
)
from workflow.store.awards import Award, AwardEdition, Round
from workflow.store.clusters import kind_of_cluster
from workflow.store.conditions import is_open, named_edition
from workflow.store.database import local_day, undo_window
from workflow.store.definitions import shown_definition
from workflow.store.given import stood_until
from workflow.store.nominations import Nomination, Visit
from workflow.store.organisation import Unit, UnitEdition

_MOST: Final = 50


@dataclass(frozen=True, slots=True)
class OwnStatus:
    """One award that the reader is proposed for, by which unit, in which round.

    `stands` is null while what was decided of it can still be undone; an annulment is told as late.
    """

    round_title: str
    award: Titled
    unit: Named
    stands: Words | None


def own_statuses(session: Session, *, actor: Actor, now: datetime) -> tuple[OwnStatus, ...]:
    """Return what the actor is proposed for: what was sent and is under way or of a round that is open.

    What is still being drafted is nobody's to know but theirs who draft it. Newest first.
    """
    was_sent = exists().where(
        Visit.nomination_id == Nomination.id, Visit.sent_from.is_not(None), Visit.voided_at.is_(None)
    )
    told_by = now - undo_window(session)
    rows: Iterable[Any] = session.execute(
        select(
            Nomination.definition_id,
            func.coalesce(stood_until(told_by), Nomination.state).label("state"),
            Nomination.closed_at,
            Round.title,
            *AWARD_COLUMNS,
            *UNIT_COLUMNS,
            kind_of_cluster(joins_round=True).label("cluster_kind"),
        )
        .join(Round, Round.id == Nomination.round_id)
        .join(AwardEdition, AwardEdition.id == Nomination.award_edition_id)
        .join(Award, Award.id == AwardEdition.award_id)
        .join(Unit, Unit.id == Nomination.unit_id)
        .outerjoin(UnitEdition, named_edition(local_day(session, now)))
        .where(
            # Nobody has the number 0: who is no person is nobody here.
            Nomination.person_id == (actor.person_id or 0),
            or_(is_open(Nomination), is_open(Round)),
            was_sent,
        )
        .order_by(Nomination.id.desc())
        .limit(_MOST)
    )
    return tuple(_status(session, row, told_by) for row in rows)


def _status(session: Session, row: Row[Any], told_by: datetime) -> OwnStatus:
    definition = shown_definition(session, row.definition_id)
    is_told = row.closed_at is None or row.closed_at <= told_by
    stands = public_words(definition, row.state, row.cluster_kind) if is_told else None
    return OwnStatus(row.title, award_of_row(row), unit_of_row(row), stands)
