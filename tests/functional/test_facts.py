"""What is known of people: out of a file, said and corrected by others than oneself, and what is missing."""

from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from tests.support.importing import Desk, everything
from tests.support.interface import Interface
from tests.support.office import AG
from workflow.queries.history.audit import verify_chains
from workflow.store.access import Account
from workflow.store.history import Event
from workflow.store.organisation import Person
from workflow.store.records import PersonFact

FILE = (
    "mã cán bộ,họ và tên,ngày tuyển dụng,năm,xếp loại,số tháng nghỉ,kỷ luật,kỷ luật từ ngày,"
    "sáng kiến,số quyết định sáng kiến\n"
    "NV04,,01/09/2019,2025,Hoàn thành tốt nhiệm vụ,0,không,,cơ sở,7/QĐ-VKS\n"
    "NV05,,,2025,xuất sắc,,khiển trách,12/05/2025,không,\n"
    ",Lý Thị Cúc,,2025,,4,,,,\n"
)

GRADES = (
    "excellent, good, complete, incomplete, hoàn thành xuất sắc nhiệm vụ, xuất sắc, hoàn thành tốt nhiệm vụ,"
    " tốt, hoàn thành nhiệm vụ, không hoàn thành nhiệm vụ"
)


def standing(session: Session) -> list[tuple[object, ...]]:
    rows = session.execute(
        select(Person.code, PersonFact.kind, PersonFact.year, PersonFact.value, PersonFact.months)
        .join(Person, Person.id == PersonFact.person_id)
        .where(PersonFact.replaced_at.is_(None))
        .order_by(Person.code, PersonFact.kind, PersonFact.year, PersonFact.value)
    )
    return [tuple(row) for row in rows]


def say(interface: Interface, part: str, code: str = "NV04", **said: Any) -> Any:
    return interface.post(
        part, f"/people/{code}/facts", {"kind": "grade", "year": 2025, "value": "good", **said}
    )


def test_a_file_says_several_things_in_a_row_and_is_taken_back(
    interface: Interface, session: Session
) -> None:
    desk = Desk(session, interface.clock.now())
    before = everything(session)
    assert len(desk.look("facts", FILE).new) == 9
    assert everything(session) == before
    done = desk.take("facts", FILE)
    assert len(done.new) == 9
    assert standing(session) == [
        ("NV03", "absence", 2025, "", 4),
        ("NV04", "absence", 2025, "", 0),
        ("NV04", "discipline", 2025, "none", None),
        ("NV04", "grade", 2025, "good", None),
        ("NV04", "initiative", 2025, "base", None),
        ("NV04", "recruited", 2019, "", None),
        ("NV05", "discipline", 2025, "reprimand", None),
        ("NV05", "grade", 2025, "excellent", None),
        ("NV05", "initiative", 2025, "none", None),
    ]
    assert desk.take("facts", FILE).batch_id is None
    # That there was discipline after all takes the place of there having been none.
    mended = desk.take("facts", "person,year,discipline,discipline_from\nNV04,2025,cảnh cáo,2025-11-03\n")
    first = mended.changed[0].fields[0]
    assert (first.field, first.old, first.new) == ("discipline", "none", "warning")
    assert ("NV04", "discipline", 2025, "warning", None) in standing(session)
    assert ("NV04", "discipline", 2025, "none", None) not in standing(session)
    desk.undo()
    assert ("NV04", "discipline", 2025, "none", None) in standing(session)


def test_what_cannot_be_is_named_cell_by_cell(interface: Interface, session: Session) -> None:
    assert Desk(session, interface.clock.now()).bad(
        "facts",
        "person,name,year,grade,months_absent,discipline,discipline_from,recruited_on\n"
        "NV04,,,good,,,,\n"
        "NV04,,2025,great,13,,,\n"
        ",Nobody Known,2025,good,,,,\n"
        "NV05,,2025,,,warning,,\n"
        "NV05,,2099,good,,,,\n"
        "NV03,,2025,good,,,,\n"
        "NV03,,2025,complete,,,,\n"
        "NV02,,,,,,,2030-01-01\n",
    ) == [
        "line 2, year: is required",
        f"line 3, grade 'great': must be one of {GRADES}",
        "line 3, months_absent '13': must be a whole number from 0 to 12",
        "line 4, name 'Nobody Known': nobody is known by this name",
        "line 5, discipline_from: is required",
        "line 6, year '2099': lies in the future",
        "line 8, grade 'complete': is there twice; the first is in line 7",
        "line 9, recruited_on '2030-01-01': lies in the future",
    ]


@pytest.mark.parametrize(
    ("part", "status"),
    [
        *((part, 200) for part in ("nominator", "reviewer", "deputy", "admin")),
        *((part, 404) for part in ("stranger", "other_reviewer", "supervisor", "secretary")),
    ],
)
def test_who_sits_in_the_unit_or_over_it_says_what_is_known(
    interface: Interface, session: Session, part: str, status: int
) -> None:
    assert say(interface, part).status_code == status
    assert len(standing(session)) == (status == 200)


def test_nobody_says_anything_of_themselves(interface: Interface, session: Session) -> None:
    person_id = session.scalar(select(Person.id).where(Person.code == "NV04"))
    session.execute(
        update(Account).where(Account.id == interface.office.ids["nominator"]).values(person_id=person_id)
    )
    session.commit()
    refused = say(interface, "nominator")
    assert (refused.status_code, refused.json["reasons"][0]["code"]) == (403, "not_yours_to_say")
    assert interface.get("nominator", "/people/NV04/record").json["may_say"] is False
    assert standing(session) == []


def test_a_correction_keeps_what_was_said_and_is_in_the_history(
    interface: Interface, session: Session
) -> None:
    assert say(interface, "nominator").status_code == 200
    assert say(interface, "nominator").status_code == 200
    assert say(interface, "reviewer", value="excellent").status_code == 200
    found = interface.get("deputy", "/people/NV04/record").json
    assert [(one["value"], one["said_by"], bool(one["replaced_at"])) for one in found["facts"]] == [
        ("excellent", "reviewer NV02", False),
        ("good", "nominator NV01", True),
    ]
    events = session.scalar(select(func.count()).select_from(Event).where(Event.action == "say_fact"))
    assert events == 2
    assert verify_chains(session).problems == ()
    for wrong, field in (
        ({"value": "great"}, "value"),
        ({"kind": "recruited", "value": ""}, "from_on"),
        ({"kind": "absence", "value": ""}, "months"),
        ({"kind": "discipline", "value": "warning"}, "from_on"),
        ({"year": 2027}, "year"),
    ):
        refused = say(interface, "reviewer", **wrong)
        assert (refused.status_code, refused.json["errors"][0]["field"]) == (422, field), wrong


def test_a_record_says_what_is_missing_for_the_next_award_and_of_which_year(interface: Interface) -> None:
    say(interface, "reviewer", year=2026)
    found = interface.get("reviewer", "/people/NV04/record?year=2026").json["advice"]
    assert [one["award"]["code"] for one in found] == ["LDTT", "CSTDCS", "CSTD_NGANH"]
    rules = [one["check"] for one in found[0]["rules"]]
    assert [(one["rule"], one["verdict"]) for one in rules] == [
        ("grade_at_least", "passed"),
        ("recruited_for", "unknown"),
        ("absent_less_than", "unknown"),
        ("no_discipline_from", "unknown"),
    ]
    assert rules[0]["facts"][0]["value"] == "good"
    assert rules[0]["confidence"] == "S2"
    assert "Điều 24" in rules[0]["source"]["vi"]
    assert [(gap["kind"], gap["year"]) for gap in rules[3]["missing"]] == [("discipline", 2026)]


def test_a_nomination_is_advised_on_and_its_nominee_is_not_told_of_others(
    interface: Interface, session: Session
) -> None:
    made = interface.office.draft(interface.clock.now())
    interface.office.draft(interface.clock.now(), award_code="LDTT", person_code="NV05")
    path = f"/nominations/{made.nomination_id}/advice"
    found = interface.get("reviewer", path).json
    assert (found["person"], found["advice"]["award"]["code"]) == ("NV04", "CSTDCS")
    cap = found["advice"]["cap"]
    assert (cap["count"], cap["of"], cap["most"], cap["verdict"]) == (1, 1, 0, "unknown")
    assert interface.get("stranger", path).status_code == 404
    person_id = session.scalar(select(Person.id).where(Person.code == "NV04"))
    session.execute(
        update(Account).where(Account.id == interface.office.ids["nominator"]).values(person_id=person_id)
    )
    session.commit()
    assert interface.get("nominator", path).json["advice"]["cap"] is None


def test_a_collective_is_advised_on_by_its_members(interface: Interface, session: Session) -> None:
    desk = Desk(session, interface.clock.now())
    desk.take("history", "year,award,person,unit\n" + "".join(f"2026,LDTT,NV0{n},{AG}\n" for n in (1, 2, 3)))
    desk.take("facts", "person,year,discipline\n" + "".join(f"NV0{n},2026,không\n" for n in range(1, 6)))
    made = interface.office.draft(interface.clock.now(), award_code="TTLDTT", person_code=None)
    found = interface.get("reviewer", f"/nominations/{made.nomination_id}/advice").json["advice"]
    assert [
        (one["check"]["verdict"], one["check"]["count"], one["check"]["of"]) for one in found["rules"]
    ] == [
        ("passed", 3, 5),
        ("passed", 5, 5),
    ]


def test_discipline_that_lasts_into_the_year_counts_for_the_collective_as_for_its_member(
    interface: Interface, session: Session
) -> None:
    desk = Desk(session, interface.clock.now())
    desk.take("facts", "person,year,discipline\n" + "".join(f"NV0{n},2026,không\n" for n in range(1, 6)))
    desk.take(
        "facts",
        "person,year,discipline,discipline_from,discipline_until\nNV05,2025,cảnh cáo,2025-08-01,2026-02-01\n",
    )
    made = interface.office.draft(interface.clock.now(), award_code="TTLDTT", person_code=None)
    found = interface.get("reviewer", f"/nominations/{made.nomination_id}/advice").json["advice"]
    assert [one["check"]["verdict"] for one in found["rules"]][1] == "failed"


def test_the_forms_say_it_and_show_what_is_wrong_beside_its_field(desk: Any, session: Session) -> None:
    reviewer = desk("nv02@example.vn")
    page = reviewer.open("/people/NV04").get_data(as_text=True)
    assert "Chưa có thông tin: Xếp loại, năm 2026." in page
    assert "/people/NV04/facts/grade?year=2026" in page.replace("&amp;", "&")
    reviewer.open("/people/NV04/facts/discipline?year=2025")
    assert reviewer.send("/facts/discipline", {"year": "2025", "value": "warning"}).status_code == 422
    assert "Cần điền mục này." in reviewer.text
    sent = {"year": "2025", "value": "warning", "from_on": "3/11/2025", "number": "4/QĐ"}
    assert reviewer.send("/facts/discipline", sent).status_code == 303
    shown = reviewer.follow().get_data(as_text=True)
    assert "Đã ghi nhận." in shown
    assert "cảnh cáo" in shown
    reviewer.open("/people/NV04/facts/recruited")
    assert reviewer.send("/facts/recruited", {"from_on": "1/9/2019"}).status_code == 303
    assert ("NV04", "recruited", 2019, "", None) in standing(session)
    assert reviewer.open("/people/NV04/facts/else").status_code == 404
    assert desk("nv12@example.vn").open("/people/NV04/facts/grade").status_code == 404
