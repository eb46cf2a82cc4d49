"""`check`: every problem of a definition file, each with its line and words a person can act on."""

import pytest

from tests.support.definitions import SHIPPED, text_of
from workflow.domain.checking.checking import DefinitionProblem, check, load
from workflow.domain.errors import InvalidDefinition

SMALL = """\
key: small
version: 1
title: {vi: "Nhỏ", en: "Small"}
calendar: weekdays
initial: draft
roles: [clerk]
steps:
  - {name: draft, stage: draft, label: {vi: a, en: a}, owner: nominator@subject.unit}
  - name: review
    stage: unit_review
    label: {vi: b, en: b}
    owner: clerk@subject.unit
    due: 5 working_days
    ladder:
      - {at: -2 working_days, do: remind, to: holder}
      - {at: due, do: remind, to: holder}
    without: [recall]
  - {name: panel, stage: council, label: {vi: c, en: c}, owner: clerk@council, due: 3 calendar_days}
  - {name: done, stage: approved, label: {vi: d, en: d}, final: true}
moves:
  - {name: send, from: draft, to: review, by: owner, label: {vi: e, en: e}, guards: [dossier_complete]}
  - {name: pass, from: review, to: panel, by: owner, label: {vi: f, en: f}, guards: [subject_is_collective]}
  - {name: pass, from: review, to: done, by: owner, label: {vi: g, en: g}, guards: [subject_is_individual]}
  - {name: sign, from: panel, to: done, by: head@round, label: {vi: h, en: h}, guards: [decision_recorded]}
"""

STEPS = "draft, review, panel, done"
CHECKS = [
    # what is replaced, by what, the line of the problem, and what is said
    ("key: small", "key: Sm all", 1, "key: 'Sm all' is not a name"),
    ("version: 1", "version: one", 2, "version: a whole number is expected, not 'one'"),
    ("version: 1", "version: 0", 2, "version: must be at least 1, not '0'"),
    ("version: 1\n", "", 1, "'version' is missing"),
    ("title:", "titel:", 3, "unknown word 'titel'; did you mean 'title'?"),
    ("calendar: weekdays", "calendar: weekday", 4, "unknown calendar 'weekday'; did you mean 'weekdays'?"),
    ("initial: draft", "initial: drafd", 5, "unknown step 'drafd'; did you mean 'draft'?"),
    ("roles: [clerk]", "roles: [clerk, head]", 6, "the role 'head' is built in and need not be declared"),
    ("roles: [clerk]", "roles: [clerk, clerk]", 6, "'clerk' is declared twice under roles"),
    (
        "stage: unit_review",
        "stage: unit_reviw",
        10,
        "unknown stage 'unit_reviw'; did you mean 'unit_review'?",
    ),
    ("stage: unit_review", "stge: unit_review", 10, "unknown word 'stge'; did you mean 'stage'?"),
    ("stage: unit_review", "stge: unit_review", 9, "'stage' is missing"),
    ("{vi: b, en: b}", "{vi: b}", 11, "'en' is missing"),
    ("{vi: b, en: b}", '{vi: b, en: " "}', 11, "'en' must not be empty"),
    ("    owner: clerk@subject.unit\n", "", 9, "step 'review' is a review step without owner"),
    (
        "owner: clerk@subject.unit",
        "owner: clark@subject.unit",
        12,
        "unknown role 'clark'; did you mean 'clerk'?",
    ),
    (
        "owner: clerk@subject.unit",
        "owner: clerk@unit",
        12,
        "owner: unknown scope '@unit'; known are subject.unit",
    ),
    ("owner: clerk@subject.unit", "owner: clerk", 12, "owner: expected role@scope"),
    ("owner: clerk@subject.unit", "owner: 7", 12, "owner: text is expected, not '7'; put it in quotes"),
    ("owner: clerk@subject.unit", "owner: auditor@all", 12, "the role 'auditor' only reads"),
    ("owner: nominator@subject.unit}", "}", 8, "step 'draft' has no owner"),
    ("    due: 5 working_days\n", "", 9, "step 'review' is a review step without due"),
    ("    due: 5 working_days\n", "", 9, "step 'review' has a ladder but no due to count it from"),
    ("due: 5 working_days", "due: five days", 13, "due: a period is a number of days or hours"),
    (
        "due: 5 working_days",
        "due: 5 wörking_days",
        13,
        "due: unknown unit 'wörking_days' in '5 wörking_days'; did you mean 'working_days'?",
    ),
    ("due: 5 working_days", "due: session.date", 13, "dates of council sessions are not supported"),
    (
        "due: 5 working_days",
        "due: round.deadline",
        13,
        "'round.deadline' is no date of a round; did you mean 'round.unit_deadline'?",
    ),
    (
        "due: 5 working_days",
        "due: earlier(5 working_days, round.unit_deadline)",
        13,
        "a date of the round first",
    ),
    (
        "due: 5 working_days",
        "due: earlier(round.unit_deadline, 5 days)",
        13,
        "unknown unit 'days' in '5 days'; known are working_days",
    ),
    ("-2 working_days", "+2 working_days", 16, "step 'review': rungs are out of order, 'due' comes before"),
    (
        "{at: due, do: remind, to: holder}",
        "{at: due, do: remind, to: head}\n      - {at: +1 working_days, do: escalate, to: next_level}",
        16,
        "step 'review': the reminder 'due' to head gives way to the warning of an escalation",
    ),
    ("-2 working_days, do: remind", "due, do: remind", 16, "step 'review': the rung 'due' is there 2 times"),
    ("-2 working_days", "soon", 15, "at: expected 'due', '-2 working_days'"),
    ("at: -2 working_days, do: remind", "at: -2 working_days, do: remnd", 15, "did you mean 'remind'?"),
    (
        "remind, to: holder}\n      - {at: due",
        "remind, to: boss}\n      - {at: due",
        15,
        "unknown to 'boss'; known",
    ),
    ("without: [recall]", "without: [recal]", 17, "unknown without 'recal'; did you mean 'recall'?"),
    ("without: [recall]", "without: [edit]", 9, "step 'review' cannot switch off 'edit': only answer_info"),
    ("final: true", "final: maybe", 19, "final: true or false is expected, not 'maybe'"),
    (", final: true", "", 19, "step 'done' is not final, but its stage is 'approved'"),
    (", final: true", "", 7, "there is no final step"),
    ("stage: council", "stage: council, final: true", 18, "is final, but its stage is 'council'"),
    ("final: true", "final: true, owner: head@round", 19, "step 'done' is final and cannot have an owner"),
    ("name: panel, stage", "name: review, stage", 18, "'review' is declared twice under steps"),
    ("name: panel, stage", "name: withdrawn, stage", 18, "'withdrawn' is built in and cannot be a step"),
    ("stage: council", "stage: withdrawn", 18, "cannot have the stage 'withdrawn', which is built in"),
    ("to: review, by", "to: reviw, by", 21, "unknown step 'reviw'; did you mean 'review'?"),
    ("to: review, by", "to: moon, by", 21, f"unknown step 'moon'; known are {STEPS}"),
    ("from: draft", 'from: "*"', 21, "'*' is not allowed: name every step"),
    ("from: draft", "from: *", 21, "'*' is not allowed: name every step"),
    ("from: draft", "from: draft, form: x", 21, "unknown word 'form'; did you mean 'from'?"),
    ("from: draft", "from: []", 21, "'from' must not be empty"),
    ("from: draft", "from: [draft, draft]", 21, "'draft' is there twice under from"),
    ("from: draft, to: review", "from: draft, to: draft", 21, "move 'send' leads from 'draft' to itself"),
    (
        "from: draft, to: review",
        "from: [draft, done], to: review",
        21,
        "move 'send' leaves 'done', which is final",
    ),
    ("to: review, by: owner", "to: review", 21, "'by' is missing"),
    ("to: review, by: owner", "to: review, by: nominater@all", 21, "did you mean 'nominator'?"),
    ("to: review, by: owner", "to: review, by: auditor@all", 21, "the role 'auditor' only reads"),
    ("name: send", "name: withdraw", 21, "'withdraw' is built in and cannot be a move"),
    ("name: send", "name: Send it", 21, "name: 'Send it' is not a name"),
    (
        "[dossier_complete]",
        "[dossier_complet]",
        21,
        "unknown guard 'dossier_complet'; did you mean 'dossier_com",
    ),
    (
        "[dossier_complete]",
        "[dossier_complete, dossier_complete]",
        21,
        "the guard 'dossier_complete' is there",
    ),
    ("[dossier_complete]", "[subject_is_collective]", 8, "step 'draft' is a dead end for individuals"),
    (
        "[subject_is_individual]",
        "[]",
        23,
        "move 'pass' leaves 'review' here and in line 22, and their guards",
    ),
    ("[subject_is_individual]", "[not_own_subject]", 23, "their guards do not exclude each other"),
    ("[subject_is_individual]", "[subject_is_collective]", 23, "their guards do not exclude each other"),
    (
        "guards: [subject_is_individual]",
        "guards: [subject_is_individual, subject_is_collective]",
        23,
        "subject_is_individual and subject_is_collective contradict: move 'pass' could never be made",
    ),
    (
        "[decision_recorded]",
        "[subject_is_individual]",
        24,
        "can never be made: individuals never reach 'panel'",
    ),
    ("by: head@round", "by: nominator@all", 24, "a nominator never enters a signed decision"),
    ("from: panel, to: done", "from: panel, to: review", 18, "step 'panel' is a dead end: no final step"),
    ("to: panel, by", "to: done, by", 18, "step 'panel' cannot be reached from 'draft'"),
    ("from: review, to: done", "from: panel, to: done", 9, "'review' is a dead end for individuals"),
]


def said(text: str) -> list[tuple[int, str]]:
    return [(problem.line, problem.message) for problem in check(text, "small.yaml")]


@pytest.mark.parametrize("key", SHIPPED)
def test_the_shipped_definitions_have_no_problem(key):
    assert check(text_of(key), f"{key}.yaml") == []


def test_the_small_definition_of_these_tests_has_no_problem():
    assert check(SMALL, "small.yaml") == []


@pytest.mark.parametrize(("old", "new", "line", "message"), CHECKS, ids=[f"{c[1][:40]!r}" for c in CHECKS])
def test_a_problem_is_named_with_its_line(old, new, line, message):
    assert SMALL.count(old) >= 1
    found = said(SMALL.replace(old, new, 1))
    assert [words for at, words in found if at == line and message in words], found


def test_a_problem_says_file_line_and_what():
    assert str(DefinitionProblem("small.yaml", 4, "it is wrong")) == "small.yaml:4: it is wrong"


def test_every_problem_of_a_file_is_found_at_once_in_the_order_of_lines():
    text = SMALL
    for old, new in (
        ("calendar: weekdays", "calendar: moon"),
        ("owner: clerk@subject.unit", "owner: clark@subject.unit"),
        ("-2 working_days", "+2 working_days"),
        ("to: review, by", "to: reviw, by"),
        ("[decision_recorded]", "[decision_recordd]"),
        ("from: panel, to: done", "from: panel, to: panel"),
    ):
        text = text.replace(old, new, 1)
    found = said(text)
    assert [line for line, _ in found] == [4, 8, 9, 12, 16, 18, 21, 24, 24]


def test_a_slip_in_a_name_does_not_make_a_whole_route_unreachable():
    assert said(SMALL.replace("to: review, by", "to: reviw, by")) == [
        (21, "unknown step 'reviw'; did you mean 'review'?")
    ]


def test_a_role_at_a_place_where_nobody_ever_sits_is_refused():
    told = "nobody ever holds 'clerk@all'"
    everywhere = SMALL.replace("owner: clerk@subject.unit", "owner: clerk@all")
    assert [at for at, words in said(everywhere) if told in words] == [12]
    moved = SMALL.replace("by: owner, label: {vi: g, en: g}", "by: clerk@all, label: {vi: g, en: g}")
    assert [at for at, words in said(moved) if told in words] == [23]
    for role in ("supervisor", "admin"):
        assert said(SMALL.replace("by: head@round", f"by: {role}@all")) == []
    parent = SMALL.replace("owner: nominator@subject.unit", "owner: nominator@subject.unit.parent")
    [(line, words)] = said(parent)
    assert (line, words) == (
        8,
        "step 'draft' is drafted for a unit; its owner must be 'nominator@subject.unit'",
    )


def test_load_refuses_with_every_problem_as_file_and_line():
    text = SMALL.replace("[dossier_complete]", "[dossier_complet]")
    with pytest.raises(InvalidDefinition) as refused:
        load(text.replace("calendar: weekdays", "calendar: moon"), "small.yaml")
    assert [error.field for error in refused.value.errors] == ["small.yaml:4", "small.yaml:21"]
    assert refused.value.detail.startswith("small.yaml has 2 problems: line 4: unknown calendar 'moon'")


def test_load_builds_what_has_no_problem():
    assert load(SMALL, "small.yaml").step("review").owner.role == "clerk"
