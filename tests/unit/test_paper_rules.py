"""Who may put papers where, written apart from the table that decides it."""

from dataclasses import replace
from datetime import date

import pytest

from workflow.domain.errors import Conflict, Forbidden
from workflow.domain.papers.kinds import ENGLISH_NAMES, ROOTS, PaperRoot
from workflow.domain.papers.rules import PaperPlace, Phase, PlacedPaper, attachable, refuse_removal
from workflow.domain.rights.absence import Loan
from workflow.domain.rights.policy import Actor
from workflow.domain.rights.routing import Holder
from workflow.domain.vocabulary import PaperKind
from workflow.words.catalogue import LOCALES, word

DESK = PaperPlace(
    root=PaperRoot.NOMINATION,
    unit="AG",
    council="TOP",
    round_owner="TOP",
    holders=frozenset({"unit_reviewer@unit:AG"}),
)
AT_CLUSTER = replace(DESK, phase=Phase.UNDER_WAY, holders=frozenset({"cluster_head@cluster:2026/TOP/1"}))
AT_COUNCIL = replace(DESK, phase=Phase.UNDER_WAY, holders=frozenset({"appraiser@council:TOP"}))
CLOSED = replace(DESK, phase=Phase.CLOSED, holders=frozenset())
REPORT, MINUTES = PaperKind.ACHIEVEMENT_REPORT, PaperKind.COUNCIL_MINUTES


def who(*keys: str, account_id: int = 1) -> Actor:
    return Actor(account_id, "somebody", keys=frozenset(keys))


@pytest.mark.parametrize(
    ("key", "desk", "kinds"),
    [
        ("nominator@unit:AG", DESK, {REPORT, MINUTES}),
        ("unit_deputy@unit:AG", DESK, {REPORT, MINUTES}),
        ("head@unit:AG", DESK, {REPORT, MINUTES}),
        ("nominator@unit:DT", DESK, set()),
        ("supervisor@unit:TOP", DESK, set()),
        ("council_secretary@council:TOP", DESK, {MINUTES}),
        ("nominator@unit:AG", AT_CLUSTER, set()),
        ("cluster_head@cluster:2026/TOP/1", AT_CLUSTER, {REPORT, MINUTES}),
        ("cluster_deputy@cluster:2026/TOP/1", AT_CLUSTER, {REPORT, MINUTES}),
        ("cluster_deputy@cluster:2025/TOP/1", AT_CLUSTER, set()),
        ("appraiser@council:TOP", AT_CLUSTER, {MINUTES}),
        ("appraiser@council:TOP", AT_COUNCIL, {REPORT, MINUTES}),
        ("council_secretary@council:TOP", AT_COUNCIL, {REPORT, MINUTES}),
        ("council_member@council:TOP", AT_COUNCIL, set()),
        ("head@unit:TOP", AT_COUNCIL, {MINUTES}),
        ("head@unit:TOP", CLOSED, {MINUTES}),
        ("nominator@unit:AG", CLOSED, set()),
    ],
)
def test_who_may_attach_what(key: str, desk: PaperPlace, kinds: set[PaperKind]) -> None:
    assert set(attachable(who(key), desk)) & {REPORT, MINUTES} == kinds


def standing_in(key: str | None, keys: set[str], before: tuple[Holder, ...] = ()) -> Actor:
    """Return somebody without a seat of their own who stands in for account 7."""
    absent = Holder("", 7, 70)
    loan = Loan(1, absent, "away", frozenset(keys), key, date(2026, 4, 1), before)
    return replace(who(account_id=2), loans=(loan,))


def test_whoever_stands_in_for_one_seat_keeps_no_papers_of_another() -> None:
    lent, taken = "nominator@unit:AG", replace(AT_CLUSTER, assignees=frozenset({7}))
    assert attachable(standing_in(lent, {lent}), taken) == ()
    assert REPORT in attachable(standing_in(None, {lent}), taken)


def test_the_second_keeps_the_papers_where_the_first_is_the_nominee() -> None:
    first = Holder("", 8, 80)
    second = standing_in(None, {"appraiser@council:TOP"}, (first,))
    assert attachable(second, AT_COUNCIL) == ()
    assert REPORT in attachable(second, replace(AT_COUNCIL, nominees=frozenset({80})))
    assert attachable(second, replace(AT_COUNCIL, nominees=frozenset({70, 80}))) == ()


def test_the_nominee_adds_nothing_more_once_it_is_sent() -> None:
    secretary = who("council_secretary@council:TOP")
    assert attachable(secretary, replace(AT_COUNCIL, is_own=True)) == ()
    assert attachable(who("nominator@unit:AG"), replace(DESK, is_own=True))


def test_only_the_answer_and_what_fits_anywhere_lies_with_an_expected_return() -> None:
    desk = replace(DESK, root=PaperRoot.EXPECTED_RETURN)
    assert attachable(who("nominator@unit:AG"), desk) == (PaperKind.ANSWER, PaperKind.OTHER)


def test_every_kind_has_a_name_and_a_help_in_both_languages() -> None:
    assert set(ROOTS) == set(PaperKind)
    for kind in PaperKind:
        names = (word("vi", f"paper.name_{kind}"), ENGLISH_NAMES[kind])
        assert all((*names, *(word(locale, f"paper.help_{kind}") for locale in LOCALES)))
        assert names[0] != names[1]


@pytest.mark.parametrize(
    ("actor", "desk", "paper", "refusal"),
    [
        (who("nominator@unit:AG"), DESK, PlacedPaper(REPORT, 2, date(2026, 3, 2)), None),
        # Whoever put it there, while they still sit anywhere near it.
        (who(account_id=7), AT_COUNCIL, PlacedPaper(REPORT, 7, date(2026, 3, 2)), Forbidden),
        (who("nominator@unit:AG", account_id=7), AT_COUNCIL, PlacedPaper(REPORT, 7, date(2026, 3, 2)), None),
        (who("nominator@unit:AG"), AT_COUNCIL, PlacedPaper(REPORT, 2, date(2026, 3, 2)), Forbidden),
        (who("nominator@unit:AG"), DESK, PlacedPaper(REPORT, 2, date(2026, 3, 2), is_a_scan=True), Conflict),
        (who("head@unit:TOP"), CLOSED, PlacedPaper(MINUTES, 2, date(2026, 3, 2)), Conflict),
        (
            who("appraiser@council:TOP"),
            replace(AT_COUNCIL, decided_on=date(2026, 3, 2)),
            PlacedPaper(MINUTES, 2, date(2026, 3, 2)),
            Conflict,
        ),
        (
            who("appraiser@council:TOP"),
            replace(AT_COUNCIL, decided_on=date(2026, 3, 2)),
            PlacedPaper(MINUTES, 2, date(2026, 3, 3)),
            None,
        ),
    ],
)
def test_who_may_take_a_paper_away(
    actor: Actor, desk: PaperPlace, paper: PlacedPaper, refusal: type | None
) -> None:
    found = refuse_removal(actor, desk, paper)
    assert (found and type(found)) is refusal
