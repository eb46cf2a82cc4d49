"""Every state x action x kind of nominee of the award routes, against a table written apart from the code."""

import csv
from datetime import date
from itertools import product
from pathlib import Path

import pytest

from tests.support.definitions import facts, shipped
from tests.support.engine import plan_move
from workflow.domain.errors import MoveNotOpen, RequirementsMissing, UnknownStep
from workflow.domain.facts import MoveRequest, SignedDocument
from workflow.domain.moves.engine import offers
from workflow.domain.route.states import WITHDRAWN_STATE
from workflow.domain.vocabulary import SubjectKind

ROUTES = ("standard", "simplified")
EMPTY_DOSSIER = {"has_subject": False, "has_award": False, "has_achievement": False, "has_proposer": False}
PAPER = SignedDocument("12/QĐ-VKS", date(2026, 6, 12), "Viện trưởng")


def rows_of(key: str) -> list[dict[str, str]]:
    lines = (Path(__file__).parent / f"table_{key}.csv").read_text(encoding="utf-8").splitlines()
    return list(csv.DictReader(line for line in lines if not line.startswith("#")))


CELLS = [
    pytest.param(key, row, kind, id=f"{key}-{row['state']}-{row['action']}-{kind}")
    for key in ROUTES
    for row in rows_of(key)
    for kind in SubjectKind
]


def full_request(action: str, to_step: str | None) -> MoveRequest:
    return MoveRequest(
        action, to_step=to_step, comment="Bổ sung minh chứng", reason_code="other", decision=PAPER
    )


def expected_dests(row: dict[str, str], kind: SubjectKind) -> set[str]:
    return set(row[kind].split()) - {"-"}


def found_dests(key: str, row: dict[str, str], kind: SubjectKind) -> set[str]:
    """Try every step of the route as destination, and collect those that were reached."""
    reached = set()
    for step in shipped(key).steps:
        request = full_request(row["action"], step.name)
        try:
            plan = plan_move(shipped(key), facts(row["state"], subject_kind=kind), request)
        except (MoveNotOpen, UnknownStep):
            continue
        assert plan.dest == step.name
        reached.add(plan.dest)
    return reached


@pytest.mark.parametrize("key", ROUTES)
def test_the_table_has_every_state_and_action_exactly_once(key):
    states = [step.name for step in shipped(key).steps] + [WITHDRAWN_STATE]
    actions = sorted({move.name for move in shipped(key).moves})
    listed = [(row["state"], row["action"]) for row in rows_of(key)]
    assert sorted(listed) == sorted(product(states, actions))


@pytest.mark.parametrize(("key", "row", "kind"), CELLS)
def test_an_action_leads_exactly_where_the_table_says(key, row, kind):
    assert found_dests(key, row, kind) == expected_dests(row, kind)


@pytest.mark.parametrize(("key", "row", "kind"), CELLS)
def test_without_a_named_step_an_action_leads_to_its_only_destination_or_asks(key, row, kind):
    dests = expected_dests(row, kind)
    here = facts(row["state"], subject_kind=kind)
    request = full_request(row["action"], None)
    if len(dests) == 1:
        assert {plan_move(shipped(key), here, request).dest} == dests
    else:
        with pytest.raises(UnknownStep if dests else MoveNotOpen):
            plan_move(shipped(key), here, request)


@pytest.mark.parametrize(("key", "row", "kind"), CELLS)
def test_every_unmet_rule_is_named_at_once(key, row, kind):
    for dest in expected_dests(row, kind):
        worst = facts(row["state"], subject_kind=kind, actor_is_subject=True, **EMPTY_DOSSIER)
        with pytest.raises(RequirementsMissing) as refused:
            plan_move(shipped(key), worst, MoveRequest(row["action"], to_step=dest))
        assert [reason.code for reason in refused.value.reasons] == row["needs"].split()
    assert bool(row["needs"]) == bool(expected_dests(row, kind))


@pytest.mark.parametrize(("key", "row", "kind"), CELLS)
def test_the_buttons_are_the_open_actions_of_the_table(key, row, kind):
    offered = [
        offer
        for offer in offers(shipped(key), facts(row["state"], subject_kind=kind))
        if offer.name == row["action"]
    ]
    assert [{step.name for step in offer.dests} for offer in offered] == [
        dests for dests in [expected_dests(row, kind)] if dests
    ]
    assert [reason for offer in offered for reason in offer.unmet] == []
