"""Who may not prepare what others decide, beside the table of seats: own files, own units, switched off."""

from dataclasses import replace
from importlib import resources

import pytest

from workflow.domain.checking.checking import load
from workflow.domain.facts import Facts, Seats
from workflow.domain.moves.built_ins import refuse
from workflow.domain.moves.standing import Standing
from workflow.domain.rights.policy import Actor
from workflow.domain.rights.preparing import preparing_keys, reads_prepared
from workflow.domain.route.definition import Definition
from workflow.domain.vocabulary import BuiltIn, SubjectKind

ME = 7
TEXT = (resources.files("workflow") / "definitions" / "standard.yaml").read_text(encoding="utf-8")
ROUTE = load(TEXT, "standard")
FACTS = Facts(
    nomination_id=1,
    state="unit_review",
    version=3,
    is_held=False,
    is_closed=False,
    seats=Seats(unit="AG", parent_unit="TOP", cluster="2026/TOP/1", council="TOP", round_owner="TOP"),
    unit_id=2,
    audience=frozenset({"unit:AG"}),
    created_by=99,
    subject_kind=SubjectKind.PERSON,
    subject_person_id=6,
    has_subject=True,
    has_award=True,
    has_achievement=True,
    has_proposer=True,
    owner_key="unit_reviewer@unit:AG",
    assignee_id=None,
    actor_is_subject=False,
)
OF_A_CLUSTER = replace(
    FACTS,
    state="cluster_review",
    subject_kind=SubjectKind.COLLECTIVE,
    owner_key="cluster_head@cluster:2026/TOP/1",
)


def refused(facts: Facts, *keys: str, route: Definition = ROUTE) -> list[str]:
    """Return the codes of what stands against somebody with these keys, none where they prepare."""
    actor = Actor(ME, "Ai đó", person_id=5, keys=frozenset(keys))
    standing = Standing(route, facts, sent_by=None, sent_from=None, has_begun=False)
    refusals = refuse(actor, standing, BuiltIn.PREPARE)
    return [reason.code for refusal in refusals for reason in refusal.reasons]


def test_a_deputy_and_an_appraiser_of_the_unit_prepare_for_its_reviewer() -> None:
    assert refused(FACTS, "unit_deputy@unit:AG") == []
    assert refused(FACTS, "appraiser@unit:AG") == []
    assert refused(FACTS, "unit_deputy@unit:DT") == ["not-your-role"]


def test_whoever_could_decide_prepares_nothing() -> None:
    assert refused(FACTS, "unit_deputy@unit:AG", "unit_reviewer@unit:AG") == ["not-your-role"]
    assert refused(replace(FACTS, assignee_id=ME), "unit_deputy@unit:AG") == ["not-your-role"]


def test_who_wrote_a_nomination_prepares_nothing_on_it() -> None:
    assert refused(replace(FACTS, created_by=ME), "unit_deputy@unit:AG") == ["own_file"]


def test_nobody_prepares_from_a_cluster_what_concerns_their_own_unit() -> None:
    key = "cluster_deputy@cluster:2026/TOP/1"
    assert refused(OF_A_CLUSTER, key) == []
    assert refused(replace(OF_A_CLUSTER, actor_is_of_unit=True), key) == ["not-your-role"]


def test_a_step_may_switch_preparing_off() -> None:
    step = "    owner: unit_reviewer@subject.unit\n"
    off = load(TEXT.replace(step, f"{step}    without: [prepare]\n", 1), "standard")
    assert refused(FACTS, "unit_deputy@unit:AG", route=off) == ["switched_off"]


@pytest.mark.parametrize(
    ("key", "reads"),
    [
        ("unit_reviewer@unit:AG", True),
        ("unit_deputy@unit:AG", True),
        ("unit_reviewer@unit:TOP", True),
        ("unit_reviewer@unit:DT", False),
        ("supervisor@unit:TOP", True),
        ("nominator@unit:AG", False),
        ("cluster_head@cluster:2026/TOP/1", False),
    ],
)
def test_the_seat_reads_what_is_prepared_for_it_and_who_nominates_does_not(key: str, reads: object) -> None:
    reached = {"unit:AG", "unit:TOP"}
    assert reads_prepared({key}, "unit_reviewer@unit:AG", audience=reached) is reads


def test_the_office_prepares_for_its_head() -> None:
    assert "appraiser@council:TOP" in preparing_keys("head@unit:TOP")
    assert "council_secretary@council:TOP" in preparing_keys("head@unit:TOP")
    assert preparing_keys("nominator@unit:AG") == frozenset()
    assert preparing_keys(None) == frozenset()
