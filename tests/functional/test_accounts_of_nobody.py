"""An account with roles that is nobody of staff says so: nothing else keeps its owner from their own file."""

from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support.importing import Desk as Importing
from tests.support.office import AG, Office
from tests.support.pages import BASE, Browser
from workflow.clock import FixedClock
from workflow.store.access import Account
from workflow.store.organisation import Person

ADMIN = "nv24@example.vn"
SECOND = "second@example.vn"
GRANT = f"unit_reviewer@unit:{AG}"


@pytest.fixture
def admin(desk: Callable[..., Browser]) -> Browser:
    return desk(ADMIN)


@pytest.fixture
def name(session: Session) -> str:
    """Give what somebody is called who signs in already."""
    return session.scalars(select(Person.name).where(Person.code == "NV02")).one()


def test_a_second_account_of_somebody_names_whose_it_may_be_until_it_is_told(
    admin: Browser, session: Session, clock: FixedClock, name: str
) -> None:
    Importing(session, clock.now()).take("accounts", f"email,name,person,grants\n{SECOND},{name},,{GRANT}\n")
    account_id = session.scalars(select(Account.id).where(Account.email == SECOND)).one()
    page = f"/admin/accounts/{account_id}"
    said = admin.open(page).get_data(as_text=True).partition('id="of-nobody"')[2].partition("</div>")[0]
    assert "không có gì ngăn họ xử lý hồ sơ của mình" in said
    assert "NV02, VKSND tỉnh An Giang (nv02@example.vn)" in said
    admin.open(f"/admin/accounts?q={SECOND}")
    assert "chưa gắn với cán bộ nào" in admin.text
    admin.open(page)
    assert admin.send("/person", {"person": "NV05"}).status_code == 303
    assert 'id="of-nobody"' not in admin.open(page).get_data(as_text=True)
    admin.open(f"/admin/accounts?q={SECOND}")
    assert "chưa gắn với cán bộ nào" not in admin.text


def test_who_has_no_role_and_who_is_of_staff_is_not_told_of(
    admin: Browser, session: Session, clock: FixedClock, office: Office
) -> None:
    Importing(session, clock.now()).take("accounts", f"email,name\n{SECOND},Trần Thị Khách\n")
    account_id = session.scalars(select(Account.id).where(Account.email == SECOND)).one()
    for one in (account_id, office.ids["reviewer"]):
        answer = admin.client.get(f"/admin/accounts/{one}", base_url=BASE)
        assert answer.status_code == 200
        assert 'id="of-nobody"' not in answer.get_data(as_text=True)


def test_a_file_of_accounts_counts_them_before_it_is_imported(
    session: Session, clock: FixedClock, office: Office, name: str
) -> None:
    desk = Importing(session, clock.now())
    rows = f"{SECOND},{name},,{GRANT}\nthird@example.vn,Trần Thị Khách,,{GRANT}\n"
    notes = desk.look("accounts", f"email,name,person,grants\n{rows}nv02@example.vn,{name},,{GRANT}\n").notes
    assert (
        "Accounts with roles that are nobody on the list of people: 2; nothing keeps whoever signs in with "
        "one from a nomination of their own."
    ) in notes
    assert f"Called like somebody on the list: {SECOND} (NV02); write the code as person." in notes
    notes = desk.look("accounts", f"email,name,person,grants\n{SECOND},{name},NV05,{GRANT}\n").notes
    assert not any("nobody on the list" in one for one in notes)
