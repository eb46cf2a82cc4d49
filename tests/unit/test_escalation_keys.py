"""Whom late work may be reported to, seat by seat: its own house, then a person who supervises everything."""

from workflow.domain.rights.routing import escalation_keys, keys_above, top_keys

DISTRICT, PROVINCE, SECTOR = "VKS-CP", "VKS-AG", "VKSTC"
WAY = (DISTRICT, PROVINCE, SECTOR)
LAST = ("supervisor@unit:VKSTC", "supervisor@all")


def test_the_head_of_a_district_comes_before_that_of_its_province_and_the_sector_never():
    assert escalation_keys(f"unit_reviewer@unit:{DISTRICT}", WAY, above_head=False) == (
        "head@unit:VKS-CP",
        "head@unit:VKS-AG",
        "supervisor@unit:VKS-CP",
        "supervisor@unit:VKS-AG",
        "council_secretary@council:VKS-CP",
        "appraiser@council:VKS-CP",
        "council_secretary@council:VKS-AG",
        "appraiser@council:VKS-AG",
        *LAST,
    )


def test_the_next_level_of_a_province_is_its_own_office_and_its_head_once_more():
    assert escalation_keys(f"unit_reviewer@unit:{PROVINCE}", WAY[1:], above_head=True) == (
        "supervisor@unit:VKS-AG",
        "council_secretary@council:VKS-AG",
        "appraiser@council:VKS-AG",
        "head@unit:VKS-AG",
        *LAST,
    )


def test_what_a_head_holds_is_never_reported_to_the_same_seat():
    keys = escalation_keys(f"head@unit:{PROVINCE}", WAY[1:], above_head=False)
    assert f"head@unit:{PROVINCE}" not in keys
    assert keys[-2:] == LAST


def test_the_root_is_a_house_of_its_own():
    seat = f"appraiser@council:{SECTOR}"
    assert escalation_keys(seat, (SECTOR,), above_head=False) == (f"head@unit:{SECTOR}", *LAST)
    assert escalation_keys(seat, (SECTOR,), above_head=True) == LAST


def test_a_seat_of_no_unit_is_reported_to_who_supervises_everything():
    assert escalation_keys("admin@all", (), above_head=True) == ("supervisor@all",)
    assert top_keys("admin@all", ()) == ("supervisor@all",)


def test_only_a_word_of_the_route_goes_to_the_top_and_passes_everybody_between():
    assert top_keys(f"unit_reviewer@unit:{DISTRICT}", WAY) == (f"head@unit:{SECTOR}", *LAST)


def test_an_empty_seat_is_told_of_up_the_whole_tree():
    heads = tuple(f"head@unit:{code}" for code in WAY)
    supervisors = tuple(f"supervisor@unit:{code}" for code in WAY)
    assert keys_above(f"unit_reviewer@unit:{DISTRICT}", WAY) == (*heads, *supervisors, "supervisor@all")
