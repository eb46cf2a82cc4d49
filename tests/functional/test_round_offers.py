"""The page of a round offers each reader what is theirs there, and calls everything by its name."""

from collections.abc import Callable, Mapping

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tests.conftest import MONDAY
from tests.support.office import AG, ROUND, Office
from tests.support.pages import Browser
from tests.support.yearly import make_yearly
from workflow.store.awards import Round, WorkflowDefinition
from workflow.store.nominations import WorkItem

PAGE = f"/rounds/{ROUND}"
ENTER, SIGN = "Nhập kết quả bỏ phiếu của Hội đồng", "Ký quyết định cho nhiều danh sách"
SECRETARY, HEAD, REVIEWER = "nv21@example.vn", "nv22@example.vn", "nv02@example.vn"
Desk = Callable[..., Browser]


@pytest.fixture
def yearly(office: Office) -> Office:
    return make_yearly(office, MONDAY)


@pytest.mark.parametrize(
    ("who", "offered"),
    [
        (SECRETARY, {ENTER: True, SIGN: False}),
        (HEAD, {ENTER: False, SIGN: True}),
        (REVIEWER, {ENTER: False, SIGN: False}),
    ],
)
def test_only_the_secretary_is_led_to_the_grid_and_only_the_head_to_a_signature(
    yearly: Office, desk: Desk, who: str, offered: Mapping[str, bool]
) -> None:
    seated = desk(who)
    seated.open(PAGE)
    assert {link: link in seated.text for link in offered} == offered
    # What the council has decided may be read by everybody; the way back leads where they came from.
    html = seated.page.get_data(as_text=True) if seated.page else ""
    assert (f'href="{PAGE}/minutes"' in html) is not offered[ENTER]
    seated.open(f"{PAGE}/minutes")
    back = seated.page.get_data(as_text=True) if seated.page else ""
    assert (f'href="{PAGE}/votes"' in back) is offered[ENTER]


def test_the_head_of_a_unit_is_led_to_a_signature_while_something_waits_for_theirs(
    yearly: Office, desk: Desk, session: Session
) -> None:
    own = yearly.draft(MONDAY).nomination_id
    seated = desk(REVIEWER)
    seated.open(PAGE)
    assert SIGN not in seated.text
    session.execute(update(WorkItem).where(WorkItem.nomination_id == own).values(owner_key=f"head@unit:{AG}"))
    session.commit()
    seated.open(PAGE)
    assert SIGN in seated.text


def test_a_sheet_without_a_name_says_when_there_will_be_one(yearly: Office, desk: Desk) -> None:
    seated = desk(SECRETARY)
    for sheet in ("agenda", "ballot"):
        seated.open(f"{PAGE}/{sheet}")
        assert "Chưa có đề nghị nào chờ Hội đồng bỏ phiếu. Đề nghị có tên ở đây khi" in seated.text


def test_whose_ladder_reminds_units_is_said_by_the_route_s_name(
    yearly: Office, desk: Desk, session: Session
) -> None:
    annual = select(WorkflowDefinition.id).where(WorkflowDefinition.key == "annual").scalar_subquery()
    session.execute(update(Round).where(Round.code == ROUND).values(reminders_id=annual))
    session.commit()
    seated = desk(REVIEWER)
    seated.open(PAGE)
    assert "Theo “Quy trình xét hằng năm”" in seated.text
    assert "annual@" not in seated.text
