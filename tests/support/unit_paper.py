"""A unit's paper with its list, composed and acted on by JSON as its people do."""

from typing import Any

from werkzeug.test import TestResponse

from tests.support.interface import Interface
from tests.support.papers import sent
from tests.support.sector import ROUND, colleagues_of, rows_for


class Paper:
    """One unit's paper with its list, acted on at the version it has."""

    def __init__(self, sector: Interface, unit: str, rows: list[dict[str, object]]) -> None:
        self.sector, self.unit = sector, unit
        words = {"number": f"12/TTr-{unit}", "signed_on": "2026-03-02", "signer": f"Thủ trưởng {unit}"}
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
