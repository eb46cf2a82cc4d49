"""The guards: what each asks, what it answers, and which exclude each other."""

from datetime import date
from itertools import product

import pytest

from tests.support.definitions import facts
from workflow.domain.facts import DecisionEntry, MoveRequest
from workflow.domain.guards import GUARDS, PREDICATE_KINDS, PREDICATES, REQUIREMENTS
from workflow.domain.vocabulary import SubjectKind

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
        (DecisionEntry("12/QĐ-VKS", date(2026, 6, 12), "Nguyễn Văn A"), []),
        (DecisionEntry(" ", date(2026, 6, 12), "Nguyễn Văn A"), ["decision_number_missing"]),
        (DecisionEntry("12/QĐ-VKS", date(2026, 6, 12), ""), ["decision_signer_missing"]),
        (DecisionEntry("", date(2026, 6, 12), " "), ["decision_number_missing", "decision_signer_missing"]),
    ],
)
def test_a_decision_needs_number_date_and_signer(decision, asked_for):
    assert codes("decision_recorded", MoveRequest("approve", decision=decision)) == asked_for


@pytest.mark.parametrize("kind", SubjectKind)
def test_exactly_one_predicate_lets_each_kind_of_nominee_pass(kind):
    passing = [guard for guard in PREDICATES if not codes(guard, subject_kind=kind)]
    assert [PREDICATE_KINDS[guard] for guard in passing] == [kind]


def test_predicates_and_requirements_are_all_the_guards_and_share_none():
    assert set(PREDICATES) | set(REQUIREMENTS) == GUARDS
    assert set(PREDICATES) & set(REQUIREMENTS) == set()
    assert set(PREDICATE_KINDS) == set(PREDICATES)


def test_a_reason_tells_a_person_what_to_do():
    worst = facts("draft", actor_is_subject=True, has_award=False)
    said = [reason for guard in PREDICATES.values() for reason in guard(worst)]
    said += [reason for guard in REQUIREMENTS.values() for reason in guard(worst, ASKED)]
    assert said
    assert all(reason.message.endswith(".") and reason.code.isidentifier() for reason in said)
