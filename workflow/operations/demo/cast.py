"""Who plays in the demo: a province with twelve units in two clusters, its council, and who sits where."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import Final

from sqlalchemy import insert
from sqlalchemy.orm import Session

from workflow.domain.vocabulary import Role, Via
from workflow.operations.demo.names import invented_names
from workflow.operations.organise import (
    NewPerson,
    NewUnit,
    add_cluster,
    add_council,
    add_people,
    add_units,
)
from workflow.operations.streams import append_event
from workflow.store.access import Account, Grant

TOP: Final = "HS"
UNIT_COUNT: Final = 12
STAFF_COUNT: Final = 8
# Reserved for examples (RFC 2606): no mail to it can reach anybody.
DOMAIN: Final = "demo.example"
# This unit's head is proposed for an award, so somebody has to stand in for that head.
UNIT_WITH_DEPUTY: Final = 5


@dataclass(frozen=True, slots=True)
class Player:
    """Somebody with an account: address, the code of the person, the keys they hold."""

    mailbox: str
    person_code: str
    keys: tuple[str, ...]

    @property
    def email(self) -> str:
        """The address to sign in with."""
        return f"{self.mailbox}@{DOMAIN}"


@dataclass(frozen=True, slots=True)
class Cast:
    """The people as the stories need them: names by person's code, account ids by key."""

    names: dict[str, str]
    accounts: dict[str, int]


def unit_code(number: int) -> str:
    """Return the code of a unit by its number; 0 is the province itself."""
    return f"{TOP}-{number:02}" if number else TOP


def person_code(unit: int, place: int) -> str:
    """Return the code of a person by unit and place: 0 is the head, 1 who drafts, from 2 on the others."""
    return f"{unit_code(unit)}-{place}"


def cluster_code(year: int, number: int) -> str:
    """Return the code of a cluster of the year."""
    return f"{year}/{TOP}/{number}"


def sign_ins() -> dict[str, str]:
    """Return the addresses people try the demo with, by the part they play."""
    return {
        "nominator": f"nominator@{DOMAIN}",
        "unit head": f"unit-head@{DOMAIN}",
        "cluster head": f"cluster-head@{DOMAIN}",
        "council secretary": f"secretary@{DOMAIN}",
        "head": f"head@{DOMAIN}",
        "supervisor": f"supervisor@{DOMAIN}",
        "admin": f"admin@{DOMAIN}",
    }


def assemble(session: Session, *, year: int, now: datetime, today: date) -> Cast:
    """Add the units, clusters, council, people and accounts as of that day; never commits."""
    add_units(session, _units(), valid_from=today.replace(year=today.year - 2, day=1))
    people = _people()
    person_ids = add_people(session, people)
    add_council(session, unit_code=TOP, name="Hội đồng Thi đua - Khen thưởng tỉnh Hải Sơn")
    half = UNIT_COUNT // 2
    for number in (1, 2):
        members = [unit_code(n) for n in range(1 + half * (number - 1), 1 + half * number)]
        name = f"Cụm thi đua số {number}"
        add_cluster(session, year=year, owner_code=TOP, number=number, name=name, member_codes=members)
    names = {person.code: person.name for person in people}
    return Cast(names, _add_accounts(session, list(_players(year)), names, person_ids, at=(now, today)))


def _units() -> list[NewUnit]:
    names = list(islice(invented_names(), 200, 200 + UNIT_COUNT + 1))
    units = [NewUnit(TOP, "VKSND tỉnh Hải Sơn", None, names[0], "0200 000 1000")]
    for number in range(1, UNIT_COUNT + 1):
        telephone = f"0200 000 10{number:02}"
        units.append(
            NewUnit(unit_code(number), f"VKSND khu vực {number}", TOP, names[number], telephone),
        )
    return units


def _people() -> list[NewPerson]:
    names = invented_names()
    people = []
    for unit in range(UNIT_COUNT + 1):
        for place in range(STAFF_COUNT):
            code = person_code(unit, place)
            people.append(NewPerson(code, next(names), unit_code(unit), _position(unit, place)))
    return people


def _position(unit: int, place: int) -> str:
    if place == 0:
        return "Viện trưởng"
    if place == 1:
        return "Chuyên viên" if unit else "Thư ký Hội đồng"
    return ("Kiểm sát viên trung cấp", "Kiểm sát viên sơ cấp", "Kiểm tra viên")[place % 3]


def _players(year: int) -> Iterator[Player]:
    yield Player("head", person_code(0, 0), (f"{Role.HEAD}@unit:{TOP}",))
    yield Player("secretary", person_code(0, 1), (f"{Role.COUNCIL_SECRETARY}@council:{TOP}",))
    yield Player("supervisor", person_code(0, 2), (f"{Role.SUPERVISOR}@unit:{TOP}",))
    yield Player("admin", person_code(0, 3), (f"{Role.ADMIN}@all",))
    for number in range(1, UNIT_COUNT + 1):
        seat = f"unit:{unit_code(number)}"
        keys: tuple[str, ...] = (f"{Role.UNIT_REVIEWER}@{seat}", f"{Role.HEAD}@{seat}")
        # Each cluster is led by the head of its last unit.
        cluster, rest = divmod(number, UNIT_COUNT // 2)
        if rest == 0:
            keys = (*keys, f"{Role.CLUSTER_HEAD}@cluster:{cluster_code(year, cluster)}")
        yield Player(_HEADS.get(number, f"unit-head-{number:02}"), person_code(number, 0), keys)
        nominator = "nominator" if number == 1 else f"nominator-{number:02}"
        yield Player(nominator, person_code(number, 1), (f"{Role.NOMINATOR}@{seat}",))
    deputy = f"{Role.UNIT_DEPUTY}@unit:{unit_code(UNIT_WITH_DEPUTY)}"
    yield Player(f"unit-deputy-{UNIT_WITH_DEPUTY:02}", person_code(UNIT_WITH_DEPUTY, 2), (deputy,))


_HEADS: Final = {1: "unit-head", UNIT_COUNT // 2: "cluster-head"}


def _add_accounts(
    session: Session,
    players: Sequence[Player],
    names: dict[str, str],
    person_ids: dict[str, int],
    *,
    at: tuple[datetime, date],
) -> dict[str, int]:
    """Add the accounts with their grants as of an instant and its day; return account ids by key."""
    now, today = at
    rows = [
        {
            "email": player.email,
            "name": names[player.person_code],
            "person_id": person_ids[player.person_code],
            "created_at": now,
        }
        for player in players
    ]
    ids = session.scalars(insert(Account).returning(Account.id, sort_by_parameter_order=True), rows).all()
    holders = {
        key: account_id for account_id, player in zip(ids, players, strict=True) for key in player.keys
    }
    session.execute(
        insert(Grant),
        [{"account_id": holder, "key": key, "valid_from": today} for key, holder in holders.items()],
    )
    for account_id, player in zip(ids, players, strict=True):
        data = {"grants": list(player.keys), "person": player.person_code}
        append_event(session, f"account:{account_id}", "add", actor=None, via=Via.IMPORT, now=now, data=data)
    return holders
