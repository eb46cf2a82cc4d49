"""A name that is on no list comes on the one that proposes it, and keeps its own words."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.conftest import MONDAY
from tests.support.lists import AWARD, compose, names_of, row
from tests.support.office import Office, furnish
from workflow.domain.errors import NothingListed
from workflow.domain.vocabulary import Via
from workflow.operations.submissions.compose import add_rows
from workflow.operations.submissions.rows import ListRow
from workflow.operations.submissions.transfers import Transfer, transfer_names
from workflow.queries.history.audit import verify_chains
from workflow.store.nominations import Nomination


@pytest.fixture
def office(session: Session) -> Office:
    return furnish(session, now=MONDAY)


def test_a_name_on_no_list_comes_on_the_one_that_proposes_it(office: Office, session: Session) -> None:
    drafted = office.draft(MONDAY, person_code="NV04").nomination_id
    sent = office.draft(MONDAY, person_code="NV03").nomination_id
    office.act("nominator", sent, "submit", MONDAY)
    made = compose(office, [ListRow("NV04", (AWARD,)), row("NV03", AWARD, "LDTT")], MONDAY)
    [paper] = made.submissions
    assert ([one.problems for one in made.rows], paper.names) == ([(), ()], 3)
    assert {drafted, sent} < set(names_of(made))
    listed = select(Nomination.id).where(Nomination.submission_id == paper.submission_id)
    assert set(session.scalars(listed)) == set(names_of(made))
    with pytest.raises(NothingListed) as refused:
        compose(office, [row("NV04")], MONDAY)
    assert [reason.code for reason in refused.value.reasons] == ["row_already_proposed"]
    session.rollback()
    assert verify_chains(session).problems == ()


def test_a_name_that_was_taken_off_its_list_comes_on_another(office: Office, session: Session) -> None:
    made = compose(office, [row("NV04"), row("NV03")], MONDAY)
    [paper] = made.submissions
    off = Transfer(paper.submission_id, 1, names_of(made)[:1], None, Via.API)
    transfer_names(session, actor=office.actor("nominator", MONDAY), transfer=off, now=MONDAY)
    again = add_rows(
        session,
        actor=office.actor("nominator", MONDAY),
        submission_id=paper.submission_id,
        version=2,
        rows=[ListRow("NV04", (AWARD,))],
        via=Via.API,
        now=MONDAY,
    )
    assert names_of(again) == names_of(made)[:1]
    assert [(one.submission_id, one.version) for one in again.submissions] == [(paper.submission_id, 3)]


def test_words_for_a_name_that_has_its_own_are_refused_and_not_lost(office: Office, session: Session) -> None:
    office.draft(MONDAY, person_code="NV04")
    with pytest.raises(NothingListed) as refused:
        compose(office, [ListRow("NV04", (AWARD,), "Khác")], MONDAY)
    assert [reason.code for reason in refused.value.reasons] == ["row_has_its_own_words"]
