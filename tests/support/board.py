"""A round in which every number is known: what a board says of it can be counted on one's fingers."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from tests.support.bulk import add_nominations, add_visits, unit_ids
from tests.support.office import AG, DT, TOP, Office
from tests.support.rounds import NEXT, opened
from workflow.domain.vocabulary import DecisionKind
from workflow.operations.setup.organise import NewUnit, add_units
from workflow.queries.progress import Progress
from workflow.store.awards import Round
from workflow.store.definitions import latest_definition_id
from workflow.store.nominations import Decision, WorkItem
from workflow.store.submissions import ExpectedReturn

CM, KG = "VKS-CM", "VKS-KG"
COUNCIL = f"council:{TOP}"
STAGES = {
    "draft": "draft",
    "unit_review": "unit_review",
    "reception": "council",
    "appraisal": "council",
    "council": "council",
    "decision": "council",
    "approved": "approved",
    "submitted_upward": "approved",
    "rejected": "rejected",
    "withdrawn": "withdrawn",
    "annulled": "withdrawn",
}
OWNERS = {
    "draft": "nominator@unit:{unit}",
    "unit_review": "unit_reviewer@unit:{unit}",
    "reception": f"appraiser@council:{TOP}",
    "appraisal": f"appraiser@council:{TOP}",
    "council": f"council_secretary@council:{TOP}",
    "decision": f"head@unit:{TOP}",
}
ALL_THE_WAY = ("draft", "unit_review", "reception", "appraisal", "council", "decision")
KNOWN = {
    Progress.PROPOSED: 9,
    Progress.SENT: 7,
    Progress.RECEIVED: 7,
    Progress.RETURNED: 1,
    Progress.APPRAISED: 4,
    Progress.VOTED: 3,
    Progress.DECIDED: 1,
    Progress.UPWARD: 1,
    Progress.REJECTED: 1,
    Progress.WITHDRAWN: 1,
    Progress.ANNULLED: 1,
    Progress.OVERDUE: 2,
    Progress.HELD: 0,
    Progress.ASKED: 0,
}
"""What VKS-AG has in the round, by the words of the board."""


@dataclass(frozen=True, slots=True)
class Stand:
    """Where a nomination stands and has been; `due_in` are days from now until its open work is due."""

    path: tuple[str, ...]
    due_in: int = 5
    is_sent: bool = True
    recommendation: str | None = None
    decision: DecisionKind | None = None


STANDS = (
    Stand(("draft",), is_sent=False),
    Stand(("draft", "unit_review"), due_in=-2, is_sent=False),
    Stand(("draft", "unit_review", "reception", "draft")),
    Stand(ALL_THE_WAY[:3]),
    Stand(ALL_THE_WAY[:4], due_in=-1),
    Stand(ALL_THE_WAY[:5]),
    Stand(ALL_THE_WAY, recommendation="passed"),
    Stand((*ALL_THE_WAY, "approved"), recommendation="passed", decision=DecisionKind.DECISION),
    Stand(
        (*ALL_THE_WAY, "submitted_upward"), recommendation="passed", decision=DecisionKind.SUBMISSION_UPWARD
    ),
    Stand((*ALL_THE_WAY, "rejected"), recommendation="not_passed"),
    Stand(("draft", "withdrawn"), is_sent=False),
    Stand((*ALL_THE_WAY, "annulled"), recommendation="passed", decision=DecisionKind.ANNULMENT),
)


def add_units_of_board(session: Session) -> None:
    """Add two more units below the top one, one of them without anybody who answers the telephone."""
    add_units(
        session,
        [
            NewUnit(CM, "VKSND tỉnh Cà Mau", TOP, "Võ Thị Út", "0290 383 1234"),
            NewUnit(KG, "VKSND tỉnh Kiên Giang", TOP),
        ],
        valid_from=date(2020, 1, 1),
    )


def open_board(office: Office, now: datetime, **changes: Any) -> int:
    """Open the round with four units under the top one and return its id."""
    add_units_of_board(office.session)
    return opened(office.session, now, **changes)


def stand(office: Office, unit: str, stands: tuple[Stand, ...], now: datetime, code: str = NEXT) -> list[int]:
    """Write nominations of a unit that stand where they are said to stand."""
    session = office.session
    units = unit_ids(session)
    round_id = session.scalars(select(Round.id).where(Round.code == code)).one()
    route = latest_definition_id(session, "annual")
    ids = add_nominations(
        session,
        [_row(office, unit, units[unit], route, one) for one in stands],
        round_id=round_id,
        now=now,
    )
    for nomination_id, one in zip(ids, stands, strict=True):
        _walk(office, nomination_id, unit, one, now)
    session.commit()
    return ids


def settle(session: Session, unit: str, now: datetime, *, answered: bool = False, code: str = NEXT) -> None:
    """Say that a unit has sent its paper, or answered that it proposes nothing, and close its work."""
    values: dict[str, Any] = {"sent_at": now}
    if answered:
        values = {
            "answered_at": now,
            "nothing_number": "12/VKS",
            "nothing_on": now.date(),
            "nothing_signer": "Võ Thị Út",
        }
    return_id = session.scalars(
        update(ExpectedReturn)
        .where(
            ExpectedReturn.unit_id == unit_ids(session)[unit],
            ExpectedReturn.round_id == select(Round.id).where(Round.code == code).scalar_subquery(),
        )
        .values(values)
        .returning(ExpectedReturn.id)
    ).one()
    session.execute(
        update(WorkItem).where(WorkItem.expected_return_id == return_id).values(closed_at=now, outcome="done")
    )
    session.commit()


def _row(office: Office, unit: str, unit_id: int, route: int, one: Stand) -> dict[str, object]:
    decision_id = None
    if one.decision is not None:
        signed = {
            "kind": one.decision,
            "body": f"unit:{TOP}",
            "year": 2026,
            "number": f"{one.decision}/{unit}",
        }
        decision_id = office.session.scalars(
            insert(Decision).returning(Decision.id),
            [signed | {"decided_on": date(2026, 4, 16), "signer": "Lê Minh Trí"}],
        ).one()
    state, is_annulled = one.path[-1], one.decision is DecisionKind.ANNULMENT
    return {
        "unit_id": unit_id,
        "definition_id": route,
        "created_by": office.ids["nominator"],
        "state": state,
        "stage": STAGES[state],
        "audience": [f"unit:{unit}", *([COUNCIL] if one.is_sent else [])],
        "recommendation": one.recommendation,
        "decision_id": None if is_annulled else decision_id,
        "annulment_id": decision_id if is_annulled else None,
        "subject_name": f"Người của {unit} tại {state}",
    }


def _walk(office: Office, nomination_id: int, unit: str, one: Stand, now: datetime) -> None:
    steps = [step for step in one.path if step in OWNERS]
    is_open = one.path[-1] in OWNERS
    entered = now - timedelta(days=len(steps))
    rows = [
        {
            "nomination_id": nomination_id,
            "ordinal": ordinal,
            "step": step,
            "stage": STAGES[step],
            "sent_by": office.ids["nominator"],
            "entered_at": entered + timedelta(days=ordinal - 1),
            "left_at": None if is_open and ordinal == len(steps) else entered + timedelta(days=ordinal),
            "due_at": now + timedelta(days=one.due_in) if step != "draft" else None,
            "claimed_at": None,
        }
        for ordinal, step in enumerate(steps, 1)
    ]
    add_visits(office.session, rows)
    if is_open:
        office.session.execute(
            update(WorkItem)
            .where(WorkItem.nomination_id == nomination_id, WorkItem.closed_at.is_(None))
            .values(owner_key=OWNERS[steps[-1]].format(unit=unit))
        )


__all__ = ["AG", "CM", "DT", "KG", "KNOWN", "STANDS", "Stand", "open_board", "settle", "stand"]
