"""Names ticked on a list, as an address carries them and gives them back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.pages.picked import read_picked, write_picked

IDS = st.frozensets(st.integers(min_value=0, max_value=2**63 - 1), max_size=200)
NEIGHBOURS = st.frozensets(st.integers(min_value=1, max_value=60), max_size=60)


@given(IDS | NEIGHBOURS)
def test_what_was_written_is_read_again(ids: frozenset[int]) -> None:
    assert read_picked(write_picked(ids)) == ids


def test_neighbours_are_written_short() -> None:
    assert write_picked([9, 3, 4, 5, 12, 13]) == "3-5,9,12-13"


@pytest.mark.parametrize("text", ["", ",", "-", "1-", "x", "²", "5-3", "1-x", "9" * 5000, "-1", "\0"])
def test_what_names_nobody_is_passed_over(text: str) -> None:
    assert read_picked(text) <= {1}


def test_a_run_without_end_is_no_more_than_one_request_may_name() -> None:
    assert len(read_picked(f"1-{2**62}")) == 1000
    assert len(read_picked(f"1-{2**62},5000-9000")) == 1000
