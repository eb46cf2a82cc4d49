"""Members of staff out of a file: new ones, and those who changed name, position or unit."""

from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow.domain.names import name_search, name_sort
from workflow.domain.near import plain_code
from workflow.imports.kinds.units import Units, load_units, once
from workflow.imports.ledger import added, changed, new_ids
from workflow.imports.plan import ImportPlan, last_day
from workflow.imports.reading.bad_cells import BadCells
from workflow.imports.reading.cells import Cells
from workflow.store.access import Account
from workflow.store.base import among, table_of
from workflow.store.codes import spellings
from workflow.store.conditions import is_active
from workflow.store.organisation import Person

_MOST_NOTED = 20
_SHOWN = ("name", "unit", "position", "born_on", "managed_by", "left_on")


def plan_people(session: Session, rows: Sequence[Cells], problems: BadCells, *, today: date) -> ImportPlan:
    """Return what the rows change; a person who moves takes nothing along that is under way.

    Nobody moves to a unit that is no more by `today`.
    """
    units = load_units(session)
    codes = {unit.unit_id: unit.code for unit in units.by_code.values()}
    named = _as_stored(session, once(rows, "code"))
    table = table_of(Person)
    known = {
        row["code"]: dict(row)
        for row in session.execute(
            select(table).where(table.c.code.in_([code for code, _ in named]))
        ).mappings()
    }
    wishes = [(known.get(code), _wish(cells, code, units, known.get(code), today)) for code, cells in named]
    problems.demand_none()
    plan = ImportPlan()
    ids = iter(new_ids(session, "person", sum(now is None for now, _ in wishes)))
    moved_count = 0
    for now, wish in wishes:
        if now is None:
            plan.new.append(str(wish["code"]))
            plan.writes.append(added("person", {"id": next(ids), **wish}))
            continue
        then = {**now, **wish}
        moved_count += now["unit_id"] != then["unit_id"]
        one = changed("person", {"id": now["id"]}, now, wish)
        plan.writes += [one] if one else []
        plan.note_change(
            str(now["code"]),
            dict(zip(_SHOWN, zip(_words(now, codes), _words(then, codes), strict=True), strict=True)),
        )
    plan.notes += _near_misses(session, plan.new)
    if moved_count:
        plan.notes.append(
            f"People who change their unit: {moved_count}; nominations under way stay where they are."
        )
    plan.notes += _still_open(session, [now["id"] for now, wish in wishes if now and wish.get("left_on")])
    return plan


def _still_open(session: Session, left: Sequence[object]) -> list[str]:
    """Say whose accounts are open though they leave: nobody loses one by a file of people."""
    whose = select(Account.email).where(among(Account.person_id, left), is_active(Account))
    emails = session.scalars(whose.order_by(Account.email).limit(_MOST_NOTED)) if left else ()
    return [f"{email} leaves, and their account is still open." for email in emails]


def _as_stored(session: Session, named: Sequence[tuple[str, Cells]]) -> list[tuple[str, Cells]]:
    """Return the rows by the code that is stored: one that reads the same is the same person."""
    stored = spellings(session, Person.code, [code for code, _ in named])
    return [(stored.get(code, code), cells) for code, cells in named]


def _near_misses(session: Session, new: Sequence[str]) -> list[str]:
    """Say of new codes which known ones they differ from in blanks and dashes alone."""
    known = session.scalars(select(Person.code).order_by(Person.code)).all() if new else []
    by_plain = {plain_code(code): code for code in known}
    close = [(code, by_plain[plain_code(code)]) for code in new if plain_code(code) in by_plain]
    return [f"'{code}' is new beside '{other}': is it somebody else?" for code, other in close[:_MOST_NOTED]]


def _wish(
    cells: Cells, code: str, units: Units, now: Mapping[str, object] | None, today: date
) -> dict[str, object]:
    """Return the columns that a row sets: a column that the file has not changes nobody."""
    is_new, name, unit = now is None, cells.text("name"), units.find(cells, "unit")
    is_gone = unit is not None and unit.valid_to is not None and unit.valid_to <= today
    if unit and is_gone and (now is None or now["unit_id"] != unit.unit_id):
        cells.bad("unit", f"the unit ended on {last_day(unit.valid_to)}; nobody moves there")
    wish: dict[str, object] = {
        "code": code,
        "name": name,
        "name_search": name_search(name),
        "name_sort": name_sort(name),
        "unit_id": unit.unit_id if unit else None,
    }
    if is_new or cells.has("position"):
        wish["position"] = cells.text("position")
    if is_new or cells.has("born_on"):
        wish["born_on"] = cells.day("born_on")
    if is_new or cells.has("left_on"):
        wish["left_on"] = cells.day("left_on")
    if is_new or cells.has("managed_by"):
        manager = units.find(cells, "managed_by")
        wish["managed_by_unit_id"] = manager.unit_id if manager else None
    return wish


def _words(person: dict[str, object], codes: dict[int, str]) -> tuple[object, ...]:
    managed_by, unit_id = person["managed_by_unit_id"], person["unit_id"]
    return (
        person["name"],
        codes.get(unit_id) if isinstance(unit_id, int) else None,
        person["position"],
        person["born_on"],
        codes.get(managed_by) if isinstance(managed_by, int) else None,
        person["left_on"],
    )
