"""Handing on what a unit owes, on the page of its round, on that of what is late, and over JSON."""

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from tests.functional.test_date_pages import seated
from tests.support.interface import Interface
from tests.support.office import AG, Office
from tests.support.pages import Browser, forms_of, text_of
from tests.support.rounds import NEXT, opened
from tests.support.waiting import add_account
from workflow.clock import FixedClock

WHY = "Nghỉ từ tuần sau"
SAYS = {
    "vi": ("Chuyển người xử lý", "Người lập: ", "Hãy chọn người."),
    "en": ("Reassign", "In the hands of ", "Choose a person."),
}
PATH = f"/rounds/{NEXT}/returns/{AG}/hand-over"


def with_writer(office: Office, session: Session, clock: FixedClock) -> int:
    """Open the round and let a second person write for the unit; return their account."""
    key = f"nominator@unit:{AG}"
    office.ids["writer"] = add_account(session, "writer@example.vn", key, clock.now())
    opened(session, clock.now(), unit_codes=(AG,), asks_all_units=False)
    return office.ids["writer"]


@pytest.mark.parametrize("locale", list(SAYS))
def test_whoever_writes_hands_it_on_the_page_of_the_round_and_back(
    office: Office, desk: Callable[..., Browser], session: Session, clock: FixedClock, locale: str
) -> None:
    writer = with_writer(office, session, clock)
    mine, (title, has, _) = seated(desk, office, "nominator", locale), SAYS[locale]
    page = mine.open(f"/rounds/{NEXT}")
    assert title in text_of(page)
    assert f'<option value="{writer}"' in page.text
    [said] = [form for form in forms_of(page, f"/returns/{AG}/hand-over") if "assignee_id" in form]
    assert said["assignee_id"] == "", "of two people none is chosen before somebody chooses"
    untold = mine.send(f"/returns/{AG}/hand-over", {"reason": WHY})
    assert untold.status_code == 422
    assert SAYS[locale][2] in text_of(untold)
    assert WHY in untold.text
    refused = mine.send(f"/returns/{AG}/hand-over", {"assignee_id": str(writer), "reason": ""})
    assert refused.status_code == 422
    assert (
        mine.send(f"/returns/{AG}/hand-over", {"assignee_id": str(writer), "reason": WHY}).status_code == 303
    )
    assert has in text_of(mine.open(f"/rounds/{NEXT}"))
    assert mine.send(f"/returns/{AG}/hand-over", {"assignee_id": "all", "reason": WHY}).status_code == 303
    assert has not in text_of(mine.open(f"/rounds/{NEXT}"))


def test_the_office_hands_it_on_the_page_of_what_is_late_and_what_was_typed_stays(
    office: Office, desk: Callable[..., Browser], session: Session, clock: FixedClock
) -> None:
    writer = with_writer(office, session, clock)
    above = seated(desk, office, "supervisor")
    above.open(f"/rounds/{NEXT}/returns/{AG}/late")
    stranger = str(office.ids["stranger"])
    refused = above.send("/hand-over", {"assignee_id": stranger, "reason": WHY})
    assert refused.status_code == 422
    assert WHY in refused.text
    above.open(f"/rounds/{NEXT}/returns/{AG}/late")
    assert above.send("/hand-over", {"assignee_id": str(writer), "reason": WHY}).status_code == 303
    reader = seated(desk, office, "deputy")
    assert "hand-over" not in reader.open(f"/rounds/{NEXT}").text


def test_programs_hand_it_once_and_read_whose_it_is(
    interface: Interface, session: Session, clock: FixedClock
) -> None:
    writer = with_writer(interface.office, session, clock)
    [before] = interface.get("nominator", f"/rounds/{NEXT}/returns").json["items"]
    assert before["assignee"] is None
    assert {one["id"] for one in before["writers"]} == {interface.office.ids["nominator"], writer}
    body, key = {"assignee_id": writer, "reason": WHY}, {"Idempotency-Key": "hand-1"}
    handed = interface.post("nominator", PATH, body, headers=key)
    assert handed.json["items"][0]["assignee"]["id"] == writer, handed.text
    assert interface.post("nominator", PATH, body, headers=key).headers["Idempotency-Replayed"] == "true"
    assert interface.post("nominator", PATH, body).status_code == 409
    assert interface.post("deputy", PATH, body).status_code == 403
    assert interface.post("nominator", PATH, {"assignee_id": writer}).status_code == 400
    back = interface.post("nominator", PATH, {"reason": WHY})
    assert back.json["items"][0]["assignee"] is None
