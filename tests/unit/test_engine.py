"""The engine beyond the table: refusals that help, buttons, hold, and the compiled machine's safety."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from tests.support.definitions import facts, shipped
from tests.support.engine import plan_move
from workflow.domain.errors import MoveNotOpen, NominationHeld, RequirementsMissing, UnknownStep
from workflow.domain.facts import MoveRequest, SignedDocument
from workflow.domain.moves import engine
from workflow.domain.moves.engine import Direction, offers, open_move
from workflow.domain.route.definition import Definition, ReasonEntry
from workflow.domain.vocabulary import SubjectKind

STANDARD = shipped("standard")
PAPER = SignedDocument("12/QĐ-VKS", date(2026, 6, 12), "Viện trưởng")


def returning(**others: Any) -> MoveRequest:
    return replace(MoveRequest("return", comment="Bổ sung minh chứng", reason_code="other"), **others)


def test_a_plan_says_where_it_leads_and_what_that_means():
    plan = plan_move(STANDARD, facts("unit_review"), MoveRequest("approve"))
    assert (plan.dest, plan.direction) == ("council", Direction.FORWARD)


@pytest.mark.parametrize(
    ("state", "request_", "direction"),
    [
        ("draft", MoveRequest("submit"), Direction.FORWARD),
        ("council", returning(to_step="unit_review"), Direction.RETURN),
        ("council", replace(returning(), action="reject"), Direction.REJECT),
        ("decision", MoveRequest("approve", decision=PAPER), Direction.APPROVE),
    ],
)
def test_a_plan_says_what_the_move_means_to_people(state, request_, direction):
    assert plan_move(STANDARD, facts(state), request_).direction is direction


def test_a_closed_action_is_refused_with_those_that_are_open():
    with pytest.raises(MoveNotOpen) as refused:
        plan_move(STANDARD, facts("council"), MoveRequest("submit"))
    assert refused.value.detail == (
        "'submit' is not open in the step 'council'; open now: approve, reject, return."
    )


def test_an_action_for_the_other_kind_of_nominee_says_so():
    only_collectives = STANDARD.model_copy(
        update={"moves": tuple(move for move in STANDARD.moves if "subject_is_individual" not in move.guards)}
    )
    fresh = Definition.from_content(only_collectives.content())
    with pytest.raises(MoveNotOpen) as refused:
        plan_move(fresh, facts("unit_review"), MoveRequest("approve"))
    assert [reason.code for reason in refused.value.reasons] == ["subject_is_collective"]
    assert [offer.name for offer in offers(fresh, facts("unit_review"))] == ["return", "reject"]


def test_the_open_move_is_the_branch_of_this_kind_of_nominee():
    person, collective = (facts("unit_review", subject_kind=kind) for kind in SubjectKind)
    assert open_move(STANDARD, person, "approve").dests == ("council",)
    assert open_move(STANDARD, collective, "approve").dests == ("cluster_review",)
    assert open_move(STANDARD, person, "submit") is None
    assert open_move(STANDARD, facts("approved"), "approve") is None
    assert open_move(STANDARD, facts("unit_review", is_closed=True), "approve") is None


def test_several_destinations_are_asked_for_by_name():
    with pytest.raises(UnknownStep, match="say in to_step which: draft, unit_review, council"):
        plan_move(STANDARD, facts("decision"), returning())


def test_a_step_that_is_not_named_is_refused_with_what_else_is_not_said():
    with pytest.raises(UnknownStep) as refused:
        plan_move(STANDARD, facts("decision"), returning(reason_code=None, comment=""))
    assert [one.code for one in refused.value.reasons] == ["reason_code_missing", "comment_missing"]


def test_a_step_the_move_does_not_lead_to_is_refused_with_those_it_does():
    with pytest.raises(UnknownStep, match="not lead from 'council' to 'decision' but to draft, unit_review"):
        plan_move(STANDARD, facts("council"), returning(to_step="decision"))


def test_the_pair_of_a_list_that_stays_in_place_is_skipped():
    assert plan_move(STANDARD, facts("unit_review"), returning()).dest == "draft"
    with pytest.raises(UnknownStep):
        plan_move(STANDARD, facts("unit_review"), returning(to_step="unit_review"))


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ({"reason_code": None, "comment": ""}, ["reason_code_missing", "comment_missing"]),
        ({"reason_code": None}, ["reason_code_missing"]),
        ({"comment": " \n"}, ["comment_missing"]),
        ({"reason_code": "lazy"}, ["reason_code_unknown"]),
        ({"reason_code": "lazy", "comment": ""}, ["reason_code_unknown", "comment_missing"]),
    ],
)
def test_a_return_needs_a_known_reason_and_words(given, missing):
    with pytest.raises(RequirementsMissing) as refused:
        plan_move(STANDARD, facts("unit_review"), returning(**given))
    assert [reason.code for reason in refused.value.reasons] == missing


def test_a_reason_nobody_knows_is_refused_even_where_none_is_needed():
    with pytest.raises(RequirementsMissing) as refused:
        plan_move(STANDARD, facts("draft"), MoveRequest("submit", reason_code="lazy"))
    assert [reason.code for reason in refused.value.reasons] == ["reason_code_unknown"]


def test_a_definition_with_its_own_reasons_knows_no_others():
    own = ReasonEntry(code="wrong_form", label=STANDARD.title)
    definition = Definition.from_content(STANDARD.model_copy(update={"reasons": (own,)}).content())
    assert plan_move(definition, facts("unit_review"), returning(reason_code="wrong_form")).dest == "draft"
    with pytest.raises(RequirementsMissing, match="choose one of wrong_form"):
        plan_move(definition, facts("unit_review"), returning(reason_code="other"))


def test_on_hold_nothing_moves_and_every_button_says_why():
    held = facts("unit_review", is_held=True)
    with pytest.raises(NominationHeld):
        plan_move(STANDARD, held, MoveRequest("approve"))
    assert {reason.code for offer in offers(STANDARD, held) for reason in offer.unmet} == {"on_hold"}


def test_a_closed_nomination_offers_nothing_whatever_its_state():
    closed = facts("unit_review", is_closed=True)
    assert offers(STANDARD, closed) == ()
    with pytest.raises(MoveNotOpen, match="no action is open there"):
        plan_move(STANDARD, closed, MoveRequest("approve"))


def test_a_button_does_not_count_as_missing_what_its_form_asks_for():
    approve, send_back, reject = offers(STANDARD, facts("decision"))
    assert (approve.needs_decision, approve.reason_required, approve.unmet) == (True, False, ())
    assert (send_back.needs_decision, send_back.reason_required, send_back.unmet) == (False, True, ())
    assert [step.name for step in send_back.dests] == ["draft", "unit_review", "council"]
    assert str(reject.by) == "head@round"


def test_a_button_tells_what_stands_in_its_way():
    [submit] = offers(STANDARD, facts("draft", has_award=False, has_proposer=False))
    assert [reason.code for reason in submit.unmet] == ["award_missing", "proposer_missing"]
    mine = offers(STANDARD, facts("council", actor_is_subject=True))
    assert {offer.name: [reason.code for reason in offer.unmet] for offer in mine} == {
        "approve": ["own_subject"],
        "return": ["own_subject"],
        "reject": ["own_subject"],
    }


def test_one_machine_serves_every_copy_of_the_same_content():
    copy = Definition.from_content(STANDARD.content())
    assert copy is not STANDARD
    assert engine._machine(copy) is engine._machine(STANDARD)
    other = Definition.from_content({**STANDARD.content(), "version": STANDARD.version + 1})
    assert engine._machine(other) is not engine._machine(STANDARD)


def test_the_machine_has_no_way_past_the_guards_and_holds_no_models():
    machine = engine._machine(STANDARD)
    assert set(machine.events) == {move.name for move in STANDARD.moves}
    for _ in range(50):
        plan_move(STANDARD, facts("draft"), MoveRequest("submit"))
    assert machine.models == []
    assert not machine.has_queue


def test_a_machine_that_disagrees_with_the_plan_stops_everything(monkeypatch):
    monkeypatch.setattr(engine, "_destination", lambda *_: "approved")
    with pytest.raises(RuntimeError, match="was planned to 'approved' and reached 'unit_review'"):
        plan_move(STANDARD, facts("draft"), MoveRequest("submit"))


def test_threads_that_plan_at_once_never_mix_their_nominations():
    asked = [
        (facts(state, subject_kind=kind), request, dest)
        for kind, first in ((SubjectKind.PERSON, "council"), (SubjectKind.COLLECTIVE, "cluster_review"))
        for state, request, dest in (
            ("draft", MoveRequest("submit"), "unit_review"),
            ("unit_review", MoveRequest("approve"), first),
            ("council", returning(to_step="unit_review"), "unit_review"),
            ("decision", MoveRequest("approve", decision=PAPER), "approved"),
        )
    ] * 250
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda case: plan_move(STANDARD, case[0], case[1]).dest, asked))
    assert found == [dest for _, _, dest in asked]
