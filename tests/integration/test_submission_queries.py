"""Who sees which paper, and how far its list has come."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.conftest import MONDAY
from tests.support.lists import add_colleagues, compose, names_of, row
from tests.support.office import CLUSTER, ROLES, Office, furnish
from workflow.domain.errors import NotFound
from workflow.domain.facts import MoveRequest, SignedDocument
from workflow.domain.rights.policy import Actor
from workflow.domain.rights.submission_rights import sees_submission
from workflow.domain.vocabulary import Via
from workflow.operations.submissions.names import ListOrder, act_on_submission
from workflow.queries.inbox.groups import inbox_groups
from workflow.queries.inbox.inbox import inbox, inbox_counts
from workflow.queries.submissions.submission import get_submission
from workflow.queries.submissions.submissions import SubmissionFilters, list_submissions
from workflow.queries.submissions.tally import ListStatus
from workflow.store.locked_submissions import (
    lock_submissions,
    submission_visible_to_any,
    visible_submissions,
)
from workflow.store.nominations import Nomination
from workflow.store.organisation import Unit
from workflow.store.statements import Statement
from workflow.store.submissions import Submission
from workflow.store.visible import scope_values

RETURN = {"to_step": "draft", "reason_code": "other", "comment": "Bổ sung minh chứng."}
PAPER = SignedDocument("45/TTr-VKS", date(2026, 3, 2), "Nguyễn Văn An")


@pytest.fixture
def office(session: Session) -> Office:
    return furnish(session, now=MONDAY)


def act(office: Office, part: str, paper: int, version: int, action: str, names=None, **request: Any) -> None:  # noqa: PLR0917 - what a request says, in its order
    order = ListOrder(paper, version, MoveRequest(action, **request), Via.API, nominations=names)
    outcome = act_on_submission(office.session, actor=office.actor(part, MONDAY), order=order, now=MONDAY)
    assert [item.refused for item in outcome.items if item.refused] == []


def status(office: Office, part: str = "admin") -> ListStatus:
    actor = office.actor(part, MONDAY)
    [found] = list_submissions(office.session, actor=actor, limit=5, cursor=None, now=MONDAY).items
    view = get_submission(office.session, actor=actor, submission_id=found.id, now=MONDAY)
    assert view.paper == found
    filters = SubmissionFilters(status=found.status)
    kept = list_submissions(office.session, actor=actor, filters=filters, limit=5, cursor=None, now=MONDAY)
    assert kept.items == (found,)
    return found.status


def test_a_lists_status_is_told_by_its_names(office: Office, session: Session) -> None:
    made = compose(office, [row(code) for code in add_colleagues(session, 3)], MONDAY, paper=PAPER)
    [paper], names = made.submissions, names_of(made)
    assert status(office) is ListStatus.DRAFTING
    act(office, "nominator", paper.submission_id, 1, "submit")
    assert status(office) is ListStatus.WITH_UNIT
    act(office, "reviewer", paper.submission_id, 2, "approve", names[:2])
    assert status(office) is not ListStatus.WITH_UNIT
    act(office, "secretary", paper.submission_id, 3, "return", names[:1], **RETURN)
    assert status(office) is ListStatus.RETURNED
    act(office, "nominator", paper.submission_id, 4, "withdraw", names[:1])
    act(office, "nominator", paper.submission_id, 5, "withdraw", names[2:])
    why = {"reason_code": "other", "comment": "Chưa đủ điều kiện."}
    act(office, "secretary", paper.submission_id, 6, "reject", names[1:2], **why)
    assert status(office) is ListStatus.CLOSED


def test_the_page_of_a_paper_says_what_can_be_done_with_the_whole_list(
    office: Office, session: Session
) -> None:
    made = compose(office, [row(code) for code in [*add_colleagues(session, 2), "NV02"]], MONDAY)
    [paper], names = made.submissions, names_of(made)
    act(office, "nominator", paper.submission_id, 1, "submit")
    view = get_submission(
        session, actor=office.actor("reviewer", MONDAY), submission_id=paper.submission_id, now=MONDAY
    )
    approve = next(action for action in view.actions if action.name == "approve")
    assert sorted(approve.takes) == sorted(names[:2])
    assert [(refused.reason.code, refused.names) for refused in approve.refused][:1] == [("not-your-role", 1)]
    assert (view.hidden, view.may_compose, view.may_amend, view.is_sent) == (0, False, True, False)


def test_those_above_see_a_paper_once_a_name_reached_them_and_only_those_names(
    office: Office, session: Session
) -> None:
    made = compose(office, [row(code) for code in add_colleagues(session, 3)], MONDAY)
    [paper], names = made.submissions, names_of(made)
    secretary = office.actor("secretary", MONDAY)
    with pytest.raises(NotFound):
        get_submission(session, actor=secretary, submission_id=paper.submission_id, now=MONDAY)
    act(office, "nominator", paper.submission_id, 1, "submit")
    act(office, "reviewer", paper.submission_id, 2, "approve", names[:1])
    view = get_submission(session, actor=secretary, submission_id=paper.submission_id, now=MONDAY)
    assert [one.nomination_id for line in view.list for one in line.awards] == names[:1]
    assert view.hidden == 2


def test_the_statement_and_the_rule_agree_on_who_sees_a_paper(office: Office, session: Session) -> None:
    made = compose(office, [row(code) for code in add_colleagues(session, 2)], MONDAY)
    [paper], names = made.submissions, names_of(made)

    def agree() -> set[str]:
        seen = set()
        for part in ROLES:
            scope = office.actor(part, MONDAY).scope
            locked = lock_submissions(session, [paper.submission_id], scope=scope)[paper.submission_id]
            by_rule = sees_submission(
                scope, unit_id=locked.unit_id, unit_code=locked.unit_code, names_any=locked.names_any
            )
            found = select(Submission.id).join(Unit, Unit.id == Submission.unit_id)
            assert bool(session.scalars(found.where(visible_submissions(scope))).all()) is by_rule, part
            told = found.where(submission_visible_to_any())
            assert bool(Statement(told).fetch(session, scope_values(scope))) is by_rule, part
            seen |= {part} if by_rule else set()
        return seen

    before = agree()
    assert {"nominator", "reviewer", "deputy", "unit_head", "admin"} <= before
    assert before.isdisjoint({"secretary", "other_reviewer", "stranger", "supervisor"})
    act(office, "nominator", paper.submission_id, 1, "submit")
    act(office, "reviewer", paper.submission_id, 2, "approve", names[:1])
    assert agree() - before == {"secretary", "supervisor"}


def test_groups_and_counter_of_an_inbox_agree_with_the_list(office: Office, session: Session) -> None:
    made = compose(office, [row(code) for code in add_colleagues(session, 25)], MONDAY)
    act(office, "nominator", made.submissions[0].submission_id, 1, "submit")
    alone = office.draft(MONDAY).nomination_id
    office.act("nominator", alone, "submit", MONDAY)
    actor = office.actor("reviewer", MONDAY)
    groups = inbox_groups(session, actor=actor, now=MONDAY, limit=10, cursor=None).items
    assert [(group.waiting, len(group.items)) for group in groups] == [(25, 20), (1, 1)]
    total = inbox_counts(session, actor=actor, now=MONDAY).total
    assert total == 26 == len(inbox(session, actor=actor, now=MONDAY, limit=100, cursor=None).items)


def test_a_list_is_on_hold_or_prepared_only_where_all_of_it_is_however_little_is_shown(
    office: Office, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workflow.queries.inbox.piles.NAMES_ON_PAGE", 1)
    made = compose(office, [row(code) for code in add_colleagues(session, 2)], MONDAY)
    [paper], names = made.submissions, names_of(made)
    act(office, "nominator", paper.submission_id, 1, "submit")

    def marks() -> tuple[int, bool, bool]:
        actor = office.actor("reviewer", MONDAY)
        [group] = inbox_groups(session, actor=actor, now=MONDAY, limit=5, cursor=None).items
        return len(group.items), group.is_held, group.is_prepared

    first, last = sorted(names)
    assert marks() == (1, False, False)
    office.act("deputy", first, "prepare", MONDAY, proposes="approve")
    assert marks() == (1, False, False)
    office.act("deputy", last, "prepare", MONDAY, proposes="approve")
    assert marks() == (1, False, True)
    for number, held in ((first, False), (last, True)):
        office.act("reviewer", number, "hold", MONDAY, comment="Chờ ý kiến.")
        assert marks()[:2] == (1, held)


def test_what_is_prepared_about_the_reader_does_not_show_on_their_list(
    office: Office, session: Session
) -> None:
    made = compose(office, [row(code) for code in add_colleagues(session, 2)], MONDAY)
    [paper], names = made.submissions, names_of(made)
    act(office, "nominator", paper.submission_id, 1, "submit")
    for number in names:
        office.act("deputy", number, "prepare", MONDAY, proposes="approve")
    actor = office.actor("reviewer", MONDAY)
    person_id = session.get_one(Nomination, names[1]).person_id

    def is_prepared(reader: Actor) -> bool:
        [group] = inbox_groups(session, actor=reader, now=MONDAY, limit=5, cursor=None).items
        return group.is_prepared

    assert is_prepared(actor)
    assert is_prepared(replace(actor, person_id=None))
    assert not is_prepared(replace(actor, person_id=person_id))


def test_a_cluster_is_told_counts_of_the_names_that_reached_it_alone(
    office: Office, session: Session
) -> None:
    """Docs ADR 23: a seat counts what it may name, unless it runs the round or oversees the unit."""
    made = compose(office, [row(code) for code in add_colleagues(session, 4)], MONDAY, paper=PAPER)
    [paper], names = made.submissions, names_of(made)
    act(office, "nominator", paper.submission_id, 1, "submit")
    cluster = office.actor("cluster_head", MONDAY)

    def listed(actor: Actor):
        return list_submissions(session, actor=actor, limit=5, cursor=None, now=MONDAY).items

    assert listed(cluster) == ()
    reached = session.get_one(Nomination, names[0], populate_existing=True)
    reached.audience = [*reached.audience, f"cluster:{CLUSTER}"]
    session.commit()
    [told] = listed(cluster)
    view = get_submission(session, actor=cluster, submission_id=paper.submission_id, now=MONDAY)
    assert (told.counts.names, told.counts.open, told.counts.unit_review) == (1, 1, 1)
    assert (view.paper, view.hidden) == (told, 0)
    # Who runs the round counts them all and names what reached it; the unit itself names all.
    office_view = listed(office.actor("supervisor", MONDAY))
    assert [one.counts.names for one in office_view] == [4]
    assert [one.counts.names for one in listed(office.actor("reviewer", MONDAY))] == [4]
