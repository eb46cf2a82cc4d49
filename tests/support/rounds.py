"""A second round with dates in the small sector, for tests of what units owe."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support.office import TOP
from workflow.domain.rights.policy import Actor
from workflow.domain.vocabulary import RoundDate, Via
from workflow.operations.rounds.rounds import NewRound, open_round
from workflow.store.awards import Round
from workflow.store.organisation import Unit
from workflow.store.submissions import ExpectedReturn

NEXT = "2026-XET"
# Fifty-one working days before 30 June 2026, past the days off of April and May.
BODY_DEADLINE = date(2026, 4, 15)


def opened(session: Session, now: datetime, *, actor: Actor | None = None, **changes: Any) -> int:
    """Open the round of 2026 whose papers must lie above on 30 June."""
    fields: dict[str, Any] = {
        "code": NEXT,
        "title": "Đợt xét khen thưởng năm 2026",
        "year": 2026,
        "owner_unit_code": TOP,
        "dates": {RoundDate.UPPER_DEADLINE: date(2026, 6, 30)},
        "proposes_dates": True,
        "asks_all_units": True,
    }
    new = NewRound(**(fields | changes))
    return open_round(session, actor=actor, new=new, via=Via.CLI, now=now).round_id


def returns_of(session: Session, code: str) -> dict[str, ExpectedReturn]:
    """Return what each unit owes a round, as it is now."""
    rows = session.execute(
        select(Unit.code, ExpectedReturn)
        .join(Unit, Unit.id == ExpectedReturn.unit_id)
        .join(Round, Round.id == ExpectedReturn.round_id)
        .where(Round.code == code)
        .order_by(Unit.code)
        .execution_options(populate_existing=True)
    )
    return {row.code: row.ExpectedReturn for row in rows}
