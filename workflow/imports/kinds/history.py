"""Awards of earlier years out of a file: whose they are, and by which decision, in which unit then.

Units come and go, so the unit then is kept as it is written. Who is nobody known is kept by name; who may be
two is a question to whoever imports. What was annulled, or listed by mistake, is taken off the list.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow.domain.names import name_search
from workflow.domain.near import did_you_mean
from workflow.domain.vocabulary import SubjectKind
from workflow.imports.kinds.persons import Persons, load_persons
from workflow.imports.kinds.units import Units, load_units
from workflow.imports.ledger import added, changed, new_ids, removed
from workflow.imports.plan import ImportPlan
from workflow.imports.reading.bad_cells import BadCells
from workflow.imports.reading.cells import Cells
from workflow.store.awards import Award, AwardEdition
from workflow.store.base import among, table_of
from workflow.store.records import PastAward

_YEARS: Final = (1900, 2200)
_MOST_NOTED: Final = 20
_REVOKED: Final = {"yes": True, "có": True, "x": True, "no": False, "không": False}
_Key = tuple[int, int, int | None, str, str]


@dataclass(frozen=True, slots=True)
class _Awards:
    """Every award by its code and its names, each folded, with whom it honours."""

    by_word: Mapping[str, frozenset[int]]
    kinds: Mapping[int, SubjectKind]
    codes: Mapping[int, str]
    words: Sequence[str]


@dataclass(frozen=True, slots=True)
class _Words:
    """How a kept row is told to whoever looks before it changes."""

    persons: Persons
    unit_codes: Mapping[int, str]

    def of(self, row: Mapping[str, Any]) -> dict[str, object]:
        """Return the fields of a row as the columns of a file name them."""
        code = self.unit_codes.get(row["unit_id"] or 0)
        return {
            "person": self.persons.code_of(row["person_id"]),
            "name": row["subject_name"],
            "unit": f"{row['unit_name']} ({code})" if code else row["unit_name"],
            "number": row["number"],
            "decided_on": row["decided_on"],
        }


def plan_history(session: Session, rows: Sequence[Cells], problems: BadCells) -> ImportPlan:
    """Return what the rows add or change: an award is one person's or collective's of one year."""
    awards, units = _load_awards(session), load_units(session)
    persons = load_persons(session, rows)
    wishes: dict[_Key, dict[str, Any]] = {}
    revoked: dict[_Key, Cells] = {}
    lines: dict[_Key, int] = {}
    for cells in rows:
        wish = _read(cells, awards, units, persons)
        if wish is None:
            continue
        key = _key(wish)
        if key in lines:
            cells.bad("award", f"is there twice for this year; the first is in line {lines[key]}")
        lines.setdefault(key, cells.line)
        wishes.setdefault(key, wish)
        if cells.choice("revoked", _REVOKED):
            revoked[key] = cells
    present = _present(session, wishes.values())
    leaves = {key: _listed(present, key, wishes[key]) for key in revoked}
    for key, row in leaves.items():
        if row is None:
            revoked[key].bad("revoked", "no such award is on the list of earlier years")
    problems.demand_none()
    unit_codes = {unit.unit_id: unit.code for unit in units.by_code.values()}
    given = {key: wish for key, wish in wishes.items() if key not in leaves}
    plan = _plan(session, given, present, awards, _Words(persons, unit_codes))
    for key, row in leaves.items():
        if row is not None:
            plan.note_change(_label(wishes[key], awards), {"revoked": (False, True)})
            plan.writes.append(removed("past_award", row))
    return plan


def _read(cells: Cells, awards: _Awards, units: Units, persons: Persons) -> dict[str, Any] | None:
    """Return the row as it is kept, None where it names nothing that can be kept."""
    found = len(cells.problems.found)
    year = cells.whole("year", least=_YEARS[0], most=_YEARS[1])
    award_id = _award(cells, awards)
    name, unit_name = cells.text("name"), cells.text("unit")
    decided_on, number = cells.day("decided_on"), cells.text("number")
    code, born_on = cells.text("person"), cells.day("born_on")
    codes = units.meant(unit_name) if unit_name else ()
    unit_id = units.by_code[codes[0]].unit_id if len(codes) == 1 else None
    if award_id is None or year is None or len(cells.problems.found) > found:
        return None
    kind, person = awards.kinds[award_id], None
    if kind is SubjectKind.PERSON:
        person = persons.find(cells, unit_id=unit_id, born_on=born_on)
        name = name or (person.name if person else "")
        if not name and not code:
            cells.bad("name", "is required")
    elif code:
        cells.bad("person", "the award is one for collectives")
    else:
        # A collective without a name of its own is the unit; one with a name may be a unit too.
        own = units.meant(name) if name else codes
        unit_id = units.by_code[own[0]].unit_id if len(own) == 1 else None
        name = name or (units.by_code[codes[0]].name if len(codes) == 1 else unit_name)
    if len(cells.problems.found) > found:
        return None
    return {
        "award_id": award_id,
        "year": year,
        "subject_kind": str(kind),
        "person_id": person.id if person else None,
        "subject_name": name,
        "name_search": name_search(name),
        "unit_id": unit_id,
        "unit_name": unit_name,
        "unit_search": name_search(unit_name),
        "number": number,
        "decided_on": decided_on,
    }


def _award(cells: Cells, awards: _Awards) -> int | None:
    word = cells.text("award")
    if not word:
        return None
    found = awards.by_word.get(name_search(word), frozenset())
    if len(found) == 1:
        return next(iter(found))
    if found:
        codes = ", ".join(sorted(awards.codes[one] for one in found))
        cells.bad("award", f"{len(found)} awards have this name; say which by its code: {codes}")
    else:
        cells.bad("award", f"no award has this code or name{did_you_mean(word, awards.words)}")
    return None


def _load_awards(session: Session) -> _Awards:
    """Return every award; whom it honours is said by its newest edition."""
    rows = session.execute(
        select(Award.id, Award.code, AwardEdition.name_vi, AwardEdition.name_en, AwardEdition.subject_kind)
        .join(AwardEdition, AwardEdition.award_id == Award.id)
        .order_by(Award.id, AwardEdition.id)
    ).all()
    codes = {row.id: row.code for row in rows}
    by_code = {name_search(code): frozenset({one}) for one, code in codes.items()}
    by_word: dict[str, frozenset[int]] = {}
    for row in rows:
        for word in (row.name_vi, row.name_en):
            key = name_search(word)
            by_word[key] = by_word.get(key, frozenset()) | {row.id}
    return _Awards(
        by_word | by_code,
        {row.id: SubjectKind(row.subject_kind) for row in rows},
        codes,
        list(dict.fromkeys(word for row in rows for word in (row.code, row.name_vi))),
    )


def _key(wish: Mapping[str, Any]) -> _Key:
    """Return what names an award that was given: two of one person, award and year are one."""
    person_id = wish["person_id"]
    told = ("", "") if person_id is not None else (wish["name_search"], wish["unit_search"])
    return (wish["award_id"], wish["year"], person_id, *told)


def _plan(
    session: Session,
    wishes: Mapping[_Key, dict[str, Any]],
    present: Mapping[_Key, dict[str, Any]],
    awards: _Awards,
    words: _Words,
) -> ImportPlan:
    plan = ImportPlan()
    fresh: list[dict[str, Any]] = []
    for key, wish in wishes.items():
        now, label = _listed(present, key, wish), _label(wish, awards)
        if now is None:
            plan.new.append(label)
            fresh.append(wish)
            continue
        was, then = words.of(now), words.of(wish)
        plan.note_change(label, {name: (was[name], then[name]) for name in was})
        one = changed("past_award", {"id": now["id"]}, now, wish)
        plan.writes += [one] if one else []
    ids = new_ids(session, "past_award", len(fresh))
    plan.writes += [
        added("past_award", {"id": number, **wish}) for number, wish in zip(ids, fresh, strict=True)
    ]
    plan.notes += _by_name_alone(wishes.values())
    return plan


def _listed(
    present: Mapping[_Key, dict[str, Any]], key: _Key, wish: Mapping[str, Any]
) -> dict[str, Any] | None:
    """Return the row that is kept of an award, also of who was nobody known when it came in."""
    nameless = (key[0], key[1], None, wish["name_search"], wish["unit_search"])
    return present.get(key) or present.get(nameless)


def _label(wish: Mapping[str, Any], awards: _Awards) -> str:
    return f"{wish['year']} {awards.codes[wish['award_id']]} {wish['subject_name']}"


def _by_name_alone(wishes: Iterable[Mapping[str, Any]]) -> list[str]:
    """Say of how many people the file tells whom nobody knows here: a name may be misspelt."""
    unknown = [
        str(wish["subject_name"])
        for wish in wishes
        if wish["subject_kind"] == SubjectKind.PERSON and wish["person_id"] is None
    ]
    named = ", ".join(list(dict.fromkeys(unknown))[:_MOST_NOTED])
    return [f"Rows that name nobody known here, kept by name: {len(unknown)} ({named})"] if unknown else []


def _present(session: Session, wishes: Iterable[Mapping[str, Any]]) -> dict[_Key, dict[str, Any]]:
    """Return what is kept of the same awards and years by what names each."""
    table = table_of(PastAward)
    pairs = {(wish["award_id"], wish["year"]) for wish in wishes}
    awards, years = {award for award, _ in pairs}, {year for _, year in pairs}
    rows = session.execute(
        select(table).where(among(table.c.award_id, awards), among(table.c.year, years))
    ).mappings()
    found = [dict(row) for row in rows]
    return {_key(row): row for row in found}
