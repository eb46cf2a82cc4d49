"""What the rules of an award make of what is known: passed, failed or unknown, and by which fact.

What is not known never counts against anybody. That somebody has not a title of a year counts only where
the list of that award and year is known: without the list it may simply not have been brought in.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from workflow.domain.eligibility.facts import Discipline, Fact, FactKind, Grade, InitiativeReach
from workflow.domain.eligibility.rules import Cap, Rounding, Rule, RuleKind

_WHOLE: Final = 100
_MONTHS: Final = 12


class RuleVerdict(StrEnum):
    """What a rule comes to."""

    PASSED = "passed"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class GivenIn:
    """An award that was given in a year."""

    award: str
    year: int


@dataclass(frozen=True, slots=True)
class MissingFact:
    """A fact that nobody said yet, and that would decide."""

    kind: FactKind
    year: int


@dataclass(frozen=True, slots=True)
class Known:
    """All that is known of somebody for one year. `lists` are the awards and years whose lists are known.

    `under_way` are the awards of which a nomination of the year is not decided yet.
    """

    year: int
    until: date
    facts: tuple[Fact, ...] = ()
    given: frozenset[GivenIn] = frozenset()
    under_way: frozenset[str] = frozenset()
    lists: frozenset[GivenIn] = frozenset()
    group: "Group | None" = None

    def of(self, kind: FactKind, *years: int) -> tuple[Fact, ...]:
        """Return what is said of a kind in these years, of any year where none is named."""
        return tuple(one for one in self.facts if one.kind is kind and (not years or one.year in years))


@dataclass(frozen=True, slots=True)
class Group:
    """What is known of the members of a collective in one year.

    `awarded` counts members by award, `proposed` those whose nomination is not decided yet. `clear` counts
    the members of whom it is said how they were disciplined; `worst` the heaviest form of any of them.
    """

    members: int
    awarded: Mapping[str, int] = field(default_factory=dict)
    proposed: Mapping[str, int] = field(default_factory=dict)
    clear: int = 0
    worst: Discipline = Discipline.NONE


@dataclass(frozen=True, slots=True)
class RuleFinding:
    """What one rule comes to: the facts and awards it rests on, what is missing, and what it counted."""

    rule: Rule
    verdict: RuleVerdict
    facts: tuple[Fact, ...] = ()
    given: tuple[GivenIn, ...] = ()
    missing: tuple[MissingFact, ...] = ()
    count: int | None = None
    of: int | None = None
    alternatives: tuple["RuleFinding", ...] = ()


@dataclass(frozen=True, slots=True)
class CapFinding:
    """How many of an award stand against how many of the other, and the most there may be for sure."""

    cap: Cap
    verdict: RuleVerdict
    count: int
    of: int
    most: int


def evaluate(rules: Iterable[Rule], known: Known, *, regime: str) -> tuple[RuleFinding, ...]:
    """Return what each rule of a regime comes to."""
    return tuple(_find(rule, known, regime) for rule in rules if rule.holds_under(regime))


def together(found: Iterable[RuleFinding]) -> RuleVerdict:
    """Return what rules come to that all have to be met: one that fails decides, then one that is unknown."""
    return _first_of(found, RuleVerdict.FAILED, RuleVerdict.UNKNOWN, RuleVerdict.PASSED)


def weigh_cap(cap: Cap, *, count: int, of: int) -> CapFinding:
    """Return whether so many are within the share; between two whole numbers it may be unknown."""
    down, up = of * cap.percent // _WHOLE, -(-of * cap.percent // _WHOLE)
    if cap.rounding is Rounding.AT_LEAST_ONE:
        down, up = max(down, 1), max(up, 1)
    verdict = (
        RuleVerdict.PASSED if count <= down else RuleVerdict.FAILED if count > up else RuleVerdict.UNKNOWN
    )
    return CapFinding(cap, verdict, count, of, down)


def _find(rule: Rule, known: Known, regime: str) -> RuleFinding:
    if rule.kind is RuleKind.ANY_OF:
        return _any_of(rule, known, regime)
    return _KINDS[rule.kind](rule, known)


def _any_of(rule: Rule, known: Known, regime: str) -> RuleFinding:
    found = evaluate(rule.alternatives, known, regime=regime)
    verdict = _first_of(found, RuleVerdict.PASSED, RuleVerdict.UNKNOWN, RuleVerdict.FAILED)
    missing = () if verdict is RuleVerdict.PASSED else tuple(gap for one in found for gap in one.missing)
    return RuleFinding(rule, verdict, missing=tuple(dict.fromkeys(missing)), alternatives=found)


def _first_of(found: Iterable[RuleFinding], *order: RuleVerdict) -> RuleVerdict:
    verdicts = {one.verdict for one in found}
    return next((one for one in order if one in verdicts), order[-1])


def _grade(rule: Rule, known: Known) -> RuleFinding:
    facts = known.of(FactKind.GRADE, known.year)
    if not facts:
        return _unsaid(rule, FactKind.GRADE, known.year)
    order = list(Grade)
    is_met = order.index(Grade(facts[0].value)) <= order.index(Grade(rule.value))
    return RuleFinding(rule, _verdict(is_met=is_met), facts)


def _recruited(rule: Rule, known: Known) -> RuleFinding:
    facts = known.of(FactKind.RECRUITED)
    if not facts or facts[0].from_on is None:
        return _unsaid(rule, FactKind.RECRUITED, known.year)
    return RuleFinding(
        rule, _verdict(is_met=_months_between(facts[0].from_on, known.until) >= rule.months), facts
    )


def _absent(rule: Rule, known: Known) -> RuleFinding:
    facts = known.of(FactKind.ABSENCE, known.year)
    if not facts or facts[0].months is None:
        return _unsaid(rule, FactKind.ABSENCE, known.year)
    months = facts[0].months
    # What holds for longer was not read, so nobody says it.
    verdict = RuleVerdict.UNKNOWN if months >= rule.known_to else _verdict(is_met=months < rule.months)
    return RuleFinding(rule, verdict, facts)


def _undisciplined(rule: Rule, known: Known) -> RuleFinding:
    facts = tuple(one for one in known.of(FactKind.DISCIPLINE) if _touches(one, known.year))
    if not facts:
        return _unsaid(rule, FactKind.DISCIPLINE, known.year)
    heavy = tuple(one for one in facts if _weight(one.value) >= _weight(rule.value))
    return RuleFinding(rule, _verdict(is_met=not heavy), heavy or facts)


def _awarded(rule: Rule, known: Known) -> RuleFinding:
    last = known.year + rule.last
    wanted = [GivenIn(rule.award, year) for year in range(last - rule.years + 1, last + 1)]
    had = tuple(one for one in wanted if one in known.given)
    lacking = [one for one in wanted if one not in known.given]
    told = [one for one in lacking if one in known.lists and not _is_under_way(one, known)]
    verdict = RuleVerdict.FAILED if told else RuleVerdict.UNKNOWN if lacking else RuleVerdict.PASSED
    return RuleFinding(rule, verdict, given=had, count=len(had), of=rule.years)


def _initiative(rule: Rule, known: Known) -> RuleFinding:
    facts = known.of(FactKind.INITIATIVE, known.year)
    if not facts:
        return _unsaid(rule, FactKind.INITIATIVE, known.year)
    order = list(InitiativeReach)
    fitting = tuple(
        one
        for one in facts
        if order.index(InitiativeReach(one.value)) >= order.index(InitiativeReach(rule.value))
    )
    return RuleFinding(rule, _verdict(is_met=bool(fitting)), fitting or facts)


def _excellent(rule: Rule, known: Known) -> RuleFinding:
    last = known.year + rule.last
    years = range(last - rule.years + 1, last + 1)
    grades, initiatives = known.of(FactKind.GRADE, *years), known.of(FactKind.INITIATIVE, *years)
    recognised = tuple(one for one in initiatives if one.value != InitiativeReach.NONE)
    facts = (*grades, *recognised)
    if any(one.value != Grade.EXCELLENT for one in grades):
        return RuleFinding(rule, RuleVerdict.FAILED, facts)
    graded, told = {one.year for one in grades}, {one.year for one in initiatives}
    missing = [MissingFact(FactKind.GRADE, year) for year in years if year not in graded]
    if len(recognised) < rule.initiatives:
        silent = [MissingFact(FactKind.INITIATIVE, year) for year in years if year not in told]
        if not silent:
            return RuleFinding(rule, RuleVerdict.FAILED, facts)
        missing += silent
    return RuleFinding(
        rule, RuleVerdict.UNKNOWN if missing else RuleVerdict.PASSED, facts, missing=tuple(missing)
    )


def _members(rule: Rule, known: Known) -> RuleFinding:
    group = known.group
    if group is None or not group.members:
        return RuleFinding(rule, RuleVerdict.UNKNOWN)
    count, proposed = group.awarded.get(rule.award, 0), group.proposed.get(rule.award, 0)
    enough = rule.percent * group.members
    verdict = (
        RuleVerdict.PASSED
        if count * _WHOLE >= enough
        else RuleVerdict.UNKNOWN
        if (count + proposed) * _WHOLE >= enough or GivenIn(rule.award, known.year) not in known.lists
        else RuleVerdict.FAILED
    )
    return RuleFinding(rule, verdict, count=count, of=group.members)


def _member(rule: Rule, known: Known) -> RuleFinding:
    group = known.group
    if group is None:
        return RuleFinding(rule, RuleVerdict.UNKNOWN)
    count, proposed = group.awarded.get(rule.award, 0), group.proposed.get(rule.award, 0)
    is_open = proposed or GivenIn(rule.award, known.year) not in known.lists
    verdict = RuleVerdict.PASSED if count else RuleVerdict.UNKNOWN if is_open else RuleVerdict.FAILED
    return RuleFinding(rule, verdict, count=count, of=group.members)


def _undisciplined_members(rule: Rule, known: Known) -> RuleFinding:
    group = known.group
    if group is None:
        return RuleFinding(rule, RuleVerdict.UNKNOWN)
    if _weight(group.worst) >= _weight(rule.value):
        verdict = RuleVerdict.FAILED
    else:
        verdict = RuleVerdict.PASSED if group.clear == group.members else RuleVerdict.UNKNOWN
    return RuleFinding(rule, verdict, count=group.clear, of=group.members)


def _unsaid(rule: Rule, kind: FactKind, year: int) -> RuleFinding:
    return RuleFinding(rule, RuleVerdict.UNKNOWN, missing=(MissingFact(kind, year),))


def _is_under_way(one: GivenIn, known: Known) -> bool:
    return one.year == known.year and one.award in known.under_way


def _touches(fact: Fact, year: int) -> bool:
    """Return whether discipline was said of a year, or lasted into it."""
    first = fact.from_on.year if fact.from_on else fact.year
    last = fact.until_on.year if fact.until_on else first
    return fact.year == year or first <= year <= last


def _weight(form: str) -> int:
    return list(Discipline).index(Discipline(form))


def _months_between(first: date, last: date) -> int:
    """Return how many whole months the days from a first to a last make, both counted."""
    end = last + timedelta(days=1)
    return (end.year - first.year) * _MONTHS + end.month - first.month - (end.day < first.day)


def _verdict(*, is_met: bool) -> RuleVerdict:
    return RuleVerdict.PASSED if is_met else RuleVerdict.FAILED


_KINDS: Final[Mapping[RuleKind, Callable[[Rule, Known], RuleFinding]]] = {
    RuleKind.GRADE_AT_LEAST: _grade,
    RuleKind.RECRUITED_FOR: _recruited,
    RuleKind.ABSENT_LESS_THAN: _absent,
    RuleKind.NO_DISCIPLINE_FROM: _undisciplined,
    RuleKind.AWARDED: _awarded,
    RuleKind.INITIATIVE_AT_LEAST: _initiative,
    RuleKind.EXCELLENT_WITH_INITIATIVES: _excellent,
    RuleKind.MEMBERS_AWARDED: _members,
    RuleKind.MEMBER_AWARDED: _member,
    RuleKind.NO_MEMBER_DISCIPLINED_FROM: _undisciplined_members,
}
