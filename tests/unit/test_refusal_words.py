"""Every refusal that a person can meet has words in their language, and no word is left without a refusal."""

import ast
import inspect
import re
from dataclasses import replace
from datetime import date

import pytest

from api import problems
from api.wording import ENGLISH, VIETNAMESE, in_names, message_of, title_of
from tests.architecture.source import python_files, tree
from tests.support.definitions import COMPLETE
from tests.support.refusal_words import refusal_words
from workflow.domain import errors
from workflow.domain.clusters.officers import ClusterKind, Officers, refuse_officers
from workflow.domain.clusters.rotation import YearsCluster, propose
from workflow.domain.errors import Reason, Refusal, StaleNomination
from workflow.domain.facts import MoveRequest, SignedDocument
from workflow.domain.route.guards import REQUIREMENTS
from workflow.queries import paging
from workflow.queries.waiting import covers

REFUSALS = sorted(
    {
        kind.code
        for module in (errors, problems, paging, covers)
        for _, kind in inspect.getmembers(module, inspect.isclass)
        if issubclass(kind, Refusal) and kind is not Refusal
    }
)
REASON_MAKERS = {"Reason": 0, "_no": 1, "no": 1}


def reason_codes() -> set[str]:
    """Return the codes that the code spells out and those the guards answer with."""
    found = set()
    for path in [*python_files("workflow"), *python_files("api")]:
        for node in ast.walk(tree(path)):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in REASON_MAKERS
            ):
                # One that was stored is read again by its fields, and names no code of its own.
                place = next(iter(node.args[REASON_MAKERS[node.func.id] :]), None)
                if isinstance(place, ast.Constant) and isinstance(place.value, str):
                    found.add(place.value)
    nothing = replace(
        COMPLETE,
        has_subject=False,
        has_award=False,
        has_achievement=False,
        has_proposer=False,
        actor_is_subject=True,
        submission=SignedDocument(),
    )
    blank = MoveRequest("x", decision=SignedDocument("", date(2026, 3, 2), ""))
    for guard in REQUIREMENTS.values():
        found |= {reason.code for reason in guard(nothing, blank)}
    return found


@pytest.mark.parametrize("code", REFUSALS)
def test_every_refusal_has_a_vietnamese_title(code: str) -> None:
    assert title_of(code, "", VIETNAMESE)


@pytest.mark.parametrize("code", sorted(reason_codes()))
def test_every_rule_that_refuses_has_a_vietnamese_sentence(code: str) -> None:
    assert code in refusal_words("reasons"), code


def test_every_problem_of_http_has_a_vietnamese_title() -> None:
    for code, _ in problems._CODES.values():
        assert title_of(code, "", VIETNAMESE), code


def test_no_word_is_left_without_a_refusal() -> None:
    http = {code for code, _ in problems._CODES.values()} | {
        "internal-error",
        "unavailable",
        "disk-full",
        "disk-closed",
        "database-full",
        "database-read-only",
        "outcome-unknown",
    }
    assert set(refusal_words("titles")) <= {*REFUSALS, *http}
    assert set(refusal_words("details")) <= set(refusal_words("titles"))
    assert set(refusal_words("reasons")) <= reason_codes()


def test_a_sentence_without_its_parameters_falls_back_to_english() -> None:
    bare = StaleNomination("Somebody was faster.")
    assert problems.problem_of(bare, VIETNAMESE).detail == "Somebody was faster."
    told = StaleNomination("x", version="3", changed_by="Lan", changed_at="09:00")
    assert problems.problem_of(told, VIETNAMESE).detail.startswith("Lan đã thay đổi hồ sơ lúc 09:00")


def test_an_unknown_rule_speaks_english() -> None:
    assert message_of(Reason("never_heard_of", "Say it plainly."), VIETNAMESE) == "Say it plainly."


def test_what_pages_say_in_english_of_a_unit_is_what_the_rules_say_of_its_code() -> None:
    old = YearsCluster(1, "Cụm 1", ClusterKind.CLUSTER, ("A", "B", "C", "D"), "A", "B")
    plays: list[tuple[str, str, dict[str, int]]] = [
        ("ABCD", "", {}),
        ("ABC", "B", {"C": 2020}),
        ("AC", "", {"A": 2025, "C": 2020}),
    ]
    proposals = [
        propose([old], year=2027, alive=alive, barred=barred, headed=headed)[0]
        for alive, barred, headed in plays
    ]
    told = [one for each in proposals for one in (*each.left_out, *each.head.reasons, *each.deputy.reasons)]
    told += refuse_officers(Officers("X", "X"), members="AB", barred="X", year=2027)
    assert {one.code for one in told} | {"member_in_office", "member_has_files", "member_elsewhere"} == set(
        refusal_words("reasons", ENGLISH)
    )
    assert [message_of(one, ENGLISH) for one in told] == [one.message for one in told]
    named = in_names(told[0], {told[0].params["unit"]: "VKSND tỉnh An Giang"})
    assert "VKSND tỉnh An Giang" in message_of(named, ENGLISH)


def test_every_sentence_ends_and_every_title_does_not() -> None:
    for section in ("details", "reasons"):
        for code, text in refusal_words(section).items():
            assert re.search(r"[.]$", text), code
    assert [code for code, text in refusal_words("titles").items() if text.endswith(".")] == []
