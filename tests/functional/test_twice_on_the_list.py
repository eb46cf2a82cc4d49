"""Somebody stands on the list of people under two codes: what an office does (`docs/operations.md`)."""

from typing import Any

import pytest
from sqlalchemy.orm import Session

from tests.support.importing import Desk
from tests.support.interface import Interface
from tests.support.office import AG
from workflow.queries.choices import draft_choices

KEPT, OTHER = "NV61", "NV61B"
ROWS = "year,award,person,unit,number,decided_on,revoked\n"
GIVEN = "VKSND tỉnh An Giang,12/QĐ-VKS,2024-12-19"


@pytest.fixture
def desk(interface: Interface, session: Session) -> Desk:
    """Have one person on the list twice, with an award and a grade under the code that is not kept."""
    desk = Desk(session, interface.clock.now())
    desk.take(
        "people",
        "code,name,unit,position,born_on\n"
        f"{KEPT},Nguyễn Huy Tiến,{AG},Kiểm sát viên,02/03/1980\n"
        f"{OTHER},Nguyễn Huy Tiến,{AG},Kiểm sát viên,02/03/1980\n",
    )
    desk.take("history", f"{ROWS}2024,CSTDCS,{OTHER},{GIVEN},\n")
    return desk


def awards_of(interface: Interface, code: str) -> list[Any]:
    record = interface.get("reviewer", f"/people/{code}/record").json
    return [(one["year"], one["award"]["code"], one["number"]) for one in record["awards"]]


def test_what_was_given_goes_to_the_code_that_is_kept_and_the_other_is_offered_no_more(
    desk: Desk, interface: Interface, session: Session
) -> None:
    desk.take("history", f"{ROWS}2024,CSTDCS,{OTHER},{GIVEN},có\n2024,CSTDCS,{KEPT},{GIVEN},\n")
    today = f"{interface.clock.now():%d/%m/%Y}"
    desk.take("people", f"code,name,unit,left_on\n{OTHER},Nguyễn Huy Tiến,{AG},{today}\n")
    assert awards_of(interface, KEPT) == [(2024, "CSTDCS", "12/QĐ-VKS")]
    assert awards_of(interface, OTHER) == []
    now = interface.clock.now()
    nominator = interface.office.actor("nominator", now)
    offered = draft_choices(session, actor=nominator, today=now.date()).people
    assert [one.code for one in offered if one.name == "Nguyễn Huy Tiến"] == [KEPT]
    # From then on their name alone means who is still there.
    desk.take(
        "history",
        "year,award,name,born_on,unit,number,decided_on\n"
        "2025,LDTT,Nguyễn Huy Tiến,02/03/1980,VKSND tỉnh An Giang,13/QĐ-VKS,2025-12-18\n",
    )
    assert awards_of(interface, KEPT)[0] == (2025, "LDTT", "13/QĐ-VKS")
