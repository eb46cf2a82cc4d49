"""The office that a rig's clients work in: units with their people, bearer tokens, and names to propose."""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from threading import Lock
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support.office import ROUND, TOP, furnish
from tests.support.waiting import add_account
from workflow.clock import DatabaseClock
from workflow.domain.vocabulary import Via
from workflow.operations.people.bearer_tokens import issue_token
from workflow.operations.setup.organise import NewPerson, NewUnit, add_people, add_units
from workflow.store.access import Account
from workflow.store.awards import Award, AwardEdition
from workflow.store.database import Sessions

UNITS: Final = tuple(f"F{n}" for n in range(6))
SECRETARY, HEAD = "nv21@example.vn", "nv22@example.vn"
_ROLES: Final = ("nominator", "unit_reviewer", "unit_deputy", "head")
_AHEAD: Final = 400


@dataclass(frozen=True, slots=True)
class Name:
    """One person for one award: nobody is proposed for it twice."""

    unit: str
    person: str
    award: str


@dataclass(frozen=True, slots=True)
class Away:
    """Somebody was away, and somebody else acted, between two instants, by address."""

    email: str
    substitute: str
    begun_at: datetime
    ended_at: datetime


@dataclass
class World:
    """Who sits where, by address, and the names that are still free.

    `eve`, where there is one, is told of each nomination right before a client acts on it. `away`: the
    absences that a fault has announced and ended. `asks`: in which share of their turns reviewers
    ask who nominates something.
    """

    sessions: Sessions
    tokens: Mapping[str, str]
    account_ids: Mapping[str, int]
    awards: tuple[str, ...]
    eve: Callable[[int], None] | None = None
    asks: float = 0.0
    away: list[Away] = field(default_factory=list)
    _free: deque[Name] = field(default_factory=deque)
    _made: int = 0
    _lock: Lock = field(default_factory=Lock)

    def name(self) -> Name:
        """Return somebody who was not proposed yet; the names must have been made before the fault."""
        with self._lock:
            return self._free.popleft()

    def refill(self) -> None:
        """See that there are names for a scenario; to be called while the database answers."""
        if len(self._free) >= _AHEAD:
            return
        codes = [f"P{n:06}" for n in range(self._made, self._made + _AHEAD)]
        self._made += _AHEAD
        units = {code: UNITS[n % len(UNITS)] for n, code in enumerate(codes)}
        with self.sessions() as session:
            add_people(
                session, [NewPerson(code, f"Kiểm sát viên {code}", unit) for code, unit in units.items()]
            )
            session.commit()
        with self._lock:
            self._free.extend(Name(units[code], code, award) for award in self.awards for code in codes)


def seat(role: str, unit: str) -> str:
    """Return the address of whoever holds a role in a unit."""
    return f"{role.replace('_', '-')}-{unit.lower()}@example.vn"


def make_world(sessions: Sessions) -> World:
    """Furnish an empty database with the office, and return it with a token for everybody who acts."""
    with sessions() as session:
        now = DatabaseClock().now(session)
        furnish(session, now=now)
        # Counting starts with the year: a round of an earlier year would refuse them.
        add_units(
            session, [NewUnit(code, f"Đơn vị {code}", TOP) for code in UNITS], valid_from=date(2020, 1, 1)
        )
        session.commit()
        for unit in UNITS:
            for role in _ROLES:
                add_account(session, seat(role, unit), f"{role}@unit:{unit}", now)
        acting = [SECRETARY, HEAD, *(seat(role, unit) for unit in UNITS for role in _ROLES[:2])]
        tokens = {
            email: issue_token(session, actor=None, email=email, days=7, via=Via.CLI, now=now).secret
            for email in acting
        }
        ids = {row.email: row.id for row in session.execute(select(Account.email, Account.id))}
        world = World(sessions, tokens, ids, _awards(session))
    world.refill()
    return world


def _awards(session: Session) -> tuple[str, ...]:
    """Return the codes of awards for persons on the standard route, as the office has made them."""
    rows = session.scalars(
        select(Award.code)
        .join(AwardEdition, AwardEdition.award_id == Award.id)
        .where(
            AwardEdition.regime == "PLAIN",
            AwardEdition.workflow_key == "standard",
            AwardEdition.subject_kind == "person",
        )
        .order_by(Award.code)
    )
    return tuple(rows)


__all__ = ["HEAD", "ROUND", "SECRETARY", "UNITS", "Away", "Name", "World", "make_world", "seat"]
