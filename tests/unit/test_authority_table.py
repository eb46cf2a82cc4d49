"""Every state x action x seat x relation against a table written by hand, apart from the code.

`table_authority.csv` says who may act in a right seat on somebody else's nomination that nobody has claimed.
The relations bend that: another unit's seat, one's own nomination, work in somebody else's hands, a hold.
Whatever the table does not name is refused.
"""

import csv
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from importlib import resources
from itertools import product
from pathlib import Path

import pytest

from workflow.domain.checking import load
from workflow.domain.definition import Definition
from workflow.domain.errors import Refusal
from workflow.domain.facts import DecisionEntry, Facts, MoveRequest, Paper, Seats, VoteEntry
from workflow.domain.policy import Actor, demand_sight
from workflow.domain.routing import resolve
from workflow.domain.scope import UnitNode, scope_of
from workflow.domain.vocabulary import BuiltIn, SubjectKind, Via, VoteResult
from workflow.operations.commands import Attempt, Command
from workflow.operations.decide import plan_attempt
from workflow.operations.steer import demand_open
from workflow.store.locked import Locked

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
SEATS = Seats(unit="AG", parent_unit="TOP", cluster="2026/TOP/1", council="TOP", round_owner="TOP")
TREE = {"TOP": UnitNode(1, ("AG", "DT")), "AG": UnitNode(2), "DT": UnitNode(3), "FAR": UnitNode(4)}
HOME = {
    "nominator": "nominator@unit:AG",
    "unit_reviewer": "unit_reviewer@unit:AG",
    "unit_deputy": "unit_deputy@unit:AG",
    "head": "head@unit:AG",
    "cluster_head": "cluster_head@cluster:2026/TOP/1",
    "cluster_deputy": "cluster_deputy@cluster:2026/TOP/1",
    "appraiser": "appraiser@council:TOP",
    "council_member": "council_member@council:TOP",
    "council_secretary": "council_secretary@council:TOP",
    "top_head": "head@unit:TOP",
    "supervisor": "supervisor@unit:TOP",
    "admin": "admin@all",
    "auditor": "auditor@all",
}
ELSEWHERE = {
    part: key.replace(":AG", ":FAR").replace("TOP", "FAR") for part, key in HOME.items() if "all" not in key
}
AUDIENCE = frozenset({"unit:AG", "cluster:2026/TOP/1", "council:TOP", "unit:TOP"})
BUILT_IN = [action for action in BuiltIn if action not in {BuiltIn.CREATE, BuiltIn.ABANDON, BuiltIn.RECALL}]
MOVES = ["submit", "approve", "return", "reject"]
ME, ANOTHER = 7, 8
PAPER = DecisionEntry("1/QĐ", date(2026, 3, 2), "Người ký")


@dataclass(frozen=True)
class Relation:
    """How the seat stands to the nomination, and what that does to a plain yes of the table."""

    name: str
    elsewhere: bool = False
    own: bool = False
    claimed: bool = False
    held: bool = False


RELATIONS = [
    Relation("plain"),
    Relation("elsewhere", elsewhere=True),
    Relation("own nomination", own=True),
    Relation("claimed by another", claimed=True),
    Relation("on hold", held=True),
]


def definition(key: str) -> Definition:
    return load(
        (resources.files("workflow") / "definitions" / f"{key}.yaml").read_text(encoding="utf-8"), key
    )


def rows() -> dict[tuple[str, str, str], frozenset[str]]:
    text = Path(__file__).with_name("table_authority.csv").read_text(encoding="utf-8")
    return {
        (row["workflow"], row["state"], row["action"]): frozenset(row["may"].split())
        for row in csv.DictReader(text.splitlines())
    }


TABLE = rows()
DEFINITIONS = {key: definition(key) for key in ("annual", "standard", "simplified")}


def locked_in(workflow: Definition, state: str, relation: Relation) -> Locked:
    kind = SubjectKind.COLLECTIVE if state == "cluster_review" else SubjectKind.PERSON
    facts = Facts(
        nomination_id=1,
        state=state,
        version=3,
        is_held=relation.held,
        is_closed=False,
        seats=SEATS,
        unit_id=2,
        audience=AUDIENCE,
        created_by=99,
        subject_kind=kind,
        subject_person_id=5 if relation.own else 6,
        has_subject=True,
        has_award=True,
        has_achievement=True,
        has_proposer=True,
        owner_key=resolve(str(workflow.step(state).owner), SEATS),
        assignee_id=ANOTHER if relation.claimed else None,
        actor_is_subject=relation.own,
        submission=Paper("1/TTr", date(2026, 3, 2), "Người ký"),
        recommendation=VoteResult.PASSED,
    )
    blank = dict.fromkeys(Locked.__slots__)
    return Locked(**{**blank, "facts": facts, "seats_taken": ()})  # type: ignore[arg-type]


def actor_in(key: str) -> Actor:
    return Actor(ME, "Ai đó", person_id=5, keys=frozenset({key}), scope=scope_of(ME, {key}, TREE))


def verdict(workflow: Definition, state: str, action: str, key: str, relation: Relation) -> str:
    """Ask the real policy and engine and return "yes" or the refusal's code."""
    dests = [
        dest for move in workflow.moves_from(state) if move.name == action for dest in move.dests_from(state)
    ]
    request = MoveRequest(
        action=action,
        to_step=dests[0] if action == "return" and dests else None,
        comment="Lý do.",
        reason_code="other",
        decision=PAPER,
        vote=VoteEntry(1, 1, 0),
    )
    locked = locked_in(workflow, state, relation)
    attempt = Attempt(locked, workflow, actor_in(key), Command(1, 3, request, Via.API))
    try:
        demand_sight(attempt.actor, locked.facts)
        if action in BUILT_IN:
            demand_open(attempt, BuiltIn(action))
        else:
            plan_attempt(attempt, at=NOW)
    except Refusal as refusal:
        return refusal.code
    return "yes"


def expected(row: tuple[str, str, str], part: str, relation: Relation) -> str:
    """Read the verdict off the table and the relations, in the order in which a person would be told."""
    _, state, action = row
    is_move, may = action in MOVES, TABLE.get(row, frozenset())
    steps = [
        ("not-found", relation.elsewhere),
        ("on-hold", is_move and not may and relation.held),
        ("move-not-open", not may),
        ("forbidden", part not in may),
        ("already-claimed", relation.claimed and (is_move or action == "claim")),
        ("on-hold", relation.held and is_move),
        ("requirements-missing", relation.own and is_move and action != "submit"),
        ("forbidden", relation.own and action == "claim"),
        ("move-not-open", action == "release" and not relation.claimed),
        ("move-not-open", action == "hold" and relation.held),
        ("move-not-open", action == "release_hold" and not relation.held),
        ("move-not-open", action == "edit" and state != "draft"),
        ("yes", True),
    ]
    return next(code for code, holds in steps if holds)


CASES = [
    (workflow, state, action, relation)
    for workflow, known in DEFINITIONS.items()
    for state, action, relation in product(
        [step.name for step in known.steps if not step.final], [*MOVES, *BUILT_IN], RELATIONS
    )
    # A built-in row the table leaves out for `simplified` is the same code as for `standard`.
    if action in MOVES or (workflow, state, action) in TABLE
]


@pytest.mark.parametrize(
    ("workflow", "state", "action", "relation"), CASES, ids=lambda value: getattr(value, "name", str(value))
)
def test_who_may_do_what_where(workflow: str, state: str, action: str, relation: Relation) -> None:
    seats = ELSEWHERE if relation.elsewhere else HOME
    row = (workflow, state, action)
    found = {
        part: verdict(DEFINITIONS[workflow], state, action, key, relation) for part, key in seats.items()
    }
    assert found == {part: expected(row, part, relation) for part in seats}


def test_only_the_sender_recalls() -> None:
    known = DEFINITIONS["standard"]
    locked = replace(locked_in(known, "unit_review", RELATIONS[0]), sent_by=ME, sent_from="draft")
    for part, key in HOME.items():
        attempt = Attempt(locked, known, actor_in(key), Command(1, 3, MoveRequest("recall"), Via.API))
        demand_open(attempt, BuiltIn.RECALL)
        other = replace(attempt, locked=replace(locked, sent_by=ANOTHER))
        with pytest.raises(Refusal) as refused:
            demand_open(other, BuiltIn.RECALL)
        assert refused.value.code == "forbidden", part
