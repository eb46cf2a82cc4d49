"""The board of a round in the browser, over JSON and as a table: each number opens its list."""

import csv
import io
import re
from datetime import UTC, datetime, timedelta

import pytest

from tests.support.board import AG, CM, STANDS, open_board, settle, stand
from tests.support.interface import Interface
from tests.support.pages import browser, give_passwords
from tests.support.rounds import NEXT
from workflow.queries.progress import Progress
from workflow.store.organisation import UnitEdition

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
    # Nothing is on hold, and nought is no link.
    assert len(links) == len(Progress) - 1
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
