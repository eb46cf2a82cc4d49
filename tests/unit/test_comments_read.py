"""Who reads which comment, and writes for whom: every person against a table written apart from the code."""

from itertools import product

import pytest

from workflow.domain.remarks import Audience
from workflow.domain.rights.comments import Standpoint, audiences_of, reads_comment, standpoint

REACHED = frozenset({"unit:AG", "council:TOP"})
ME, AUTHOR = 7, 8
PEOPLE = {
    "nominator": {"nominator@unit:AG"},
    "reviewer": {"unit_reviewer@unit:AG"},
    "both": {"nominator@unit:AG", "unit_deputy@unit:AG"},
    "secretary": {"council_secretary@council:TOP"},
    "not reached": {"unit_reviewer@unit:DT"},
    "supervisor": {"supervisor@unit:TOP"},
    "auditor": {"auditor@all"},
}
# Who reads a comment of somebody else in the unit: to the unit, to the reviewers, to who nominates too.
READS = {
    "nominator": "yes no yes",
    "reviewer": "yes yes yes",
    "both": "yes yes yes",
    "secretary": "no yes yes",
    "not reached": "no no yes",
    "supervisor": "no yes yes",
    "auditor": "no yes yes",
}
WRITES = {
    "nominator": "unit reviewers",
    "reviewer": "unit reviewers nominator",
    "both": "unit reviewers nominator",
    "secretary": "unit reviewers nominator",
    "not reached": "",
    "supervisor": "reviewers nominator",
    "auditor": "",
}


def person(part: str, *, is_nominee: bool = False) -> Standpoint:
    return standpoint(ME, PEOPLE[part], audience=REACHED, starter="nominator", is_nominee=is_nominee)


@pytest.mark.parametrize("part", PEOPLE)
def test_each_reads_what_is_for_them(part: str) -> None:
    found = [reads_comment(person(part), one, "unit:AG", AUTHOR) for one in Audience]
    assert found == [word == "yes" for word in READS[part].split()]


@pytest.mark.parametrize("part", PEOPLE)
def test_each_writes_for_whom_they_may(part: str) -> None:
    assert " ".join(audiences_of(person(part))) == WRITES[part]


@pytest.mark.parametrize(("part", "audience"), list(product(PEOPLE, Audience)))
def test_a_nominee_reads_and_writes_none_but_what_they_wrote_before(part: str, audience: Audience) -> None:
    nominee = person(part, is_nominee=True)
    assert audiences_of(nominee) == ()
    assert not reads_comment(nominee, audience, "unit:AG", AUTHOR)
    assert reads_comment(nominee, audience, "unit:AG", ME)


@pytest.mark.parametrize("part", PEOPLE)
def test_whoever_writes_for_others_is_read_by_those_they_name_alone(part: str) -> None:
    """What a council says among itself is read by no unit."""
    assert reads_comment(person(part), Audience.UNIT, "council:TOP", AUTHOR) is (part == "secretary")


@pytest.mark.parametrize("beside", ["council_member@council:TOP", "cluster_head@cluster:2026/TOP/1"])
def test_my_unit_is_the_unit_of_who_sits_in_a_council_or_a_cluster_too(beside: str) -> None:
    reached = REACHED | {"cluster:2026/TOP/1"}
    keys = {beside, "unit_deputy@unit:AG"}
    both = standpoint(ME, keys, audience=reached, starter="nominator", is_nominee=False)
    assert both.seats[0] == "unit:AG"
    keys = {beside, "nominator@unit:AG"}
    assert standpoint(ME, keys, audience=reached, starter="nominator", is_nominee=False).seats[0] != "unit:AG"
