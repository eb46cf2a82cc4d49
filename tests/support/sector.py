"""A sector that owes a round: one office, twenty units below it, as files that anybody could import.

Nobody here exists. Each unit has a nominator (`-CB`), a head who also reviews (`-TT`), a deputy (`-PT`) and
colleagues (`-01` and on); `AWARD` asks only for papers of the list, so that a list is soon complete.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support.importing import Desk
from tests.support.office import Office
from workflow.store.access import Account

TOP: Final = "VKSTC"
ROUND: Final = "2026-KT"
AWARD: Final = "LDTT"
CLUSTER: Final = f"2026/{TOP}/1"
UNITS: Final = tuple(f"DV{number:02}" for number in range(1, 21))
FIRST: Final = UNITS[0]
SILENT: Final = ("DV07", "DV13")
COLLEAGUES: Final = 13
OPENING: Final = {
    "code": ROUND,
    "title": "Đợt xét khen thưởng năm 2026",
    "year": 2026,
    "owner": TOP,
    "dates": {"upper_deadline": "2026-06-30"},
    "awards": [AWARD, "CSTDCS", "TTLDXS"],
    "propose_dates": True,
    "all_units": True,
}
COUNTS: Final = {"members": 9, "in_favour": 7, "against": 1, "blank": 1}
_OFFICE: Final = {
    "QT": "admin@all",
    "GS": f"supervisor@unit:{TOP}",
    "TD": f"appraiser@council:{TOP}",
    "TK": f"council_secretary@council:{TOP}",
    "VT": f"head@unit:{TOP}",
}
_SEATS: Final = {
    "CB": ("nominator",),
    "TT": ("unit_reviewer", "head"),
    "PT": ("unit_deputy",),
}


@dataclass(frozen=True, slots=True)
class Files:
    """The sector as files, in the order in which they are imported."""

    org: str
    people: str
    clusters: str
    accounts: str

    def in_order(self) -> Sequence[tuple[str, str]]:
        """Return each kind of file with its text."""
        return (
            ("org", self.org),
            ("people", self.people),
            ("clusters", self.clusters),
            ("accounts", self.accounts),
        )


def sector_files(units: Sequence[str] = UNITS, colleagues: int = COLLEAGUES) -> Files:
    """Return the files of a sector with these units; the first has that many colleagues, the others one."""
    org = ["code,name,parent,officer,telephone,valid_from,council"]
    org.append(f"{TOP},Viện kiểm sát nhân dân tối cao,,Lê Văn Tâm,024 3825 5058,2020-01-01,Hội đồng ngành")
    people = ["code,name,unit,position"]
    accounts = ["email,name,person,grants"]
    clusters = ["year,owner,number,name,kind,unit,role,how"]
    for part, key in _OFFICE.items():
        people.append(f"{part},Cán bộ {part} của ngành,{TOP},")
        accounts.append(f"{part.lower()}@example.vn,Cán bộ {part},{part},{key}")
    for place, unit in enumerate(units):
        org.append(f"{unit},{name_of(unit)},{TOP},{officer_of(unit)},{telephone_of(unit)},2020-01-01,")
        role = {0: "cụm phó", 1: "cụm trưởng"}.get(place, "thành viên")
        clusters.append(f"2026,{TOP},1,Cụm thi đua số 1,cụm,{unit},{role},")
        for part, roles in _SEATS.items():
            people.append(f"{unit}-{part},Cán bộ {part} của {unit},{unit},Kiểm sát viên")
            keys = ";".join(f"{role}@unit:{unit}" for role in roles)
            accounts.append(f"{unit.lower()}-{part.lower()}@example.vn,{unit} {part},{unit}-{part},{keys}")
        people += [
            f"{code},Người số {number} của {unit},{unit},Kiểm sát viên"
            for number, code in enumerate(colleagues_of(unit, colleagues if place == 0 else 1), 1)
        ]
    return Files(*("\n".join(lines) + "\n" for lines in (org, people, clusters, accounts)))


def settle(session: Session, now: datetime, files: Files | None = None) -> Office:
    """Import the sector, and return its people by the code of the person."""
    desk = Desk(session, now)
    for kind, text in (files or sector_files()).in_order():
        desk.take(kind, text)
    rows = session.execute(select(Account.name, Account.email, Account.id)).all()
    return Office({row.email.partition("@")[0].upper(): row.id for row in rows}, session)


def name_of(unit: str) -> str:
    """Return the name of a unit."""
    return f"VKSND tỉnh số {unit.removeprefix('DV')}"


def officer_of(unit: str) -> str:
    """Return the name of the officer in charge at a unit."""
    return f"Đầu mối {unit}"


def telephone_of(unit: str) -> str:
    """Return the telephone of a unit."""
    return f"0299 300 1{unit.removeprefix('DV')}"


def colleagues_of(unit: str, count: int) -> list[str]:
    """Return the codes of a unit's colleagues."""
    return [f"{unit}-{number:02}" for number in range(1, count + 1)]


def rows_for(people: Sequence[str], award: str = AWARD) -> list[dict[str, object]]:
    """Return the rows of a list that proposes these people."""
    said = {"achievement": "Hoàn thành xuất sắc nhiệm vụ được giao.", "proposer": "Cán bộ đầu mối"}
    return [{"person": person, "awards": [award], **said} for person in people]
