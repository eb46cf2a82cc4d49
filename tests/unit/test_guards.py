"""The guards: what each asks, what it answers, and which exclude each other."""

from datetime import date
from itertools import product
from uuid import UUID

import pytest

from tests.support.definitions import facts
from workflow.domain.facts import MoveRequest, OfflineStep, SignedDocument, VoteEntry
from workflow.domain.route.guards import GUARDS, REQUIREMENTS
from workflow.domain.route.predicates import (
    BRANCHES,
    COMBINATIONS,
    PREDICATES,
    Branch,
    Decider,
    Dimension,
    exclude_each_other,
    lets_pass,
)
from workflow.domain.vocabulary import SubjectKind, VoteResult

ASKED = MoveRequest("approve")
PARTS = {
    "has_subject": "subject_missing",
    "has_award": "award_missing",
    "has_achievement": "achievement_missing",
    "has_proposer": "proposer_missing",
}


def codes(guard: str, request: MoveRequest = ASKED, **others: object) -> list[str]:
    about = facts("draft", **others)
    said = PREDICATES[guard](about) if guard in PREDICATES else REQUIREMENTS[guard](about, request)
    return [reason.code for reason in said]


@pytest.mark.parametrize("there", list(product([True, False], repeat=4)))
def test_a_dossier_names_exactly_the_parts_it_lacks(there):
    given = dict(zip(PARTS, there, strict=True))
    assert codes("dossier_complete", **given) == [PARTS[part] for part in PARTS if not given[part]]


def test_nobody_judges_themselves():
    assert codes("not_own_subject", actor_is_subject=True) == ["own_subject"]
    assert codes("not_own_subject", actor_is_subject=False) == []


@pytest.mark.parametrize(
    ("decision", "asked_for"),
    [
        (None, ["decision_missing"]),
        (SignedDocument("12/QĐ-VKS", date(2026, 6, 12), "Nguyễn Văn A"), []),
        (SignedDocument(" ", date(2026, 6, 12), "Nguyễn Văn A"), ["decision_number_missing"]),
        (SignedDocument("12/QĐ-VKS", date(2026, 6, 12), ""), ["decision_signer_missing"]),
        (SignedDocument("", date(2026, 6, 12), " "), ["decision_number_missing", "decision_signer_missing"]),
    ],
)
def test_a_decision_needs_number_date_and_signer(decision, asked_for):
    assert codes("decision_recorded", MoveRequest("approve", decision=decision)) == asked_for


@pytest.mark.parametrize(
    ("kind", "decider"), list(product(SubjectKind, ["", "unit:unit:VKS", "unit:VKS-01", "state"]))
)
def test_exactly_one_predicate_of_each_dimension_lets_a_nomination_pass(kind, decider):
    passing = [guard for guard in PREDICATES if not codes(guard, subject_kind=kind, decider=decider)]
    is_here = decider in {"", "unit:unit:VKS"}
    assert [BRANCHES[guard] for guard in passing] == [
        Branch(Dimension.SUBJECT, kind),
        Branch(Dimension.DECIDER, Decider.HERE if is_here else Decider.ABOVE),
    ]


@pytest.mark.parametrize(
    ("guards", "others", "is_exclusive"),
    [
        (["subject_is_collective"], ["subject_is_individual"], True),
        (["decided_here", "not_own_subject"], ["decided_above"], True),
        (["decided_here", "subject_is_collective"], ["decided_here", "subject_is_individual"], True),
        (["decided_here"], ["subject_is_individual"], False),
        (["decided_here"], ["decided_here"], False),
        (["decided_here"], ["not_own_subject"], False),
        ([], [], False),
    ],
)
def test_two_moves_exclude_each_other_by_one_dimension_at_least(guards, others, is_exclusive):
    assert exclude_each_other(guards, others) is is_exclusive
    assert exclude_each_other(others, guards) is is_exclusive
    both = [kind for kind in COMBINATIONS if lets_pass(guards, kind) and lets_pass(others, kind)]
    assert (both == []) is is_exclusive


def test_predicates_and_requirements_are_all_the_guards_and_share_none():
    assert set(PREDICATES) | set(REQUIREMENTS) == GUARDS
    assert set(PREDICATES) & set(REQUIREMENTS) == set()
    assert set(BRANCHES) == set(PREDICATES)


def test_a_reason_tells_a_person_what_to_do():
    worst = facts("draft", actor_is_subject=True, has_award=False)
    said = [reason for guard in PREDICATES.values() for reason in guard(worst)]
    said += [reason for guard in REQUIREMENTS.values() for reason in guard(worst, ASKED)]
    assert said
    assert all(reason.message.endswith(".") and reason.code.isidentifier() for reason in said)


def test_a_dossier_asks_for_its_own_papers_and_the_list_for_those_beside_it():
    missing = ("achievement_report", "proposal", "ballot_result", "meeting_minutes", "cluster_minutes")
    about = facts("draft", missing_papers=missing)
    asked = {
        guard: [reason.params["kind"] for reason in REQUIREMENTS[guard](about, ASKED)]
        for guard in ("dossier_complete", "paper_signed", "cluster_minuted")
    }
    assert asked == {
        "dossier_complete": ["achievement_report"],
        "paper_signed": ["proposal", "meeting_minutes"],
        "cluster_minuted": ["cluster_minutes"],
    }


@pytest.mark.parametrize(
    ("paper", "asked_for"),
    [
        (None, ["submission_missing"]),
        (SignedDocument("1/TTr", date(2026, 3, 2), "A"), []),
        (
            SignedDocument("", None, ""),
            ["submission_number_missing", "submission_date_missing", "submission_signer_missing"],
        ),
    ],
)
def test_a_list_travels_with_its_signed_paper(paper, asked_for):
    assert codes("paper_signed", submission=paper) == asked_for


DUE = date(2026, 3, 20)
ON_PAPER = OfflineStep("unit_reviewer@unit:VKS-01", SignedDocument("1", DUE, "A"), UUID(int=1))


@pytest.mark.parametrize(
    ("about", "request_", "is_late"),
    [
        ({"today": DUE}, ASKED, False),
        ({"today": date(2026, 3, 21)}, ASKED, True),
        ({"today": date(2026, 3, 21), "unit_due_on": None}, ASKED, False),
        ({"today": date(2026, 3, 25)}, MoveRequest("approve", occurred_on=DUE, on_paper=ON_PAPER), False),
        ({"today": date(2026, 3, 25)}, MoveRequest("approve", occurred_on=DUE), True),
        ({"today": date(2026, 3, 25), "audience": frozenset({"unit:VKS-01", "council:VKS"})}, ASKED, False),
        ({"today": date(2026, 3, 25), "audience": frozenset({"unit:VKS-01", "unit:VKS"})}, ASKED, True),
    ],
)
def test_what_leaves_the_unit_leaves_by_its_deadline_unless_it_left_before(about, request_, is_late):
    said = codes("on_time", request_, **{"unit_due_on": DUE} | about)
    assert said == (["unit_deadline_passed"] if is_late else [])


def test_whoever_extends_is_named_when_the_deadline_has_passed():
    [reason] = REQUIREMENTS["on_time"](facts("unit_review", unit_due_on=DUE, today=date(2026, 3, 21)), ASKED)
    assert reason.params == {"day": "20/03/2026", "unit": "unit:VKS"}


def test_nobody_compares_their_own_unit_with_others():
    assert codes("not_own_unit", actor_is_of_unit=True) == ["own_unit"]
    assert codes("not_own_unit") == []


@pytest.mark.parametrize(
    ("vote", "percent", "said"),
    [
        (None, None, {"vote_recorded": ["vote_missing"]}),
        (VoteEntry(9, 5, 4), None, {"vote_not_passed": ["vote_is_carried"]}),
        (VoteEntry(9, 5, 4), 90, {"vote_passed": ["vote_is_below"]}),
        (VoteEntry(8, 4, 4), None, {"vote_passed": ["vote_is_below"]}),
    ],
)
def test_the_counts_say_which_result_can_be_recorded(vote, percent, said):
    request = MoveRequest("approve", vote=vote)
    guards = ("vote_recorded", "vote_passed", "vote_not_passed")
    found = {guard: codes(guard, request, vote_percent=percent) for guard in guards}
    assert {guard: reasons for guard, reasons in found.items() if reasons} == said


@pytest.mark.parametrize(
    ("recommendation", "said"),
    [
        (VoteResult.PASSED, []),
        (VoteResult.TIED, ["council_tied"]),
        (VoteResult.NOT_PASSED, ["council_not_passed"]),
        (None, ["council_not_voted"]),
    ],
)
def test_only_what_the_council_carried_can_be_signed(recommendation, said):
    assert codes("council_passed", recommendation=recommendation) == said


def test_a_decision_is_not_older_than_the_vote_it_rests_on():
    signed = MoveRequest("approve", decision=SignedDocument("1", date(2026, 3, 2), "A"))
    assert codes("decision_recorded", signed, voted_on=date(2026, 3, 3)) == ["decision_before_vote"]
    assert codes("decision_recorded", signed, voted_on=date(2026, 3, 2)) == []
