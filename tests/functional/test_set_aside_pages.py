"""Setting work aside on pages and by programs, in both languages."""

from collections.abc import Callable

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tests.support.interface import Interface
from tests.support.office import Office
from tests.support.pages import Browser, text_of
from tests.support.waiting import submitted
from workflow.clock import FixedClock
from workflow.store.access import Account
from workflow.store.nominations import WorkItem


@pytest.mark.parametrize(
    "said",
    [
        ("vi", "Nhắc lại sau", "1 việc nhắc lại sau", "hạn 09/03/2026"),
        ("en", "Set aside", "1 thing set aside", "2026-03-09"),
    ],
)
def test_one_thing_leaves_my_page_and_comes_back(
    office: Office,
    desk: Callable[..., Browser],
    clock: FixedClock,
    said: tuple[str, str, str, str],
) -> None:
    locale, link, count, due = said
    submitted(office, clock.now())
    office.session.execute(update(Account).values(locale=locale))
    office.session.commit()
    mine = desk(str(office.session.scalar(select(Account.email).where(Account.id == office.ids["reviewer"]))))
    page = mine.open("/")
    assert link in text_of(page)
    address = next(part for part in page.text.split('"') if part.endswith("/aside") and "/inbox/" in part)
    mine.open(address)
    refused = mine.send("/aside", {"until": "10/3/2026"})
    assert refused.status_code == 422
    assert due in text_of(refused), "the date that it may not pass is said"
    assert "10/3/2026" in refused.text
    assert mine.send("/aside", {"until": "6/3/2026"}).status_code == 303
    assert count in text_of(mine.follow())
    mine.open("/inbox/aside")
    assert mine.send("/back", {}).status_code == 303
    assert count not in text_of(mine.follow())


def test_programs_do_the_same_and_a_stranger_learns_nothing(
    interface: Interface, session: Session, clock: FixedClock
) -> None:
    submitted(interface.office, clock.now())
    work = session.scalars(select(WorkItem.id).where(WorkItem.closed_at.is_(None))).one()
    path = f"/inbox/{work}/set-aside"
    [one] = interface.post("reviewer", path, {"until": "2026-03-06"}).json["items"]
    assert (one["item"]["id"], one["until"]) == (str(work), "2026-03-06")
    assert interface.get("reviewer", "/inbox").json["items"] == []
    assert interface.post("reviewer", path, {"until": "2026-03-10"}).status_code == 422
    assert interface.post("stranger", path, {"until": "2026-03-06"}).status_code == 404
    assert interface.post("reviewer", f"/inbox/{work}/bring-back").json["items"] == []
    assert interface.get("reviewer", "/inbox/set-aside").json["items"] == []
    assert [item["id"] for item in interface.get("reviewer", "/inbox").json["items"]] == [str(work)]
