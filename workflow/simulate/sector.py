"""Who exists in a made-up sector: a province, its units in clusters and blocks, the people and their seats.

Pure: a number of units and a seed say everything. Places and names are invented; the shape is that of a
province's procuracy, where territorial units form clusters and functional ones form blocks.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Final

from workflow.domain.vocabulary import Role
from workflow.operations.setup.organise import NewPerson, NewUnit
from workflow.simulate.names import invented_names

TOP: Final = "HS"
# Reserved for examples (RFC 2606): no mail to it can reach anybody.
DOMAIN: Final = "demo.example"
HEAD, DRAFTER, DEPUTY = range(3)
"""The first places of every unit; whoever sits in a later one has no account."""
FIRST_UNIT_PEOPLE: Final = 14
LEADS_THE_FIRST_CLUSTER: Final = 2
_FEWEST_PEOPLE: Final = 4
_PEOPLE_PER_UNIT: Final = 5
_UNITS_PER_CLUSTER: Final = 8
_OFFICE: Final = (
    ("head", "Viện trưởng", (f"{Role.HEAD}@unit:{TOP}", f"{Role.UNIT_REVIEWER}@unit:{TOP}")),
    ("secretary", "Thư ký Hội đồng", (f"{Role.COUNCIL_SECRETARY}@council:{TOP}",)),
    (
        "supervisor", "Phó Viện trưởng",
        (f"{Role.SUPERVISOR}@unit:{TOP}", f"{Role.COUNCIL_MEMBER}@council:{TOP}"),
    ),
    ("admin", "Quản trị hệ thống", (f"{Role.ADMIN}@all",)),
    ("appraiser", "Chuyên viên Thường trực Hội đồng", (f"{Role.APPRAISER}@council:{TOP}",)),
    ("appraiser-2", "Chuyên viên Thường trực Hội đồng", (f"{Role.APPRAISER}@council:{TOP}",)),
    *(
        (f"council-{number}", "Ủy viên Hội đồng", (f"{Role.COUNCIL_MEMBER}@council:{TOP}",))
        for number in range(1, 7)
    ),
)  # fmt: skip
_VOTERS: Final = (f"{Role.COUNCIL_MEMBER}@", f"{Role.HEAD}@", f"{Role.COUNCIL_SECRETARY}@")
COUNCIL_MEMBERS: Final = sum(any(key.startswith(_VOTERS) for key in keys) for _, _, keys in _OFFICE)
"""Who votes: the members, the head who presides, the secretary."""
_ROOMS: Final = (
    "Văn phòng", "Phòng Tổ chức cán bộ", "Thanh tra", "Phòng Thống kê và Chuyển đổi số", "Phòng Tài chính",
    "Phòng Pháp chế", "Phòng án an ninh", "Phòng án trật tự xã hội", "Phòng án kinh tế", "Phòng án ma túy",
    "Phòng án tham nhũng", "Phòng xét xử hình sự", "Phòng giam giữ, thi hành án hình sự",
    "Phòng án dân sự", "Phòng án hành chính", "Phòng án kinh doanh, thương mại",
    "Phòng thi hành án dân sự", "Phòng khiếu nại, tố cáo", "Phòng Hợp tác quốc tế", "Phòng Tuyên truyền",
)  # fmt: skip
_LOWER_POSITIONS: Final = ("Kiểm sát viên trung cấp", "Kiểm sát viên sơ cấp", "Kiểm tra viên", "Chuyên viên")


@dataclass(frozen=True, slots=True)
class Player:
    """Somebody with an account: mailbox, the code of the person, the keys they hold."""

    mailbox: str
    person_code: str
    keys: tuple[str, ...]

    @property
    def email(self) -> str:
        """The address to sign in with."""
        return f"{self.mailbox}@{DOMAIN}"


@dataclass(frozen=True, slots=True)
class ClusterPlan:
    """A cluster of territorial units, or a block of functional ones, by the numbers of its members."""

    number: int
    name: str
    kind: str
    members: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Sector:
    """Everything there is before a round opens; `sizes` counts the people of each unit, 0 the office."""

    units: tuple[NewUnit, ...]
    people: tuple[NewPerson, ...]
    players: tuple[Player, ...]
    clusters: tuple[ClusterPlan, ...]
    sizes: tuple[int, ...]

    @property
    def unit_numbers(self) -> range:
        """Give the numbers of the units below the owner, from 1."""
        return range(1, len(self.sizes))


def unit_code(number: int) -> str:
    """Return the code of a unit by its number; 0 is the province itself."""
    return f"{TOP}-{number:02}" if number else TOP


def unit_number(code: str) -> int:
    """Return the number of a unit by its code."""
    return int(code.rpartition("-")[2]) if "-" in code else 0


def person_code(unit: int, place: int) -> str:
    """Return the code of a person by unit and place."""
    return f"{unit_code(unit)}-{place}"


def lay_out(unit_count: int, *, seed: int) -> Sector:
    """Return the sector with so many units below the owner, the same for the same numbers."""
    sizes = _sizes(unit_count, seed)
    names = invented_names(f"people:{seed}")
    people = tuple(
        NewPerson(person_code(unit, place), next(names), unit_code(unit), _position(unit, place))
        for unit, size in enumerate(sizes)
        for place in range(size)
    )
    territorial = unit_count - unit_count // 3
    officers = {person.code: person.name for person in people}
    units = tuple(
        NewUnit(
            unit_code(number),
            _unit_name(number, territorial),
            unit_code(0) if number else None,
            officers[person_code(number, DRAFTER)],
            f"0200 000 {1000 + number}",
        )
        for number in range(unit_count + 1)
    )
    return Sector(units, people, tuple(_players(unit_count)), _clusters(unit_count, territorial), sizes)


def _sizes(unit_count: int, seed: int) -> tuple[int, ...]:
    """Give each unit at least four people, the first one fourteen; in all five for each unit."""
    sizes = [len(_OFFICE), FIRST_UNIT_PEOPLE, *[_FEWEST_PEOPLE] * (unit_count - 1)]
    chance = Random(f"sizes:{seed}")  # noqa: S311 - a play, nothing secret hangs on it
    for _ in range(_PEOPLE_PER_UNIT * unit_count - sum(sizes)):
        sizes[chance.randrange(2, unit_count + 1)] += 1
    return tuple(sizes)


def _unit_name(number: int, territorial: int) -> str:
    if number == 0:
        return "VKSND tỉnh Hải Sơn"
    if number <= territorial:
        return f"VKSND khu vực {number}"
    room = number - territorial - 1
    return _ROOMS[room] if room < len(_ROOMS) else f"Phòng nghiệp vụ {room + 1}"


def _position(unit: int, place: int) -> str:
    if unit == 0:
        return _OFFICE[place][1]
    first = {HEAD: "Trưởng đơn vị", DRAFTER: "Cán bộ thi đua", DEPUTY: "Phó trưởng đơn vị"}
    return first.get(place) or _LOWER_POSITIONS[place % len(_LOWER_POSITIONS)]


def _clusters(unit_count: int, territorial: int) -> tuple[ClusterPlan, ...]:
    numbers = range(1, unit_count + 1)
    parts = [
        *(("cluster", "Cụm", part) for part in _parts(numbers[:territorial])),
        *(("block", "Khối", part) for part in _parts(numbers[territorial:])),
    ]
    return tuple(
        ClusterPlan(number, f"{word} thi đua số {number}", kind, tuple(part))
        for number, (kind, word, part) in enumerate(parts, start=1)
    )


def _parts(numbers: Sequence[int]) -> Iterator[Sequence[int]]:
    """Cut the units into clusters of at most eight."""
    count = -(-len(numbers) // _UNITS_PER_CLUSTER)
    for part in range(count):
        yield numbers[part * len(numbers) // count : (part + 1) * len(numbers) // count]


def unit_of_the_admin(unit_count: int) -> int:
    """Return the number of the unit for digital matters, whose papers whoever administers writes as well."""
    return unit_count - unit_count // 3 + 4


def _players(unit_count: int) -> Iterator[Player]:
    papers_of_admin = f"{Role.NOMINATOR}@unit:{unit_code(unit_of_the_admin(unit_count))}"
    for place, (mailbox, _, keys) in enumerate(_OFFICE):
        more = (papers_of_admin,) if mailbox == "admin" else ()
        yield Player(mailbox, person_code(0, place), (*keys, *more))
    for number in range(1, unit_count + 1):
        seat = f"unit:{unit_code(number)}"
        mark = "" if number == 1 else f"-{number:02}"
        head = (f"{Role.UNIT_REVIEWER}@{seat}", f"{Role.HEAD}@{seat}")
        # The second unit's head leads the first cluster in a demo, and tries that.
        mailbox = "cluster-head" if number == LEADS_THE_FIRST_CLUSTER else f"unit-head{mark}"
        yield Player(mailbox, person_code(number, HEAD), head)
        yield Player(f"nominator{mark}", person_code(number, DRAFTER), (f"{Role.NOMINATOR}@{seat}",))
        yield Player(f"unit-deputy{mark}", person_code(number, DEPUTY), (f"{Role.UNIT_DEPUTY}@{seat}",))
