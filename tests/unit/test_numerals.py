"""Numbers and days as people and programs write them, and all that only looks like one."""

from datetime import date

import pytest

from workflow.domain.errors import InvalidField
from workflow.domain.numerals import iso_day, whole_number


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("7", 7), (" 2026 ", 2026), ("0007", 7)])
def test_ascii_digits_are_a_number(text, number):
    assert whole_number(text, field="year") == number


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "²",
        "٣",
        "２",
        "-1",
        "+1",
        "1.0",
        "1e3",
        "1_000",
        "0x1",
        "NaN",
        "9" * 5000,
        str(2**63),
        "1\x00",
    ],
)
def test_what_is_no_number_is_refused_by_its_field(text):
    with pytest.raises(InvalidField) as refused:
        whole_number(text, field="year")
    assert refused.value.errors[0].field == "year"


def test_bounds_are_part_of_the_number():
    assert whole_number("2100", field="year", least=1900, most=2100) == 2100
    for text in ("1899", "2101"):
        with pytest.raises(InvalidField, match="from 1900 to 2100"):
            whole_number(text, field="year", least=1900, most=2100)


def test_a_day_is_written_in_one_form():
    assert iso_day("2026-12-31", field="from") == date(2026, 12, 31)


@pytest.mark.parametrize(
    "text",
    ["", "9999-12-31", "0001-01-01", "1899-12-31", "2201-01-01", "2026-02-30", "20261231", "2026-W01-1",
     "２026-01-01", "31/12/2026", "2026-1-1"],
)  # fmt: skip
def test_what_is_no_day_to_count_from_is_refused_by_its_field(text):
    with pytest.raises(InvalidField) as refused:
        iso_day(text, field="from")
    assert refused.value.errors[0].field == "from"
