"""The dates of a round are counted backwards by the real calendar, and stand in their order."""

from datetime import date

import pytest

from workflow.domain.errors import InvalidField
from workflow.domain.time.return_ladder import RETURN_LADDER
from workflow.domain.time.round_dates import demand_order, out_of_order, propose_dates, read_dates
from workflow.domain.vocabulary import RoundDate
from workflow.store.calendars import load_calendar

VN = load_calendar("vn", "Asia/Ho_Chi_Minh")
UNIT, CLUSTER, UPPER = RoundDate.UNIT_DEADLINE, RoundDate.CLUSTER_DEADLINE, RoundDate.UPPER_DEADLINE


def test_every_date_is_proposed_backwards_over_holidays_in_the_order_of_the_work():
    found = propose_dates({UPPER: date(2026, 6, 30)}, VN)
    assert [f"{name} {day:%m-%d}" for name, day in found.items()] == [
        "unit_deadline 04-15",  # over the Hùng Kings' day off on the 27th, 30 April and 1 May
        "cluster_deadline 05-04",
        "reception_deadline 05-11",
        "appraisal_deadline 06-08",
        "council_date 06-22",
        "decision_date 06-29",
        "upper_deadline 06-30",
    ]


def test_tet_and_a_saturday_worked_in_exchange_are_counted_as_they_are_lived():
    found = propose_dates({UPPER: date(2026, 3, 10)}, VN)
    assert found[RoundDate.APPRAISAL_DEADLINE] == date(2026, 2, 9)
    # Saturday, 10 January 2026 was worked for Friday, 2 January.
    assert found[RoundDate.RECEPTION_DEADLINE] == date(2026, 1, 12)
    assert found[CLUSTER] == date(2026, 1, 6)
    assert all(VN.is_working(day) for day in found.values())


def test_a_date_that_was_given_stays_and_those_before_it_follow_it():
    found = propose_dates({CLUSTER: date(2026, 4, 20), UPPER: date(2026, 6, 30)}, VN)
    assert (found[UNIT], found[CLUSTER]) == (date(2026, 4, 6), date(2026, 4, 20))


def test_without_an_end_only_what_lies_before_the_last_given_date_is_proposed():
    assert list(propose_dates({CLUSTER: date(2026, 4, 20)}, VN)) == [UNIT, CLUSTER]
    assert propose_dates({}, VN) == {}


def test_another_office_may_give_its_own_spans():
    spans = {UPPER: 2, RoundDate.DECISION_DATE: 3}
    found = propose_dates({UPPER: date(2026, 6, 30)}, VN, spans=spans)
    assert found[RoundDate.DECISION_DATE] == date(2026, 6, 26)
    assert found[UNIT] == found[RoundDate.COUNCIL_DATE] == date(2026, 6, 23)


def test_dates_in_the_wrong_order_are_named_both():
    wrong = {UNIT: date(2026, 5, 2), CLUSTER: date(2026, 5, 1), UPPER: date(2026, 5, 1)}
    with pytest.raises(InvalidField, match="unit_deadline 2026-05-02 lies after cluster_deadline 2026-05-01"):
        demand_order(wrong)
    assert len(out_of_order(wrong)) == 1
    demand_order({UNIT: date(2026, 5, 1), CLUSTER: date(2026, 5, 1)})


def test_dates_are_read_from_what_is_stored_in_their_order():
    stored = {"upper_deadline": "2026-06-30", "unit_deadline": "2026-04-15", "other": "x"}
    assert list(read_dates(stored)) == [UNIT, UPPER]


def test_a_silent_unit_is_reminded_four_times_and_then_told_of_twice():
    assert [f"{rung.at} {rung.do} {rung.to}" for rung in RETURN_LADDER] == [
        "-10 working_days remind group",
        "-5 working_days remind group",
        "-1 working_days remind group",
        "due remind group",
        "+1 working_days escalate head",
        "+3 working_days escalate next_level",
    ]
