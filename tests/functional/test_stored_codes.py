"""Codes that were stored before there was one spelling are found however they are typed now."""

from urllib.parse import quote

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tests.support.interface import Interface
from tests.support.office import ROUND
from workflow.store.awards import Round


@pytest.mark.parametrize("blank", ["\u00a0", "\u2003", "\u3000"])
def test_a_round_stored_with_another_blank_is_found(
    interface: Interface, session: Session, blank: str
) -> None:
    session.execute(update(Round).where(Round.code == ROUND).values(code=f"Đợt{blank}1"))
    session.commit()
    for said in ("Đợt 1", f"Đợt{blank}1", "đợt 1"):
        for part in ("", "/returns", "/board"):
            answer = interface.get("supervisor", f"/rounds/{quote(said)}{part}")
            assert answer.status_code == 200, (said, part, answer.text)
    moved = {"date": "unit_deadline", "day": "2026-12-20", "reason": "Bão.", "preview": True}
    address = f"/rounds/{quote('Đợt 1')}/actions"
    assert interface.post("supervisor", f"{address}/extend", moved).status_code == 200
    assert interface.post("supervisor", f"{address}/close", {}).status_code == 200
    assert session.scalar(select(Round.closed_at).where(Round.code == f"Đợt{blank}1")) is not None


def test_where_two_codes_read_the_same_none_is_guessed(interface: Interface, session: Session) -> None:
    session.execute(update(Round).where(Round.code == ROUND).values(code="Đợt\u00a01"))
    days = {"unit_deadline": "2026-10-30"}
    twin = {"code": "ĐỢT\u20031", "title": "Đợt", "year": 2027, "owner": "VKSTC", "dates": days}
    session.commit()
    assert interface.post("admin", "/rounds", twin).status_code == 201
    assert interface.get("supervisor", f"/rounds/{quote('đợt 1')}").status_code == 404
    assert interface.get("supervisor", f"/rounds/{quote('ĐỢT 1')}").status_code == 200
