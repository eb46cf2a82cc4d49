"""What pictures of every page brought up: names in place of codes, and one button to be pressed first."""

import re
from collections.abc import Callable

from sqlalchemy.orm import Session

from tests.support.lists import add_colleagues, compose, names_of, row
from tests.support.office import AG, TOP, Office
from tests.support.pages import Browser, text_of
from workflow.clock import FixedClock
from workflow.domain.facts import SignedDocument
from workflow.messages import formats

REVIEWER, SUPERVISOR, ADMIN = "nv02@example.vn", "nv23@example.vn", "nv24@example.vn"
NAME_OF_TOP = "Viện kiểm sát nhân dân tối cao"
FIRST = re.compile(r'class="btn btn-primary(?: [^"]*)?"')


def without_folds(page: str) -> str:
    """Return a page without what is folded away."""
    return re.sub(r"<details.*?</details>", "", page, flags=re.DOTALL)


def test_where_each_name_of_a_list_is_gone_through_nothing_else_is_to_be_pressed_first(
    desk: Callable[..., Browser], office: Office, session: Session, clock: FixedClock
) -> None:
    now = clock.now()
    signed = SignedDocument("12/TTr-VKS", now.date(), "Trần Thị Bích")
    made = compose(office, [row(code) for code in add_colleagues(session, 2)], now, paper=signed)
    for nomination_id in names_of(made):
        office.act("nominator", nomination_id, "submit", now)
    page = desk(REVIEWER).open(f"/submissions/{made.submissions[0].submission_id}").get_data(as_text=True)
    assert 'name="what"' in page
    assert "Xét từng tên trong một lượt (2)" in page
    assert len(FIRST.findall(without_folds(page))) == 1


def test_rounds_and_units_call_units_by_their_names(desk: Callable[..., Browser]) -> None:
    supervisor = desk(SUPERVISOR)
    supervisor.open("/rounds")
    assert f"{NAME_OF_TOP} ·" in supervisor.text
    admin = desk(ADMIN)
    admin.open(f"/admin/units/{AG}")
    assert f"trực thuộc {NAME_OF_TOP}" in admin.text
    assert f"trực thuộc {TOP}" not in admin.text


def test_the_zone_of_hours_is_called_as_people_call_it(desk: Callable[..., Browser]) -> None:
    reader = desk(REVIEWER)
    reader.open("/me/mails")
    assert "Múi giờ: Giờ Việt Nam." in reader.text
    assert formats.zone("Asia/Ho_Chi_Minh", "en") == "Vietnam Time"
    assert formats.zone("UTC", "vi") == "UTC"


def test_where_a_day_is_known_from_is_told_in_the_reader_s_words(desk: Callable[..., Browser]) -> None:
    page = text_of(desk(ADMIN).open("/admin/calendar"))
    assert "Nguồn: danh mục ngày lễ kèm phần mềm" in page
    assert "Nguồn: Công văn số 12729/VPCP-KGVX, thứ Năm, ngày 25/12/2025" in page
    assert "holidays 0" not in page, "a library's name says nothing"
    page = text_of(desk(ADMIN).open("/admin/calendar?year=2024"))
    assert "Nguồn: Công văn số 2450/VPCP-KGVX, thứ Sáu, ngày 12/4/2024" in page
    assert "holidays 0" not in page
