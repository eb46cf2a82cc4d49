"""Who decides: by the award's level and by who manages the nominee."""

import pytest

from workflow.domain.rights.authority import STATE, decider_of, is_decided_here
from workflow.domain.vocabulary import AwardLevel

PROVINCE, TOP = "VKS-AG", "VKSTC"


@pytest.mark.parametrize(
    ("level", "managed_by", "round_owner", "decider", "is_here"),
    [
        (AwardLevel.BASE, None, PROVINCE, "unit:VKS-AG", True),
        (AwardLevel.BASE, TOP, PROVINCE, "unit:VKSTC", False),
        (AwardLevel.BASE, PROVINCE, PROVINCE, "unit:VKS-AG", True),
        (AwardLevel.BASE_OR_SECTOR, None, PROVINCE, "unit:VKS-AG", True),
        (AwardLevel.BASE_OR_SECTOR, TOP, PROVINCE, "unit:VKSTC", False),
        (AwardLevel.SECTOR, None, PROVINCE, "unit:VKSTC", False),
        (AwardLevel.SECTOR, PROVINCE, TOP, "unit:VKSTC", True),
        (AwardLevel.STATE, None, TOP, STATE, False),
        (AwardLevel.STATE, TOP, TOP, STATE, False),
    ],
)
def test_the_decider_follows_the_award_and_the_managing_unit(
    level, managed_by, round_owner, decider, is_here
):
    found = decider_of(level, managed_by=managed_by, round_owner=round_owner, root=TOP)
    assert found == decider
    assert is_decided_here(found, round_owner=round_owner) is is_here


def test_a_draft_older_than_the_question_is_decided_here():
    assert is_decided_here("", round_owner=PROVINCE)
