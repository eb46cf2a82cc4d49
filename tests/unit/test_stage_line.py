"""The line of stages: what was passed, what a return undid."""

from datetime import UTC, datetime

from workflow.domain.vocabulary import Stage
from workflow.queries.nominations.stages import passed_stages


def stay(stage: str, day: int) -> dict[str, str]:
    return {"stage": stage, "entered_at": datetime(2026, 3, day, tzinfo=UTC).isoformat()}


def days(*stays: dict[str, str]) -> dict[Stage, int]:
    return {stage: at.day for stage, at in passed_stages(stays).items()}


def test_each_stage_was_reached_when_its_first_step_was_entered() -> None:
    found = days(stay("draft", 1), stay("unit_review", 3), stay("council", 5), stay("council", 9))
    assert found == {Stage.DRAFT: 1, Stage.UNIT_REVIEW: 3, Stage.COUNCIL: 5}


def test_what_a_return_undid_is_ahead_again() -> None:
    back = (stay("draft", 1), stay("unit_review", 3), stay("council", 5), stay("unit_review", 8))
    assert days(*back) == {Stage.DRAFT: 1, Stage.UNIT_REVIEW: 8}
    assert days(*back, stay("council", 9)) == {Stage.DRAFT: 1, Stage.UNIT_REVIEW: 8, Stage.COUNCIL: 9}


def test_one_that_never_left_its_draft_has_one_stage_behind() -> None:
    assert days(stay("draft", 1)) == {Stage.DRAFT: 1}
    assert days() == {}
