"""Accounts out of a file: new ones without a password, and the grants that existing ones lack.

No secret is made here: a link to set a password lives three days and is shown once, which a file of two
hundred people does not fit. The import says how many links are to be sent.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow.domain.errors import InvalidField
from workflow.domain.names import name_search
from workflow.imports.kinds.units import once
from workflow.imports.ledger import Write, added, changed, new_ids
from workflow.imports.plan import ImportPlan
from workflow.imports.reading.bad_cells import BadCells
from workflow.imports.reading.cells import Cells
from workflow.operations.history.streams import StreamEvent
from workflow.operations.people.accounts import read_email
from workflow.store.access import Account, Grant
from workflow.store.base import table_of
from workflow.store.codes import meant_code, spellings
from workflow.store.conditions import outlasts
from workflow.store.database import default_locale
from workflow.store.organisation import Person
from workflow.store.seats import known_roles, known_seats, meant_seat, unknown_role, usual_places

_MOST_GUESSED = 20
_LOCALES = {
    "vi": "vi", "en": "en", "tiếng việt": "vi", "vietnamese": "vi", "tiếng anh": "en", "english": "en",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Wish:
    """What a row makes of an account; `now` is None for a new one."""

    email: str
    name: str
    person_id: int | None
    person_code: str
    grants: tuple[str, ...]
    locale: str | None
    now: Mapping[str, object] | None


def plan_accounts(
    session: Session, rows: Sequence[Cells], problems: BadCells, *, today: date, now: datetime
) -> ImportPlan:
    """Return what the rows change. Grants that a row does not name stay as they are."""
    named = [(email, cells) for word, cells in once(rows, "email") if (email := _email(word, cells))]
    table = table_of(Account)
    emails = [email for email, _ in named]
    known: dict[str, Mapping[str, object]] = {
        row["email"]: dict(row)
        for row in session.execute(select(table).where(table.c.email.in_(emails))).mappings()
    }
    people = _people(session, [cells.text("person") for _, cells in named])
    _note_people(session, [cells for _, cells in named], people)
    _note_grants(session, [cells for _, cells in named])
    seen: dict[str, int] = {}
    taken: dict[int, int] = {}
    wishes = []
    for email, cells in named:
        if email in seen:
            cells.bad("email", f"is there twice; the first is in line {seen[email]}")
            continue
        seen[email] = cells.line
        wishes.append(_wish(cells, email, known.get(email), people, taken))
    problems.demand_none()
    return _plan(session, wishes, today=today, now=now)


def _email(word: str, cells: Cells) -> str:
    try:
        return read_email(word)
    except InvalidField as problem:
        cells.bad("email", problem.errors[0].message)
        return ""


def _people(session: Session, codes: Sequence[str]) -> dict[str, tuple[int, str | None]]:
    """Return the people by code with the address of the account they have."""
    stored = spellings(session, Person.code, codes)
    rows = session.execute(
        select(Person.code, Person.id, Account.email)
        .outerjoin(Account, Account.person_id == Person.id)
        .where(Person.code.in_(list(stored.values())))
    )
    found = {row.code: (row.id, row.email) for row in rows}
    return {word: found[code] for word, code in stored.items()}


def _note_people(
    session: Session, rows: Sequence[Cells], people: Mapping[str, tuple[int, str | None]]
) -> None:
    """Name every code that nobody has, the first few with the code that was probably meant."""
    unknown = [cells for cells in rows if (code := cells.text("person")) and code not in people]
    for number, cells in enumerate(unknown):
        near = meant_code(session, Person.code, cells.text("person")) if number < _MOST_GUESSED else ""
        cells.bad("person", f"nobody has this code{near}")


def _note_grants(session: Session, rows: Sequence[Cells]) -> None:
    """Name every grant of a role or seat that does not exist."""
    keys = [key for cells in rows for key in cells.words("grants")]
    roles, seats = known_roles(session), known_seats(session, {key.partition("@")[2] for key in keys})
    for cells in rows:
        for key in cells.words("grants"):
            role, at, seat = key.partition("@")
            if not at or not seat:
                cells.bad("grants", "must look like unit_reviewer@unit:CODE or admin@all", key)
            elif role not in roles:
                cells.bad("grants", unknown_role(role, roles), key)
            elif seat not in seats:
                cells.bad("grants", f"there is no '{seat}'{meant_seat(session, seat)}", key)


def _wish(
    cells: Cells,
    email: str,
    now: Mapping[str, object] | None,
    people: Mapping[str, tuple[int, str | None]],
    taken: dict[int, int],
) -> _Wish:
    code = cells.text("person")
    person_id, holder = people.get(code, (None, None))
    if holder is not None and holder != email:
        cells.bad("person", f"has an account already, {holder}")
    elif person_id is not None and taken.setdefault(person_id, cells.line) != cells.line:
        cells.bad("person", f"is there twice; the first is in line {taken[person_id]}")
    elif now is not None and person_id and now["person_id"] not in {None, person_id}:
        cells.bad("person", "the account belongs to somebody else")
    if now is not None and now["disabled_at"] is not None:
        cells.bad("email", "this account is disabled")
    return _Wish(
        email,
        cells.text("name"),
        person_id,
        code,
        cells.words("grants"),
        cells.choice("locale", _LOCALES),
        now,
    )


def _plan(session: Session, wishes: Sequence[_Wish], *, today: date, now: datetime) -> ImportPlan:
    plan = ImportPlan()
    held = _held(session, [wish.now for wish in wishes if wish.now is not None], today)
    ids = iter(new_ids(session, "account", sum(wish.now is None for wish in wishes)))
    accounts: list[Write] = []
    missing: list[tuple[int, str]] = []
    for wish in wishes:
        account_id = next(ids) if wish.now is None else int(str(wish.now["id"]))
        lacking = [key for key in wish.grants if key not in held.get(account_id, frozenset())]
        missing += [(account_id, key) for key in lacking]
        if wish.now is None:
            plan.new.append(wish.email)
            row = {"id": account_id, "email": wish.email, "name": wish.name, "person_id": wish.person_id}
            accounts.append(
                added("account", {**row, "locale": wish.locale or default_locale(session), "created_at": now})
            )
            data = {"grants": list(wish.grants), "person": wish.person_code or None}
            plan.events.append(StreamEvent(f"account:{account_id}", "add", data))
            continue
        if lacking:
            plan.events.append(StreamEvent(f"account:{account_id}", "grant", {"grants": lacking}))
        accounts += _change(plan, wish, account_id, lacking)
    grant_ids = new_ids(session, "grant", len(missing))
    grants = [
        added("grant", {"id": grant_id, "account_id": account_id, "key": key, "valid_from": today})
        for grant_id, (account_id, key) in zip(grant_ids, missing, strict=True)
    ]
    plan.writes = [*accounts, *grants]
    for key in dict.fromkeys(key for _, key in missing):
        if usual := usual_places(session, key):
            plan.notes.append(f"No work comes to {key}: this role is held at a {' or '.join(usual)}.")
    plan.notes += _of_nobody(session, wishes)
    if plan.new:
        how = "the page of an account makes one, as does `commendo account link EMAIL`"
        plan.notes.append(f"Links to set a password that are to be sent: {len(plan.new)}; {how}.")
    return plan


def _of_nobody(session: Session, wishes: Sequence[_Wish]) -> Iterable[str]:
    """Yield how many accounts get roles and are nobody of staff, and which are called like somebody there is.

    Whoever is nominated takes no step in their own nominations, and whose these are only their person says.
    """
    nobodies = [
        one for one in wishes if one.grants and not one.person_id and not (one.now or {}).get("person_id")
    ]
    if not nobodies:
        return
    yield (
        f"Accounts with roles that are nobody on the list of people: {len(nobodies)}; nothing keeps whoever "
        "signs in with one from a nomination of their own."
    )
    plain = {one.email: name_search(one.name) for one in nobodies}
    people = select(Person.name_search, Person.code).where(Person.name_search.in_(set(plain.values())))
    codes = {row.name_search: row.code for row in session.execute(people.order_by(Person.code.desc()))}
    called = [f"{email} ({codes[name]})" for email, name in plain.items() if name in codes]
    if called:
        names = ", ".join(called[:_MOST_GUESSED]) + (", …" if len(called) > _MOST_GUESSED else "")
        yield f"Called like somebody on the list: {names}; write the code as person."


def _change(plan: ImportPlan, wish: _Wish, account_id: int, lacking: Sequence[str]) -> list[Write]:
    now = wish.now or {}
    then = {
        "name": wish.name,
        "person_id": wish.person_id or now["person_id"],
        "locale": wish.locale or now["locale"],
    }
    one = changed("account", {"id": account_id}, now, then)
    person = (None, wish.person_code) if now["person_id"] != then["person_id"] else (None, None)
    fields = {
        "name": (now["name"], wish.name),
        "person": person,
        "locale": (now["locale"], then["locale"]),
        "new grants": ((), tuple(lacking)),
    }
    plan.note_change(wish.email, fields)
    return [one] if one else []


def _held(
    session: Session, accounts: Sequence[Mapping[str, object]], today: date
) -> dict[int, frozenset[str]]:
    """Return the keys that accounts hold today or will hold."""
    rows = session.execute(
        select(Grant.account_id, Grant.key).where(
            Grant.account_id.in_([account["id"] for account in accounts]),
            outlasts(Grant, today),
        )
    ).all()
    found: dict[int, set[str]] = {}
    for row in rows:
        found.setdefault(row.account_id, set()).add(row.key)
    return {account_id: frozenset(keys) for account_id, keys in found.items()}
