"""The grants of a cluster's seat follow its unit's head from a day on; nothing before it changes."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from workflow.domain.clusters.officers import HeldTerm, Term, follow

FIRST = date(2026, 1, 1)
SINCE = FIRST + timedelta(days=10)
DAYS = [FIRST + timedelta(days=number) for number in range(30)]


@st.composite
def terms(draw):
    """Return terms of a few accounts, those of one account apart from each other, as the store joins them."""
    found = []
    for account in range(1, 4):
        bounds = draw(st.lists(st.integers(0, 25), unique=True, max_size=4))
        bounds.sort()
        for start, end in zip(bounds[::2], [*bounds[1::2], None], strict=False):
            until = None if end is None else FIRST + timedelta(days=end)
            found.append(Term(account, FIRST + timedelta(days=start), until))
    return found


def holders(found, day):
    return {term.account_id for term in found if term.covers(day)}


@given(held=terms(), wanted=terms())
def test_from_the_day_on_the_seat_is_held_by_those_wanted_and_before_by_those_who_held_it(held, wanted):
    rows = [HeldTerm(number, term) for number, term in enumerate(held)]
    endings, beginnings = follow(rows, wanted, since=SINCE)
    kept = [
        Term(row.term.account_id, row.term.since, endings.get(row.grant_id, row.term.until)) for row in rows
    ]
    after = {(term.account_id, term.since): term for term in (*kept, *beginnings)}.values()
    for day in DAYS:
        assert holders(after, day) == holders(wanted if day >= SINCE else held, day), day


@given(held=terms(), wanted=terms())
def test_following_twice_changes_nothing_more(held, wanted):
    endings, beginnings = follow(
        [HeldTerm(number, term) for number, term in enumerate(held)], wanted, since=SINCE
    )
    kept = {
        (term.account_id, term.since): Term(term.account_id, term.since, endings.get(number, term.until))
        for number, term in enumerate(held)
    }
    kept |= {(term.account_id, term.since): term for term in beginnings}
    again = follow([HeldTerm(number, term) for number, term in enumerate(kept.values())], wanted, since=SINCE)
    assert again == ({}, ())
