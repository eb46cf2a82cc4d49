"""How much of somebody's work waits, cut short: what stands beside the ways that every page has."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from workflow.domain.rights.policy import Actor
from workflow.queries.inbox.rows import NOW
from workflow.queries.inbox.sources import BEGINNING, inbox_values
from workflow.queries.inbox.tabs import first_waiting
from workflow.store.nominations import Nomination, WorkItem
from workflow.store.statements import Statement, plan_once
from workflow.store.submissions import ExpectedReturn

MOST_LOOKED_AT: Final = 100
"""Of what waits, so much is looked at; of more only that it is more is known."""


@dataclass(frozen=True, slots=True)
class AtAGlance:
    """What waits for somebody: how much, how much of it is late, and of how many lists, nominations, rounds.

    `is_cut`: there is as much as was looked at, the most urgent, so that each number may be larger.
    """

    work: int
    late: int
    lists: int
    nominations: int
    rounds: int
    is_cut: bool


def at_a_glance(session: Session, *, actor: Actor, now: datetime) -> AtAGlance:
    """Return what waits for the actor, from the ranges that their list of work is read from."""
    plan_once(session)
    values = {**inbox_values(session, actor, now), **BEGINNING}
    row = _glance().fetch(session, values)[0]
    is_cut = row.work >= MOST_LOOKED_AT
    return AtAGlance(row.work, row.late, row.lists, row.nominations, row.rounds, is_cut)


@cache
def _glance() -> Statement:
    found = first_waiting(MOST_LOOKED_AT)
    return Statement(
        select(
            func.count().label("work"),
            func.count().filter(found.c.due_at < NOW).label("late"),
            func.count(found.c.submission_id.distinct()).label("lists"),
            func.count(WorkItem.nomination_id.distinct()).label("nominations"),
            func.count(func.coalesce(Nomination.round_id, ExpectedReturn.round_id).distinct()).label(
                "rounds"
            ),
        )
        .select_from(found)
        .join(WorkItem, WorkItem.id == found.c.id)
        .outerjoin(Nomination, Nomination.id == WorkItem.nomination_id)
        .outerjoin(ExpectedReturn, ExpectedReturn.id == WorkItem.expected_return_id)
    )
