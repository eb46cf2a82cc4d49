"""A draft whose author is away or gone is not lost: another writer goes on, or the head hands it over."""

from datetime import date, timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from tests.support.absences import go_away
from tests.support.office import AG, Office, furnish
from tests.support.waiting import submitted
from workflow.clock import FixedClock
from workflow.domain.errors import AlreadyClaimed
from workflow.domain.vocabulary import Via
from workflow.operations.history.streams import append_event
from workflow.operations.nominations.nominate import Edit, edit
from workflow.queries.nominations.nomination import get_nomination
from workflow.store.access import Grant

WRITES = f"nominator@unit:{AG}"


@pytest.fixture
def office(session: Session, clock: FixedClock) -> Office:
    """Let two write for the unit."""
    office = furnish(session, now=clock.now())
    account_id = office.ids["deputy"]
    session.add(Grant(account_id=account_id, key=WRITES, valid_from=date(2020, 1, 1)))
    append_event(session, f"account:{account_id}", "grant", actor=None, via=Via.CLI, now=clock.now())
    session.commit()
    return office


@pytest.fixture(params=["drafted", "returned"])
def number(request: pytest.FixtureRequest, office: Office, clock: FixedClock) -> int:
    """Have a draft in its author's hands, new or come back."""
    if request.param == "drafted":
        return office.draft(clock.now()).nomination_id
    number = submitted(office, clock.now())
    back = {"comment": "Bổ sung", "reason_code": "dossier_incomplete", "to_step": "draft"}
    office.act("reviewer", number, "return", clock.now(), **back)
    return number


def goes_on(office: Office, number: int, clock: FixedClock) -> None:
    """Have the other writer mend and send it."""
    actor, now = office.actor("deputy", clock.now()), clock.now()
    version = get_nomination(office.session, actor=actor, nomination_id=number, now=now).version
    edit(
        office.session,
        actor=actor,
        nomination_id=number,
        version=version,
        changes=Edit(achievement="Bổ sung của người viết thay."),
        via=Via.API,
        now=now,
    )
    office.act("deputy", number, "submit", now)
    assert get_nomination(office.session, actor=actor, nomination_id=number, now=now).state == "unit_review"


def test_while_its_author_is_there_nobody_else_sends_it(
    office: Office, number: int, clock: FixedClock
) -> None:
    with pytest.raises(AlreadyClaimed):
        office.act("deputy", number, "submit", clock.now())
    office.act(
        "unit_head", number, "reassign", clock.now(), assignee_id=office.ids["deputy"], comment="Đi vắng"
    )
    goes_on(office, number, clock)


def test_of_who_is_away_with_nobody_in_their_place_the_other_writer_goes_on(
    office: Office, number: int, clock: FixedClock
) -> None:
    go_away(office, clock, "nominator")
    goes_on(office, number, clock)


def test_of_who_writes_for_the_unit_no_more_the_other_writer_goes_on(
    office: Office, number: int, clock: FixedClock
) -> None:
    today = clock.now().date()
    gone = (Grant.account_id == office.ids["nominator"], Grant.key == WRITES)
    office.session.execute(update(Grant).where(*gone).values(valid_to=today + timedelta(days=1)))
    office.session.commit()
    clock.advance(timedelta(days=2))
    goes_on(office, number, clock)
