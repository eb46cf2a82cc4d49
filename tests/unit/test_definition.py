"""Definitions: immutable, told apart by content, and what the shipped ones promise."""

import pytest
from pydantic import ValidationError

from tests.support.definitions import SHIPPED, role_of, shipped, text_of
from workflow.domain.checking.checking import load
from workflow.domain.errors import UnknownStep
from workflow.domain.route.definition import DEFAULT_REASONS, Definition
from workflow.domain.route.role_at import Owner, RoleAt
from workflow.domain.route.states import WITHDRAWN_STATE
from workflow.domain.time.ladder import LadderRung, Offset
from workflow.domain.time.periods import Budget, TimeUnit
from workflow.domain.time.workdays import CalendarName
from workflow.domain.vocabulary import BuiltIn, Recipient, Role, RoleScope, RungKind, Stage

STANDARD = shipped("standard")


@pytest.mark.parametrize("key", SHIPPED)
def test_content_goes_to_json_and_back_without_a_change(key):
    definition = shipped(key)
    again = Definition.from_content(definition.content())
    assert again == definition
    assert again.content_hash == definition.content_hash == definition.machine_key


def test_the_hash_is_of_what_is_said_and_not_of_how_it_is_written():
    compact = text_of("standard").replace("from: draft\n", "from: [draft]\n").replace("\n\n", "\n# note\n")
    assert compact != text_of("standard")
    assert load(compact, "standard.yaml").content_hash == STANDARD.content_hash


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("due: 5 working_days", "due: 6 working_days"),
        ("version: 3", "version: 4"),
        ("guards: [dossier_complete]", "guards: []"),
        ("Nhất trí đề nghị", "Nhất trí"),
        ("{at: due, do: remind, to: group}", "{at: due, do: remind, to: holder}"),
    ],
)
def test_any_other_content_has_another_hash(old, new):
    changed = load(text_of("standard").replace(old, new, 1), "standard.yaml")
    assert changed.content_hash != STANDARD.content_hash


def test_nothing_in_a_definition_can_be_changed():
    with pytest.raises(ValidationError, match="frozen"):
        STANDARD.version = 2  # type: ignore[misc] # the writing that must not succeed
    with pytest.raises(ValidationError, match="frozen"):
        STANDARD.steps[0].owner = None  # type: ignore[misc] # as above
    assert isinstance(STANDARD.steps, tuple)
    assert isinstance(STANDARD.moves[0].guards, tuple)


def test_a_step_gives_its_parts_in_the_words_of_the_planners():
    step = STANDARD.step("unit_review")
    assert step.owner == RoleAt(Role.UNIT_REVIEWER, RoleScope.SUBJECT_UNIT)
    assert str(step.owner) == "unit_reviewer@subject.unit"
    assert step.due == Budget(5, TimeUnit.WORKING_DAYS)
    assert step.ladder[0] == LadderRung(Offset.parse("-2 working_days"), RungKind.REMIND, Recipient.HOLDER)
    assert [rung.to for rung in step.ladder] == ["holder", "holder", "head", "next_level"]


def test_a_move_by_the_owner_is_by_whoever_owns_the_step_it_leaves():
    [send_back] = [move for move in STANDARD.moves_from("council") if move.name == "return"]
    assert send_back.by is Owner.OF_STEP
    assert str(STANDARD.by_of(send_back, "council")) == "council_secretary@council"
    assert str(STANDARD.by_of(send_back, "unit_review")) == "unit_reviewer@subject.unit"


def test_an_unknown_step_is_refused_with_those_there_are():
    with pytest.raises(UnknownStep, match=r"no step 'cluster': it has draft, unit_review"):
        STANDARD.step("cluster")
    assert not STANDARD.has_step(WITHDRAWN_STATE)


def test_every_state_has_a_stage_the_withdrawn_one_included():
    assert [STANDARD.stage_of(step.name) for step in STANDARD.steps] == [
        *(Stage.DRAFT, Stage.UNIT_REVIEW, Stage.CLUSTER_REVIEW, Stage.COUNCIL, Stage.COUNCIL),
        *(Stage.APPROVED, Stage.REJECTED),
    ]
    assert STANDARD.stage_of(WITHDRAWN_STATE) is Stage.WITHDRAWN
    assert STANDARD.is_final(WITHDRAWN_STATE)
    assert not STANDARD.is_final("decision")


def test_nobody_takes_a_nomination_back_from_the_heads_table():
    for key in ("standard", "simplified"):
        decision = shipped(key).step("decision")
        assert not decision.allows(BuiltIn.WITHDRAW)
        assert not decision.allows(BuiltIn.RECALL)
        assert decision.allows(BuiltIn.CLAIM)
        assert shipped(key).step("unit_review").allows(BuiltIn.WITHDRAW)


def test_outsiders_read_the_public_words_where_there_are_some():
    assert STANDARD.step("council").public.vi == "Hội đồng đang xem xét"
    assert STANDARD.step("approved").public.vi == "Đã có quyết định"
    assert STANDARD.step("council").label.text("en") == "Council"
    assert STANDARD.step("council").label.text("fr") == "Hội đồng thẩm định, bình xét"


def test_only_the_head_decides_and_every_button_has_its_own_words():
    for key in ("standard", "simplified"):
        deciding = [move for move in shipped(key).moves if "decision_recorded" in move.guards]
        assert [role_of(move.by) for move in deciding] == [Role.HEAD]
        assert [move.label.vi for move in deciding] == ["Ký quyết định"]
        assert not [move for move in shipped(key).moves if "duyệt" in move.label.vi.lower()]
    approving = [move for move in STANDARD.moves if move.name == "approve"]
    assert [move.label.vi for move in approving] == [
        *("Nhất trí đề nghị", "Nhất trí đề nghị", "Suy tôn, đề nghị", "Hội đồng đề nghị", "Ký quyết định"),
    ]


def test_nobody_judges_themselves_on_the_award_routes():
    for key in ("standard", "simplified"):
        judging = [move for move in shipped(key).moves if move.name != "submit"]
        assert judging
        assert all("not_own_subject" in move.guards for move in judging)


def test_returns_and_rejections_need_a_reason_from_the_list():
    for key in ("standard", "simplified"):
        assert {move.name for move in shipped(key).moves if move.reason_required} == {"return", "reject"}
        assert shipped(key).reason_choices == DEFAULT_REASONS


def test_the_declaration_shares_no_role_and_no_calendar_with_the_awards():
    declaration = shipped("declaration")
    roles = {step.owner.role for step in declaration.steps if step.owner} | {
        role_of(move.by) for move in declaration.moves
    }
    assert roles.isdisjoint(set(Role))
    assert roles == {role.name for role in declaration.roles}
    assert declaration.calendar is CalendarName.NONE
    assert {step.due.unit for step in declaration.steps if step.due} == {TimeUnit.CALENDAR_DAYS}


def test_whoever_owns_the_first_step_is_who_starts():
    assert str(STANDARD.starter) == "nominator@subject.unit"
    assert str(shipped("declaration").starter) == "employee@subject.unit"
