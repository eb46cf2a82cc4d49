"""What is true of a round before it changes: what units owe it, and which steps hang on a date."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from workflow.domain.time.due import Due
from workflow.domain.vocabulary import RoundDate
from workflow.store.conditions import is_open
from workflow.store.definitions import shown_definition
from workflow.store.nominations import Nomination
from workflow.store.organisation import Unit
from workflow.store.submissions import ExpectedReturn


def returns_of(session: Session, round_id: int) -> list[Row[Any]]:
    """Return what every unit owes a round, by the unit's code."""
    rows: Iterable[Row[Any]] = session.execute(
        select(
            ExpectedReturn.id,
            ExpectedReturn.unit_id,
            Unit.code,
            ExpectedReturn.due_on,
            ExpectedReturn.accountable_id,
            func.coalesce(ExpectedReturn.sent_at, ExpectedReturn.answered_at).label("done_at"),
        )
        .join(Unit, Unit.id == ExpectedReturn.unit_id)
        .where(ExpectedReturn.round_id == round_id)
        .order_by(Unit.code_sort)
    )
    return list(rows)


def dependent_steps(session: Session, round_id: int, name: RoundDate) -> dict[int, set[str]]:
    """Return by definition the steps that are due by a date of the round, of definitions in use there."""
    ids = session.scalars(
        select(Nomination.definition_id)
        .where(Nomination.round_id == round_id, is_open(Nomination))
        .distinct()
        .order_by(Nomination.definition_id)
    )
    steps = {
        definition_id: {
            step.name
            for step in shown_definition(session, definition_id).steps
            if any(
                isinstance(timing.due, Due) and timing.due.by is name
                for timing in (step, step.returned)
                if timing is not None
            )
        }
        for definition_id in ids.all()
    }
    return {definition_id: names for definition_id, names in steps.items() if names}
