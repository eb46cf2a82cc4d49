"""The rules of awards as a definition writes them: what each asks, where it stands, how that is known."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from workflow.domain.route.definition import Label


class RuleKind(StrEnum):
    """What a rule asks of somebody, or of a collective."""

    GRADE_AT_LEAST = "grade_at_least"
    RECRUITED_FOR = "recruited_for"
    ABSENT_LESS_THAN = "absent_less_than"
    NO_DISCIPLINE_FROM = "no_discipline_from"
    AWARDED = "awarded"
    INITIATIVE_AT_LEAST = "initiative_at_least"
    EXCELLENT_WITH_INITIATIVES = "excellent_with_initiatives"
    ANY_OF = "any_of"
    MEMBERS_AWARDED = "members_awarded"
    MEMBER_AWARDED = "member_awarded"
    NO_MEMBER_DISCIPLINED_FROM = "no_member_disciplined_from"


class HowKnown(StrEnum):
    """How it is known that a rule says so: read in it, in another text, concluded, or remembered."""

    SEEN = "S"
    SECOND_HAND = "S2"
    INFERRED = "I"
    MEMORY = "M"


class Rounding(StrEnum):
    """What is known of a share between two whole numbers: nothing, or that there may always be one."""

    UNKNOWN = "unknown"
    AT_LEAST_ONE = "at_least_one"


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that an award asks, with the figures that its kind needs; `last` counts from the year."""

    kind: RuleKind
    source: Label
    confidence: HowKnown
    regimes: frozenset[str] = frozenset()
    value: str = ""
    award: str = ""
    months: int = 0
    known_to: int = 0
    years: int = 1
    last: int = 0
    initiatives: int = 0
    percent: int = 0
    alternatives: tuple["Rule", ...] = ()

    def holds_under(self, regime: str) -> bool:
        """Return whether the rule belongs to a regime; one that names none belongs to each."""
        return not self.regimes or regime in self.regimes


@dataclass(frozen=True, slots=True)
class Cap:
    """How many may be given at most, as a share of another award; a limit and never a target."""

    percent: int
    of: str
    rounding: Rounding
    source: Label
    confidence: HowKnown


@dataclass(frozen=True, slots=True)
class Regime:
    """A set of legal texts by its code, from a first day to a last."""

    code: str
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class AwardRules:
    """What one award asks."""

    award: str
    rules: tuple[Rule, ...]
    cap: Cap | None


@dataclass(frozen=True, slots=True)
class RuleBook:
    """The rules of every award that has any, in the order of the definition, and the regimes."""

    awards: tuple[AwardRules, ...]
    regimes: tuple[Regime, ...]

    def of(self, award: str) -> AwardRules | None:
        """Return what an award asks, None for one that is not in the definition."""
        return next((one for one in self.awards if one.award == award), None)

    def regime_of(self, day: date) -> str:
        """Return the regime of a day, the newest for one after all of them."""
        fitting = [one.code for one in self.regimes if one.first <= day <= one.last]
        return fitting[-1] if fitting else self.regimes[-1].code


def read_rules(content: Mapping[str, Any]) -> RuleBook:
    """Return the rules that a definition's content writes; a word it cannot know is an error of ours."""
    regimes = tuple(Regime(one["code"], one["from"], one["to"]) for one in content["regimes"])
    awards = tuple(
        AwardRules(one["award"], _rules(one["rules"]), _cap(one.get("cap"))) for one in content["awards"]
    )
    return RuleBook(awards, regimes)


def _rules(found: Sequence[Mapping[str, Any]]) -> tuple[Rule, ...]:
    return tuple(_rule(one) for one in found)


def _rule(written: Mapping[str, Any]) -> Rule:
    rest = {
        name: value
        for name, value in written.items()
        if name not in {"rule", "source", "conf", "regimes", "any_of"}
    }
    return Rule(
        kind=RuleKind(written["rule"]),
        source=Label(**written["source"]),
        confidence=HowKnown(written["conf"]),
        regimes=frozenset(written.get("regimes", ())),
        alternatives=_rules(written.get("any_of", ())),
        **rest,
    )


def _cap(written: Mapping[str, Any] | None) -> Cap | None:
    if written is None:
        return None
    return Cap(
        written["percent"],
        written["of"],
        Rounding(written["rounding"]),
        Label(**written["source"]),
        HowKnown(written["conf"]),
    )
