"""One decision: 47 names of 16 lists signed once with a scan, and what stays and why."""

import re
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.conftest import MONDAY
from tests.support.council import all_do, at_the_council, listed, on_the_heads_desk, people, rows_of
from tests.support.lists import row
from tests.support.office import ROUND, Office
from tests.support.pages import Browser, form_of
from tests.support.papers import minimal_pdf
from tests.support.yearly import attach, make_yearly
from workflow.domain.facts import VoteEntry
from workflow.store.access import Account
from workflow.store.attachments import Attachment
from workflow.store.history import Event
from workflow.store.nominations import Decision, Nomination

DESK = f"/rounds/{ROUND}/signing"
SAID = "number=125/Q%C4%90-VKSTC&decided_on=02/03/2026&signer=Nguy%E1%BB%85n+Minh+Tr%C3%AD"
LISTS, NAMES = 16, 47
Desk = Callable[..., Browser]


@pytest.fixture
def yearly(office: Office) -> Office:
    return make_yearly(office, MONDAY)


@pytest.fixture
def head(desk: Desk, tmp_path: Path) -> Browser:
    return desk("nv22@example.vn", data_dir=tmp_path)


def sheet(head: Browser, query: str = "") -> Browser:
    assert head.open(f"{DESK}?{SAID}{query}").status_code == 200
    return head


def press(head: Browser, **changes: object) -> None:
    head.send("/signing", changes)


def scan() -> dict[str, object]:
    return {"file": (BytesIO(minimal_pdf()), "qd125.pdf"), "confirms_not_secret": "true"}


@pytest.mark.parametrize(("email", "door"), [("nv22@example.vn", "signing"), ("nv21@example.vn", "votes")])
def test_what_all_names_of_a_list_ask_for_is_said_once_with_where_it_is_done_for_many(
    yearly: Office, desk: Desk, session: Session, email: str, door: str
) -> None:
    codes = people(yearly, [f"Người số {number}" for number in range(1, 6)])
    carry = on_the_heads_desk if door == "signing" else at_the_council
    [ids] = carry(yearly, [rows_of(codes, "CSTDCS")], MONDAY)
    path = f"/submissions/{rows(session, ids[0])[0].submission_id}"
    seated = desk(email)
    html = seated.open(f"{path}/decide").get_data(as_text=True)
    assert html.count("Khâu này cần kết quả biểu quyết hoặc số quyết định") == 1
    assert "danh sách. (5 đề nghị)" in seated.text
    # What a step asks of all of them is no reason to look at one.
    assert "Cần xem kỹ" not in seated.text
    assert "không có gì lưu ý 5" in seated.text
    assert f'href="/rounds/{ROUND}/{door}"' in html
    assert f'href="/rounds/{ROUND}/{door}"' in seated.open(path).get_data(as_text=True)
    other = desk("nv23@example.vn")
    assert f'href="/rounds/{ROUND}/{door}"' not in other.open(path).get_data(as_text=True)


def test_what_differs_between_names_stays_with_each(yearly: Office, head: Browser, session: Session) -> None:
    codes = people(yearly, [f"Người số {number}" for number in range(1, 7)])
    [ids] = on_the_heads_desk(yearly, [rows_of(codes, "CSTDCS")], MONDAY)
    all_do(yearly, "head", "hold", ids[:1], MONDAY, comment="Chờ xác minh đơn.")
    html = head.open(f"/submissions/{rows(session, ids[0])[0].submission_id}/decide").get_data(as_text=True)
    assert html.count("Đang tạm dừng xét.") == 1
    assert "Cần xem kỹ 1" in head.text
    assert "không có gì lưu ý 5" in head.text
    assert html.count("Khâu này cần kết quả biểu quyết hoặc số quyết định") == 1


def test_beside_a_held_name_the_few_others_want_no_look(
    yearly: Office, head: Browser, session: Session
) -> None:
    codes = people(yearly, [f"Người số {number}" for number in range(1, 4)])
    [ids] = on_the_heads_desk(yearly, [rows_of(codes, "CSTDCS")], MONDAY)
    all_do(yearly, "head", "hold", ids[:1], MONDAY, comment="Chờ xác minh đơn.")
    html = head.open(f"/submissions/{rows(session, ids[0])[0].submission_id}/decide").get_data(as_text=True)
    assert html.count("Khâu này cần kết quả biểu quyết hoặc số quyết định") == 1
    assert "Cần xem kỹ 1" in head.text
    assert "không có gì lưu ý 2" in head.text


def rows(session: Session, *ids: int) -> list[Nomination]:
    return [session.get_one(Nomination, one, populate_existing=True) for one in ids]


def test_one_decision_covers_47_names_of_16_lists_and_its_scan_is_kept_once(
    yearly: Office, head: Browser, session: Session, tmp_path: Path
) -> None:
    codes = people(yearly, [f"Người số {number}" for number in range(1, NAMES + 1)])
    lists = [rows_of(codes[place::LISTS], "CSTDCS") for place in range(LISTS)]
    ids = [one for each in on_the_heads_desk(yearly, lists, MONDAY) for one in each]
    sheet(head)
    assert f"{NAMES} đề nghị · của {LISTS} tờ trình" in head.text
    press(head, **scan())
    assert head.page.status_code == 200
    assert f"Đã ký cho {NAMES} đề nghị." in head.text
    assert f"Bản quét đã có ở {LISTS} nơi." in head.text
    [decision] = session.scalars(select(Decision).where(Decision.kind == "decision")).all()
    assert (decision.number, decision.signer) == ("125/QĐ-VKSTC", "Nguyễn Minh Trí")
    assert {(one.state, one.decision_id) for one in rows(session, *ids)} == {("approved", decision.id)}
    papers = session.scalars(select(Attachment).where(Attachment.kind == "decision")).all()
    assert len(papers) == LISTS
    assert len({one.submission_id for one in papers}) == LISTS
    assert len({one.storage_name for one in papers}) == 1
    kept = [path for path in (tmp_path / "attachments").rglob("*") if path.is_file()]
    assert [path.name for path in kept] == [papers[0].storage_name]
    assert head.open(f"/attachments/{papers[-1].id}").data == minimal_pdf()


def test_a_second_press_signs_and_files_nothing_more(yearly: Office, head: Browser, session: Session) -> None:
    codes = people(yearly, ["Lê Ánh", "Hồ Dũng"])
    on_the_heads_desk(yearly, [rows_of(codes, "CSTDCS")], MONDAY)
    form = form_of(sheet(head).page, "/signing")
    form.pop("")
    for _ in range(2):
        answer = head.post(DESK, {**form, **scan()})
        assert "Đã ký cho 2 đề nghị." in answer.get_data(as_text=True)
    assert session.scalar(select(func.count()).where(Attachment.kind == "decision")) == 1
    signed = select(func.count()).where(Event.source == "decision", Event.dest == "approved")
    assert session.scalar(signed) == 2


def test_what_is_another_s_or_not_recommended_stays_and_says_why(
    yearly: Office, head: Browser, session: Session
) -> None:
    codes = people(yearly, ["Lê Ánh", "Hồ Dũng", "Trần Bình"])
    [[passed, missed, own]] = at_the_council(yearly, [rows_of(codes, "CSTDCS")], MONDAY)
    all_do(yearly, "secretary", "approve", [passed, own], MONDAY, vote=VoteEntry(9, 9, 0))
    all_do(yearly, "secretary", "not_passed", [missed], MONDAY, vote=VoteEntry(9, 1, 8))
    account = session.scalars(select(Account).where(Account.email == "nv22@example.vn")).one()
    account.person_id = session.get_one(Nomination, own).person_id
    session.commit()
    sheet(head)
    assert "Hội đồng không đề nghị." in head.text
    assert "Đây là hồ sơ của chính bạn" in head.text
    press(head, **scan())
    assert [one.state for one in rows(session, passed, missed, own)] == ["approved", "decision", "decision"]
    # On the list stands the head's own name: the scan lies with the name that was signed.
    [paper] = session.scalars(select(Attachment).where(Attachment.kind == "decision")).all()
    assert (paper.nomination_id, paper.submission_id) == (passed, None)


def test_a_number_known_with_another_date_is_refused_and_nothing_typed_is_lost(
    yearly: Office, head: Browser, session: Session
) -> None:
    codes = people(yearly, ["Lê Ánh", "Hồ Dũng", "Trần Bình"])
    [ids] = on_the_heads_desk(yearly, [rows_of(codes, "CSTDCS")], MONDAY)
    sheet(head)
    press(head, seen=f"{ids[0]}:{rows(session, ids[0])[0].version}")
    assert "Đã ký cho 1 đề nghị." in head.text
    sheet(head)
    press(head, decided_on="01/03/2026", **scan())
    assert head.page.status_code == 422
    sheet(head)
    press(head, signer="Người Khác", **scan())
    assert head.page.status_code == 422
    assert "125/QĐ-VKSTC" in head.text
    assert form_of(head.page, "/signing")["signer"] == "Người Khác"
    assert [one.state for one in rows(session, *ids)] == ["approved", "decision", "decision"]
    assert session.scalar(select(func.count()).where(Attachment.kind == "decision")) == 0


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"number": ""}, "Cần điền mục này"),
        ({"decided_on": "03/03/2026"}, "Ngày này chưa đến"),
        ({"file": (BytesIO(b"not a paper"), "qd.pdf"), "confirms_not_secret": "true"}, "PDF"),
        ({"file": (BytesIO(minimal_pdf()), "qd.pdf")}, "bí mật"),
    ],
)
def test_what_is_wrong_with_the_document_or_its_scan_signs_nothing(
    yearly: Office, head: Browser, session: Session, changes: dict[str, object], words: str
) -> None:
    [ids] = on_the_heads_desk(yearly, [rows_of(people(yearly, ["Lê Ánh"]), "CSTDCS")], MONDAY)
    sheet(head)
    press(head, **changes)
    assert head.page.status_code in {413, 415, 422}
    assert words in head.text
    assert [one.state for one in rows(session, *ids)] == ["decision"]


def test_only_the_awards_that_were_chosen_are_signed(yearly: Office, head: Browser, session: Session) -> None:
    codes = people(yearly, ["Lê Ánh", "Hồ Dũng"])
    [ids] = on_the_heads_desk(yearly, [rows_of(codes, "CSTDCS", "CSTD_NGANH")], MONDAY)
    sheet(head, "&award=CSTDCS")
    assert "2 đề nghị thuộc danh hiệu không chọn" in head.text
    press(head)
    assert [one.state for one in rows(session, *ids)] == ["approved", "decision"] * 2


def test_a_name_that_was_held_meanwhile_stays_and_the_others_are_signed(
    yearly: Office, head: Browser, session: Session
) -> None:
    codes = people(yearly, ["Lê Ánh", "Hồ Dũng"])
    [[first, second]] = on_the_heads_desk(yearly, [rows_of(codes, "CSTDCS")], MONDAY)
    sheet(head)
    all_do(yearly, "head", "hold", [first], MONDAY, comment="Có đơn thư.")
    press(head, **scan())
    assert [one.state for one in rows(session, first, second)] == ["decision", "approved"]
    assert re.search("Lê Ánh ?, Chiến sĩ thi đua cơ sở .*Chính bạn đã thay đổi hồ sơ lúc", head.text)


def test_who_signs_nothing_sees_nothing_to_sign(yearly: Office, desk: Desk) -> None:
    on_the_heads_desk(yearly, [rows_of(people(yearly, ["Lê Ánh"]), "CSTDCS")], MONDAY)
    for who in ("nv21@example.vn", "nv02@example.vn"):
        seated = desk(who)
        seated.open(f"{DESK}?{SAID}")
        assert "Không có đề nghị nào" in seated.text


def test_a_name_whose_nominator_owes_an_answer_is_not_signed_with_the_others(
    yearly: Office, head: Browser, session: Session
) -> None:
    codes = people(yearly, ["Lê Ánh", "Hồ Dũng"])
    [[asked, other]] = on_the_heads_desk(yearly, [rows_of(codes, "CSTDCS")], MONDAY)
    all_do(yearly, "head", "request_info", [asked], MONDAY, comment="Quyết định công nhận số mấy?")
    sheet(head)
    assert re.search("Lê Ánh ?, Chiến sĩ thi đua cơ sở, .*chờ bổ sung", head.text)
    press(head)
    assert [one.state for one in rows(session, asked, other)] == ["decision", "approved"]


def test_a_number_is_not_offered_for_another_document_once_nobody_waits_for_its_own(
    yearly: Office, head: Browser
) -> None:
    on_the_heads_desk(yearly, [rows_of(people(yearly, ["Lê Ánh"]), "CSTDCS")], MONDAY)
    form = form_of(sheet(head).page, "/signing")
    assert "Không có đề nghị nào" in sheet(head, "&way=approve@elsewhere").text
    assert not re.search(r'name="seen"', head.page.get_data(as_text=True))
    assert f"way={form['way'].replace('@', '%40')}" in head.page.get_data(as_text=True).replace("@", "%40")


def test_the_scan_of_what_goes_up_is_filed_as_no_decision(
    yearly: Office, head: Browser, session: Session
) -> None:
    ids = listed(yearly, [row(None, "CTDCP")], "9/TTr", MONDAY)
    attach(yearly, MONDAY, "summary_report", nomination_id=ids[0])
    all_do(yearly, "nominator", "submit", ids, MONDAY)
    for part in ("reviewer", "cluster_head", "appraiser", "appraiser"):
        all_do(yearly, part, "approve", ids, MONDAY)
    all_do(yearly, "secretary", "approve", ids, MONDAY, vote=VoteEntry(9, 9, 0))
    sheet(head)
    assert "Ký tờ trình cấp trên" in head.text
    press(head, **scan())
    assert [one.state for one in rows(session, *ids)] == ["submitted_upward"]
    kept = select(Attachment.kind).where(Attachment.filename == "qd125.pdf")
    assert session.scalars(kept).all() == ["other"]
