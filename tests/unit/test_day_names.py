"""Names of days off: those that ship have one in English, and what an office wrote never breaks a letter."""

import csv

import pytest

from tests.architecture.source import ROOT
from workflow.words.days import day_name

SHIPPED = ROOT / "workflow/definitions/calendar_vn.csv"


def test_every_day_that_ships_has_a_name_in_english():
    with SHIPPED.open(encoding="utf-8") as file:
        names = {row["name"] for row in csv.DictReader(file)}
    assert len(names) > 20
    assert [name for name in sorted(names) if day_name(name, "en") == name] == []
    assert [name for name in sorted(names) if day_name(name, "vi") != name] == []


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Làm bù cho 31/02/2028", "Worked in place of 31/02/2028"),
        ("Nghỉ hoán đổi (làm bù 00/13/0000)", "Day off in exchange, worked on 00/13/0000"),
        ("Quốc khánh, Hội trường", "National Day, Hội trường"),
        ("Hội trường (nghỉ bù)", "Hội trường (day off in lieu)"),
        ("", ""),
    ],
)
def test_what_an_office_wrote_stays_as_it_is_where_it_is_no_name_or_day(name: str, said: str):
    assert day_name(name, "en") == said
