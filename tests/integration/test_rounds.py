"""A round opens with dates and asks every unit for its paper; it closes, and lets go what is still owed."""

from datetime import date, datetime

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tests.support.office import AG, DT, TOP, Office, furnish
from tests.support.rounds import BODY_DEADLINE, NEXT, opened, returns_of
from workflow.clock import FixedClock
from workflow.domain.errors import Conflict, Forbidden, InvalidField
from workflow.domain.vocabulary import RoundDate, Via
from workflow.operations.rounds.reopen import reopen_round
from workflow.operations.rounds.rounds import NewRound, close_round, open_round
from workflow.store.awards import Round
from workflow.store.mail import Outbox
from workflow.store.nominations import Rung, WorkItem
from workflow.store.submissions import ExpectedReturn


@pytest.fixture
def office(session: Session, clock: FixedClock) -> Office:
    return furnish(session, now=clock.now())


def test_a_round_without_dates_opens_as_before_and_expects_nothing(
    office: Office, session: Session, clock: FixedClock
) -> None:
    open_round(session, actor=None, new=NewRound("2027", "Đợt 2027", 2027, TOP), via=Via.CLI, now=clock.now())
    assert returns_of(session, "2027") == {}


def test_the_dates_before_the_upper_one_are_proposed_and_every_unit_is_asked(
    office: Office, session: Session, clock: FixedClock
) -> None:
    opened(session, clock.now())
    row = session.scalars(select(Round).where(Round.code == NEXT)).one()
    assert set(row.dates) == set(RoundDate)
    assert row.dates["upper_deadline"] == "2026-06-30"
    assert row.dates["unit_deadline"] == BODY_DEADLINE.isoformat()
    owed = returns_of(session, NEXT)
    assert set(owed) == {AG, DT}
    assert {one.due_on for one in owed.values()} == {BODY_DEADLINE}
    assert owed[AG].accountable_id == office.ids["unit_head"]
    assert owed[DT].accountable_id is None


def test_the_work_of_a_return_waits_for_the_nominators_with_the_whole_ladder(
    office: Office, session: Session, clock: FixedClock
) -> None:
    opened(session, clock.now())
    owed = returns_of(session, NEXT)[AG]
    work = session.scalars(select(WorkItem).where(WorkItem.expected_return_id == owed.id)).one()
    assert (work.kind, work.owner_key, work.visit_id, work.assignee_id) == (
        "prepare",
        f"nominator@unit:{AG}",
        None,
        None,
    )
    rungs = session.scalars(select(Rung).where(Rung.work_item_id == work.id).order_by(Rung.fire_at)).all()
    assert [(rung.kind, rung.recipient) for rung in rungs] == [("remind", "group")] * 4 + [
        ("escalate", "head"),
        ("remind", "holder"),
        ("escalate", "next_level"),
    ]
    assert [rung.warns for rung in rungs] == [False, False, False, True, True, True, True]


def test_nominators_and_the_accountable_head_are_written_to_at_once(
    office: Office, session: Session, clock: FixedClock
) -> None:
    opened(session, clock.now())
    mails = session.scalars(select(Outbox).where(Outbox.notice == "return_expected")).all()
    assert {mail.account_id for mail in mails} == {
        office.ids["nominator"],
        office.ids["unit_head"],
        office.ids["other_nominator"],
    }
    assert all(mail.expected_return_id and mail.nomination_id is None for mail in mails)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"unit_codes": (AG, "NOWHERE")}, ("units", "there is no 'NOWHERE'")),
        ({"award_codes": ("NONE",)}, ("awards", "there is no 'NONE'")),
        ({"campaign_code": "NONE"}, ("campaign", "there is no 'NONE'")),
        ({"previous_code": "NONE"}, ("previous", "there is no 'NONE'")),
        ({"period_from": date(2026, 1, 2), "period_to": date(2026, 1, 1)}, ("period", "ends on 2026-01-01")),
        (
            {
                "dates": {
                    RoundDate.UNIT_DEADLINE: date(2026, 7, 1),
                    RoundDate.UPPER_DEADLINE: date(2026, 6, 30),
                }
            },
            ("unit_deadline", "unit_deadline 2026-07-01 lies after cluster_deadline"),
        ),
    ],
)
def test_what_cannot_be_is_refused_by_name_and_nothing_is_written(
    office: Office, session: Session, clock: FixedClock, changes, expected
) -> None:
    with pytest.raises(InvalidField) as refused:
        opened(session, clock.now(), **changes)
    session.rollback()
    [error] = refused.value.errors
    assert error.field == expected[0]
    assert expected[1] in error.message
    assert session.scalar(select(Round.id).where(Round.code == NEXT)) is None


def test_only_who_runs_the_owner_opens_and_a_code_is_taken_once(
    office: Office, session: Session, clock: FixedClock
) -> None:
    with pytest.raises(Forbidden):
        opened(session, clock.now(), actor=office.actor("unit_head", clock.now()))
    opened(session, clock.now(), actor=office.actor("supervisor", clock.now()))
    with pytest.raises(Conflict):
        opened(session, clock.now())


def test_closing_lets_go_what_is_owed_and_silences_its_reminders(
    office: Office, session: Session, clock: FixedClock
) -> None:
    opened(session, clock.now())
    close_round(session, actor=None, code=NEXT, via=Via.CLI, now=clock.now())
    work = session.scalars(select(WorkItem).where(WorkItem.expected_return_id.is_not(None))).all()
    assert {item.outcome for item in work} == {"round_closed"}
    assert set(session.scalars(select(Rung.fire_at).where(Rung.expected_return_id.is_not(None)))) == {None}
    with pytest.raises(Conflict):
        close_round(session, actor=None, code=NEXT, via=Via.CLI, now=clock.now())


def test_a_round_that_was_closed_by_mistake_is_opened_again_with_what_units_still_owe(
    office: Office, session: Session, clock: FixedClock
) -> None:
    opened(session, clock.now())
    owed, now = returns_of(session, NEXT), clock.now()
    session.execute(update(ExpectedReturn).where(ExpectedReturn.id == owed[DT].id).values(sent_at=now))
    sent = update(WorkItem).where(WorkItem.expected_return_id == owed[DT].id)
    session.execute(sent.values(closed_at=now, outcome="sent"))
    planned = _reminders(session, owed[AG].id)
    assert planned
    close_round(session, actor=None, code=NEXT, via=Via.CLI, now=now)
    with pytest.raises(Forbidden):
        reopen_round(session, actor=office.actor("unit_head", now), code=NEXT, via=Via.WEB, now=now)
    session.rollback()
    assert _reminders(session, owed[AG].id) == []
    reopen_round(session, actor=None, code=NEXT, via=Via.CLI, now=now)
    assert session.scalars(select(Round.closed_at).where(Round.code == NEXT)).one() is None
    still = select(WorkItem.expected_return_id).where(WorkItem.closed_at.is_(None))
    assert session.scalars(still.where(WorkItem.expected_return_id.is_not(None))).all() == [owed[AG].id]
    assert _reminders(session, owed[AG].id) == planned
    with pytest.raises(Conflict, match="is not closed"):
        reopen_round(session, actor=None, code=NEXT, via=Via.CLI, now=now)


def _reminders(session: Session, return_id: int) -> list[datetime]:
    due = select(Rung.fire_at).where(Rung.expected_return_id == return_id, Rung.fire_at.is_not(None))
    return sorted(at for at in session.scalars(due) if at is not None)
