"""Looking somebody up and reading what they were given: in JSON, on the page, by whom and by nobody else."""

from typing import Any

import pytest
from sqlalchemy import insert, select, text, update
from sqlalchemy.orm import Session

from tests.conftest import Database
from tests.support.importing import Desk
from tests.support.interface import Interface
from tests.support.office import AG, DT, PAPER
from tests.support.pages import Browser
from tests.support.plans import asked, explained
from workflow.domain.names import name_search, name_sort
from workflow.queries.people.search import find_people
from workflow.store.access import Account
from workflow.store.awards import AwardEdition
from workflow.store.nominations import Nomination
from workflow.store.organisation import Person, Unit

TIEN = "NV61"


@pytest.fixture
def tien(interface: Interface, session: Session) -> None:
    """Have Nguyễn Huy Tiến in An Giang with three years behind him, from a unit that is no more."""
    desk = Desk(session, interface.clock.now())
    desk.take("people", f"code,name,unit,position\n{TIEN},Nguyễn Huy Tiến,{AG},Kiểm sát viên sơ cấp\n")
    desk.take(
        "history",
        "year,award,person,unit,number,decided_on\n"
        f"2023,LDTT,{TIEN},VKSND huyện Chợ Mới,11/QĐ-VKS,2023-12-20\n"
        f"2024,CSTDCS,{TIEN},VKSND huyện Chợ Mới,12/QĐ-VKS,2024-12-19\n"
        f"2025,CSTDCS,{TIEN},VKSND tỉnh An Giang,13/QĐ-VKS,2025-12-18\n",
    )


def read(interface: Interface, part: str, code: str = TIEN) -> Any:
    return interface.get(part, f"/people/{code}/record")


@pytest.mark.usefixtures("tien")
def test_three_years_are_found_by_a_name_without_marks(interface: Interface) -> None:
    found = interface.get("reviewer", "/people?q=nguyen+huy+tien").json
    assert [one["code"] for one in found["items"]] == [TIEN]
    assert interface.get("reviewer", f"/people?q={TIEN.lower()}").json["items"] == found["items"]
    record = read(interface, "reviewer").json
    assert [
        (one["year"], one["award"]["code"], one["number"], one["unit_then"]) for one in record["awards"]
    ] == [
        (2025, "CSTDCS", "13/QĐ-VKS", "VKSND tỉnh An Giang"),
        (2024, "CSTDCS", "12/QĐ-VKS", "VKSND huyện Chợ Mới"),
        (2023, "LDTT", "11/QĐ-VKS", "VKSND huyện Chợ Mới"),
    ]
    assert {one["source"] for one in record["awards"]} == {"import"}


@pytest.mark.usefixtures("tien")
@pytest.mark.parametrize(
    ("part", "status"),
    [
        *((part, 200) for part in ("nominator", "reviewer", "deputy", "admin")),
        *((part, 404) for part in ("other_reviewer", "stranger", "cluster_head", "secretary", "supervisor")),
    ],
)
def test_whoever_sits_in_the_unit_reads_a_record_and_others_are_told_nothing(
    interface: Interface, part: str, status: int
) -> None:
    assert read(interface, part).status_code == status
    found = interface.get(part, "/people?q=huy").json["items"]
    assert bool(found) is (status == 200)
    assert read(interface, part, "NV99").status_code == 404


@pytest.mark.usefixtures("tien")
def test_a_file_that_was_sent_on_opens_the_record_to_those_it_reached(
    interface: Interface, session: Session
) -> None:
    made = interface.office.draft(interface.clock.now(), person_code=TIEN)
    assert read(interface, "supervisor").status_code == 404
    interface.office.act("nominator", made.nomination_id, "submit", interface.clock.now())
    assert read(interface, "secretary").status_code == 404
    interface.office.act("reviewer", made.nomination_id, "approve", interface.clock.now())
    assert read(interface, "secretary").status_code == 200
    assert read(interface, "supervisor").status_code == 200
    assert read(interface, "stranger").status_code == 404
    # Who drafted it and left the unit sees the file, which is theirs, and not the person.
    session.execute(
        text('UPDATE "grant" SET valid_to = valid_from WHERE key LIKE :key'), {"key": "nominator%"}
    )
    session.commit()
    assert read(interface, "nominator").status_code == 404


@pytest.mark.usefixtures("tien")
def test_oneself_reads_their_own(interface: Interface, session: Session) -> None:
    person_id = session.scalar(select(Person.id).where(Person.code == TIEN))
    session.execute(
        update(Account).where(Account.id == interface.office.ids["stranger"]).values(person_id=person_id)
    )
    session.commit()
    assert read(interface, "stranger").json["name"] == "Nguyễn Huy Tiến"


@pytest.mark.usefixtures("tien")
def test_what_was_decided_here_and_is_listed_too_is_there_once(
    interface: Interface, session: Session
) -> None:
    now = interface.clock.now()
    office = interface.office
    made = office.draft(now, person_code=TIEN, award_code="LDTT")
    office.act("nominator", made.nomination_id, "submit", now)
    office.act("reviewer", made.nomination_id, "approve", now)
    assert len(read(interface, "reviewer").json["awards"]) == 3
    office.act("unit_head", made.nomination_id, "approve", now, decision=PAPER)
    [first, *others] = read(interface, "reviewer").json["awards"]
    assert (first["year"], first["number"], first["source"]) == (2026, PAPER.number, "nomination")
    assert first["nomination_id"] == made.nomination_id
    assert first["unit_then"] == "VKSND tỉnh An Giang"
    Desk(session, now).take("history", f"year,award,person,unit,number\n2026,LDTT,{TIEN},Nơi khác,99/QĐ\n")
    assert read(interface, "reviewer").json["awards"] == [first, *others]
    # An award decided above is nobody's before the answer came down.
    session.execute(update(AwardEdition).values(level="state"))
    session.commit()
    assert read(interface, "reviewer").json["awards"][0]["number"] == "99/QĐ"
    session.execute(update(Nomination).values(upper_outcome="awarded"))
    session.commit()
    assert read(interface, "reviewer").json["awards"] == [first, *others]


def test_the_page_is_found_from_the_menu_and_says_what_the_interface_says(
    desk: Any, session: Session, office: Any, clock: Any
) -> None:
    importing = Desk(session, clock.now())
    importing.take("people", f"code,name,unit\n{TIEN},Nguyễn Huy Tiến,{AG}\n")
    importing.take(
        "history", f"year,award,person,unit,number\n2024,CSTDCS,{TIEN},VKSND huyện Chợ Mới,12/QĐ-VKS\n"
    )
    reviewer: Browser = desk("nv02@example.vn")
    assert 'href="/people"' in reviewer.open("/").get_data(as_text=True)
    assert reviewer.open("/people").status_code == 200
    assert f'href="/people/{TIEN}"' in reviewer.open("/people?q=HUY+TIẾN").get_data(as_text=True)
    reviewer.open(f"/people/{TIEN}")
    for words in ("Năm 2024", "Chiến sĩ thi đua cơ sở", "12/QĐ-VKS", "Khi đó ở: VKSND huyện Chợ Mới"):
        assert words in reviewer.text
    assert "Không có ai như vậy" in desk("nv12@example.vn").open("/people?q=tien").get_data(as_text=True)
    other = desk("nv14@example.vn")
    assert other.open(f"/people/{TIEN}").status_code == 404
    other.open("/me/record")
    assert "Chưa có danh hiệu" in other.text


def test_a_name_is_looked_up_in_an_index_among_fifteen_thousand(
    interface: Interface, session: Session, database: Database
) -> None:
    unit_id = session.scalar(select(Unit.id).where(Unit.code == DT))
    names = [f"Nguyễn {chr(65 + n % 26)}{n} Tiến {n}" for n in range(15_000)]
    session.execute(
        insert(Person),
        [
            {
                "code": f"B{n}",
                "name": name,
                "name_search": name_search(name),
                "name_sort": name_sort(name),
                "unit_id": unit_id,
            }
            for n, name in enumerate(names)
        ],
    )
    session.commit()
    session.execute(text("ANALYZE person"))
    actor = interface.office.actor("other_reviewer", interface.clock.now())
    with asked(database) as sent:
        page = find_people(
            session, actor=actor, q="tiến 1234", now=interface.clock.now(), limit=50, cursor=None
        )
    assert {one.code for one in page.items} == {"B1234", *(f"B1234{n}" for n in range(10))}
    [(statement, told)] = [one for one in sent if "trigrams" in one[0]]
    read_rows = explained(session, statement, told)
    assert any(index == "ix_person_trigrams" for _, index, _ in read_rows)
    assert max(rows for _, _, rows in read_rows) < 100
    everybody: set[str] = set()
    cursor = None
    while True:
        page = find_people(
            session, actor=actor, q="nguyen", now=interface.clock.now(), limit=4000, cursor=cursor
        )
        assert everybody.isdisjoint(one.code for one in page.items)
        everybody |= {one.code for one in page.items}
        cursor = page.next
        if cursor is None:
            break
    assert everybody == {f"B{n}" for n in range(15_000)}
