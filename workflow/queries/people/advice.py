"""What the rules of awards come to for somebody, or for a collective: advice, which bars nobody."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import or_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from workflow.domain.eligibility.evaluate import (
    CapFinding,
    GivenIn,
    Known,
    MissingFact,
    RuleFinding,
    RuleVerdict,
    evaluate,
    together,
    weigh_cap,
)
from workflow.domain.eligibility.facts import Fact
from workflow.domain.eligibility.rules import AwardRules, HowKnown, Rule, RuleKind
from workflow.domain.rights.policy import Actor
from workflow.domain.vocabulary import SubjectKind
from workflow.queries.shapes import Titled, Words, not_among_those, words_of
from workflow.store.awards import Award, AwardEdition, Round
from workflow.store.base import among
from workflow.store.database import local_day, undo_window
from workflow.store.eligibility import (
    AskedYear,
    counts_of_award,
    known_of_person,
    known_of_unit,
    shipped_rules,
)
from workflow.store.nominations import Nomination
from workflow.store.organisation import Person
from workflow.store.people_seen import in_sight
from workflow.store.visible import visible


@dataclass(frozen=True, slots=True)
class CheckView:
    """One rule: what it asks, where it stands (`source`), how that is known, what it comes to and why.

    `confidence` is S read in the rule, S2 read in a secondary text, I inferred, M remembered and unverified.
    """

    rule: RuleKind
    verdict: RuleVerdict
    source: Words
    confidence: HowKnown
    value: str
    award: Titled | None
    months: int
    years: int
    percent: int
    initiatives: int
    facts: tuple[Fact, ...]
    given: tuple[GivenIn, ...]
    missing: tuple[MissingFact, ...]
    count: int | None
    of: int | None


@dataclass(frozen=True, slots=True)
class RuleView:
    """A rule as `CheckView` tells it; one that asks for one of several has them as `alternatives`."""

    check: CheckView
    alternatives: tuple[CheckView, ...]


@dataclass(frozen=True, slots=True)
class CapView:
    """How many of an award stand in a round before one who decides, of the most there may be.

    `most` is what is within the share for sure; where how it is rounded is unknown, one more may be too.
    """

    verdict: RuleVerdict
    source: Words
    confidence: HowKnown
    percent: int
    base: Titled
    count: int
    of: int
    most: int


@dataclass(frozen=True, slots=True)
class AdviceView:
    """What the rules of one award come to for a year, by the legal texts of a regime."""

    award: Titled
    year: int
    regime: str
    verdict: RuleVerdict
    rules: tuple[RuleView, ...]
    cap: CapView | None


@dataclass(frozen=True, slots=True)
class NominationAdvice:
    """Advice on one nomination, null where its award has no rules; `person` is the code of an individual.

    The nominee is not told how many others stand (`cap`).
    """

    subject: str
    person: str | None
    advice: AdviceView | None


def nomination_advice(
    session: Session, *, actor: Actor, nomination_id: int, now: datetime
) -> NominationAdvice:
    """Return the advice on a nomination to who may name it and read its nominee's record; else `NotFound`."""
    row = session.execute(
        select(Nomination.subject_name, Nomination.person_id, Person.code)
        .outerjoin(Person, Person.id == Nomination.person_id)
        .where(
            Nomination.id == nomination_id,
            visible(actor.scope),
            or_(Nomination.person_id.is_(None), in_sight(actor)),
        )
    ).one_or_none()
    if row is None:
        raise not_among_those(nomination_id)
    is_own = row.person_id is not None and row.person_id == actor.person_id
    told_by = now - undo_window(session) if is_own else None
    found = _of_nomination(session, nomination_id, now, told_by)
    if is_own and found is not None:
        found = replace(found, cap=None)
    return NominationAdvice(row.subject_name, row.code, found)


def advice_for_person(
    session: Session, person_id: int, *, year: int, now: datetime, told_by: datetime | None = None
) -> tuple[AdviceView, ...]:
    """Return what each award for individuals would ask of somebody (`told_by`: see `AskedYear`)."""
    book = shipped_rules()
    titles = _titles(session)
    wanted = [one for one in book.awards if titles.get(one.award, (None, ""))[1] == SubjectKind.PERSON]
    until = date(year, 12, 31)
    known = known_of_person(session, person_id, AskedYear(year, until, _named(wanted), told_by))
    regime = book.regime_of(min(until, local_day(session, now)))
    return tuple(_advice(one, known, regime, titles, None) for one in wanted)


def _of_nomination(
    session: Session, nomination_id: int, now: datetime, told_by: datetime | None
) -> AdviceView | None:
    """Return what its award asks of a nomination's subject, None for an award without rules here."""
    row = session.execute(
        select(
            Award.code,
            Round.year,
            Round.period_to,
            Nomination.round_id,
            Nomination.decider,
            Nomination.person_id,
            Nomination.unit_id,
        )
        .join(AwardEdition, AwardEdition.id == Nomination.award_edition_id)
        .join(Award, Award.id == AwardEdition.award_id)
        .join(Round, Round.id == Nomination.round_id)
        .where(Nomination.id == nomination_id)
    ).one()
    book = shipped_rules()
    rules = book.of(row.code)
    if rules is None:
        return None
    until = row.period_to or date(row.year, 12, 31)
    asked = AskedYear(row.year, until, _named([rules]), told_by)
    if row.person_id is not None:
        known = known_of_person(session, row.person_id, asked)
    else:
        known = known_of_unit(session, row.unit_id, asked)
    cap = None
    if rules.cap is not None:
        count, of = (
            counts_of_award(session, code, round_id=row.round_id, decider=row.decider)
            for code in (row.code, rules.cap.of)
        )
        cap = weigh_cap(rules.cap, count=count, of=of)
    regime = book.regime_of(min(until, local_day(session, now)))
    return _advice(rules, known, regime, _titles(session), cap)


def _named(rules: Iterable[AwardRules]) -> frozenset[str]:
    """Return the awards that rules ask for."""
    every = [rule for one in rules for rule in one.rules]
    every += [other for rule in every for other in rule.alternatives]
    return frozenset(rule.award for rule in every if rule.award)


def _titles(session: Session) -> Mapping[str, tuple[Titled, str]]:
    """Return the awards that rules name, each by its newest edition, with whom it honours."""
    book = shipped_rules()
    codes = {one.award for one in book.awards} | {one.cap.of for one in book.awards if one.cap}
    rows = session.execute(
        select(Award.code, AwardEdition.name_vi, AwardEdition.name_en, AwardEdition.subject_kind)
        .join(AwardEdition, AwardEdition.award_id == Award.id)
        .where(among(Award.code, codes | _named(book.awards)))
        .ext(distinct_on(Award.code))
        .order_by(Award.code, AwardEdition.valid_from.desc(), AwardEdition.id.desc())
    )
    return {row.code: (Titled(row.code, Words(row.name_vi, row.name_en)), row.subject_kind) for row in rows}


def _advice(
    rules: AwardRules,
    known: Known,
    regime: str,
    titles: Mapping[str, tuple[Titled, str]],
    cap: CapFinding | None,
) -> AdviceView:
    found = evaluate(rules.rules, known, regime=regime)
    views = tuple(
        RuleView(_check(one, titles), tuple(_check(other, titles) for other in one.alternatives))
        for one in found
    )
    return AdviceView(
        _title(rules.award, titles),
        known.year,
        regime,
        together(found),
        views,
        _cap(cap, titles) if cap else None,
    )


def _check(found: RuleFinding, titles: Mapping[str, tuple[Titled, str]]) -> CheckView:
    rule: Rule = found.rule
    return CheckView(
        rule.kind,
        found.verdict,
        words_of(rule.source),
        rule.confidence,
        rule.value,
        _title(rule.award, titles) if rule.award else None,
        rule.months,
        rule.years,
        rule.percent,
        rule.initiatives,
        found.facts,
        found.given,
        found.missing,
        found.count,
        found.of,
    )


def _cap(found: CapFinding, titles: Mapping[str, tuple[Titled, str]]) -> CapView:
    cap = found.cap
    return CapView(
        found.verdict,
        words_of(cap.source),
        cap.confidence,
        cap.percent,
        _title(cap.of, titles),
        found.count,
        found.of,
        found.most,
    )


def _title(code: str, titles: Mapping[str, tuple[Titled, str]]) -> Titled:
    return titles[code][0] if code in titles else Titled(code, Words(code, code))
