"""A council's counts: what they mean against the threshold, and which cannot be."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow.domain.errors import InvalidField
from workflow.domain.facts import VoteEntry
from workflow.domain.vocabulary import VoteResult
from workflow.domain.votes import result_of

PASSED, NOT_PASSED, TIED = VoteResult.PASSED, VoteResult.NOT_PASSED, VoteResult.TIED


@pytest.mark.parametrize(
    ("counts", "percent", "result"),
    [
        ((10, 9, 1, 0), 90, PASSED),
        ((10, 8, 0, 0), 90, NOT_PASSED),
        ((11, 9, 0, 0), 90, NOT_PASSED),
        ((11, 10, 1, 0), 90, PASSED),
        ((5, 4, 1, 0), 80, PASSED),
        ((10, 5, 4, 1), None, NOT_PASSED),
        ((10, 6, 4, 0), None, PASSED),
        ((10, 5, 5, 0), None, TIED),
        ((10, 5, 5, 0), 50, PASSED),
        ((10, 0, 0, 10), None, TIED),
        ((9, 4, 4, 1), 90, TIED),
        ((1, 1, 0, 0), 100, PASSED),
    ],
)
def test_the_share_is_of_all_members(counts, percent, result):
    assert result_of(VoteEntry(*counts), percent) is result


@pytest.mark.parametrize(
    ("counts", "fields"),
    [
        ((0, 0, 0, 0), ["members"]),
        ((9, -1, 3, 0), ["in_favour"]),
        ((9, -1, -3, -2), ["in_favour", "against", "blank"]),
        ((9, 5, 4, 1), ["members"]),
        ((0, 1, 0, 0), ["members", "members"]),
    ],
)
def test_counts_that_cannot_be_are_refused_by_name(counts, fields):
    with pytest.raises(InvalidField) as refused:
        result_of(VoteEntry(*counts), None)
    assert [error.field for error in refused.value.errors] == [f"decision.counts.{field}" for field in fields]


@given(data=st.data(), members=st.integers(1, 60), percent=st.none() | st.integers(1, 100))
def test_any_possible_count_has_the_result_that_fractions_give(data, members, percent):
    in_favour = data.draw(st.integers(0, members))
    against = data.draw(st.integers(0, members - in_favour))
    blank = data.draw(st.integers(0, members - in_favour - against))
    share = Fraction(in_favour, members)
    is_enough = share > Fraction(1, 2) if percent is None else share >= Fraction(percent, 100)
    expected = PASSED if is_enough else TIED if in_favour == against else NOT_PASSED
    assert result_of(VoteEntry(members, in_favour, against, blank), percent) is expected


@given(members=st.integers(1, 60), in_favour=st.integers(0, 60), percent=st.none() | st.integers(1, 100))
def test_one_more_in_favour_never_loses_a_vote(members, in_favour, percent):
    if in_favour < members and result_of(VoteEntry(members, in_favour, 0), percent) is PASSED:
        assert result_of(VoteEntry(members, in_favour + 1, 0), percent) is PASSED
