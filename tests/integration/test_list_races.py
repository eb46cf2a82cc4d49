"""A list and its names at the same instant: what a step rests on waits for the step, and the step for it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from tests.conftest import MONDAY, Database
from tests.support.lists import add_colleagues, compose, row
from tests.support.office import AG, ROUND, Office
from tests.support.yearly import OF_THE_LIST, OF_THE_NAME, attach, furnish_yearly
from workflow.domain.errors import Conflict, StaleSubmission, SubmissionSent
from workflow.domain.facts import MoveRequest, OfflineStep, SignedDocument
from workflow.domain.vocabulary import Via
from workflow.operations.nominations.commands import Command
from workflow.operations.nominations.decide_many import decide_list
from workflow.operations.papers.remove import remove
from workflow.operations.submissions.compose import (
    NewSubmission,
    SubmissionEdit,
    add_rows,
    create_submission,
    edit_submission,
)
from workflow.operations.submissions.drafts import draft_list
from workflow.operations.submissions.lists import BLANK
from workflow.operations.submissions.rows import ListPlace, lay_out
from workflow.operations.submissions.transfers import Transfer, transfer_names

WORDS = SignedDocument("45/TTr-VKS", date(2026, 3, 2), "Phạm Thị Hoa")
REVIEWER = f"unit_reviewer@unit:{AG}"


@pytest.fixture
def office(session: Session) -> Office:
    return furnish_yearly(session, now=MONDAY)


@pytest.fixture
def listed(office: Office) -> tuple[int, int]:
    """Return a submission with one complete name that waits for the unit's reviewer, and that name."""
    [person] = add_colleagues(office.session, 1)
    made = create_submission(
        office.session,
        actor=office.actor("nominator", MONDAY),
        new=NewSubmission(ROUND, AG, [row(person)], WORDS),
        via=Via.API,
        now=MONDAY,
    )
    submission_id = made.submissions[0].submission_id
    nomination_id = made.rows[0].listed[0].nomination_id
    attach(office, MONDAY, *OF_THE_NAME, nomination_id=nomination_id)
    attach(office, MONDAY, *OF_THE_LIST, submission_id=submission_id)
    office.act("nominator", nomination_id, "submit", MONDAY)
    return submission_id, nomination_id


@contextmanager
def in_hand(
    database: Database, office: Office, part: str, nomination_id: int, **request: Any
) -> Iterator[Session]:
    """Approve a name and leave the transaction open for the block."""
    with database.sessions() as session:
        item = Command(nomination_id, None, MoveRequest("approve", **request), Via.API)
        actor = Office(office.ids, session).actor(part, MONDAY)
        [done] = decide_list(session, actor=actor, commands=[item], now=MONDAY)
        assert done.refused is None
        yield session


@contextmanager
def waits_for_it(session: Session) -> Iterator[None]:
    """Assert that the block waits for somebody else's transaction."""
    session.execute(text("SET LOCAL lock_timeout = '100ms'"))
    with pytest.raises(OperationalError):
        yield
    session.rollback()


def test_lists_of_one_unit_are_drafted_one_after_the_other_so_that_they_do_not_deadlock(
    database, office, session
):
    people = add_colleagues(session, 2)
    with database.sessions() as other:
        actor = Office(office.ids, other).actor("nominator", MONDAY)
        place = ListPlace(ROUND, AG)
        desk = lay_out(other, [row(people[0])], actor=actor, place=place, now=MONDAY)
        draft_list(other, desk, BLANK, Via.API, existing=None)
        with waits_for_it(session):
            compose(office, [row(people[1])], MONDAY)
        other.commit()
    assert len(compose(office, [row(people[1]), row(people[0])], MONDAY).rows[0].listed) == 1


def test_the_scan_of_a_step_cannot_be_removed_in_the_instant_of_the_step(database, office, session, listed):
    submission_id, nomination_id = listed
    [scan] = attach(office, MONDAY, "other", submission_id=submission_id)
    step = OfflineStep(REVIEWER, SignedDocument("05/BB-AG", MONDAY.date(), "Phạm Thị Hoa"), scan)
    taking: dict[str, Any] = {"attachment_id": scan, "reason": "Nhầm.", "via": Via.API, "now": MONDAY}
    with in_hand(database, office, "nominator", nomination_id, on_paper=step) as other:
        nominator = office.actor("nominator", MONDAY)
        with waits_for_it(session):
            remove(session, actor=nominator, **taking)
        other.commit()
    with pytest.raises(Conflict):
        remove(session, actor=nominator, **taking)


def test_a_paper_is_not_rewritten_in_the_instant_its_first_name_leaves(database, office, session, listed):
    submission_id, nomination_id = listed
    change = {"submission_id": submission_id, "version": 1, "via": Via.API, "now": MONDAY}
    with in_hand(database, office, "reviewer", nomination_id) as other:
        nominator = office.actor("nominator", MONDAY)
        with waits_for_it(session):
            edit_submission(session, actor=nominator, changes=SubmissionEdit(number="46/TTr"), **change)
        other.commit()
    with pytest.raises(SubmissionSent):
        edit_submission(session, actor=nominator, changes=SubmissionEdit(number="46/TTr"), **change)


def test_no_name_joins_a_paper_in_the_instant_its_first_name_leaves(database, office, session, listed):
    submission_id, nomination_id = listed
    [person] = add_colleagues(session, 1, prefix="MM")
    change = {"submission_id": submission_id, "version": 1, "via": Via.API, "now": MONDAY}
    with in_hand(database, office, "reviewer", nomination_id) as other:
        nominator = office.actor("nominator", MONDAY)
        with waits_for_it(session):
            add_rows(session, actor=nominator, rows=[row(person)], **change)
        other.commit()
    with pytest.raises(SubmissionSent):
        add_rows(session, actor=nominator, rows=[row(person)], **change)


def test_no_name_moves_to_a_paper_in_the_instant_its_first_name_leaves(database, office, session, listed):
    submission_id, nomination_id = listed
    [person] = add_colleagues(session, 1, prefix="MM")
    made = create_submission(
        session,
        actor=office.actor("nominator", MONDAY),
        new=NewSubmission(ROUND, AG, [row(person)]),
        via=Via.API,
        now=MONDAY,
    )
    names = [made.rows[0].listed[0].nomination_id]
    moving = Transfer(made.submissions[0].submission_id, 1, names, submission_id, Via.API)
    with in_hand(database, office, "reviewer", nomination_id) as other:
        nominator = office.actor("nominator", MONDAY)
        with waits_for_it(session):
            transfer_names(session, actor=nominator, transfer=moving, now=MONDAY)
        other.commit()
    with pytest.raises(SubmissionSent):
        transfer_names(session, actor=nominator, transfer=moving, now=MONDAY)


def test_the_scan_of_a_step_stays_when_its_name_has_left_the_list(office, session, listed):
    submission_id, nomination_id = listed
    [scan] = attach(office, MONDAY, "other", submission_id=submission_id)
    step = OfflineStep(REVIEWER, SignedDocument("05/BB-AG", MONDAY.date(), "Phạm Thị Hoa"), scan)
    asks = {"to_step": "draft", "reason_code": "other", "comment": "Bổ sung."}
    office.act("nominator", nomination_id, "return", MONDAY, on_paper=step, **asks)
    nominator = office.actor("nominator", MONDAY)
    moving = Transfer(submission_id, 1, [nomination_id], None, Via.API)
    transfer_names(session, actor=nominator, transfer=moving, now=MONDAY)
    with pytest.raises(Conflict):
        remove(session, actor=nominator, attachment_id=scan, reason="Nhầm.", via=Via.API, now=MONDAY)


def test_a_paper_of_a_list_that_moved_on_is_refused_with_who_moved_it(office, session, listed):
    submission_id, _ = listed
    [scan] = attach(office, MONDAY, "other", submission_id=submission_id)
    with pytest.raises(StaleSubmission) as refused:
        remove(
            session,
            actor=office.actor("reviewer", MONDAY),
            attachment_id=scan,
            reason="Nhầm.",
            version=9,
            via=Via.API,
            now=MONDAY,
        )
    assert (refused.value.params["version"], refused.value.params["changed_by"]) == ("1", "nominator NV01")
