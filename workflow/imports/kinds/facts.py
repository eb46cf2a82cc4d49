"""What is known of people by year out of a file: a row may say several things, an empty cell says nothing."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow.domain.eligibility.facts import (
    MOST_MONTHS,
    YEARS,
    Discipline,
    Fact,
    FactKind,
    FactSource,
    Grade,
    InitiativeReach,
    checked,
    displaces,
)
from workflow.domain.errors import InvalidField
from workflow.imports.kinds.persons import KnownPerson, load_persons
from workflow.imports.kinds.units import load_units
from workflow.imports.ledger import Write, added, batched, changed, new_ids
from workflow.imports.plan import ImportPlan
from workflow.imports.reading.bad_cells import BadCells
from workflow.imports.reading.cells import Cells
from workflow.store.base import among
from workflow.store.facts import fact_of, fact_values
from workflow.store.organisation import Person
from workflow.store.records import FactQuestion, PersonFact

_GRADES: Final = {
    **{str(one): one for one in Grade},
    "hoàn thành xuất sắc nhiệm vụ": Grade.EXCELLENT,
    "xuất sắc": Grade.EXCELLENT,
    "hoàn thành tốt nhiệm vụ": Grade.GOOD,
    "tốt": Grade.GOOD,
    "hoàn thành nhiệm vụ": Grade.COMPLETE,
    "không hoàn thành nhiệm vụ": Grade.INCOMPLETE,
}
_DISCIPLINE: Final = {
    **{str(one): one for one in Discipline},
    "không": Discipline.NONE,
    "khiển trách": Discipline.REPRIMAND,
    "cảnh cáo": Discipline.WARNING,
    "hạ bậc lương": Discipline.PAY_CUT,
    "giáng chức": Discipline.DEMOTION,
    "cách chức": Discipline.REMOVAL,
    "buộc thôi việc": Discipline.DISMISSAL,
}
_REACH: Final = {
    **{str(one): one for one in InitiativeReach},
    "không": InitiativeReach.NONE,
    "cơ sở": InitiativeReach.BASE,
    "ngành": InitiativeReach.SECTOR,
    "toàn quốc": InitiativeReach.NATIONAL,
}
# The columns in which the fields of a fact of each kind stand.
_COLUMNS: Final[Mapping[FactKind, Mapping[str, str]]] = {
    FactKind.GRADE: {"value": "grade"},
    FactKind.RECRUITED: {"from_on": "recruited_on"},
    FactKind.ABSENCE: {"months": "months_absent"},
    FactKind.DISCIPLINE: {
        "value": "discipline",
        "number": "discipline_number",
        "from_on": "discipline_from",
        "until_on": "discipline_until",
    },
    FactKind.INITIATIVE: {
        "value": "initiative",
        "number": "initiative_number",
        "from_on": "initiative_on",
    },
}


@dataclass(frozen=True, slots=True)
class SaidBy:
    """Who says what a file holds, when, and which day that is."""

    account_id: int | None
    now: datetime
    today: date


@dataclass(frozen=True, slots=True)
class _Standing:
    """A fact that stands, by its row."""

    row_id: int
    fact: Fact


def plan_facts(session: Session, rows: Sequence[Cells], problems: BadCells, *, said: SaidBy) -> ImportPlan:
    """Return what the rows say that is not known yet; what they contradict is replaced, not changed."""
    units, persons = load_units(session), load_persons(session, rows)
    told: dict[int, list[Fact]] = defaultdict(list)
    people: dict[int, KnownPerson] = {}
    lines: dict[tuple[int, FactKind, str], int] = {}
    for cells in rows:
        before = len(problems.found)
        born_on, unit = cells.day("born_on"), units.find(cells, "unit")
        person = persons.find(cells, unit_id=unit.unit_id if unit else None, born_on=born_on)
        if person is None:
            if len(problems.found) == before:
                cells.bad("name" if cells.raw("name") else "person", "nobody is known by this name")
            continue
        people[person.id] = person
        for fact in _read(cells, said.today):
            first = lines.setdefault((person.id, fact.kind, fact.slot), cells.line)
            if first != cells.line:
                column = next(iter(_COLUMNS[fact.kind].values()))
                cells.bad(column, f"is there twice; the first is in line {first}")
                continue
            told[person.id].append(fact)
    problems.demand_none()
    return _plan(session, told, people, said)


def _read(cells: Cells, today: date) -> Iterator[Fact]:
    """Yield what a row says, each thing once it can be taken."""
    found = len(cells.problems.found)
    year = cells.whole("year", least=YEARS.start, most=YEARS.stop - 1)
    recruited = cells.day("recruited_on")
    months = cells.whole("months_absent", least=0, most=MOST_MONTHS)
    grade = cells.choice("grade", _GRADES)
    facts = [
        Fact(FactKind.RECRUITED, 0, from_on=recruited) if recruited else None,
        Fact(FactKind.GRADE, year or 0, str(grade)) if grade else None,
        Fact(FactKind.ABSENCE, year or 0, months=months) if months is not None else None,
        _paper(cells, FactKind.DISCIPLINE, cells.choice("discipline", _DISCIPLINE), year or 0),
        _paper(cells, FactKind.INITIATIVE, cells.choice("initiative", _REACH), year or 0),
    ]
    if len(cells.problems.found) > found:
        return
    if year is None and any(one is not None and one.kind is not FactKind.RECRUITED for one in facts):
        cells.bad("year", "is required")
        return
    for fact in facts:
        if fact is None:
            continue
        try:
            yield checked(fact, today=today)
        except InvalidField as refused:
            error = refused.errors[0]
            cells.bad(_COLUMNS[fact.kind].get(error.field, "year"), error.message)


def _paper(cells: Cells, kind: FactKind, value: str | None, year: int) -> Fact | None:
    columns = _COLUMNS[kind]
    number, from_on = cells.text(columns["number"]), cells.day(columns["from_on"])
    until_on = cells.day(columns["until_on"]) if "until_on" in columns else None
    if value is None and (number or from_on or until_on) and not cells.raw(columns["value"]):
        cells.bad(columns["value"], "is required")
    return Fact(kind, year, str(value), None, number, from_on, until_on) if value else None


def _plan(
    session: Session, told: Mapping[int, Sequence[Fact]], people: Mapping[int, KnownPerson], said: SaidBy
) -> ImportPlan:
    plan = ImportPlan()
    _hold(session, told)
    standing = _load_standing(session, told)
    fresh: list[Mapping[str, Any]] = []
    for person_id, facts in told.items():
        person = people[person_id]
        for fact in facts:
            was = [one for one in standing[person_id] if displaces(fact, one.fact)]
            if [one.fact for one in was] == [fact]:
                plan.unchanged_count += 1
                continue
            label = f"{person.code} {person.name}: {fact.kind} {fact.year}"
            if was:
                plan.note_change(label, _differences(was[0].fact, fact))
            else:
                plan.new.append(label)
            for one in was:
                ended = changed(
                    "person_fact", {"id": one.row_id}, {"replaced_at": None}, {"replaced_at": said.now}
                )
                plan.writes += [ended] if ended else []
            fresh.append(
                fact_values(person_id, fact, FactSource.IMPORT, said_by=said.account_id, now=said.now)
            )
    plan.writes += _answered(session, told, said)
    ids = new_ids(session, "person_fact", len(fresh))
    plan.writes += [added("person_fact", {"id": one, **row}) for one, row in zip(ids, fresh, strict=True)]
    return plan


def _differences(was: Fact, then: Fact) -> dict[str, tuple[object, object]]:
    """Return what a fact said and says now, by the columns of its kind."""
    before, after = asdict(was), asdict(then)
    return {column: (before[name], after[name]) for name, column in _COLUMNS[then.kind].items()}


def _hold(session: Session, person_ids: Iterable[int]) -> None:
    """Lock the people in order: who says or asks something of one of them meanwhile waits for the file."""
    for part in batched(sorted(person_ids)):
        held = select(Person.id).where(among(Person.id, part)).order_by(Person.id)
        session.execute(held.with_for_update(key_share=True))


def _load_standing(session: Session, person_ids: Iterable[int]) -> dict[int, list[_Standing]]:
    found: dict[int, list[_Standing]] = defaultdict(list)
    for part in batched(sorted(person_ids)):
        rows = session.scalars(
            select(PersonFact).where(among(PersonFact.person_id, part), PersonFact.replaced_at.is_(None))
        )
        for row in rows:
            found[row.person_id].append(_Standing(row.id, fact_of(row)))
    return found


def _answered(session: Session, told: Mapping[int, Sequence[Fact]], said: SaidBy) -> list[Write]:
    """Return what closes the open questions that the file answers."""
    open_ones: list[FactQuestion] = []
    for part in batched(sorted(told)):
        open_ones += session.scalars(
            select(FactQuestion).where(
                among(FactQuestion.person_id, part), FactQuestion.answered_at.is_(None)
            )
        )
    closing = [
        changed("fact_question", {"id": one.id}, {"answered_at": None}, {"answered_at": said.now})
        for one in open_ones
        for fact in told[one.person_id]
        if fact.kind == one.kind and (fact.kind is FactKind.RECRUITED or fact.year == one.year)
    ]
    return [one for one in closing if one is not None]
