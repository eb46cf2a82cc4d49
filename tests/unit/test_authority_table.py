"""Every state x action x seat x relation against a table written by hand, apart from the code.

`table_authority.csv` says who may act in a right seat on somebody else's nomination that nobody has claimed,
and under `subject` which of them may when they are the one nominated. `told_head` heads another unit of the
house, to whom the work was reported as late. The relations bend the table: another unit's seat, being the
subject, work in somebody else's hands, a hold. What is known there and done by nobody has `nobody`;
whatever the table does not name is refused.
"""

import csv
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from importlib import resources
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from workflow.domain.checking.checking import load
from workflow.domain.errors import Refusal
from workflow.domain.facts import Facts, MoveRequest, Prepared, Seats, SignedDocument, VoteEntry
from workflow.domain.moves.decided import OF_DECISIONS
from workflow.domain.rights.policy import Actor, demand_sight
from workflow.domain.rights.routing import resolve
from workflow.domain.rights.scope import UnitNode, scope_of
from workflow.domain.route.definition import Definition
from workflow.domain.vocabulary import BuiltIn, SubjectKind, Via, VoteResult
from workflow.operations.nominations.built_ins import demand_open
from workflow.operations.nominations.commands import Attempt, Command
from workflow.operations.nominations.plans import plan_attempt
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
    "told_head": "head@unit:DT",
    "supervisor": "supervisor@unit:TOP",
    "admin": "admin@all",
    "auditor": "auditor@all",
}
ELSEWHERE = {
    part: key.replace(":AG", ":FAR").replace(":DT", ":FAR").replace("TOP", "FAR")
    for part, key in HOME.items()
    if "all" not in key
}
AUDIENCE = frozenset({"unit:AG", "unit:DT", "cluster:2026/TOP/1", "council:TOP", "unit:TOP"})
# Nobody does these to a nomination that stands somewhere: it is begun, closed by a replay, or over.
ELSEWHEN = {BuiltIn.CREATE, BuiltIn.ABANDON, BuiltIn.RECALL, *OF_DECISIONS}
ENDS = {"record_outcome": "submitted_upward", "annul": "approved", "reinstate": "annulled"}
# No route that ships doubles anything: who may is tried in tests/integration/test_outside_opinion.py.
NOWHERE = {BuiltIn.ASK_OPINION, BuiltIn.RECEIVE_OPINION}
BUILT_IN = [action for action in BuiltIn if action not in ELSEWHEN | NOWHERE]
MOVES = ["submit", "approve", "return", "reject"]
ME, ANOTHER = 7, 8
PROPOSAL = Prepared(ANOTHER, "Người khác", NOW, 3, "unit_reviewer@unit:AG", "approve", None, None, "")
PAPER = SignedDocument("1/QĐ", date(2026, 3, 2), "Người ký")


@dataclass(frozen=True)
class Relation:
    """How the seat stands to the nomination, and what that does to a plain yes of the table."""

    name: str
    elsewhere: bool = False
    subject: bool = False
    claimed: bool = False
    held: bool = False


RELATIONS = [
    Relation("plain"),
    Relation("elsewhere", elsewhere=True),
    Relation("subject", subject=True),
    Relation("subject, claimed by another", subject=True, claimed=True),
    Relation("subject, on hold", subject=True, held=True),
    Relation("claimed by another", claimed=True),
    Relation("on hold", held=True),
]


def definition(key: str) -> Definition:
    return load(
        (resources.files("workflow") / "definitions" / f"{key}.yaml").read_text(encoding="utf-8"), key
    )


def rows(column: str) -> dict[tuple[str, str, str], frozenset[str]]:
    text = Path(__file__).with_name("table_authority.csv").read_text(encoding="utf-8")
    return {
        (row["workflow"], row["state"], row["action"]): frozenset(row[column].split())
        for row in csv.DictReader(text.splitlines())
    }


TABLE, SUBJECT = rows("may"), rows("subject")
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
        subject_person_id=5 if relation.subject else 6,
        has_subject=True,
        has_award=True,
        has_achievement=True,
        has_proposer=True,
        owner_key=resolve(str(workflow.step(state).owner), SEATS),
        assignee_id=ANOTHER if relation.claimed else None,
        actor_is_subject=relation.subject,
        submission=SignedDocument("1/TTr", date(2026, 3, 2), "Người ký"),
        recommendation=VoteResult.PASSED,
        reported_to=frozenset({HOME["told_head"]}),
        prepared=PROPOSAL,
    )
    blank = dict.fromkeys(Locked.__slots__)
    return Locked(**{**blank, "facts": facts, "seats_taken": ()})


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
    attempt = Attempt.of(locked, workflow, actor_in(key), Command(1, 3, request, Via.API))
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
        ("forbidden", relation.subject and part not in SUBJECT.get(row, frozenset())),
        ("move-not-open", action == "take_over" and not relation.claimed),
        ("already-claimed", relation.claimed and (is_move or action == "claim")),
        ("on-hold", relation.held and is_move),
        ("move-not-open", action == "release" and not relation.claimed),
        ("move-not-open", action == "hold" and relation.held),
        ("move-not-open", action == "release_hold" and not relation.held),
        ("move-not-open", action == "request_info" and state == "draft"),
        ("on-hold", action == "request_info" and relation.held),
        ("on-hold", action == "prepare" and relation.held),
        ("move-not-open", action == "answer_info"),
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


def sent(state: str, source: str, relation: Relation = RELATIONS[0]) -> Locked:
    """Stand in a step to which the actor has sent it, from another."""
    return replace(locked_in(DEFINITIONS["standard"], state, relation), sent_by=ME, sent_from=source)


def recalled(locked: Locked, key: str) -> str:
    """Ask whether somebody in a seat may take it back and return "yes" or the refusal's code."""
    attempt = Attempt.of(
        locked, DEFINITIONS["standard"], actor_in(key), Command(1, 3, MoveRequest("recall"), Via.API)
    )
    try:
        demand_open(attempt, BuiltIn.RECALL)
    except Refusal as refusal:
        return refusal.code
    return "yes"


@pytest.mark.parametrize(
    ("state", "source", "senders"),
    [
        ("unit_review", "draft", {"nominator"}),
        # The nominator enters what the reviewer signed, and takes back what was entered wrongly.
        ("cluster_review", "unit_review", {"unit_reviewer", "unit_deputy", "nominator"}),
        ("council", "cluster_review", {"cluster_head", "cluster_deputy"}),
        ("decision", "council", {"council_secretary", "appraiser"}),
    ],
)
def test_only_the_sender_recalls_and_only_from_a_seat_that_sends(state, source, senders):
    locked = sent(state, source)
    if state == "decision":  # the signature cannot be taken back from
        assert {recalled(locked, key) for key in HOME.values()} == {"move-not-open"}
        return
    assert {part for part, key in HOME.items() if recalled(locked, key) == "yes"} == senders
    by_another = replace(locked, sent_by=ANOTHER)
    assert {recalled(by_another, key) for key in HOME.values()} == {"forbidden"}


def test_the_subject_takes_back_the_own_draft_and_nothing_later():
    subject = Relation("subject", subject=True)
    assert recalled(sent("unit_review", "draft", subject), HOME["nominator"]) == "yes"
    assert recalled(sent("cluster_review", "unit_review", subject), HOME["unit_reviewer"]) == "forbidden"
    assert recalled(sent("council", "cluster_review", subject), HOME["cluster_head"]) == "forbidden"


@pytest.mark.parametrize("part", sorted(HOME))
@pytest.mark.parametrize("action", ENDS)
def test_what_is_recorded_of_a_decision_is_the_offices_and_never_the_subjects(part, action):
    workflow = DEFINITIONS["annual"]
    over: dict[str, Any] = {"state": ENDS[action], "is_closed": True, "owner_key": None}
    over["decider"] = "state" if action == "record_outcome" else ""
    found = {}
    for relation in (Relation("plain"), Relation("subject", subject=True)):
        locked = locked_in(workflow, "decision", relation)
        locked = replace(locked, facts=replace(locked.facts, **over))
        attempt = Attempt.of(
            locked, workflow, actor_in(HOME[part]), Command(1, 3, MoveRequest(action), Via.API)
        )
        try:
            demand_open(attempt, BuiltIn(action))
            found[relation.name] = "yes"
        except Refusal as refusal:
            found[relation.name] = refusal.code
    office = {"appraiser", "council_secretary", "top_head", "supervisor", "admin"}
    assert found == {"plain": "yes" if part in office else "forbidden", "subject": "forbidden"}


def test_whoever_is_of_the_nominated_unit_steers_nothing_from_the_seat_of_its_cluster():
    workflow = DEFINITIONS["annual"]
    for action in (BuiltIn.CLAIM, BuiltIn.HOLD, BuiltIn.TAKE_OVER):
        for of_unit, told in ((False, "yes"), (True, "forbidden")):
            relation = Relation("plain", claimed=action is BuiltIn.TAKE_OVER)
            locked = locked_in(workflow, "cluster_review", relation)
            locked = replace(locked, facts=replace(locked.facts, actor_is_of_unit=of_unit))
            attempt = Attempt.of(
                locked, workflow, actor_in(HOME["cluster_head"]), Command(1, 3, MoveRequest(action), Via.API)
            )
            try:
                demand_open(attempt, action)
                found = "yes"
            except Refusal as refusal:
                found = refusal.code
            assert (action, found) == (action, told)
