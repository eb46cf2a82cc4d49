"""What is said of somebody's absence."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from api.reading import Code, Day, Input, Paging
from workflow.domain.rights.absence import MOST_SUBSTITUTES
from workflow.operations.people.absences import AbsenceChanges, NewAbsence

AccountId = Annotated[int, Field(ge=1, le=2**63 - 1)]
Substitutes = Annotated[
    list[AccountId],
    Field(
        max_length=MOST_SUBSTITUTES,
        description="Accounts that act, in the order in which they are asked.",
        default_factory=list,
    ),
]


class AbsenceAnnouncement(Input):
    """Away from the first day to the last inclusive; oneself without `account_id`, wholly without `key`."""

    account_id: AccountId | None = None
    first: Day
    last: Day
    key: Code | None = None
    substitutes: Substitutes

    def absence(self, me: int) -> NewAbsence:
        """Return the absence as the operation takes it."""
        return NewAbsence(self.account_id or me, self.first, self.last, self.key, tuple(self.substitutes))


class AbsenceCorrection(Input):
    """The days and substitutes from now on; `changed_at` is what the absence said when it was read."""

    first: Day
    last: Day
    substitutes: Substitutes
    changed_at: datetime | None = None

    def changes(self) -> AbsenceChanges:
        """Return the changes as the operation takes them."""
        return AbsenceChanges(self.first, self.last, tuple(self.substitutes), self.changed_at)


class AbsenceQuery(Paging):
    """Whose absences are listed: one's own, or with `office` those of the people whose office one is."""

    office: bool = False


class PersonQuery(Input):
    """Whose absence is spoken of, oneself where nobody is named."""

    account_id: AccountId | None = None
