"""Work on desks, written straight into the tables: whose it is, when it is due, who was told of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from tests.conftest import MONDAY
from tests.support.bulk import add_nominations
from tests.support.office import AG, DT, TOP
from workflow.domain.names import name_search
from workflow.domain.rights.policy import Actor
from workflow.store.access import Grant
from workflow.store.mail import Outbox
from workflow.store.nominations import Visit, WorkItem
from workflow.store.people import load_actor
from workflow.store.set_aside import PutAside
from workflow.store.submissions import ExpectedReturn, Submission

UNITS = (AG, DT, TOP)
ROLES = ("nominator", "unit_reviewer", "head", "supervisor", "auditor")
SEATS = tuple(f"unit:{code}" for code in UNITS)


@dataclass(frozen=True)
class Work:
    """One thing to do: whose, until which day (None: never), and what it is about.

    `aside` is until how many days from now its reader set it aside, None where they did not.
    `state` was reached from `sent_from`, sent by `sent_by`, `age` days ago.
    `paper` is None for work about what a unit owes, 0 for a name on no list, else the list's number.
    """

    unit: int = 0
    role: str = "unit_reviewer"
    seat: str = SEATS[0]
    due: int | None = 0
    taken_by: str | None = None
    is_told: bool = False
    is_closed: bool = False
    audience: frozenset[str] = frozenset(SEATS[:1])
    paper: int | None = 0
    aside: int | None = None
    name: str = "Người số"
    state: str = "draft"
    stage: str = "draft"
    is_held: bool = False
    sent_from: str | None = None
    sent_by: str = "other"
    age: int = 3


@dataclass(frozen=True)
class Ground:
    """The rows that every example stands on."""

    session: Session
    me: int
    other: int
    units: dict[str, int]
    round_id: int


@contextmanager
def laid_out(ground: Ground, keys: frozenset[str], works: list[Work]) -> Iterator[Actor]:
    """Write one example and take it back afterwards."""
    session = ground.session
    session.execute(delete(Grant).where(Grant.account_id == ground.me))
    if keys:
        rows = [
            {"account_id": ground.me, "key": key, "valid_from": MONDAY.date() - timedelta(days=9)}
            for key in sorted(keys)
        ]
        session.execute(insert(Grant), rows)
    papers = dict(
        enumerate(
            session.scalars(
                insert(Submission).returning(Submission.id, sort_by_parameter_order=True),
                [
                    {
                        "round_id": ground.round_id,
                        "unit_id": ground.units[AG],
                        "decider": f"unit:{TOP}",
                        "number": str(number),
                        "version": 1,
                        "created_by": ground.other,
                        "created_at": MONDAY,
                    }
                    for number in range(1, 5)
                ],
            ),
            start=1,
        )
    )
    for work in works:
        _write(ground, papers, work)
    actor = load_actor(session, ground.me, today=MONDAY.date())
    assert actor is not None
    try:
        yield actor
    finally:
        session.rollback()


def _write(ground: Ground, papers: dict[int, int], work: Work) -> None:
    session, code = ground.session, UNITS[work.unit]
    visit_id = nomination_id = return_id = None
    if work.paper is None:
        known = select(ExpectedReturn.id).where(ExpectedReturn.unit_id == ground.units[code])
        return_id = session.scalar(known) or session.scalar(
            insert(ExpectedReturn).returning(ExpectedReturn.id),
            {"round_id": ground.round_id, "unit_id": ground.units[code], "due_on": MONDAY.date()},
        )
    else:
        [nomination_id] = add_nominations(
            session,
            [
                {
                    "unit_id": ground.units[code],
                    "created_by": ground.other,
                    "audience": sorted(work.audience),
                    "submission_id": papers.get(work.paper),
                    "subject_name": work.name,
                    "name_search": name_search(work.name),
                    "state": work.state,
                    "stage": work.stage,
                    "is_held": work.is_held,
                }
            ],
            round_id=ground.round_id,
            now=MONDAY,
        )
        visit_id = uuid4()
        session.execute(
            insert(Visit),
            {
                "id": visit_id,
                "nomination_id": nomination_id,
                "ordinal": 1,
                "step": work.state,
                "stage": work.stage,
                "sent_by": {"me": ground.me, "other": ground.other}[work.sent_by],
                "sent_from": work.sent_from,
                "entered_at": MONDAY,
                "calendar_version": "none-1",
            },
        )
    item_id = uuid4()
    session.execute(
        insert(WorkItem),
        {
            "id": item_id,
            "visit_id": visit_id,
            "nomination_id": nomination_id,
            "expected_return_id": return_id,
            "kind": "stage" if nomination_id else "prepare",
            "owner_key": f"{work.role}@{work.seat}",
            "assignee_id": {"me": ground.me, "other": ground.other, None: None}[work.taken_by],
            "opened_at": MONDAY - timedelta(days=work.age),
            "due_at": None if work.due is None else MONDAY + timedelta(days=work.due),
            "closed_at": MONDAY if work.is_closed else None,
        },
    )
    if work.aside is not None:
        until_at = MONDAY + timedelta(days=work.aside)
        session.execute(
            insert(PutAside), {"account_id": ground.me, "work_item_id": item_id, "until_at": until_at}
        )
    if work.is_told:
        session.execute(
            insert(Outbox),
            {
                "id": uuid4(),
                "dedupe_key": str(item_id),
                "notice": "escalation",
                "mail_class": "escalation",
                "account_id": ground.me,
                "work_item_id": item_id,
                "fold_key": str(item_id),
                "state": "sent",
                "not_before": MONDAY,
                "created_at": MONDAY,
            },
        )
