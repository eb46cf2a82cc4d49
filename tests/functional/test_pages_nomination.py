"""One nomination by the pages: what its reader sees, does, and is told when it cannot be done."""

from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from tests.support.office import AG
from tests.support.pages import browser, form_of
from workflow.store.access import Grant
from workflow.store.history import Event
from workflow.store.nominations import Nomination

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
EMAILS = {
    "nominator": "nv01@example.vn",
    "reviewer": "nv02@example.vn",
    "secretary": "nv21@example.vn",
    "head": "nv22@example.vn",
    "supervisor": "nv23@example.vn",
    "stranger": "nv14@example.vn",
}


@pytest.fixture
def desk(database, clock, office):
    """Return a function that signs somebody in on a browser of their own."""

    def sit(part):
        seated = browser(database.sessions, clock)
        assert seated.sign_in(EMAILS[part]).status_code == 303
        return seated

    return sit


@pytest.fixture
def nomination_id(office, clock):
    nomination_id = office.draft(clock.now()).nomination_id
    office.act("nominator", nomination_id, "submit", clock.now())
    return nomination_id


def state_of(session, nomination_id):
    session.expire_all()
    return session.get_one(Nomination, nomination_id).state


def test_a_nomination_shows_dossier_standing_due_date_holder_and_whom_to_telephone(desk, nomination_id):
    seen = desk("reviewer")
    seen.open(f"/nominations/{nomination_id}")
    for words in (
        "Đặng Quốc Dũng, Kiểm sát viên",
        "Chiến sĩ thi đua cơ sở",
        "Hoàn thành xuất sắc nhiệm vụ",
        "Bình xét tại đơn vị",
        "còn 5 ngày làm việc",
        "17:00 thứ Hai, ngày 9/3/2026",
        "Người bình xét của đơn vị, VKSND tỉnh An Giang (chưa ai nhận)",
        "Phạm Thị Hoa, 0296 385 2345",
        "Thư báo có việc mới → reviewer NV02 · chờ gửi",
    ):
        assert words in seen.text


def test_what_somebody_may_not_see_is_not_there(desk, nomination_id):
    outside = desk("stranger")
    assert outside.open(f"/nominations/{nomination_id}").status_code == 404
    assert "Đặng Quốc Dũng" not in outside.text
    assert "Đặng Quốc Dũng" not in outside.open("/nominations").get_data(as_text=True)
    assert outside.open(f"/nominations/{nomination_id}/edit").status_code == 404


def test_a_reviewer_takes_it_on_and_endorses_it(desk, session, nomination_id):
    reviewer = desk("reviewer")
    reviewer.open("/")
    assert reviewer.send("/actions/claim").status_code == 303
    assert "Đã thực hiện: Nhận xử lý" in reviewer.follow().get_data(as_text=True)
    reviewer.send("/actions/approve", {"comment": "Nhất trí"})
    assert "Nhất trí" in reviewer.follow().get_data(as_text=True)
    assert state_of(session, nomination_id) == "council"


def test_a_return_without_reason_says_beside_each_field_what_is_missing_and_keeps_the_rest(
    desk, nomination_id
):
    reviewer = desk("reviewer")
    reviewer.open(f"/nominations/{nomination_id}")
    answer = reviewer.send("/actions/return", {"comment": "Bổ sung biên bản <họp> xét"})
    assert answer.status_code == 422
    assert "Hãy chọn một lý do." in reviewer.text
    assert form_of(answer, "/actions/return")["comment"] == "Bổ sung biên bản <họp> xét"
    answer = reviewer.send("/actions/return", {"reason_code": "dossier_incomplete", "comment": ""})
    assert answer.status_code == 422
    assert "Hãy viết rõ cần làm gì hoặc vì sao." in reviewer.text
    assert form_of(answer, "/actions/return")["reason_code"] == "dossier_incomplete"


def test_of_several_places_to_return_to_none_is_chosen_and_what_was_typed_stays(
    desk, session, office, clock, nomination_id
):
    office.act("reviewer", nomination_id, "approve", clock.now())
    secretary = desk("secretary")
    page = secretary.open(f"/nominations/{nomination_id}")
    assert "to_step" not in form_of(page, "/actions/return")
    said = {"reason_code": "dossier_incomplete", "comment": "Bổ sung biên bản"}
    answer = secretary.send("/actions/return", said)
    assert answer.status_code == 422
    assert "Hãy chọn nơi trả về." in secretary.text
    kept = form_of(answer, "/actions/return")
    assert (kept["comment"], kept["reason_code"], "to_step" in kept) == (*reversed(said.values()), False)
    assert state_of(session, nomination_id) == "council"
    assert secretary.send("/actions/return", {"to_step": "unit_review"}).status_code == 303
    assert state_of(session, nomination_id) == "unit_review"


def test_a_return_that_says_nothing_is_told_all_that_is_missing_at_once(desk, office, clock, nomination_id):
    office.act("reviewer", nomination_id, "approve", clock.now())
    secretary = desk("secretary")
    secretary.open(f"/nominations/{nomination_id}")
    assert secretary.send("/actions/return").status_code == 422
    for words in ("Hãy chọn nơi trả về.", "Hãy chọn một lý do.", "Hãy viết rõ cần làm gì hoặc vì sao."):
        assert words in secretary.text


def test_a_stale_page_says_who_was_faster_and_gives_back_what_was_typed(
    desk, session, office, clock, nomination_id
):
    slow = desk("reviewer")
    slow.open(f"/nominations/{nomination_id}")
    office.act("reviewer", nomination_id, "claim", clock.now())
    answer = slow.send("/actions/return", {"reason_code": "other", "comment": "đã viết dài"})
    assert answer.status_code == 409
    assert "reviewer NV02 đã thực hiện “Nhận xử lý” lúc 09:00 thứ Hai, ngày 2/3/2026" in slow.text
    kept = form_of(answer, "/actions/return")
    assert (kept["comment"], kept["reason_code"]) == ("đã viết dài", "other")
    assert slow.send("/actions/return").status_code == 303
    assert state_of(session, nomination_id) == "draft"


def test_what_was_typed_survives_even_when_the_action_is_gone(desk, office, clock, nomination_id):
    slow = desk("reviewer")
    slow.open(f"/nominations/{nomination_id}")
    office.act("reviewer", nomination_id, "approve", clock.now())
    answer = slow.send("/actions/return", {"reason_code": "other", "comment": "đã viết dài"})
    assert answer.status_code == 409
    assert "đã thực hiện “Nhất trí đề nghị”" in slow.text
    assert "đã viết dài" in slow.text


def test_sending_one_form_twice_does_it_once(desk, session, nomination_id):
    reviewer = desk("reviewer")
    page = reviewer.open(f"/nominations/{nomination_id}")
    assert reviewer.send("/actions/approve").status_code == 303
    reviewer.page = page
    assert reviewer.send("/actions/approve").status_code == 303
    assert "không thực hiện hai lần" in reviewer.follow().get_data(as_text=True)
    approvals = select(func.count()).where(
        Event.stream == f"nomination:{nomination_id}", Event.action == "approve"
    )
    assert session.scalar(approvals) == 1


def test_the_head_signs_with_number_date_and_name(desk, session, office, clock, nomination_id):
    office.act("reviewer", nomination_id, "approve", clock.now())
    office.act("secretary", nomination_id, "approve", clock.now())
    head = desk("head")
    head.open(f"/nominations/{nomination_id}")
    paper = {"decision_number": "125/QĐ-VKSTC", "decision_on": "2026-03-02", "decision_signer": "Lê Minh Trí"}
    for field, value, words in (
        ("decision_number", "", "Hãy nhập số quyết định."),
        ("decision_on", "", "Cần điền mục này."),
        ("decision_on", "2/3/26", "Hãy nhập ngày"),
        ("decision_on", "2026-03-03", "Ngày này chưa đến"),
        ("decision_signer", "", "Hãy nhập người ký."),
    ):
        assert head.send("/actions/approve", {**paper, field: value}).status_code == 422
        assert words in head.text
    assert head.send("/actions/approve", paper).status_code == 303
    head.follow()
    assert state_of(session, nomination_id) == "approved"
    assert "Số 125/QĐ-VKSTC, thứ Hai, ngày 2/3/2026, người ký: Lê Minh Trí" in head.text


def test_an_action_of_another_role_is_shown_with_the_reason_and_refused(desk, session, nomination_id):
    nominator = desk("nominator")
    nominator.open(f"/nominations/{nomination_id}")
    assert (
        "Nhất trí đề nghị Chỉ Người bình xét của đơn vị, VKSND tỉnh An Giang làm được việc này."
        in nominator.text
    )
    fields = form_of(nominator.page, "/actions/withdraw")
    fields[""] = ""
    answer = nominator.answer_to(f"/nominations/{nomination_id}/actions/approve", fields)
    assert answer.status_code == 403
    assert state_of(session, nomination_id) == "unit_review"


def test_what_a_draft_lacks_is_named_where_it_is_submitted(desk, office, clock):
    nomination_id = office.draft(clock.now(), achievement="", proposer="").nomination_id
    nominator = desk("nominator")
    nominator.open(f"/nominations/{nomination_id}")
    assert (
        "Chưa có báo cáo thành tích. Bổ sung tại đây Chưa có người đề nghị. Bổ sung tại đây" in nominator.text
    )


def test_a_hold_stops_the_clock_and_says_so(desk, nomination_id):
    reviewer = desk("reviewer")
    reviewer.open(f"/nominations/{nomination_id}")
    assert reviewer.send("/actions/hold").status_code == 422
    reviewer.send("/actions/hold", {"comment": "Đang xác minh đơn"})
    reviewer.follow()
    assert "Đang tạm dừng xét" in reviewer.text
    assert "ngày làm việc" not in reviewer.text
    reviewer.send("/actions/release_hold")
    reviewer.follow()
    assert "còn 5 ngày làm việc" in reviewer.text


def test_work_is_handed_to_somebody_of_the_same_seat_only(desk, session, office, clock, nomination_id):
    session.add(
        Grant(account_id=office.ids["deputy"], key=f"unit_reviewer@unit:{AG}", valid_from=clock.now().date())
    )
    session.commit()
    reviewer = desk("reviewer")
    reviewer.open(f"/nominations/{nomination_id}")
    reviewer.send("/actions/claim")
    reviewer.follow()
    # Of one heir there is nothing to choose; whoever empties the field is told what it asks for.
    assert form_of(reviewer.page, "/actions/reassign")["assignee_id"] == str(office.ids["deputy"])
    assert reviewer.send("/actions/reassign", {"assignee_id": ""}).status_code == 422
    assert "Hãy chọn người." in reviewer.text
    assert reviewer.send("/actions/reassign", {"assignee_id": str(office.ids["stranger"])}).status_code == 422
    assert "Hãy chọn một mục trong danh sách." in reviewer.text
    assert reviewer.send("/actions/reassign", {"assignee_id": str(office.ids["deputy"])}).status_code == 303
    reviewer.follow()
    assert "Giao cho: deputy NV03" in reviewer.text


def test_the_nominee_does_not_read_who_reviews_them(desk, session, office, clock):
    nomination_id = office.draft(clock.now(), person_code="NV02").nomination_id
    office.act("nominator", nomination_id, "submit", clock.now())
    office.act("deputy", nomination_id, "claim", clock.now())
    nominee = desk("reviewer")
    nominee.open(f"/nominations/{nomination_id}")
    assert "chưa công bố cho người được đề nghị" in nominee.text
    assert "deputy NV03" not in nominee.text


def test_a_nul_and_a_far_too_long_comment_are_refused_beside_the_field(desk, nomination_id):
    reviewer = desk("reviewer")
    reviewer.open(f"/nominations/{nomination_id}")
    assert reviewer.send("/actions/hold", {"comment": "a\0b"}).status_code == 422
    assert "Nội dung không hợp lệ" in reviewer.text
    reviewer.open(f"/nominations/{nomination_id}")
    assert reviewer.send("/actions/hold", {"comment": "x" * 20_001}).status_code == 422
    assert "Nội dung quá dài" in reviewer.text


def test_a_number_no_nomination_can_have_is_not_found(desk):
    supervisor = desk("supervisor")
    for number in ("0", "99999999999999999999", "abc", "-1"):
        assert supervisor.open(f"/nominations/{number}").status_code == 404
