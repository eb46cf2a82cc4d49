"""A made-up sector and its habits: right in number, the same for the same seed, and nobody without a seat."""

from collections import Counter

import pytest

from workflow.domain.papers.media import media_type_of
from workflow.simulate.demo.script import NAMES, UNITS, sign_ins
from workflow.simulate.habits import MOST_NAMES, Punctuality, draw_habits
from workflow.simulate.sector import TOP, lay_out, unit_code
from workflow.simulate.sheet import SHEET


def test_sixty_units_in_eight_clusters_have_three_hundred_people() -> None:
    sector = lay_out(UNITS, seed=1)
    assert (len(sector.units), len(sector.clusters), len(sector.people)) == (61, 8, 300)
    members = Counter(unit for cluster in sector.clusters for unit in cluster.members)
    assert members == Counter(sector.unit_numbers)
    assert {cluster.kind for cluster in sector.clusters} == {"cluster", "block"}
    assert len({unit.name for unit in sector.units}) == 61


@pytest.mark.parametrize("count", [12, 13, 60, 301])
def test_every_unit_is_staffed_whatever_the_size(count: int) -> None:
    sector = lay_out(count, seed=3)
    held = {key for player in sector.players for key in player.keys}
    for number in sector.unit_numbers:
        for role in ("head", "unit_reviewer", "nominator", "unit_deputy"):
            assert f"{role}@unit:{unit_code(number)}" in held
    assert {f"head@unit:{TOP}", f"appraiser@council:{TOP}", f"council_secretary@council:{TOP}"} <= held
    assert len({player.email for player in sector.players}) == len(sector.players)
    assert min(map(len, (cluster.members for cluster in sector.clusters))) >= 3


def test_the_same_seed_makes_the_same_people_and_another_others() -> None:
    assert lay_out(20, seed=4) == lay_out(20, seed=4)
    assert lay_out(20, seed=4).people != lay_out(20, seed=5).people


@pytest.mark.parametrize(("count", "names"), [(60, NAMES), (12, 60), (12, 1), (15, 5000), (600, 4000)])
def test_habits_share_the_names_out_and_know_every_temper(count: int, names: int) -> None:
    habits = draw_habits(range(1, count + 1), names=names, seed="x")
    assert {habit.temper for habit in habits.values()} == set(Punctuality)
    sizes = [habit.names for habit in habits.values() if habit.names]
    assert max(sizes) <= MOST_NAMES
    assert sum(sizes) == max(3 * len(sizes), min(names, MOST_NAMES * len(sizes)))
    assert habits == draw_habits(range(1, count + 1), names=names, seed="x")


def test_everybody_who_tries_the_demo_is_among_the_players() -> None:
    known = {player.email for player in lay_out(UNITS, seed=1).players}
    assert set(sign_ins().values()) <= known


def test_the_page_that_stands_for_every_paper_is_a_whole_pdf() -> None:
    assert media_type_of(SHEET) == "application/pdf"
    start = int(SHEET.split(b"startxref\n")[1].split()[0])
    assert SHEET[start:].startswith(b"xref\n")
