"""A secretary's evening: a council's results typed or pasted into one grid, checked and recorded."""

import re
from collections.abc import Callable

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.conftest import MONDAY, Database
from tests.support.council import BOTH, all_do, at_the_council, people, rows_of
from tests.support.office import ROUND, Office
from tests.support.pages import Browser, form_of
from tests.support.statements import counted_statements
from tests.support.yearly import make_yearly
from workflow.store.access import Account
from workflow.store.history import Event
from workflow.store.nominations import Nomination

GRID = f"/rounds/{ROUND}/votes"
NAMES = ["Nguyễn Huy Tiến", "Đặng Thị Thuỳ", "Lê Ánh"]
SESSION = {"members": "10", "present": "10", "voted_on": "02/03/2026"}
Desk = Callable[..., Browser]


@pytest.fixture
def yearly(office: Office) -> Office:
    return make_yearly(office, MONDAY)


@pytest.fixture
def waiting(yearly: Office) -> dict[str, list[int]]:
    """Bring three people to the council, the last of them for two awards; give their files by name."""
    codes = people(yearly, NAMES)
    lists = [rows_of(codes[:2], "CSTDCS"), rows_of(codes[2:], *BOTH)]
    found = at_the_council(yearly, lists, MONDAY)
    return {NAMES[0]: [found[0][0]], NAMES[1]: [found[0][1]], NAMES[2]: found[1]}


@pytest.fixture
def secretary(desk: Desk, waiting: dict[str, list[int]]) -> Browser:
    seated = desk("nv21@example.vn")
    seated.open(GRID)
    return seated


def cells(nomination_id: int, *counts: str) -> dict[str, str]:
    columns = ("in_favour", "against", "blank")[: len(counts)]
    return {f"{name}-{nomination_id}": count for name, count in zip(columns, counts, strict=True)}


def state(session: Session, nomination_id: int) -> tuple[str, str | None]:
    row = session.get_one(Nomination, nomination_id, populate_existing=True)
    return row.state, row.recommendation


def test_the_thresholds_of_each_award_say_what_the_counts_mean_and_one_press_records_them(
    secretary: Browser, waiting: dict[str, list[int]], session: Session
) -> None:
    html = secretary.page.get_data(as_text=True)
    assert html.index('id="award"') < html.index('id="grid"'), "what narrows the grid stands above it"
    base, sector = waiting[NAMES[2]]
    typed = {**SESSION, **cells(base, "8", "2"), **cells(sector, "8", "2"), "do": "check"}
    assert secretary.send("/votes", typed).status_code == 200
    outcomes = re.findall(r"<strong>(Hội đồng [^<]*)</strong>", secretary.page.get_data(as_text=True))
    assert outcomes == ["Hội đồng đề nghị", "Hội đồng không đề nghị"]
    assert state(session, base) == ("council", None)
    assert secretary.send("/votes", {"do": "record"}).status_code == 200
    assert "Đã ghi kết quả của 2 đề nghị." in secretary.text
    assert state(session, base) == ("decision", "passed")
    assert state(session, sector) == ("decision", "not_passed")
    actions = session.scalars(
        select(Event.action).where(Event.stream == f"nomination:{sector}").order_by(Event.seq.desc())
    )
    assert actions.first() == "not_passed"
    # The two that nobody typed anything for still wait.
    assert "2 đề nghị đang chờ kết quả" in secretary.text


def test_bad_lines_come_back_with_the_reason_and_what_was_typed_and_the_good_ones_are_recorded(
    secretary: Browser, waiting: dict[str, list[int]], session: Session
) -> None:
    first, second = waiting[NAMES[0]][0], waiting[NAMES[1]][0]
    base, sector = waiting[NAMES[2]]
    typed = {
        **SESSION,
        **cells(first, "9", "1"),
        **cells(second, "bảy", "3"),
        **cells(base, "9", "3"),
        **cells(sector, "9", "0", "1"),
        f"present-{sector}": "11",
        "do": "record",
    }
    assert secretary.send("/votes", typed).status_code == 200
    assert state(session, first) == ("decision", "passed")
    assert [state(session, one)[0] for one in (second, base, sector)] == ["council"] * 3
    kept = form_of(secretary.page, "/votes")
    assert kept[f"in_favour-{second}"] == "bảy"
    assert "Hãy nhập một số nguyên" in secretary.text
    assert "12 phiếu" in secretary.text
    assert "10 người bỏ phiếu" in secretary.text
    assert "11 người bỏ phiếu nhưng chỉ có 10 thành viên" in secretary.text
    mended = {f"in_favour-{second}": "7", f"against-{base}": "1", f"present-{sector}": "", "do": "record"}
    secretary.send("/votes", mended)
    assert [state(session, one)[1] for one in (second, base, sector)] == ["passed"] * 3


def test_all_that_is_wrong_in_a_line_is_said_at_once(secretary: Browser, waiting) -> None:
    line = waiting[NAMES[0]][0]
    assert secretary.send("/votes", {**SESSION, **cells(line, "bảy", ""), "do": "record"}).status_code == 422
    html = secretary.page.get_data(as_text=True)
    for column in ("in_favour", "against"):
        assert f'id="{column}-{line}-error"' in html


def test_a_press_repeated_records_nothing_twice(
    secretary: Browser, waiting: dict[str, list[int]], session: Session
) -> None:
    [first] = waiting[NAMES[0]]
    form = form_of(secretary.page, "/votes")
    form.pop("")
    typed = {**form, **SESSION, **cells(first, "9", "1"), "do": "record"}
    answers = [secretary.post(GRID, typed) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert all("Đã ghi kết quả của 1 đề nghị." in answer.get_data(as_text=True) for answer in answers)
    votes = select(func.count()).where(Event.stream == f"nomination:{first}", Event.source == "council")
    assert session.scalar(votes) == 1


def test_a_stale_line_says_who_acted_and_keeps_what_was_typed(
    secretary: Browser, waiting: dict[str, list[int]], desk: Desk, session: Session
) -> None:
    [first], [second] = waiting[NAMES[0]], waiting[NAMES[1]]
    other = desk("nv21@example.vn")
    other.open(GRID)
    other.send("/votes", {**SESSION, **cells(first, "9", "1"), "do": "record"})
    secretary.send("/votes", {**SESSION, **cells(first, "2", "8"), **cells(second, "9", "1"), "do": "record"})
    assert state(session, first) == ("decision", "passed")
    assert state(session, second) == ("decision", "passed")
    assert "secretary NV21" in secretary.text
    assert "Đồng ý: 2" in secretary.text


@pytest.mark.parametrize(
    ("who", "words"),
    [("nv02@example.vn", "Không có đề nghị nào"), ("nv22@example.vn", "Không có đề nghị nào")],
)
def test_whose_step_it_is_not_sees_no_line_and_records_none(
    desk: Desk, waiting: dict[str, list[int]], session: Session, who: str, words: str
) -> None:
    [first] = waiting[NAMES[0]]
    other = desk(who)
    other.open(GRID)
    assert words in other.text
    token = re.search(r'name="csrf_token" value="([^"]+)"', other.page.get_data(as_text=True))
    assert token
    version = session.get_one(Nomination, first).version
    typed = {**SESSION, **cells(first, "9", "1"), f"seen-{first}": str(version), "do": "record"}
    answer = other.post(GRID, {**typed, "csrf_token": token[1], "key": "k" * 43})
    assert answer.status_code == 200
    assert state(session, first) == ("council", None)


def test_the_secretary_who_is_nominated_leaves_their_own_line_to_others(
    secretary: Browser, waiting: dict[str, list[int]], session: Session
) -> None:
    [first] = waiting[NAMES[0]]
    account = session.scalars(select(Account).where(Account.email == "nv21@example.vn")).one()
    account.person_id = session.get_one(Nomination, first).person_id
    session.commit()
    secretary.open(GRID)
    assert f"in_favour-{first}" not in form_of(secretary.page, "/votes")
    assert "Đây là hồ sơ của chính bạn" in secretary.text
    # The council votes on it all the same.
    secretary.open(f"/rounds/{ROUND}/ballot")
    assert NAMES[0] in secretary.text


def test_a_sheet_is_pasted_whatever_the_order_of_its_columns_and_lines_that_are_nobodys_stay(
    secretary: Browser, waiting: dict[str, list[int]], session: Session
) -> None:
    [first], [second] = waiting[NAMES[0]], waiting[NAMES[1]]
    base, sector = waiting[NAMES[2]]
    sheet = "\n".join(
        [
            "STT\tHọ và tên\tSố hồ sơ\tKhông đồng ý\tĐồng ý\tPhiếu trắng\tTổng số thành viên",
            "1\tNGUYỄN HUY TIẾN\t\t1\t9\t0\t10",
            f"2\t\t{second}\t1\t9\t\t1.010",
            "3\tLê Ánh\t\t0\t10\t0\t",
            f"4\tLê Ánh\t{sector}\t0\t10\t0\t",
            "5\tTrần Văn Lạ\t\t0\t10\t0\t",
            f"6\tLê Ánh\t{first}\t0\t10\t0\t",
            f"7\t\t{second}\t1\t9\t\t10",
        ]
    )
    secretary.send("/votes", {**SESSION, "pasted": sheet, "do": "record"})
    form = form_of(secretary.page, "/votes")
    assert form[f"in_favour-{first}"] == "9"
    assert form[f"members-{second}"] == "1.010"
    assert form[f"in_favour-{sector}"] == "10"
    assert f"hồ sơ số {base}, {sector}" in secretary.text.replace("(", "").replace(")", "")
    assert "không có ai tên này" in secretary.text
    assert f"hồ sơ số {first} là của {NAMES[0]}" in secretary.text
    assert "đã có ở dòng trên" in secretary.text
    assert [line.split("\t")[0] for line in form["pasted"].strip().splitlines()] == [
        "STT",
        "3",
        "5",
        "6",
        "7",
    ]
    # Pasted just now: it is looked at before it is recorded.
    assert state(session, first) == ("council", None)


def test_agenda_ballot_and_minutes_are_sheets_of_their_own(
    secretary: Browser, waiting: dict[str, list[int]]
) -> None:
    for page in ("agenda", "ballot"):
        assert secretary.open(f"/rounds/{ROUND}/{page}").status_code == 200
        assert [name for name in NAMES if name not in secretary.text] == []
    secretary.open(GRID)
    secretary.send("/votes", {**SESSION, **cells(waiting[NAMES[0]][0], "7", "2", "1"), "do": "record"})
    secretary.open(f"/rounds/{ROUND}/minutes")
    assert re.search(r"Phiên họp .*2/3/2026\.", secretary.text)
    assert "Hội đồng đề nghị 1 trên 1 trường hợp" in secretary.text


def test_the_grid_asks_as_much_of_the_database_for_many_names_as_for_few(
    yearly: Office, desk: Desk, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts = []
    seated = desk("nv21@example.vn")
    # The first warms what is kept of definitions and calendars.
    for number, size in enumerate((5, 5, 25)):
        codes = people(yearly, [f"Người {number} {place}" for place in range(size)], prefix=f"N{number}")
        [ids] = at_the_council(yearly, [rows_of(codes, "CSTDCS")], MONDAY, first=100 * number)
        with counted_statements(monkeypatch, database.engine) as shown:
            assert seated.open(GRID).status_code == 200
        typed = {name: text for one in ids for name, text in cells(one, "9", "1").items()}
        with counted_statements(monkeypatch, database.engine) as recorded:
            seated.send("/votes", {**SESSION, **typed, "do": "record"})
        assert f"Đã ghi kết quả của {size} đề nghị." in seated.text
        counts.append((len(shown), len(recorded)))
    assert counts[1] == counts[2]


def test_a_name_that_waits_for_an_answer_stands_apart_and_the_sheets_say_what_they_lack(
    yearly: Office, secretary: Browser, waiting: dict[str, list[int]]
) -> None:
    [first], [second] = waiting[NAMES[0]], waiting[NAMES[1]]
    all_do(yearly, "secretary", "request_info", [first], MONDAY, comment="Quyết định công nhận số mấy?")
    all_do(yearly, "secretary", "hold", [second], MONDAY, comment="Có đơn thư.")
    secretary.open(GRID)
    assert f"in_favour-{first}" not in form_of(secretary.page, "/votes")
    assert re.search(f"{NAMES[0]} ?, .*Đang chờ bổ sung", secretary.text)
    for page in ("agenda", "ballot"):
        secretary.open(f"/rounds/{ROUND}/{page}")
        assert [name for name in NAMES if name in secretary.text] == NAMES[2:]
        assert "2 đề nghị đang tạm dừng xét hoặc chờ bổ sung" in secretary.text


def test_a_sheet_that_is_cut_short_says_so_and_leads_to_each_award(
    secretary: Browser, waiting: dict[str, list[int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    base, sector = waiting[NAMES[2]]
    monkeypatch.setattr("api.pages.council.sheets.MOST_PRINTED", 3)
    monkeypatch.setattr("api.pages.council.sheets.MOST_VOTES", 1)
    for page in ("agenda", "ballot"):
        text = secretary.open(f"/rounds/{ROUND}/{page}").get_data(as_text=True)
        assert "Bản này chỉ có 3 đề nghị đầu tiên" in secretary.text
        assert f"/{page}?award=CSTD_NGANH" in text
        secretary.open(f"/rounds/{ROUND}/{page}?award=CSTD_NGANH")
        assert "Bản này chỉ có" not in secretary.text
        assert NAMES[2] in secretary.text
    secretary.open(GRID)
    counts = {**cells(base, "10", "0"), **cells(sector, "10", "0")}
    secretary.send("/votes", {**SESSION, **counts, "do": "record"})
    text = secretary.open(f"/rounds/{ROUND}/minutes").get_data(as_text=True)
    assert "Bản này chỉ có 1 đề nghị đầu tiên" in secretary.text
    assert "/minutes?award=CSTD_NGANH&amp;voted_on=2026-03-02" in text
    secretary.open(f"/rounds/{ROUND}/minutes?award=CSTD_NGANH&voted_on=2026-03-02")
    assert "Bản này chỉ có" not in secretary.text
    assert "Hội đồng đề nghị 1 trên 1 trường hợp" in secretary.text


def test_minutes_say_that_the_reader_s_own_result_is_not_in_them(
    secretary: Browser, waiting: dict[str, list[int]], session: Session
) -> None:
    [first], [second] = waiting[NAMES[0]], waiting[NAMES[1]]
    counts = {**cells(first, "10", "0"), **cells(second, "10", "0")}
    secretary.send("/votes", {**SESSION, **counts, "do": "record"})
    secretary.open(f"/rounds/{ROUND}/minutes")
    assert "Kết quả của chính bạn" not in secretary.text
    account = session.scalars(select(Account).where(Account.email == "nv21@example.vn")).one()
    account.person_id = session.get_one(Nomination, first).person_id
    session.commit()
    secretary.open(f"/rounds/{ROUND}/minutes")
    assert "Kết quả của chính bạn không có trong bản này" in secretary.text
    assert NAMES[0] not in secretary.text
