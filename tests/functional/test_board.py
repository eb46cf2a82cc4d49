"""The board of a round in the browser, over JSON and as a table: each number opens its list."""

import csv
import io
import re
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from tests.support.board import AG, CM, STANDS, open_board, settle, stand
from tests.support.bulk import unit_ids
from tests.support.interface import Interface
from tests.support.office import TOP
from tests.support.pages import browser, give_passwords
from tests.support.rounds import NEXT
from workflow.operations.setup.organise import NewUnit, add_units
from workflow.queries.progress import Progress
from workflow.store.awards import Round
from workflow.store.organisation import Cluster, ClusterMember, UnitEdition
from workflow.store.submissions import ExpectedReturn

# Friday, 17 April 2026, 09:00 in Hà Nội.
LATER = datetime(2026, 4, 17, 2, 0, tzinfo=UTC)
BOARD = f"/rounds/{NEXT}/board"
SUPERVISOR, STRANGER = "nv23@example.vn", "nv14@example.vn"


@pytest.fixture(autouse=True)
def sent(interface: Interface) -> None:
    open_board(interface.office, interface.clock.now())
    interface.clock.advance(LATER - interface.clock.now())
    stand(interface.office, AG, STANDS, LATER)
    settle(interface.office.session, AG, LATER)
    give_passwords(interface.office.session)


@pytest.fixture
def desk(database, clock, interface):
    def sit(email):
        seated = browser(database.sessions, clock)
        assert seated.sign_in(email).status_code == 303
        return seated

    return sit


def test_the_interface_says_of_each_number_how_much_of_it_is_yours(interface: Interface) -> None:
    found = interface.get("supervisor", BOARD).json
    mine = next(row for row in found["items"] if row["unit"]["code"] == AG)
    assert mine["counts"]["proposed"] == {"total": 9, "named": 7}
    assert found["totals"]["overdue"] == {"total": 2, "named": 1}
    assert (found["will_be_there"], found["is_whole"], found["expected"]) == (False, True, 4)
    assert [one["risk"] for one in found["at_risk"]] == ["silent"] * 3
    for progress in Progress:
        listed = interface.get("supervisor", f"/nominations?round={NEXT}&unit={AG}&progress={progress}").json
        assert len(listed["items"]) == mine["counts"][progress]["named"], progress
    silent = interface.get("supervisor", f"{BOARD}?show=silent").json["items"]
    assert [row["status"] for row in silent] == ["not_started"] * 3
    assert interface.get("supervisor", f"{BOARD}?show=loud").status_code == 400
    assert interface.get("supervisor", "/rounds/NO-SUCH/board").status_code == 404


def test_a_unit_reads_its_own_line_and_no_other(interface: Interface) -> None:
    found = interface.get("stranger", BOARD).json
    assert [row["unit"]["code"] for row in found["items"]] == ["VKS-DT"]
    assert "Cà Mau" not in str(found)
    assert not found["is_whole"]


@pytest.mark.parametrize("way", [{"query_string": {"format": "csv"}}, {"headers": {"Accept": "text/csv"}}])
def test_the_table_opens_in_a_spreadsheet_and_runs_nothing(interface: Interface, way: dict) -> None:
    session = interface.office.session
    evil = session.query(UnitEdition).filter_by(name="VKSND tỉnh Cà Mau").one()
    evil.officer_name, evil.officer_telephone = "=HYPERLINK(1)", "+84 290"
    session.commit()
    answer = interface.get("supervisor", BOARD, **way)
    assert answer.content_type == "text/csv; charset=utf-8"
    assert "board-2026-XET-2026-04-17.csv" in answer.headers["Content-Disposition"]
    assert answer.data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))
    by_code = {row["Mã đơn vị"]: row for row in rows}
    assert (by_code[AG]["Đề nghị"], by_code[AG]["Đề nghị (mở được)"]) == ("9", "7")
    assert by_code[CM]["Cán bộ đầu mối"] == "'=HYPERLINK(1)"
    assert by_code[CM]["Điện thoại"] == "'+84 290"
    assert all(not cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row.values())


def test_a_day_that_is_over_is_not_forecast_and_lateness_is_said_once(desk, interface: Interface) -> None:
    interface.clock.advance(timedelta(days=80))
    seated = desk(SUPERVISOR)
    seated.open(BOARD)
    assert "Đã qua ngày 30/6/2026; còn " in seated.text
    assert "chưa thể đủ" not in seated.text
    assert "chậm" not in seated.text.partition("VKSND tỉnh Cà Mau Chưa có gì")[2][:60]


def test_the_page_answers_the_question_on_top_and_every_number_opens_its_list(desk) -> None:
    office = desk(SUPERVISOR)
    office.open("/rounds")
    assert "Đợt xét khen thưởng năm 2026" in office.text
    page = office.open(BOARD).get_data(as_text=True)
    words = office.text
    assert words.index("Không, chưa thể đủ vào ngày 30/6/2026") < words.index("VKSND tỉnh Cà Mau Chưa có gì")
    assert words.index("VKSND tỉnh Cà Mau Chưa có gì") < words.index("VKSND tỉnh An Giang Đã gửi")
    assert "0290 383 1234" in words
    assert "Đến ngày 17/4/2026, 1/4 đơn vị đã gửi" in words
    links = re.findall(
        r'<td class="num[^"]*"[^>]*><a href="([^"]+unit=VKS-AG[^"]*)" aria-label="([^"]+)"', page
    )
    # Nothing is on hold or asked, and nought is no link.
    assert len(links) == len(Progress) - 2
    for href, label in links:
        named = int(re.search(r"mở được (\d+)", label)[1])
        listed = office.open(href.replace("&amp;", "&")).get_data(as_text=True)
        assert listed.count("row-title") == named, label


def test_the_page_shows_the_silent_alone_and_gives_the_table(desk) -> None:
    office = desk(SUPERVISOR)
    assert "VKSND tỉnh An Giang Đã gửi" not in office.open(f"{BOARD}?show=silent").get_data(as_text=True)
    assert office.open(f"{BOARD}?show=loud").status_code == 422
    assert office.open(f"{BOARD}.csv?show=silent").data.decode("utf-8-sig").count("\r\n") == 4
    assert office.open("/rounds/NO-SUCH/board").status_code == 404


def test_a_reader_of_one_unit_is_told_that_it_is_not_the_whole(desk) -> None:
    stranger = desk(STRANGER)
    stranger.open(BOARD)
    assert "Bạn chỉ thấy các đơn vị và hồ sơ trong phạm vi của mình." in stranger.text
    assert "Trong phạm vi của bạn: Không" in stranger.text
    assert "Cà Mau" not in stranger.text


def test_the_total_belongs_to_the_lines_above_it(desk, interface: Interface) -> None:
    found = interface.get("supervisor", f"{BOARD}?show=silent").json
    assert {count["total"] for count in found["totals"].values()} == {0}
    late = interface.get("supervisor", f"{BOARD}?show=late").json
    for progress in Progress:
        counts = [row["counts"][progress]["total"] for row in late["items"]]
        assert late["totals"][progress]["total"] == sum(counts), progress
    office = desk(SUPERVISOR)
    page = office.open(f"{BOARD}?show=silent").get_data(as_text=True)
    assert "Cộng (Chưa có gì)" in office.text
    assert "<a " not in page[page.index("<tfoot>") :].split("</tfoot>")[0]


def test_what_a_closed_round_still_holds_is_on_its_board_and_among_the_rounds(
    desk, interface: Interface
) -> None:
    admin = interface.get("admin", f"/nominations?round={NEXT}&progress=proposed").json["items"]
    held = next(one for one in admin if one["stage"] == "council")
    path = f"/nominations/{held['id']}"
    office = interface.office
    office.act("supervisor", held["id"], "hold", interface.clock.now(), comment="Đang xác minh")
    assert interface.post("supervisor", f"/rounds/{NEXT}/actions/close", {}).status_code == 200
    interface.clock.advance(timedelta(days=395))
    supervisor = desk(SUPERVISOR)
    supervisor.open("/rounds")
    assert "1 hồ sơ đang tạm dừng xét" in supervisor.text
    assert "Đợt đã đóng mà còn" in supervisor.text
    page = supervisor.open(f"{BOARD}?show=held").get_data(as_text=True)
    assert "VKSND tỉnh An Giang" in supervisor.text
    [link] = set(re.findall(r'href="([^"]+progress=held[^"]*unit=VKS-AG[^"]*)"', page)) or set(
        re.findall(r'href="([^"]+unit=VKS-AG[^"]*progress=held[^"]*)"', page)
    )
    assert path in supervisor.open(link.replace("&amp;", "&")).get_data(as_text=True)


def add_many_units(session: Session, *, in_clusters: tuple[int, ...], alone: int) -> None:
    """Add units that owe the round their paper: so many in each of some clusters, and so many in none."""
    session.execute(delete(ClusterMember))
    round_ = session.scalars(select(Round).where(Round.code == NEXT)).one()
    codes = [f"VKS-M{n:03}" for n in range(sum(in_clusters) + alone)]
    add_units(session, [NewUnit(code, f"Đơn vị {code}", TOP) for code in codes], valid_from=date(2020, 1, 1))
    ids = unit_ids(session)
    session.add_all(
        ExpectedReturn(round_id=round_.id, unit_id=ids[code], due_on=date(2026, 5, 29)) for code in codes
    )
    waiting = iter(codes)
    for number, size in enumerate(in_clusters, 1):
        cluster = Cluster(
            code=f"2026/M/{number}",
            year=round_.year,
            owner_unit_id=round_.owner_unit_id,
            number=50 + number,
            name=f"Cụm {number}",
        )
        session.add(cluster)
        session.flush()
        session.add_all(
            ClusterMember(
                cluster_id=cluster.id,
                unit_id=ids[next(waiting)],
                year=round_.year,
                owner_unit_id=round_.owner_unit_id,
            )
            for _ in range(size)
        )
    session.commit()


def test_a_board_of_many_units_begins_with_its_clusters_and_each_is_a_page(
    desk, interface: Interface
) -> None:
    add_many_units(interface.office.session, in_clusters=(25, 55), alone=9)
    office = desk(SUPERVISOR)
    whole = office.open(BOARD).get_data(as_text=True)
    lines = re.findall(
        r"cluster=([\w/%-]+)[^>]*>([^<]+)</a></th>\s*<td[^>]*>(\d+)</td>\s*<td[^>]*>(\d+)<", whole
    )
    # Four of the round itself are in no cluster; of all units only VKS-AG has sent.
    assert lines == [
        ("2026/M/1", "Cụm 1", "25", "25"),
        ("2026/M/2", "Cụm 2", "55", "55"),
        ("none", "Ngoài các cụm, khối", "13", "12"),
    ]
    assert "Đơn vị VKS-M000" not in whole.split("<table")[1]
    seen: list[str] = []
    for code, _, units, _ in lines:
        address, mine = f"{BOARD}?cluster={code}", []
        while address:
            page = office.open(address).get_data(as_text=True)
            assert len(page) < 120_000
            mine += re.findall(r'<th scope="row">\s*([^<]+?)\s*<span', page)
            found = re.search(r'class="btn btn-outline-primary" href="([^"]+cursor=[^"]+)"', page)
            address = found[1].replace("&amp;", "&") if found else ""
        assert len(mine) == int(units)
        seen += mine
    listed = interface.get("supervisor", BOARD).json["items"]
    assert sorted(seen) == sorted(row["unit"]["name"] for row in listed)
    assert office.open(f"{BOARD}?cluster=NO-SUCH").status_code == 404
    silent = office.open(f"{BOARD}?show=silent&cluster=none").get_data(as_text=True)
    assert "VKSND tỉnh Cà Mau" in silent
    assert "VKSND tỉnh An Giang" not in silent.split("<table")[1]


def test_many_units_in_no_cluster_come_a_page_at_a_time(desk, interface: Interface) -> None:
    add_many_units(interface.office.session, in_clusters=(), alone=50)
    office = desk(SUPERVISOR)
    first = office.open(BOARD).get_data(as_text=True)
    assert first.count('<th scope="row">') == 40 + 1
    assert office.open(f"{BOARD}?cursor=40").get_data(as_text=True).count('<th scope="row">') == 54 - 40 + 1
    assert office.open(f"{BOARD}?cursor=x").status_code == 422
