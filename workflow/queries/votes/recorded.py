"""What a council said in a round, name by name, as its minutes list it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, Select, func, select
from sqlalchemy.orm import Session

from workflow.domain.rights.policy import Actor
from workflow.queries.nominations.verdict import VoteView, vote_of
from workflow.queries.shapes import Named, Titled, Words, is_nominee
from workflow.store.awards import Award, AwardEdition, Round
from workflow.store.base import among
from workflow.store.codes import is_named
from workflow.store.conditions import TODAY, edition_of_unit
from workflow.store.database import local_day
from workflow.store.nominations import Nomination
from workflow.store.organisation import Unit, UnitEdition
from workflow.store.visible import visible

MOST_VOTES: Final = 1000


@dataclass(frozen=True, slots=True)
class RecordedVote:
    """What the council said of one name."""

    nomination_id: int
    name: str
    award: Titled
    unit: Named
    vote: VoteView


def recorded_votes(
    session: Session, *, actor: Actor, round_code: str, now: datetime, voted_on: date | None = None
) -> Sequence[RecordedVote]:
    """Return the votes of a round that the actor sees, of one day or of all, at most a thousand.

    The nominee reads what was said of themselves with the result, not before.
    """
    conditions = [_is_round(session, round_code)]
    if voted_on is not None:
        conditions.append(Nomination.voted_on == voted_on)
    return _read(session, actor, now, conditions)


def votes_of(
    session: Session, *, actor: Actor, nomination_ids: Sequence[int], now: datetime
) -> dict[int, RecordedVote]:
    """Return what was said of these nominations, by number, as far as the actor sees it."""
    found = _read(session, actor, now, [among(Nomination.id, nomination_ids)])
    return {one.nomination_id: one for one in found}


def days_of_votes(session: Session, *, actor: Actor, round_code: str) -> list[date]:
    """Return the days on which the council voted in a round, the latest first."""
    statement = (
        select(Nomination.voted_on)
        .where(_is_round(session, round_code), Nomination.voted_on.is_not(None), visible(actor.scope))
        .distinct()
        .order_by(Nomination.voted_on.desc())
    )
    return [day for day in session.scalars(statement) if day is not None]


def _is_round(session: Session, code: str) -> ColumnElement[bool]:
    is_it = is_named(session, Round.code, code)
    return Nomination.round_id == select(Round.id).where(is_it).scalar_subquery()


def _read(
    session: Session, actor: Actor, now: datetime, conditions: Sequence[ColumnElement[bool]]
) -> list[RecordedVote]:
    statement = _select().where(Nomination.recommendation.is_not(None), visible(actor.scope), *conditions)
    rows = session.execute(statement, {"today": local_day(session, now)})
    found = (_vote(row) for row in rows if not is_nominee(actor, row.person_id, row.closed_at))
    return [one for one in found if one is not None]


def _select() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Nomination.id,
            Nomination.subject_name,
            Nomination.recommendation,
            Nomination.voted_on,
            Nomination.vote,
            Nomination.person_id,
            Nomination.closed_at,
            Award.code.label("award"),
            AwardEdition.name_vi,
            AwardEdition.name_en,
            Unit.code.label("unit"),
            func.coalesce(UnitEdition.name, Unit.code).label("unit_name"),
        )
        .join(AwardEdition, AwardEdition.id == Nomination.award_edition_id)
        .join(Award, Award.id == AwardEdition.award_id)
        .join(Unit, Unit.id == Nomination.unit_id)
        .outerjoin(UnitEdition, edition_of_unit(TODAY))
        .order_by(Award.id, Unit.code_sort, Nomination.name_sort, Nomination.id)
        .limit(MOST_VOTES)
    )


def _vote(row: Row[Any]) -> RecordedVote | None:
    vote = vote_of(row.recommendation, row.voted_on, row.vote)
    if vote is None:
        return None
    award = Titled(row.award, Words(row.name_vi, row.name_en))
    return RecordedVote(row.id, row.subject_name, award, Named(row.unit, row.unit_name), vote)
