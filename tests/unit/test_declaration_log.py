"""The declaration route against the log it was drawn from, and against a generated one of the same shape.

Only the pure engine works here; driving the log through the operations is `commendo replay`.
"""

import csv
import gzip
import io
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import yaml

from tests.support.declaration_log import generate
from tests.support.definitions import facts, role_of, shipped
from tests.support.engine import plan_move
from workflow.domain.errors import MoveNotOpen
from workflow.domain.facts import MoveRequest

ROOT = Path(__file__).parents[2]
REAL = ROOT.parent / "shared/data/logs/bpic2020_DomesticDeclarations_ORIGINAL.csv.gz"
MAPPING = yaml.safe_load((ROOT / "workflow/replays/domestic_declarations.yaml").read_text(encoding="utf-8"))
DECLARATION = shipped(MAPPING["workflow"])
LANDS_IN = {
    "Declaration SUBMITTED by EMPLOYEE": "submitted",
    "Declaration APPROVED by ADMINISTRATION": "checked",
    "Declaration APPROVED by PRE_APPROVER": "pre_approved",
    "Declaration APPROVED by BUDGET OWNER": "budget_agreed",
    "Declaration FINAL_APPROVED by SUPERVISOR": "payable",
    "Declaration REJECTED by ADMINISTRATION": "turned_down",
    "Declaration REJECTED by PRE_APPROVER": "turned_down",
    "Declaration REJECTED by BUDGET OWNER": "turned_down",
    "Declaration REJECTED by SUPERVISOR": "turned_down",
    "Declaration REJECTED by EMPLOYEE": "taken_back",
    "Request Payment": "payment_requested",
    "Payment Handled": "paid",
}


@dataclass
class Driven:
    """What became of the cases of a log."""

    cases: int = 0
    events: int = 0
    ignored: int = 0
    moved: int = 0
    illegal: dict[str, tuple[int, str, str]] = field(default_factory=dict)
    ends: Counter = field(default_factory=Counter)


def drive(text: str) -> Driven:
    """Take every case as far as its first illegal event."""
    by_case: dict[str, list[tuple[str, int, str]]] = {}
    for number, row in enumerate(csv.DictReader(io.StringIO(text))):
        by_case.setdefault(row["case"], []).append((row["timestamp"], number, row["activity"]))
    driven = Driven(cases=len(by_case))
    for case, rows in by_case.items():
        state, last = DECLARATION.initial, ""
        for index, (_, _, activity) in enumerate(sorted(rows)):
            driven.events += 1
            meaning = MAPPING["events"][activity]
            if meaning == "ignore":
                driven.ignored += 1
            elif case not in driven.illegal:
                try:
                    state = plan_move(DECLARATION, facts(state), MoveRequest(meaning["move"])).dest
                except MoveNotOpen:
                    driven.illegal[case] = (index, activity, state)
                else:
                    driven.moved += 1
                    last = activity
        if case not in driven.illegal:
            driven.ends[last, state] += 1
    return driven


@pytest.fixture(scope="module")
def real() -> Driven:
    if not REAL.exists():
        pytest.skip(f"the real log is not here: {REAL.name} in ../shared/data/logs")
    return drive(gzip.decompress(REAL.read_bytes()).decode())


def test_the_mapping_ignores_only_what_moves_nothing():
    ignored = {activity for activity, meaning in MAPPING["events"].items() if meaning == "ignore"}
    assert {activity.split()[1] for activity in ignored} == {"SAVED", "FOR_APPROVAL", "REJECTED"}
    assert [activity for activity in ignored if "REJECTED" in activity] == ["Declaration REJECTED by MISSING"]


def test_every_other_activity_is_a_move_of_its_own_by_a_role_that_may_make_it():
    meanings = [meaning for meaning in MAPPING["events"].values() if meaning != "ignore"]
    assert sorted(meaning["move"] for meaning in meanings) == sorted(move.name for move in DECLARATION.moves)
    allowed = {move.name: role_of(move.by) for move in DECLARATION.moves}
    assert {meaning["move"]: meaning["by"] for meaning in meanings} == allowed


def test_the_route_is_no_flower_most_actions_are_closed_in_most_states():
    pairs = sum(len(DECLARATION.moves_from(step.name)) for step in DECLARATION.steps)
    assert pairs == 21
    assert pairs < len(DECLARATION.steps) * len(DECLARATION.moves) / 5


def test_at_least_98_of_100_real_cases_follow_the_route(real):
    assert real.cases == 10_500
    assert len(real.illegal) / real.cases <= 0.02


def test_at_least_97_of_100_real_events_are_driven(real):
    assert real.events == 56_437
    assert real.moved / real.events >= 0.97


def test_what_the_route_does_not_allow_is_what_the_real_log_should_not_have(real):
    assert Counter((activity, state) for _, activity, state in real.illegal.values()) == {
        ("Declaration REJECTED by EMPLOYEE", "submitted"): 7,
        ("Payment Handled", "payable"): 7,
        ("Request Payment", "draft"): 1,
        ("Request Payment", "turned_down"): 1,
        ("Declaration SUBMITTED by EMPLOYEE", "submitted"): 1,
    }


def test_every_real_case_that_conforms_ends_where_its_last_activity_says(real):
    assert {(last, state) for last, state in real.ends} <= {*LANDS_IN.items(), ("", "draft")}
    assert real.ends["Payment Handled", "paid"] == 10_028
    assert real.ends["Declaration REJECTED by EMPLOYEE", "taken_back"] == 282
    assert sum(real.ends.values()) == real.cases - len(real.illegal)


def test_a_generated_log_is_the_same_for_the_same_seed_and_of_the_real_shape():
    log = generate(300, 7)
    assert log == generate(300, 7)
    assert log.text != generate(300, 8).text
    rows = list(csv.DictReader(io.StringIO(log.text)))
    assert list(rows[0]) == ["case", "activity", "resource", "role", "timestamp", "lifecycle"]
    assert {row["activity"] for row in rows} <= set(MAPPING["events"])
    assert len({row["activity"] for row in rows}) == 14
    assert (log.cases, log.events) == (len({row["case"] for row in rows}), len(rows))


@pytest.mark.parametrize("seed", range(5))
def test_a_generated_log_conforms_but_for_the_cases_made_to_deviate(seed):
    log = generate(300, seed)
    driven = drive(log.text)
    assert {case: index for case, (index, _, _) in driven.illegal.items()} == log.illegal
    assert len(log.illegal) == 5
    assert (driven.cases, driven.events, driven.ignored) == (log.cases, log.events, log.ignored)
    assert {(last, state) for last, state in driven.ends} <= {*LANDS_IN.items(), ("", "draft")}
