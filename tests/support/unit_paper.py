"""A unit's paper with its list, composed and acted on by JSON as its people do."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from tests.conftest import Database
from tests.support.applications import application
from tests.support.interface import Interface, settings_for_tests
from tests.support.pages import give_passwords
from tests.support.papers import sent
from tests.support.sector import FIRST, OPENING, ROUND, UNITS, colleagues_of, rows_for, sector_files, settle
from workflow.clock import FixedClock


class Paper:
    """One unit's paper with its list, acted on at the version it has."""

    def __init__(self, sector: Interface, unit: str, rows: list[dict[str, object]], number: int = 12) -> None:
        self.sector, self.unit = sector, unit
        words = {"number": f"{number}/TTr-{unit}", "signed_on": "2026-03-02", "signer": f"Thủ trưởng {unit}"}
        body = {"round": ROUND, "unit": unit, "rows": rows, **words}
        self.made = sector.post(f"{unit}-CB", "/submissions", body)
        assert self.made.status_code == 201, self.made.text
        self.path = f"/submissions/{self.made.json['submissions'][0]['id']}"
        for kind in ("proposal", "meeting_minutes"):
            filed = sent(sector, f"{unit}-CB", f"{self.path}/attachments", kind=kind, name=f"{kind}.pdf")
            assert filed.status_code == 201, filed.text

    @property
    def names(self) -> dict[str, int]:
        """The nominations by the person's code, in the order of the rows."""
        found = self.sector.get(f"{self.unit}-CB", self.path).json["list"]
        return {row["person"]: row["awards"][0]["nomination_id"] for row in found}

    def act(self, part: str, action: str, **body: Any) -> TestResponse:
        version = self.sector.get(part, self.path).json["paper"]["version"]
        answer = self.sector.post(part, f"{self.path}/actions/{action}", {"version": version, **body})
        assert answer.status_code == 200, answer.text
        return answer

    def states(self, part: str = "QT") -> dict[str, str]:
        found = self.sector.get(part, self.path).json["list"]
        return {row["person"]: row["awards"][0]["state"] for row in found}


def sent_by(sector: Interface, unit: str) -> Paper:
    """Have a unit compose its small list, send it to review and agree to all of it."""
    paper = Paper(sector, unit, rows_for(colleagues_of(unit, 1)))
    assert paper.act(f"{unit}-CB", "submit").json["done"] == 1
    assert paper.act(f"{unit}-TT", "approve").json["done"] == 1
    return paper


def waiting_paper(
    session: Session, database: Database, clock: FixedClock, folder: Path, people: Sequence[str]
) -> Paper:
    """Set up two units, and have the list of the first with these of its people wait for its head."""
    office = settle(session, clock.now(), sector_files(UNITS[:2], len(people)))
    give_passwords(session)
    app = application(settings_for_tests(folder), sessions=database.sessions, clock=clock)
    interface = Interface(app, office, clock)
    assert interface.post("GS", "/rounds", OPENING).status_code == 201
    paper = Paper(interface, FIRST, rows_for(people))
    assert paper.act(f"{FIRST}-CB", "submit").json["done"] == len(people)
    return paper
