"""At which of how many stages a nomination stands, on every step of every route that ships."""

import pytest

from tests.support.definitions import shipped
from workflow.domain.route.forecast import steps_ahead
from workflow.domain.route.way import OnTheWay, on_the_way, together
from workflow.domain.vocabulary import FINAL_STAGES, Stage, SubjectKind
from workflow.operations.setup.publish import shipped_definitions

ROUTES = shipped_definitions()


@pytest.mark.parametrize("kind", SubjectKind)
@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.key)
def test_each_stage_on_the_way_is_one_further_and_the_last_is_that_it_is_decided(route, kind):
    way = [route.step(route.initial), *steps_ahead(route, route.initial, kind)]
    stages = list(dict.fromkeys(step.stage for step in way))
    for step in way:
        place = on_the_way(route, step.name, kind)
        assert place == OnTheWay(stages.index(step.stage) + 1, len(stages) + 1, place.number)


@pytest.mark.parametrize("kind", SubjectKind)
@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.key)
def test_whatever_step_it_is_at_there_is_something_ahead_and_nothing_once_it_is_over(route, kind):
    for step in route.steps:
        place = on_the_way(route, step.name, kind)
        assert (place is None) is (step.stage in FINAL_STAGES)
        assert place is None or 1 <= place.number < place.of <= len(Stage)


def test_a_state_that_no_route_knows_any_more_has_no_place():
    assert on_the_way(shipped("standard"), "gone", SubjectKind.PERSON) is None


def test_several_are_told_from_the_one_furthest_behind_to_the_one_furthest_ahead():
    assert together([OnTheWay(2, 5, 2), None, OnTheWay(4, 5, 4)]) == OnTheWay(2, 5, 4)
    assert together([OnTheWay(3, 5, 3), OnTheWay(3, 5, 3)]) == OnTheWay(3, 5, 3)
    assert together([None, None]) is None
    assert together([]) is None
