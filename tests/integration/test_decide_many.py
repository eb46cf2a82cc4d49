"""A list decided at once: each name answered for itself, one set of statements, each name decided once."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from tests.conftest import MONDAY, Database
from tests.support.lists import add_colleagues, compose, names_of, row
from tests.support.office import Office, furnish
from tests.support.patience import PATIENCE
from tests.support.statements import counted_statements
from workflow.domain.errors import InvalidField, StaleSubmission
from workflow.domain.facts import MoveRequest
from workflow.domain.vocabulary import NoticeKind, Stage, Via
from workflow.operations.history.streams import append_event
from workflow.operations.nominations.answers import ItemResult, ListOutcome
from workflow.operations.nominations.commands import Command
from workflow.operations.nominations.decide_many import decide_inbox, decide_list
from workflow.operations.submissions.names import ListOrder, act_on_submission
from workflow.queries.history.audit import verify_chains
from workflow.store.history import Event
from workflow.store.mail import Outbox
from workflow.store.nominations import Nomination, Visit, WorkItem
from workflow.store.organisation import Cluster, ClusterMember

RETURN: dict[str, Any] = {
    "to_step": "draft",
    "reason_code": "other",
    "comment": "Bổ sung minh chứng sáng kiến.",
}


@pytest.fixture
def office(session: Session) -> Office:
    return furnish(session, now=MONDAY)


def act(
    office: Office, part: str, submission_id: int, version: int, action: str, **order: Any
) -> ListOutcome:
    request = MoveRequest(action, **order.pop("request", {}))
    asked = ListOrder(submission_id, version, request, Via.API, **order)
    return act_on_submission(office.session, actor=office.actor(part, MONDAY), order=asked, now=MONDAY)


def sent_list(office: Office, people: Sequence[str]) -> tuple[int, list[int]]:
    """Have the nominator compose a list and submit it whole; its version is then 2."""
    made = compose(office, [row(person) for person in people], MONDAY)
    [paper] = made.submissions
    outcome = act(office, "nominator", paper.submission_id, 1, "submit")
    assert all(item.refused is None for item in outcome.items)
    return paper.submission_id, names_of(made)


def codes(items: Sequence[ItemResult]) -> list[str | None]:
    return [item.refused.code if item.refused else None for item in items]


def test_a_head_agrees_to_twelve_returns_one_and_leaves_his_own_to_the_deputy(
    office: Office, session: Session
) -> None:
    # NV02 is the unit's head and its reviewer, and is proposed himself.
    submission_id, names = sent_list(office, [*add_colleagues(session, 13), "NV02"])
    outcome = act(office, "reviewer", submission_id, 2, "approve", leave_out=frozenset(names[:1]))
    assert codes(outcome.items) == [*[None] * 12, "forbidden"]
    assert outcome.items[-1].refused
    assert outcome.items[-1].refused.reasons[0].code == "not-your-role"
    returned = act(office, "reviewer", submission_id, 3, "return", nominations=names[:1], request=RETURN)
    assert codes(returned.items) == [None]
    by_deputy = act(office, "deputy", submission_id, 4, "approve", nominations=names[-1:])
    assert codes(by_deputy.items) == [None]
    states = dict(session.execute(select(Nomination.state, func.count()).group_by(Nomination.state)).all())
    assert states == {"council": 13, "draft": 1}
    assert verify_chains(session).problems == ()


def test_one_mail_a_person_tells_of_the_whole_list(office: Office, session: Session) -> None:
    submission_id, names = sent_list(office, add_colleagues(session, 14))
    opened = select(Outbox.account_id, Outbox.fold_key).where(Outbox.notice == NoticeKind.WORK_OPENED)
    told = session.execute(opened).all()
    assert len(told) == 14
    assert len({line.fold_key for line in told}) == len({line.account_id for line in told}) == 1
    act(office, "reviewer", submission_id, 2, "return", nominations=names[:1], request=RETURN)
    [alone] = session.scalars(select(Outbox).where(Outbox.notice == NoticeKind.RETURNED))
    assert alone.fold_key == str(alone.id)


def test_each_item_of_an_inbox_has_its_own_action_and_version(office: Office, session: Session) -> None:
    _, names = sent_list(office, add_colleagues(session, 5))
    office.act("reviewer", names[1], "claim", MONDAY)

    def item(name: int, version: int, action: str, **request: Any) -> Command:
        return Command(name, version, MoveRequest(action, **request), Via.API)

    items = [
        item(names[0], 2, "approve"),
        item(names[1], 2, "approve"),
        item(names[2], 2, "return", **RETURN),
        item(names[3], 2, "claim"),
        item(names[4], 2, "return", to_step="draft"),
        item(10**9, 1, "approve"),
        item(names[0], 2, "approve"),
        item(names[4], 2, "approve", comment="a\0b"),
    ]
    actor = office.actor("reviewer", MONDAY)
    outcome = decide_inbox(session, actor=actor, items=items, now=MONDAY)
    assert codes(outcome.items) == [
        None,
        "stale-nomination",
        None,
        None,
        "requirements-missing",
        "not-found",
        "conflict",
        "conflict",
    ]
    assert outcome.items[1].refused
    assert (outcome.items[1].refused.params or {})["changed_by"] == "reviewer NV02"
    assert [(one.version, one.state) for one in outcome.items[:4]] == [
        (3, "council"),
        (3, "unit_review"),
        (3, "draft"),
        (3, "unit_review"),
    ]
    with pytest.raises(InvalidField):
        decide_inbox(session, actor=actor, items=[], now=MONDAY)


def test_a_name_whose_next_seat_is_not_there_does_not_hold_up_the_others(
    office: Office, session: Session
) -> None:
    _, names = sent_list(office, add_colleagues(session, 4))
    later = compose(office, [row(None, "TTLDXS")], MONDAY)
    [collective] = names_of(later)
    office.act("nominator", collective, "submit", MONDAY)
    session.execute(delete(ClusterMember))
    for cluster_id in session.scalars(select(Cluster.id)).all():
        append_event(session, f"cluster:{cluster_id}", "edit", actor=None, via=Via.CLI, now=MONDAY)
    session.commit()
    items = [Command(name, None, MoveRequest("approve"), Via.API) for name in [collective, *names]]
    results = decide_list(session, actor=office.actor("reviewer", MONDAY), commands=items, now=MONDAY)
    session.commit()
    assert codes(results) == ["no-such-seat", None, None, None, None]
    assert verify_chains(session).problems == ()


def test_a_hundred_and_forty_names_cost_no_more_statements_than_fourteen(
    office: Office, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts: dict[str, list[int]] = {"compose": [], "submit": [], "approve": []}
    for size in (14, 14, 140):
        people = add_colleagues(session, size, prefix=f"K{len(counts['approve'])}")
        rows = [row(person) for person in people]
        with counted_statements(monkeypatch, session.get_bind()) as sent:
            [paper] = compose(office, rows, MONDAY).submissions
        counts["compose"].append(len(sent))
        for version, (part, action) in enumerate([("nominator", "submit"), ("reviewer", "approve")], 1):
            actor = office.actor(part, MONDAY)
            order = ListOrder(paper.submission_id, version, MoveRequest(action), Via.API)
            with counted_statements(monkeypatch, session.get_bind()) as sent:
                act_on_submission(session, actor=actor, order=order, now=MONDAY)
            counts[action].append(len(sent))
    # The first of each warms the caches of definitions and calendars.
    assert {action: (found[1], found[1]) for action, found in counts.items()} == {
        action: (found[1], found[2]) for action, found in counts.items()
    }


def test_of_two_heads_at_once_each_name_is_decided_once(database: Database, session: Session) -> None:
    office = furnish(session, now=MONDAY)
    submission_id, names = sent_list(office, add_colleagues(session, 14))
    actor = office.actor("reviewer", MONDAY)
    barrier = Barrier(2)

    def send(action: str) -> list[str | None]:
        request = MoveRequest(action) if action == "approve" else MoveRequest(action, **RETURN)
        with database.sessions() as own:
            own.connection()
            barrier.wait(timeout=PATIENCE)
            order = ListOrder(submission_id, 2, request, Via.API)
            try:
                return codes(act_on_submission(own, actor=actor, order=order, now=MONDAY).items)
            except StaleSubmission:
                return ["stale"]

    with ThreadPoolExecutor(2) as threads:
        ends = sorted(threads.map(send, ["approve", "return"]), key=len)
    assert ends == [["stale"], [None] * 14]
    _each_once(session, names)


def test_of_two_inboxes_at_once_each_name_is_decided_once(database: Database, session: Session) -> None:
    office = furnish(session, now=MONDAY)
    _, names = sent_list(office, add_colleagues(session, 14))
    actor = office.actor("reviewer", MONDAY)
    barrier = Barrier(2)

    def send(order: list[int]) -> list[str | None]:
        items = [Command(name, 2, MoveRequest("approve"), Via.API) for name in order]
        with database.sessions() as own:
            own.connection()
            barrier.wait(timeout=PATIENCE)
            return codes(decide_inbox(own, actor=actor, items=items, now=MONDAY).items)

    with ThreadPoolExecutor(2) as threads:
        ends = list(threads.map(send, [names, names[::-1]]))
    done, stale = [None] * 14, ["stale-nomination"] * 14
    assert ends in ([done, stale], [stale, done])
    _each_once(session, names)


def _each_once(session: Session, names: Sequence[int]) -> None:
    session.rollback()
    decided = select(func.count()).where(
        Event.stream.startswith("nomination:"), Event.action.in_(["approve", "return"])
    )
    assert session.scalar(decided) == len(names)
    assert session.scalar(select(func.count()).where(Visit.left_at.is_(None))) == len(names)
    assert session.scalar(select(func.count()).where(WorkItem.closed_at.is_(None))) == len(names)
    assert session.scalar(select(func.count()).where(Nomination.stage == Stage.APPROVED)) == 0
    assert verify_chains(session).problems == ()
