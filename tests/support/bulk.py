"""Rows written straight into the tables, for questions that need many of them and no history."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import uuid4

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from workflow.store.awards import Award, AwardEdition, Round
from workflow.store.definitions import latest_definition_id
from workflow.store.nominations import Nomination, Visit, WorkItem
from workflow.store.organisation import Unit


def add_round(session: Session, owner_unit_id: int, now: datetime, code: str = "BULK") -> int:
    """Add an open round and return its id."""
    row = Round(code=code, title=code, year=2026, owner_unit_id=owner_unit_id, opened_at=now)
    session.add(row)
    session.flush()
    return row.id


def add_nominations(
    session: Session, rows: Sequence[Mapping[str, object]], *, round_id: int, now: datetime
) -> list[int]:
    """Insert nominations; each row brings unit_id and created_by, and whatever else matters to the test."""
    edition = session.scalars(
        select(AwardEdition.id).join(Award, Award.id == AwardEdition.award_id).where(Award.code == "CSTDCS")
    ).first()
    base = {
        "round_id": round_id,
        "award_edition_id": edition,
        "definition_id": latest_definition_id(session, "standard"),
        "subject_kind": "person",
        "subject_name": "Người số",
        "name_search": "nguoi so",
        "name_sort": "nguoi so",
        "state": "draft",
        "stage": "draft",
        "version": 1,
        "audience": [],
        "created_at": now,
    }
    values = [{**base, **row} for row in rows]
    return list(
        session.scalars(insert(Nomination).returning(Nomination.id, sort_by_parameter_order=True), values)
    )


def add_visits(session: Session, rows: Sequence[Mapping[str, object]]) -> None:
    """Insert visits with their work items.

    Each row brings nomination_id, ordinal, step, stage, sent_by, entered_at, left_at, due_at and claimed_at,
    and may bring nth and how it `ended`. Working minutes are not written: where they are missing, they are
    counted.
    """
    visits, work = [], []
    for row in rows:
        visit_id = uuid4()
        shared = dict(row)
        claimed_at = shared.pop("claimed_at")
        known = {"nth": 1, "ended": None, "first_claimed_at": row["left_at"] and claimed_at}
        visits.append({"id": visit_id, "calendar_version": "none-1", **known, **shared})
        work.append(
            {
                "id": uuid4(),
                "visit_id": visit_id,
                "nomination_id": row["nomination_id"],
                "kind": "stage",
                "owner_key": "unit_reviewer@unit:X",
                "opened_at": row["entered_at"],
                "first_claimed_at": claimed_at,
                "due_at": row["due_at"],
                "closed_at": row["left_at"],
            }
        )
    session.execute(insert(Visit), visits)
    session.execute(insert(WorkItem), work)


def unit_ids(session: Session) -> dict[str, int]:
    """Return every unit's id by code."""
    return {row.code: row.id for row in session.execute(select(Unit.code, Unit.id))}
