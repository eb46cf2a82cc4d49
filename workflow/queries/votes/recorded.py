"""What a council said in a round, name by name, as its minutes list it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, select
from sqlalchemy.orm import Session

from workflow.domain.rights.policy import Actor
from workflow.queries.nominations.verdict import VoteView, vote_of
from workflow.queries.shapes import Named, Titled, award_of_row, is_nominee, unit_of_row
from workflow.queries.votes.sheet import awards_among, on_sheet
from workflow.store.awards import Award, Round
from workflow.store.base import among
from workflow.store.codes import is_named
from workflow.store.database import local_day
from workflow.store.nominations import Nomination
from workflow.store.visible import visible

MOST_VOTES: Final = 1000
_COLUMNS: Final = (
    Nomination.id,
    Nomination.subject_name,
    Nomination.recommendation,
    Nomination.voted_on,
    Nomination.vote,
    Nomination.person_id,
    Nomination.closed_at,
)


@dataclass(frozen=True, slots=True)
class RecordedVote:
    """What the council said of one name."""

    nomination_id: int
    name: str
    award: Titled
    unit: Named
    vote: VoteView


@dataclass(frozen=True, slots=True)
class RecordedVotes:
    """The votes of a day. `has_more`: others come after; `lacks_own`: the reader's own are kept from them."""

    items: tuple[RecordedVote, ...]
    has_more: bool
    lacks_own: bool


def recorded_votes(
    session: Session,
    *,
    actor: Actor,
    round_code: str,
    now: datetime,
    voted_on: date,
    award: str | None = None,
    most: int = MOST_VOTES,
) -> RecordedVotes:
    """Return the votes of a day of a round that the actor sees, of one award or of all, at most so many.

    The nominee reads what was said of themselves with the result, not before.
    """
    conditions = [_is_round(session, round_code), Nomination.voted_on == voted_on]
    if award is not None:
        conditions.append(is_named(session, Award.code, award))
    rows = _rows(session, actor, now, conditions, most + 1)
    read = rows[:most]
    told = _told(actor, read)
    return RecordedVotes(tuple(told), has_more=len(rows) > most, lacks_own=len(told) < len(read))


def awards_of_votes(session: Session, *, actor: Actor, round_code: str, voted_on: date) -> tuple[Titled, ...]:
    """Return the awards on which the council voted that day, in the order of minutes."""
    is_it = _is_round(session, round_code), Nomination.voted_on == voted_on
    said = Nomination.recommendation.is_not(None)
    return awards_among(session, [*is_it, said, visible(actor.scope)])


def votes_of(
    session: Session, *, actor: Actor, nomination_ids: Sequence[int], now: datetime
) -> dict[int, RecordedVote]:
    """Return what was said of these nominations, by number, as far as the actor sees it."""
    rows = _rows(session, actor, now, [among(Nomination.id, nomination_ids)], len(nomination_ids))
    return {one.nomination_id: one for one in _told(actor, rows)}


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


def _rows(
    session: Session, actor: Actor, now: datetime, conditions: Sequence[ColumnElement[bool]], most: int
) -> Sequence[Row[Any]]:
    statement = on_sheet(*_COLUMNS).where(
        Nomination.recommendation.is_not(None), visible(actor.scope), *conditions
    )
    return session.execute(statement.limit(most), {"today": local_day(session, now)}).all()


def _told(actor: Actor, rows: Sequence[Row[Any]]) -> list[RecordedVote]:
    found = (_vote(row) for row in rows if not is_nominee(actor, row.person_id, row.closed_at))
    return [one for one in found if one is not None]


def _vote(row: Row[Any]) -> RecordedVote | None:
    vote = vote_of(row.recommendation, row.voted_on, row.vote)
    if vote is None:
        return None
    return RecordedVote(row.id, row.subject_name, award_of_row(row), unit_of_row(row), vote)
