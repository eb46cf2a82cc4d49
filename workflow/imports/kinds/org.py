"""Units out of a file: new ones, new editions of those that changed name, parent or officer, and councils.

An edition begins on the day the row gives, today where it gives none; what was in force ends on that day.
A last day ends the unit itself (`ends.py`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from sqlalchemy.orm import Session

from workflow.domain.errors import InvalidField
from workflow.domain.names import name_search, title_sort
from workflow.imports.kinds.councils import plan_councils
from workflow.imports.kinds.ends import demand_nothing_below, note_ends
from workflow.imports.kinds.units import KnownUnit, Units, load_units, once, units_of
from workflow.imports.ledger import Write, added, changed, new_ids
from workflow.imports.plan import ImportPlan, last_day
from workflow.imports.reading.bad_cells import BadCells
from workflow.imports.reading.cells import Cells
from workflow.operations.people.accounts import read_email


@dataclass(frozen=True, slots=True)
class _Wish:
    """What a row makes of a unit; `now` is None for a new one. `is_to_end`: it ends on a day to come."""

    cells: Cells
    now: KnownUnit | None
    then: KnownUnit
    valid_from: date
    council: str
    is_to_end: bool


def plan_org(session: Session, rows: Sequence[Cells], problems: BadCells, *, today: date) -> ImportPlan:
    """Return what the rows change; parents may stand further down in the file."""
    known = load_units(session)
    named = [(known.stored(code), cells) for code, cells in once(rows, "code")]
    fresh = [code for code, _ in named if code not in known.by_code]
    ids = dict(zip(fresh, new_ids(session, "unit", len(fresh)), strict=True))
    drafts = [_draft(cells, code, known.by_code.get(code), ids, today) for code, cells in named]
    # Looked up among units as the file names them: a renamed one is found by its new name.
    together = units_of([*{**known.by_code, **{wish.then.code: wish.then for wish in drafts}}.values()])
    wishes = [_with_parent(wish, together) for wish in drafts]
    _note_circles(wishes, together)
    demand_nothing_below([(wish.cells, wish.then) for wish in wishes], together)
    problems.demand_none()
    return _plan(session, wishes, together)


def _draft(cells: Cells, code: str, now: KnownUnit | None, ids: Mapping[str, int], today: date) -> _Wish:
    base = now or KnownUnit(ids.get(code, 0), code, "")
    valid_from = cells.day("valid_from") or today
    # A file without the column says nothing of an end that is still to come; an empty cell calls it off.
    is_to_end = base.valid_to is not None and max(today, valid_from) < base.valid_to
    is_kept = is_to_end and not cells.has("valid_to")
    then = replace(
        base,
        name=cells.text("name"),
        officer_name=cells.text("officer") if cells.has("officer") else base.officer_name,
        officer_telephone=cells.text("telephone") if cells.has("telephone") else base.officer_telephone,
        officer_email=_email(cells) if cells.has("email") else base.officer_email,
        valid_to=base.valid_to if is_kept else _end(cells),
    )
    return _Wish(cells, now, then, valid_from, cells.text("council"), is_to_end)


def _end(cells: Cells) -> date | None:
    """Return the first day on which the unit is no more: a file names its last one, as papers do."""
    last = cells.day("valid_to")
    return last + timedelta(days=1) if last else None


def _email(cells: Cells) -> str:
    """Return the officer's address in the one form we keep, empty where none can be read."""
    word = cells.text("email")
    try:
        return read_email(word) if word else ""
    except InvalidField as problem:
        cells.bad("email", problem.errors[0].message)
        return ""


def _with_parent(wish: _Wish, together: Units) -> _Wish:
    if wish.cells.has("parent"):
        parent = together.find(wish.cells, "parent")
        wish = replace(wish, then=replace(wish.then, parent_id=parent.unit_id if parent else None))
    now, end = wish.now, wish.then.valid_to
    first = wish.valid_from if now is None or now.valid_from is None or _is_renewed(wish) else now.valid_from
    if end is not None and end <= first:
        wish.cells.bad("valid_to", f"lies before its first day, {first}")
    if now is None or now.valid_from is None or not _is_renewed(wish):
        return wish
    if now.valid_to is not None and wish.valid_from < now.valid_to and not wish.is_to_end:
        reason = f"the unit ended on {last_day(now.valid_to)}; a new edition begins later"
        wish.cells.bad("valid_from", reason)
    elif wish.valid_from < now.valid_from:
        reason = f"the edition in force began on {now.valid_from}; what changes it begins then or later"
        wish.cells.bad("valid_from", reason, wish.valid_from.isoformat())
    return wish


def _is_renewed(wish: _Wish) -> bool:
    """Return whether a row asks for another edition, and not just for what there is, or for its end."""
    now, then = wish.now, wish.then
    if now is None:
        return True
    has_ended = now.valid_to is not None and not wish.is_to_end
    return (has_ended and then.valid_to is None) or replace(now, valid_to=then.valid_to) != then


def _note_circles(wishes: Sequence[_Wish], together: Units) -> None:
    """Name every row of a unit that would be above itself."""
    parents = {unit.unit_id: unit.parent_id for unit in together.by_code.values()}
    parents |= {wish.then.unit_id: wish.then.parent_id for wish in wishes}
    for wish in wishes:
        seen: set[int] = set()
        here = wish.then.parent_id
        while here is not None and here != wish.then.unit_id and here not in seen:
            seen.add(here)
            here = parents.get(here)
        if here == wish.then.unit_id:
            wish.cells.bad("parent", f"'{wish.then.code}' would be above itself")


def _plan(session: Session, wishes: Sequence[_Wish], together: Units) -> ImportPlan:
    plan = ImportPlan()
    codes = {unit.unit_id: unit.code for unit in together.by_code.values()}
    moved = [wish for wish in wishes if wish.now != wish.then]
    editions = iter(new_ids(session, "unit_edition", len(moved)))
    units: list[Write] = []
    councils = ImportPlan()
    had = plan_councils(
        session, councils, {wish.then.unit_id: wish.council for wish in wishes if wish.council}
    )
    for wish in wishes:
        now, then = wish.now, wish.then
        if now is None:
            plan.new.append(then.code)
            units.append(added("unit", {"id": then.unit_id, "code": then.code}))
        else:
            fields = _fields(now, then, codes, wish.valid_from)
            council = had.get(then.unit_id, "")
            fields["council"] = (council, wish.council or council)
            plan.note_change(then.code, fields)
        if now != then:
            plan.writes += _editions(wish, next(editions))
    plan.writes = [*units, *plan.writes, *councils.writes]
    plan.notes += councils.notes
    if held := sorted(
        wish.then.code for wish in moved if wish.now and wish.now.parent_id != wish.then.parent_id
    ):
        plan.notes.append(
            f"Units that get another parent: {len(held)}; nominations under way stay where they are."
        )
    ends = [wish.then for wish in wishes if wish.then.valid_to and wish.now and wish.now != wish.then]
    plan.notes += note_ends(session, ends)
    return plan


def _editions(wish: _Wish, edition_id: int) -> list[Write]:
    """Return the writes of a new edition, of the end of one, or of the change of one of the same day."""
    now, then = wish.now, wish.then
    if now is None or now.edition_id is None:
        return [added("unit_edition", _edition(edition_id, wish))]
    key = {"id": now.edition_id}
    if not _is_renewed(wish) or (
        now.valid_from == wish.valid_from and (now.valid_to is None or wish.is_to_end)
    ):
        one = changed("unit_edition", key, _values(now), _values(then))
        return [one] if one else []
    before = {"valid_to": now.valid_to, "named_until": None}
    ends = wish.valid_from if now.valid_to is None or wish.is_to_end else now.valid_to
    after = {"valid_to": ends, "named_until": wish.valid_from}
    end = changed("unit_edition", key, before, after)
    return [*([end] if end else []), added("unit_edition", _edition(edition_id, wish))]


def _edition(edition_id: int, wish: _Wish) -> dict[str, object]:
    unit_id = wish.then.unit_id
    return {"id": edition_id, "unit_id": unit_id, **_values(wish.then), "valid_from": wish.valid_from}


def _values(unit: KnownUnit) -> dict[str, object]:
    return {
        "name": unit.name,
        "name_search": name_search(unit.name),
        "name_sort": title_sort(unit.name),
        "parent_id": unit.parent_id,
        "officer_name": unit.officer_name,
        "officer_telephone": unit.officer_telephone,
        "officer_email": unit.officer_email,
        "valid_to": unit.valid_to,
    }


def _fields(
    now: KnownUnit, then: KnownUnit, codes: Mapping[int, str], valid_from: date
) -> dict[str, tuple[object, object]]:
    fields: dict[str, tuple[object, object]] = {
        "name": (now.name, then.name),
        "parent": (codes.get(now.parent_id or 0), codes.get(then.parent_id or 0)),
        "officer": (now.officer_name, then.officer_name),
        "telephone": (now.officer_telephone, then.officer_telephone),
        "email": (now.officer_email, then.officer_email),
    }
    if any(old != new for old, new in fields.values()):
        fields["valid_from"] = (now.valid_from, valid_from)
    fields["ended"] = (last_day(now.valid_to), last_day(then.valid_to))
    return fields
