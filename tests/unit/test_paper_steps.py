"""Who may enter what a seat did on paper."""

import pytest

from workflow.domain.moves.offline_steps import keeper_keys


@pytest.mark.parametrize(
    ("key", "keepers"),
    [
        ("unit_reviewer@unit:AG", {"nominator@unit:AG"}),
        ("unit_reviewer@unit:TOP", {"nominator@unit:TOP"}),
        ("head@unit:AG", {"nominator@unit:AG"}),
        ("head@unit:TOP", {"appraiser@council:TOP", "council_secretary@council:TOP"}),
        ("council_secretary@council:TOP", {"appraiser@council:TOP", "council_secretary@council:TOP"}),
        ("cluster_head@cluster:2026/TOP/1", {"cluster_deputy@cluster:2026/TOP/1"}),
        ("supervisor@all", set()),
    ],
)
def test_records_are_kept_beside_the_seat_and_a_decision_by_the_councils_office(key, keepers):
    assert keeper_keys(key, council="TOP") == keepers
