"""Who retires, moves away or dies: counted and offered until then, proposed afterwards by who names them."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.conftest import MONDAY
from tests.support.importing import Desk, everything
from tests.support.office import AG, Office, furnish
from workflow.queries.choices import draft_choices
from workflow.queries.people.search import find_people
from workflow.store.access import Account
from workflow.store.eligibility import AskedYear, known_of_unit
from workflow.store.organisation import Person

TODAY = MONDAY.date()
CODE = "NV04"


@pytest.fixture
def office(session: Session) -> Office:
    return furnish(session, now=MONDAY)


@pytest.fixture
def desk(session: Session, office: Office) -> Desk:
    return Desk(session, MONDAY)


def leaves(day: date | str) -> str:
    return f"mã,họ và tên,đơn vị,thôi công tác từ\n{CODE},Đặng Quốc Dũng,{AG},{day}\n"


def offered(session: Session, office: Office) -> set[str]:
    choices = draft_choices(session, actor=office.actor("nominator", MONDAY), today=TODAY)
    return {one.code for one in choices.people}


def members(session: Session, office: Office, until: date) -> int:
    unit_id = office.actor("nominator", MONDAY).unit_id
    assert unit_id is not None
    group = known_of_unit(session, unit_id, AskedYear(2026, until, ())).group
    assert group is not None
    return group.members


def test_who_left_is_offered_no_more_from_that_day_on(session: Session, office: Office, desk: Desk) -> None:
    assert CODE in offered(session, office)
    desk.take("people", leaves(TODAY + timedelta(days=1)))
    assert CODE in offered(session, office)
    desk.take("people", leaves(TODAY))
    assert CODE not in offered(session, office)


def test_a_collective_counts_its_members_without_who_had_left_by_the_end(
    session: Session, office: Office, desk: Desk
) -> None:
    all_of_them = members(session, office, TODAY)
    desk.take("people", leaves(TODAY))
    assert members(session, office, TODAY - timedelta(days=1)) == all_of_them, (
        "the year ended before they left"
    )
    assert members(session, office, TODAY) == all_of_them - 1


def test_who_left_is_found_with_the_day_and_can_be_proposed(
    session: Session, office: Office, desk: Desk
) -> None:
    desk.take("people", leaves(TODAY))
    [found] = find_people(
        session, actor=office.actor("admin", MONDAY), q=CODE, now=MONDAY, limit=5, cursor=None
    ).items
    assert found.left_on == TODAY
    assert office.draft(MONDAY, person_code=CODE).nomination_id


def test_a_day_of_leaving_is_shown_taken_back_and_taken_away(session: Session, desk: Desk) -> None:
    before = everything(session)
    done = desk.take("people", leaves("2026-02-01"))
    [changed] = done.changed
    assert [(one.field, one.old, one.new) for one in changed.fields] == [("left_on", "", "2026-02-01")]
    desk.undo()
    assert everything(session) == before
    desk.take("people", leaves("2026-02-01"))
    assert desk.take("people", f"code,name,unit\n{CODE},Đặng Quốc Dũng,{AG}\n").unchanged_count == 1
    desk.take("people", leaves(""))
    assert everything(session)["person"] == before["person"], "an empty cell says that they are there"


def test_an_open_account_of_who_leaves_is_named(session: Session, office: Office, desk: Desk) -> None:
    who = office.actor("reviewer", MONDAY)
    code = session.scalars(select(Person.code).where(Person.id == who.person_id)).one()
    email = session.scalars(select(Account.email).where(Account.id == who.account_id)).one()
    done = desk.take("people", f"code,name,unit,left_on\n{code},{who.name},{AG},2026-03-01\n")
    assert f"{email} leaves, and their account is still open." in done.notes
