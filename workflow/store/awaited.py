"""What somebody sent and others are late with: told below their own work, in the letter of a morning."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import BigInteger, DateTime, any_, bindparam, exists, func, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from workflow.domain.vocabulary import WorkKind
from workflow.store.access import Account, Grant
from workflow.store.awards import AwardEdition
from workflow.store.conditions import TODAY, is_in_force, is_open, open_work_of
from workflow.store.nominations import Nomination, WorkItem
from workflow.store.statements import Statement

MOST_AWAITED: Final = 5


@dataclass(frozen=True, slots=True)
class Awaited:
    """One nomination that others are late with, and how many its author has of them in all."""

    account_id: int
    nomination_id: int
    subject_name: str
    award_vi: str
    award_en: str
    due_at: datetime
    count: int


def read_awaited(
    session: Session, account_ids: Collection[int], *, today: date, now: datetime
) -> dict[int, Sequence[Awaited]]:
    """Return for each account the nominations it made that others are late with, the longest late first.

    At most five of each, with their number; what the account itself could do is not among them.
    """
    found: dict[int, list[Awaited]] = defaultdict(list)
    for row in _AWAITED.fetch(session, {"ids": sorted(account_ids), "today": today, "now": now}):
        found[row.account_id].append(
            Awaited(
                row.account_id,
                row.nomination_id,
                row.subject_name,
                row.award_vi,
                row.award_en,
                row.due_at,
                row.count_of_all,
            )
        )
    return dict(found)


_IS_OWN: Final = exists().where(
    Grant.account_id == Account.id, Grant.key == WorkItem.owner_key, is_in_force(Grant, TODAY)
)
_LATE = (
    select(
        Account.id.label("account_id"),
        Nomination.id.label("nomination_id"),
        Nomination.subject_name,
        AwardEdition.name_vi.label("award_vi"),
        AwardEdition.name_en.label("award_en"),
        WorkItem.due_at,
        func.count().over(partition_by=Account.id).label("count_of_all"),
        func.row_number()
        .over(partition_by=Account.id, order_by=(WorkItem.due_at, Nomination.id))
        .label("place"),
    )
    .join(Nomination, Nomination.created_by == Account.id)
    .join(WorkItem, open_work_of(Nomination))
    .join(AwardEdition, AwardEdition.id == Nomination.award_edition_id)
    .where(
        Account.id == any_(bindparam("ids", type_=ARRAY(BigInteger))),
        is_open(Nomination),
        ~Nomination.is_held,
        # A question waits for its reader's own unit.
        WorkItem.kind != WorkKind.ANSWER,
        WorkItem.due_at < bindparam("now", type_=DateTime(timezone=True)),
        WorkItem.assignee_id.is_distinct_from(Account.id),
        ~_IS_OWN,
    )
    .subquery("late")
)
_AWAITED: Final = Statement(
    select(_LATE).where(_LATE.c.place <= MOST_AWAITED).order_by(_LATE.c.account_id, _LATE.c.place)
)
