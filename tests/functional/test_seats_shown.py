"""Pages say in whose hands work is: nobody's where nobody holds the seat, and never a disabled account's."""

import re
from urllib.parse import quote

import pytest
from sqlalchemy import update

from tests.support.office import AG, ROUND, furnish
from tests.support.pages import give_passwords
from tests.support.waiting import add_account, drop_grant
from workflow.domain.vocabulary import Via
from workflow.operations.people.accounts import disable_account
from workflow.store.access import Account
from workflow.store.nominations import Nomination

EMAILS = {"nominator": "nv01@example.vn", "supervisor": "nv23@example.vn", "head": "nv22@example.vn"}
NOBODY = {"vi": "chưa có ai giữ vị trí này", "en": "nobody holds this seat"}


@pytest.fixture
def office(session, clock):
    office = furnish(session, now=clock.now())
    drop_grant(session, office.ids["unit_head"], f"head@unit:{AG}")
    office.ids["ag_head"] = add_account(session, "head-ag@example.vn", f"head@unit:{AG}", clock.now())
    give_passwords(session)
    return office


@pytest.fixture
def nomination_id(office, clock):
    nomination_id = office.draft(clock.now()).nomination_id
    office.act("nominator", nomination_id, "submit", clock.now())
    return nomination_id


def leave(session, clock):
    disable_account(session, actor=None, email="nv02@example.vn", via=Via.CLI, now=clock.now())


@pytest.mark.parametrize("locale", ["vi", "en"])
@pytest.mark.parametrize("is_claimed", [False, True])
def test_page_lists_and_board_call_an_empty_seat_empty(  # noqa: PLR0917 - fixtures
    desk, office, session, clock, nomination_id, locale, is_claimed
):
    if is_claimed:
        office.act("reviewer", nomination_id, "claim", clock.now())
    leave(session, clock)
    session.execute(update(Account).values(locale=locale))
    session.commit()
    for email in (EMAILS["nominator"], "head-ag@example.vn"):
        seen = desk(email)
        for page in (f"/nominations/{nomination_id}", "/nominations", f"/rounds/{ROUND}/board"):
            text = seen.open(page).get_data(as_text=True)
            assert NOBODY[locale] in text, (email, page)
            assert not re.search(r"reviewer NV02 \(", text), (email, page)
    assert NOBODY[locale] in desk("head-ag@example.vn").open("/").get_data(as_text=True)


def test_a_seat_that_is_held_is_not_called_empty(desk, nomination_id):
    seen = desk(EMAILS["nominator"])
    for page in (f"/nominations/{nomination_id}", "/nominations", f"/rounds/{ROUND}/board"):
        assert NOBODY["vi"] not in seen.open(page).get_data(as_text=True)


def test_whom_to_call_is_who_holds_it_at_the_office_where_it_lies(desk, office, clock, nomination_id):
    office.act("reviewer", nomination_id, "approve", clock.now())
    seen = desk(EMAILS["nominator"])
    for page in (f"/nominations/{nomination_id}", f"/rounds/{ROUND}/board"):
        text = seen.open(page).get_data(as_text=True)
        assert "secretary NV21" in text, page
        assert "024 3825 5058" in text, page
        assert "Phạm Thị Hoa" not in text, "the unit's own officer has it no more"


def test_who_is_nominated_is_told_an_office_and_no_reviewer(desk, office, session, clock, nomination_id):
    add = session.get_one(Nomination, nomination_id)
    session.execute(
        update(Account).where(Account.id == office.ids["stranger"]).values(person_id=add.person_id)
    )
    session.execute(
        update(Nomination)
        .where(Nomination.id == nomination_id)
        .values(audience=[*add.audience, "unit:VKS-DT"])
    )
    session.commit()
    text = desk("nv14@example.vn").open(f"/nominations/{nomination_id}").get_data(as_text=True)
    assert "reviewer NV02" not in text


@pytest.mark.parametrize(("only", "is_shown"), [("{id}", True), ("{id}-{id}", True), ("9999999", False)])
def test_the_list_opens_exactly_the_names_of_a_letter(desk, nomination_id, only, is_shown):
    seen = desk(EMAILS["nominator"])
    text = seen.open(f"/nominations?only={only.format(id=nomination_id)}").get_data(as_text=True)
    assert ("Đặng Quốc Dũng" in text) is is_shown
    assert "Đây đúng là các hồ sơ nêu trong thư." in text


@pytest.mark.parametrize("only", ["x", "1-", "5-3", "1,,2", "²", "9" * 400, "0", "-1"])
def test_a_list_of_numbers_that_is_none_is_refused_by_name(desk, only):
    answer = desk(EMAILS["nominator"]).open(f"/nominations?only={quote(only)}")
    assert answer.status_code == 422
    assert "only" in answer.get_data(as_text=True)
