"""All of history searched: by whom, what, to what, in which unit and when; by who audits, and nobody else."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session

from api.pages.views.admin.audit import action_text
from api.pages.views.admin.told_data import ToldNames, data_text
from tests.conftest import Database
from tests.functional.test_lists_as_files import rows_of, sheet_of
from tests.support.interface import Interface
from tests.support.office import AG, DT, ROUND, Office
from tests.support.pages import Browser
from tests.support.plans import asked, explained
from workflow.clock import FixedClock
from workflow.domain.vocabulary import Via
from workflow.operations.people.grants import grant_role
from workflow.operations.rounds.returns import SENT
from workflow.store.access import Grant
from workflow.store.nominations import Nomination

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
ADMIN = "nv24@example.vn"


def found(interface: Interface, query: str = "", part: str = "admin") -> list[dict[str, Any]]:
    answer = interface.get(part, f"/audit/events?{query}")
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json["items"]
    return items


@pytest.fixture
def nomination(interface: Interface) -> int:
    made = interface.office.draft(interface.clock.now(), person_code="NV05")
    interface.office.act("nominator", made.nomination_id, "submit", interface.clock.now())
    return made.nomination_id


def test_what_somebody_did_is_found_by_name_word_thing_unit_and_day(
    interface: Interface, nomination: int, session: Session
) -> None:
    office, now = interface.office, interface.clock.now()
    grant_role(
        session, actor=office.actor("admin", now), email="nv01@example.vn", key=f"head@unit:{DT}",
        since=None, via=Via.WEB, now=now,
    )  # fmt: skip
    submitted = found(interface, f"kind=nomination&code={nomination}&action=submit")
    assert [(one["action"], one["source"]["en"], one["dest"]["vi"]) for one in submitted] == [
        ("submit", "Draft", "Bình xét tại đơn vị")
    ]
    assert submitted[0]["about"]["stream"] == f"nomination:{nomination}"
    assert submitted[0]["data"] == {}
    assert submitted[0]["label"]["en"] == "Submitted"
    [grant] = found(interface, "action=grant&actor=NV24@example.vn")
    assert grant["about"]["code"] == "nv01@example.vn"
    assert grant["data"]["grants"] == [f"head@unit:{DT}"]
    assert found(interface, "kind=account&code=NV01@example.vn&action=grant") == [grant]
    of_unit = {one["about"]["stream"] for one in found(interface, f"unit={AG.lower()}&limit=200")}
    assert f"nomination:{nomination}" in of_unit
    assert not found(interface, f"unit={DT}&kind=nomination")
    today = now.astimezone(ZONE).date()
    assert found(interface, f"since={today}&until={today}&limit=200")
    assert found(interface, "since=1900-01-01&until=2200-12-31&limit=200")
    assert not found(interface, "until=1969-12-30")
    assert not found(interface, f"since={today + timedelta(days=1)}")
    assert not found(interface, f"until={today - timedelta(days=1)}")


def test_pages_of_entries_follow_one_another_without_a_gap_or_a_double(
    interface: Interface, nomination: int
) -> None:
    whole = [one["id"] for one in found(interface, "limit=200")]
    assert whole == sorted(whole, reverse=True)
    paged, cursor = [], ""
    while cursor is not None:
        answer = interface.get("admin", f"/audit/events?limit=1{cursor and '&cursor=' + cursor}").json
        paged += [one["id"] for one in answer["items"]]
        cursor = answer["next"]
    assert paged == whole
    first = interface.get("admin", "/audit/events?limit=1").json["next"]
    assert interface.get("admin", f"/audit/events?limit=1&action=submit&cursor={first}").status_code == 422


@pytest.mark.parametrize(
    ("query", "field"),
    [("actor=ai-do", "actor"), ("unit=KHONG-CO", "unit"), ("kind=round&code=1999", "code"),
     ("code=12", "kind"), ("kind=nomination&code=²", "code")],
)  # fmt: skip
def test_what_nothing_is_called_is_refused_by_its_field(interface: Interface, query: str, field: str) -> None:
    answer = interface.get("admin", f"/audit/events?{query}")
    assert (answer.status_code, answer.json["errors"][0]["field"]) == (422, field)


@pytest.mark.parametrize("part", ["nominator", "reviewer", "secretary", "supervisor", "stranger"])
def test_to_everybody_else_there_is_no_such_place(interface: Interface, part: str) -> None:
    assert interface.get(part, "/audit/events").status_code == 404


def test_who_audits_everything_reads_it_and_who_audits_a_unit_does_not(
    interface: Interface, session: Session
) -> None:
    today = interface.clock.now().astimezone(ZONE).date()
    for part, key in (("stranger", "auditor@all"), ("nominator", f"auditor@unit:{AG}")):
        row = {"account_id": interface.office.ids[part], "key": key, "valid_from": today}
        session.execute(insert(Grant), [row])
    session.commit()
    assert found(interface, part="stranger")
    assert interface.get("nominator", "/audit/events").status_code == 404


def test_a_nominee_finds_nothing_of_their_own_file_until_it_is_closed(
    interface: Interface, session: Session
) -> None:
    office, now = interface.office, interface.clock.now()
    deputy = office.ids["deputy"]
    row = {"account_id": deputy, "key": "auditor@all", "valid_from": now.astimezone(ZONE).date()}
    session.execute(insert(Grant), [row])
    session.commit()
    row = {"person": "NV03", "awards": ["CSTDCS"], "achievement": "", "proposer": ""}
    made = interface.post("nominator", "/submissions", {"round": ROUND, "unit": AG, "rows": [row]})
    assert made.status_code == 201, made.text
    [name] = session.execute(select(Nomination.id, Nomination.submission_id)).all()
    own = {f"nomination:{name.id}", f"submission:{name.submission_id}"}

    def told(part: str) -> set[str]:
        return {one["about"]["stream"] for one in found(interface, "limit=200", part)}

    assert own <= told("admin")
    assert not own & told("deputy")
    office.act("nominator", name.id, "withdraw", now, comment="Thôi.")
    assert own <= told("deputy")


def test_the_page_finds_the_same_in_words_and_saves_it(
    desk: Callable[..., Browser], database: Database, session: Session
) -> None:
    seated = desk(ADMIN)
    page = seated.open("/audit")
    assert page.status_code == 200
    assert "Ai đã làm gì" in seated.text
    for path in ("/audit?actor=ai-do", "/audit?unit=KHONG-CO", "/audit?since=32/13/2026", "/audit?code=1"):
        assert seated.open(path).status_code == 422
        assert 'role="alert"' in seated.page.get_data(as_text=True), path
    rows = rows_of(seated.open("/audit.csv"))
    assert rows
    head, *cells = sheet_of(seated.open("/audit.xlsx").data)
    assert len(cells) == len(rows)
    assert head[0] == "Khi nào"
    stranger = desk("nv01@example.vn")
    for path in ("/audit", "/audit.csv", "/audit.xlsx"):
        assert stranger.open(path).status_code == 404
    assert "/audit" not in stranger.open("/").get_data(as_text=True)
    assert "/audit" in seated.open("/").get_data(as_text=True)


MANY = """
INSERT INTO event (stream, seq, id, actor_id, via, action, recorded_at, data, hash)
SELECT 'nomination:' || (1000000 + n / 5), 1 + n % 5,
       (lpad(to_hex(1600000000000 + n), 12, '0') || '70008000000000000000')::uuid,
       CASE WHEN n % 1000 = 0 THEN :rare ELSE :busy END, 'web',
       CASE WHEN n % 4000 = 1 THEN 'bar' ELSE 'approve' END,
       to_timestamp(1600000000 + n / 1000.0), '{}', '\\x00'
FROM generate_series(1, :count) n
"""


SEARCHES = (
    *("", "action=bar", "actor=nv01@example.vn", "actor=nv02@example.vn", "actor=nv02@example.vn&action=bar"),
    *("kind=nomination&code=1000007", "kind=unit", f"unit={AG}", "since=2026-01-01", "until=2020-09-13"),
)
COUNT = 40_000


def test_no_search_reads_history_that_it_does_not_show(
    interface: Interface, nomination: int, database: Database, session: Session
) -> None:
    office = interface.office
    told = {"rare": office.ids["nominator"], "busy": office.ids["reviewer"], "count": COUNT}
    session.execute(text(MANY), told)
    session.commit()
    with psycopg.connect(database.migration_url.replace("+psycopg", ""), autocommit=True) as owner:
        owner.execute("VACUUM ANALYZE event")
    for query in SEARCHES:
        with asked(database) as statements:
            assert interface.get("admin", f"/audit/events?limit=20&{query}").status_code == 200
        [(statement, values)] = [one for one in statements if "FROM event LEFT" in one[0]]
        read = explained(session, statement, values)
        assert sum(rows for table, _, rows in read if table == "event") <= 600, (query, read)


@pytest.mark.parametrize("locale", ["vi", "en"])
def test_that_a_unit_sent_its_first_name_is_said_in_words(locale):
    assert action_text(SENT, locale, {}) != SENT


OPENED = {"year": 2026, "dates": {}, "units": [], "awards": []}
DATED = {"year": 2026, "dates": {"unit_deadline": "2026-10-05"}, "awards": [], "units": [AG]}
EXTENDED = {"date": "unit_deadline", "was": None, "day": "2026-10-09", "units": []}


@pytest.mark.parametrize(
    ("data", "vietnamese", "english"),
    [
        (OPENED, "Năm: 2026", "Year: 2026"),
        (
            DATED,
            f"Năm: 2026; Các mốc: (Hạn đơn vị gửi tờ trình: thứ Hai, 5/10/2026); Đơn vị: {AG}",
            f"Year: 2026; Dates: (Units send by: Monday, 5 October 2026); Units: {AG}",
        ),
        (
            EXTENDED,
            "Mốc: Hạn đơn vị gửi tờ trình; Ngày: thứ Sáu, 9/10/2026",
            "Date: Units send by; Day: Friday, 9 October 2026",
        ),
        ({"grants": [f"head@unit:{DT}"]}, "Vai trò: Thủ trưởng, Phòng A", "Roles: Head, Phòng A"),
        ({"around": True, "written_later": 0}, "Gửi người xử lý thay: có; written_later: 0",
         "Sent to whoever stands in: yes; written_later: 0"),
        ({"assignee": 7, "was": 8}, "Giao cho: Lê Thị Bảy; Trước đó: 8", "Given to: Lê Thị Bảy; Before: 8"),
        ({"cluster_head": {"ended": [7], "began": [7]}},
         "Cụm trưởng (Khối trưởng): (Kết thúc: 7, Bắt đầu: Lê Thị Bảy)",
         "Cluster head: (Ended: 7, Began: Lê Thị Bảy)"),
        ({"was": 7, "accounts": [7, 9]}, "Trước đó: 7; Đã báo: Lê Thị Bảy, 9",
         "Before: 7; Told: Lê Thị Bảy, 9"),
    ],
)  # fmt: skip
def test_what_an_entry_tells_is_said_in_words_and_what_is_empty_is_not_said(data, vietnamese, english):
    names = ToldNames({f"unit:{DT}": "Phòng A"}, {7: "Lê Thị Bảy"})
    assert [data_text(data, locale, names) for locale in ("vi", "en")] == [vietnamese, english]


def test_the_page_and_its_file_tell_no_code_of_a_program(
    desk: Callable[..., Browser], office: Office, clock: FixedClock, session: Session
) -> None:
    grant_role(
        session, actor=office.actor("admin", clock.now()), email="nv01@example.vn", key=f"head@unit:{DT}",
        since=None, via=Via.WEB, now=clock.now(),
    )  # fmt: skip
    seated = desk(ADMIN)
    seated.open("/audit?action=grant")
    told = [seated.text, seated.open("/audit.csv?action=grant").get_data(as_text=True)]
    assert not [one for one in told if f"head@unit:{DT}" in one]
    assert not [one for one in told if "Vai trò: Thủ trưởng, " not in one]
