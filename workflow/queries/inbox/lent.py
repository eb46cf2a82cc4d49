"""Which open work waits for an actor because somebody is away: what `guises` says, asked of the database.

Each loan of the reader is told as a row, each seat that it lends as another, and each person who would act
before them as a third. Who has no loan, as most, has statements without any of it: it was a quarter of what
a page of work took the server.
"""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import BigInteger, ColumnElement, Select, Text, and_, bindparam, case, func, or_, select
from sqlalchemy.dialects.postgresql import ARRAY

from workflow.domain.rights.absence import Loan
from workflow.domain.rights.policy import Actor
from workflow.store.base import given, switch
from workflow.store.conditions import is_left, is_set_aside, passes_on
from workflow.store.nominations import WorkItem

LENT_SEATS: Final = bindparam("lent_seats", type_=ARRAY(Text))
"""The seats that the reader is lent and does not hold: each is a range of the inbox."""

ABSENT: Final = bindparam("loan_absents", type_=ARRAY(BigInteger))
"""Those for whom the reader stands in, once for each loan."""

MY_PERSON: Final = bindparam("my_person", type_=BigInteger())
_HAS_LOANS: Final = switch("has_loans")
_MY_UNIT: Final = bindparam("my_unit", type_=BigInteger())
_SINCE = {"since_keys": ("key", Text()), "since_loans": ("loan", BigInteger())}
_LENDS = {"lend_keys": ("key", Text()), "lend_loans": ("loan", BigInteger())}
_LOANS = {
    "loan_numbers": ("loan", BigInteger()),
    "loan_absents": ("absent_id", BigInteger()),
    "loan_persons": ("person_id", BigInteger()),
    "loan_units": ("unit_id", BigInteger()),
    "loan_scopes": ("scope", Text()),
    "loan_names": ("name", Text()),
}
_BEFORE = {
    "before_loans": ("loan", BigInteger()),
    "before_persons": ("person_id", BigInteger()),
    "before_units": ("unit_id", BigInteger()),
}


def lent_values(actor: Actor) -> dict[str, object]:
    """Return what the statements of an inbox are told of its reader's loans."""
    loans = list(enumerate(actor.loans))
    lends = sorted((key, number) for number, loan in loans for key in loan.keys - actor.keys)
    since = sorted((key, number) for number, loan in loans for key in loan.since)
    before = [(number, one) for number, loan in loans for one in loan.before]
    return {
        _HAS_LOANS.key: bool(loans),
        LENT_SEATS.key: sorted({key for key, _ in lends}),
        MY_PERSON.key: actor.person_id,
        _MY_UNIT.key: actor.unit_id,
        **_columns(_LENDS, lends),
        **_columns(_SINCE, since),
        **_columns(_LOANS, [_row(number, loan) for number, loan in loans]),
        **_columns(_BEFORE, [(number, one.person_id, one.unit_id) for number, one in before]),
    }


def _row(number: int, loan: Loan) -> tuple[object, ...]:
    absent = loan.absent
    return number, absent.account_id, absent.person_id, absent.unit_id, loan.key, loan.name


def _columns(names: dict[str, tuple[str, Any]], rows: Sequence[tuple[object, ...]]) -> dict[str, object]:
    return {name: [row[place] for row in rows] for place, name in enumerate(names)}


def lent_in_seat() -> ColumnElement[bool]:
    """Return the condition that nobody took the work, and the reader stands in for somebody in its seat."""
    return and_(_HAS_LOANS, or_(WorkItem.assignee_id.is_(None), is_left()), _by_seat().exists())


def lent_in_hand() -> ColumnElement[bool]:
    """Return the condition that the work is in the hands of somebody for whom the reader stands in."""
    return and_(_HAS_LOANS, _by_hand().exists())


def lender() -> ColumnElement[Any]:
    """Return the name of the person in whose place the reader is meant, null where it is their own work."""
    name = func.coalesce(_by_hand().limit(1).scalar_subquery(), _by_seat().limit(1).scalar_subquery())
    return case((_HAS_LOANS, name))


def _by_seat() -> Select[Any]:
    loan, lend = given("seat_loan", _LOANS), given("lend", _LENDS)
    return (
        select(loan.c.name)
        .select_from(lend)
        .join(loan, loan.c.loan == lend.c.loan)
        .where(lend.c.key == WorkItem.owner_key, _acts(loan))
        .correlate_except(loan, lend)
    )


def _by_hand() -> Select[Any]:
    loan = given("hand_loan", _LOANS)
    since = given("given_since", _SINCE)
    is_new = select(since.c.loan).where(since.c.loan == loan.c.loan, since.c.key == WorkItem.owner_key)
    covers = and_(
        or_(loan.c.scope.is_(None), loan.c.scope == WorkItem.owner_key),
        passes_on(WorkItem.owner_key),
        ~is_new.correlate_except(since).exists(),
    )
    return (
        select(loan.c.name)
        .where(loan.c.absent_id == WorkItem.assignee_id, covers, _acts(loan))
        .correlate_except(loan)
    )


def _acts(loan: Any) -> ColumnElement[bool]:  # noqa: ANN401 - as of `given`
    """Return the condition that the reader acts: neither is set aside, and all who come before them are."""
    before = given("asked_before", _BEFORE)
    earlier = (
        select(before.c.loan)
        .where(before.c.loan == loan.c.loan, ~is_set_aside(before.c.person_id, before.c.unit_id))
        .correlate_except(before)
    )
    return and_(
        ~is_set_aside(loan.c.person_id, loan.c.unit_id),
        ~is_set_aside(MY_PERSON, _MY_UNIT),
        ~earlier.exists(),
    )
