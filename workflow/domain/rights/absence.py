"""Acting for somebody who is away: what of theirs passes to whom, asked anew each time, never written down.

An absence lends the seats of whoever is away to the first of their substitutes who is there. For a nomination
one who would be set aside there is passed over for the next, and what the absent might not do nobody does for
them. Neither supervision, administration, audit nor a council member's ballot is ever lent.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Self

from workflow.domain.rights.routing import Holder, SetAside, split_key
from workflow.domain.vocabulary import Role

NEVER_LENT: Final = (Role.SUPERVISOR, Role.ADMIN, Role.AUDITOR, Role.COUNCIL_MEMBER)
"""Roles that nobody has through another: they watch over the others, and a ballot is personal."""

MOST_SUBSTITUTES: Final = 5
"""How many people one absence names, in order."""


def is_lent(key: str) -> bool:
    """Return whether the seat passes to a substitute at all."""
    return split_key(key)[0] not in NEVER_LENT


@dataclass(frozen=True, slots=True)
class Loan:
    """What one absence lends to an actor: the seats of whoever is away that they hold today.

    `key` is the one seat that the absence is about, None where it is about all; `since` are the seats that
    were given to the absent after it began, which it lends to nobody. `before` are those who are asked first:
    the actor acts where each of them is set aside. `until` is the last day.
    """

    absence_id: int
    absent: Holder
    name: str
    keys: frozenset[str]
    key: str | None
    until: date
    before: tuple[Holder, ...] = ()
    since: frozenset[str] = frozenset()

    @property
    def is_first(self) -> bool:
        """Whether the actor is the first to be asked."""
        return not self.before

    def covers(self, owner_key: str | None) -> bool:
        """Return whether work of this seat that the absent has in hand is in the actor's hands."""
        if owner_key is None or owner_key in self.since:
            return False
        return self.key in {None, owner_key} and is_lent(owner_key)

    def takes_part(self, key: str, aside: SetAside, *, borrower: Holder) -> bool:
        """Return whether the actor acts for the absent in this seat where these are set aside."""
        return not aside.takes_in(borrower.standing_in(self.absent, self.before, key=key))


def loans_of(told: Sequence[Mapping[str, Any]] | None, account_id: int) -> tuple[Loan, ...]:
    """Return the loans of an account from what the database tells of absences that may lend it something."""
    found = (_loan(one, account_id) for one in told or ())
    return tuple(loan for loan in found if loan is not None)


def _loan(told: Mapping[str, Any], account_id: int) -> Loan | None:
    others = [Holder("", *each) for each in told["rank"] or ()]
    place = next((number for number, one in enumerate(others) if one.account_id == account_id), None)
    if place is None:
        return None
    return Loan(
        absence_id=told["absence"],
        absent=Holder("", told["account"], told["person"], told["unit"]),
        name=told["name"],
        keys=frozenset(key for key in told["keys"] or () if is_lent(key)),
        key=told["key"],
        until=date.fromisoformat(told["until"]),
        before=tuple(others[:place]),
        since=frozenset(told["since"] or ()),
    )


@dataclass(frozen=True, slots=True)
class DaysAway:
    """The days of an absence, the last one included, and the seat it is about (None: all)."""

    first: date
    last: date
    key: str | None

    def meets(self, other: Self) -> bool:
        """Return whether both say something about one seat on one day."""
        is_of_same = self.key is None or other.key is None or self.key == other.key
        return is_of_same and self.first <= other.last and other.first <= self.last
