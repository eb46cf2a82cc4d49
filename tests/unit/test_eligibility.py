"""The rules of six awards held to a plain second reckoning: what is unknown counts against nobody."""

from datetime import date, timedelta
from itertools import product

import pytest

from workflow.domain.eligibility.evaluate import (
    GivenIn,
    Group,
    Known,
    MissingFact,
    RuleVerdict,
    evaluate,
    weigh_cap,
)
from workflow.domain.eligibility.facts import Discipline, Fact, FactKind, Grade, InitiativeReach
from workflow.domain.eligibility.rules import Cap, HowKnown, Rounding
from workflow.store.catalogue import shipped_awards
from workflow.store.eligibility import shipped_rules

BOOK = shipped_rules()
NOW = "R2022_152"
YEAR, END = 2026, date(2026, 12, 31)
P, F, U = RuleVerdict.PASSED, RuleVerdict.FAILED, RuleVerdict.UNKNOWN


def verdicts(award: str, known: Known, regime: str = NOW) -> list[RuleVerdict]:
    rules = BOOK.of(award)
    assert rules is not None
    return [one.verdict for one in evaluate(rules.rules, known, regime=regime)]


def known(
    *facts: Fact,
    given: tuple[tuple[str, int], ...] = (),
    lists: tuple[tuple[str, int], ...] = (),
    under_way: frozenset[str] = frozenset(),
    group: Group | None = None,
) -> Known:
    return Known(
        YEAR,
        END,
        facts,
        frozenset(GivenIn(*one) for one in given),
        under_way,
        frozenset(GivenIn(*one) for one in lists),
        group,
    )


def whole_months(first: date, last: date) -> int:
    """Count months day by day: how often the day of the month came round, the day after the last counted."""
    count, day = 0, first
    while day < last + timedelta(days=1):
        day += timedelta(days=1)
        count += day.day == first.day
    return count


GRADES = [None, *Grade]
MONTHS = [None, 0, 2, 3, 5, 6, 12]
FORMS = [None, *Discipline]
RECRUITED = [None, date(2020, 5, 5), date(2026, 6, 1), date(2026, 7, 1), date(2026, 7, 2), date(2026, 3, 15)]


@pytest.mark.parametrize("regime", ["R2003", "R2022_98_TT01", "R2022_98", "R2022_152"])
def test_an_advanced_worker_is_reckoned_as_a_plain_table_says(regime: str) -> None:
    needed = 6 if regime in {"R2022_98", "R2022_152"} else 10
    for grade, months, form, since in product(GRADES, MONTHS, FORMS, RECRUITED):
        facts = [
            Fact(FactKind.GRADE, YEAR, str(grade)) if grade else None,
            Fact(FactKind.ABSENCE, YEAR, months=months) if months is not None else None,
            Fact(FactKind.DISCIPLINE, YEAR, str(form)) if form else None,
            Fact(FactKind.RECRUITED, since.year, from_on=since) if since else None,
        ]
        meant = [
            U if grade is None else P if grade in {"excellent", "good"} else F,
            U if since is None else P if whole_months(since, END) >= needed else F,
            U if months is None or months >= 6 else P if months < 3 else F,
            U if form is None else P if form == "none" else F,
        ]
        told = known(*(one for one in facts if one is not None))
        assert verdicts("LDTT", told, regime) == meant, (grade, months, form, since)


def test_what_is_missing_is_named_by_kind_and_year() -> None:
    rules = BOOK.of("LDTT")
    assert rules is not None
    found = evaluate(rules.rules, known(), regime=NOW)
    assert [one.missing for one in found] == [
        (MissingFact(kind, YEAR),)
        for kind in (FactKind.GRADE, FactKind.RECRUITED, FactKind.ABSENCE, FactKind.DISCIPLINE)
    ]


def test_titles_in_a_row_are_those_just_before_and_a_missing_list_is_no_refusal() -> None:
    years = (2023, 2024, 2025)
    for had in product([False, True], repeat=3):
        given = tuple(("CSTDCS", year) for year, has in zip(years, had, strict=True) if has)
        for told in product([False, True], repeat=3):
            lists = tuple(("CSTDCS", year) for year, is_known in zip(years, told, strict=True) if is_known)
            lacking = [year for year, has in zip(years, had, strict=True) if not has]
            meant = P if not lacking else F if any(("CSTDCS", year) in lists for year in lacking) else U
            assert verdicts("CSTD_NGANH", known(given=given, lists=lists))[0] is meant
    # A title of this very year does not close a gap before it.
    assert (
        verdicts(
            "CSTD_NGANH",
            known(given=(("CSTDCS", 2024), ("CSTDCS", 2025), ("CSTDCS", 2026)), lists=(("CSTDCS", 2023),)),
        )[0]
        is F
    )


def test_a_soldier_of_the_base_has_the_title_or_the_grade_and_an_initiative() -> None:
    excellent, good = (Fact(FactKind.GRADE, YEAR, grade) for grade in ("excellent", "good"))
    base, none = (Fact(FactKind.INITIATIVE, YEAR, reach) for reach in ("base", "none"))
    assert verdicts("CSTDCS", known(excellent, base)) == [P, P]
    assert verdicts("CSTDCS", known(good, none, given=(("LDTT", YEAR),))) == [P, F]
    assert verdicts("CSTDCS", known(good, lists=(("LDTT", YEAR),))) == [F, U]
    assert verdicts("CSTDCS", known(good, lists=(("LDTT", YEAR),), under_way=frozenset({"LDTT"}))) == [U, U]
    # Under the decree of 2017 the grade alone opened nothing.
    assert verdicts("CSTDCS", known(excellent, base, lists=(("LDTT", YEAR),)), "R2003") == [F, P]


def test_initiatives_count_by_their_reach() -> None:
    order = list(InitiativeReach)
    for reach, asked in product(InitiativeReach, (("CSTDCS", "base"), ("CSTD_NGANH", "sector"))):
        award, least = asked
        found = verdicts(award, known(Fact(FactKind.INITIATIVE, YEAR, str(reach))))[1]
        assert found is (P if order.index(reach) >= order.index(InitiativeReach(least)) else F)


def test_a_certificate_asks_for_two_titles_or_two_excellent_years_with_two_initiatives() -> None:
    years = [Fact(FactKind.GRADE, year, "excellent") for year in (2024, 2025)]
    two = [Fact(FactKind.INITIATIVE, year, "base", number=str(year)) for year in (2024, 2025)]
    lists = (("CSTDCS", 2024), ("CSTDCS", 2025))
    assert verdicts("BK_VKSTC", known(given=lists)) == [P]
    assert verdicts("BK_VKSTC", known(*years, *two, lists=lists)) == [P]
    assert verdicts("BK_VKSTC", known(*years, two[0], lists=lists)) == [U]
    assert verdicts(
        "BK_VKSTC", known(*years, two[0], Fact(FactKind.INITIATIVE, 2025, "none"), lists=lists)
    ) == [F]
    assert verdicts("BK_VKSTC", known(years[0], Fact(FactKind.GRADE, 2025, "good"), lists=lists)) == [F]


def test_a_lasting_discipline_counts_in_each_year_it_touches() -> None:
    lasting = Fact(
        FactKind.DISCIPLINE, 2025, "warning", from_on=date(2025, 11, 1), until_on=date(2026, 10, 31)
    )
    over = Fact(FactKind.DISCIPLINE, 2024, "warning", from_on=date(2024, 11, 1), until_on=date(2025, 10, 31))
    assert verdicts("LDTT", known(lasting))[3] is F
    assert verdicts("LDTT", known(over))[3] is U


def test_a_collective_is_reckoned_by_its_members() -> None:
    for members, had, proposed in product(range(11), range(11), range(3)):
        if had + proposed > members:
            continue
        group = Group(members, {"LDTT": had}, {"LDTT": proposed}, clear=members)
        for lists in ((), (("LDTT", YEAR),)):
            found = verdicts("TTLDTT", known(group=group, lists=lists))
            share = had / members if members else 0
            with_proposed = (had + proposed) / members if members else 0
            meant = U if not members else P if share >= 0.5 else U if not lists or with_proposed >= 0.5 else F
            assert found[0] is meant, (members, had, proposed, lists)
    heavy = Group(4, clear=2, worst=Discipline.WARNING)
    light = Group(4, clear=4, worst=Discipline.REPRIMAND)
    assert [verdicts("TTLDTT", known(group=one))[1] for one in (heavy, light, Group(4, clear=3))] == [F, P, U]
    with_one = Group(3, {"CSTDCS": 1}, clear=3)
    assert [
        verdicts("TTLDXS", known(group=one, lists=(("CSTDCS", YEAR),)))[1] for one in (with_one, Group(3))
    ] == [P, F]


def test_shares_are_limits_and_a_rounding_nobody_read_stays_unknown() -> None:
    fifteen, twenty = (BOOK.of(award).cap for award in ("CSTDCS", "TTLDXS"))
    assert fifteen is not None
    assert twenty is not None
    for of, count in product(range(60), range(12)):
        exact = of * 0.15
        meant = P if count <= int(exact + 1e-9) else F if count > exact + 1 - 1e-9 else U
        if abs(exact - round(exact)) < 1e-9:
            meant = P if count <= round(exact) else F
        assert weigh_cap(fifteen, count=count, of=of).verdict is meant, (count, of)
        between = U if of % 5 and count == of // 5 + 1 else F
        meant = P if count <= max(of // 5, 1) else between
        assert weigh_cap(twenty, count=count, of=of).verdict is meant, (count, of)
    assert Cap(15, "LDTT", Rounding.UNKNOWN, fifteen.source, HowKnown.SEEN).percent == fifteen.percent


def test_every_rule_says_where_it_stands_and_names_awards_that_ship() -> None:
    # An installation brings in the certificate itself: no edition of it ships.
    codes = {award.code for award in shipped_awards()} | {"BK_VKSTC"}
    regimes = {award.regime for award in shipped_awards()}
    for one in BOOK.awards:
        named = {rule.award for rule in one.rules if rule.award} | ({one.cap.of} if one.cap else set())
        assert {one.award, *named} <= codes
        for rule in (*one.rules, *(other for each in one.rules for other in each.alternatives)):
            assert rule.source
            assert rule.regimes <= regimes
    assert BOOK.regime_of(date(2026, 11, 27)) == "R2022_152"
    assert BOOK.regime_of(date(2023, 5, 1)) == "R2003"
    assert BOOK.regime_of(date(2030, 5, 1)) == "R2022_152"
