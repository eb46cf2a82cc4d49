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


def test_codes_of_every_kind_are_found_however_they_are_typed(interface: Interface, session: Session) -> None:
    session.execute(update(Round).where(Round.code == ROUND).values(code="Đợt\u00a01"))
    session.commit()
    typed = {"round": "đợt 1", "award": "cstdcs", "unit": "vks-ag", "person": "NV04"}
    drafted = interface.post("nominator", "/nominations", typed)
    assert drafted.status_code == 201, drafted.text
    row = {"person": "nv05", "awards": ["cstđcs".replace("đ", "d")]}
    listed = {"round": "ĐỢT 1", "unit": "Vks-Ag", "rows": [row]}
    assert interface.post("nominator", "/submissions", listed).status_code == 201
    twice = interface.post("nominator", "/submissions", listed)
    assert (twice.status_code, twice.json["reasons"][0]["code"]) == (422, "row_already_proposed")
    for path in ("/nominations?round=đợt 1&unit=vks-ag&award=CstdCs", "/submissions?round=đợt 1&unit=vks-ag"):
        assert len(interface.get("nominator", path).json["items"]) == 2 - ("submissions" in path), path
    movement = {"code": "PT", "title": "Thi đua", "year": 2026, "owner": "vkstc"}
    assert interface.post("admin", "/campaigns", movement).status_code == 201
    below = {**movement, "code": "PT-2", "parent": "pt"}
    assert interface.post("admin", "/campaigns", below).json["parent"] == "PT"
    opening = {"code": "R2", "title": "Đợt", "year": 2027, "owner": "vkstc", "campaign": "pt-2"}
    opening |= {"units": ["vks-dt"], "awards": ["cstdcs"], "previous": "đợt 1"}
    opening["dates"] = {"unit_deadline": "2027-10-29"}
    assert interface.post("admin", "/rounds", opening).status_code == 201
    cluster = {"year": 2027, "owner": "vkstc", "number": 1, "name": "Cụm", "members": ["vks-ag", "VKS-DT"]}
    made = interface.post("admin", "/clusters", cluster)
    assert (made.status_code, made.json["code"]) == (201, "2027/VKSTC/1")
    officers = {"head": "vks-ag", "deputy": "vks-dt", "how": "appointed"}
    path = f"/clusters/{made.json['id']}/actions/set_officers"
    assert interface.post("admin", path, officers).json["head"]["unit"]["code"] == "VKS-AG"
    assert len(interface.get("admin", "/clusters?year=2027&owner=vkstc").json["items"]) == 1
    assert interface.get("admin", "/clusters/rotation?owner=vkstc&year=2028").status_code == 200
    bar = {"unit": "vks-dt", "year": 2026, "reason": "Kỷ luật."}
    assert interface.post("admin", "/clusters/barred", bar).status_code == 204
    assert interface.call("admin", "DELETE", "/clusters/barred/vks-dt/2026").status_code == 204


def test_a_unit_answers_by_its_code_however_it_is_typed(interface: Interface, session: Session) -> None:
    opening = {"code": "R2", "title": "Đợt", "year": 2027, "owner": "VKSTC", "units": ["VKS-AG"]}
    opening["dates"] = {"unit_deadline": "2027-10-29"}
    assert interface.post("admin", "/rounds", opening).status_code == 201
    paper = {"number": "1/CV", "signed_on": "2026-02-27", "signer": "Hoa"}
    answered = interface.post("nominator", "/rounds/r2/returns/vks-ag/answer", paper)
    assert [one["unit"]["code"] for one in answered.json["items"]] == ["VKS-AG"]
    assert interface.post("nominator", "/rounds/r2/returns/vks-ag/reopen", {}).status_code == 200
    foreign = interface.post("other_nominator", "/rounds/r2/returns/vks-ag/answer", paper)
    assert (foreign.status_code, "vks-ag" in foreign.json["detail"]) == (403, True)
