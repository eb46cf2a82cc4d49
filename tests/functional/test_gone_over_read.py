"""After steps were called otherwise a nomination is read as before: its history, why it came back."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.conftest import Database
from tests.integration.test_going_over import asked, lately_over, publish
from tests.support.interface import DRAFT, Interface
from tests.support.pages import browser
from workflow.domain.vocabulary import Via
from workflow.operations.routes.go_over import go_over
from workflow.queries.waiting.waits import transition_waits
from workflow.store.nominations import Visit
from workflow.store.people import load_actor

NAMES: Any = {"Bình xét tại đơn vị": "Xét ở cơ sở"}
RENAMED: Any = {"unit_review": "base_review", "draft": "drafting"}


@pytest.fixture
def returned(interface: Interface) -> int:
    """Have a nomination come back to its nominator."""
    number = int(interface.post("nominator", "/nominations", DRAFT).json["id"])
    assert interface.act("nominator", number, "submit").status_code == 200
    interface.clock.advance(timedelta(hours=1))
    back = interface.act("reviewer", number, "return", reason_code="dossier_incomplete", comment="Sửa năm.")
    assert back.status_code == 200, back.text
    lately_over(interface.clock)
    return number


def moved(interface: Interface, session: Session, database: Database) -> None:
    """Have everything go over to a version that calls both steps otherwise, as the administrator."""
    after = publish(session, interface.clock, **NAMES, **RENAMED)
    admin = load_actor(session, interface.office.ids["admin"], today=interface.clock.now().date())
    session.rollback()
    done = go_over(
        database.sessions,
        asked(after, renamed=RENAMED),
        actor=admin,
        reason="Đổi tên khâu",
        via=Via.WEB,
        clock=interface.clock,
    )
    assert done.moved == 1
    lately_over(interface.clock)


def history(interface: Interface, part: str, number: int) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = interface.get(part, f"/nominations/{number}/events").json["items"]
    return items


def test_old_entries_keep_the_names_of_then(
    interface: Interface, session: Session, database: Database, returned: int
) -> None:
    before = history(interface, "reviewer", returned)
    moved(interface, session, database)
    after = history(interface, "reviewer", returned)
    assert after[: len(before)] == before
    last = after[-1]
    assert (last["source"], last["dest"]) == ("draft", "drafting")
    assert "draft" not in {last["source_label"]["vi"], last["dest_label"]["vi"]}, "a name, not a code"
    page = interface.get("reviewer", f"/nominations/{returned}/diff", query_string={"since": 2}).json
    assert page["since"]["label"]["vi"] == "Bình xét tại đơn vị"


def test_why_it_came_back_is_still_said(
    interface: Interface, session: Session, database: Database, returned: int
) -> None:
    before = interface.get("nominator", f"/nominations/{returned}").json["last_return"]
    assert before["comment"] == "Sửa năm."
    moved(interface, session, database)
    assert interface.get("nominator", f"/nominations/{returned}").json["last_return"] == before


def test_no_stay_keeps_a_name_that_the_version_does_not_know(
    interface: Interface, session: Session, database: Database, returned: int
) -> None:
    moved(interface, session, database)
    stays = session.execute(select(Visit.step, Visit.sent_from).order_by(Visit.ordinal)).all()
    assert [tuple(one) for one in stays] == [
        ("drafting", None),
        ("base_review", "drafting"),
        ("drafting", "base_review"),
    ]
    session.rollback()
    assert interface.act("nominator", returned, "submit").status_code == 200
    nth = select(Visit.nth).where(Visit.left_at.is_(None))
    assert session.scalar(nth) == 2, "it stands there the second time"


def test_another_name_of_a_step_is_no_move_that_somebody_made(
    interface: Interface, session: Session, database: Database, returned: int
) -> None:
    waits = [one.as_dict() for one in transition_waits(session)]
    session.rollback()
    moved(interface, session, database)
    assert [one.as_dict() for one in transition_waits(session)] == waits
    session.rollback()
    admin = browser(database.sessions, interface.clock)
    admin.sign_in("nv24@example.vn")
    admin.open("/work?look=done")
    assert f"/nominations/{returned}" not in admin.page.get_data(as_text=True)
