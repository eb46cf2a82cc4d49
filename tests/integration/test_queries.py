"""What people read: every list through what they may see, in a stable order, page by page."""

from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from tests.support.office import AG, PAPER, Office, furnish
from tests.support.waiting import NEXT_LEVEL_AT, submitted
from workflow.clock import FixedClock
from workflow.domain.errors import NotFound
from workflow.domain.vocabulary import MailState, NoticeKind
from workflow.operations.sweep.escalate import fire_due
from workflow.queries.inbox.inbox import inbox, inbox_counts
from workflow.queries.inbox.rows import WhyKind
from workflow.queries.mail.mails import list_mails
from workflow.queries.nominations.events import list_events
from workflow.queries.nominations.filters import Flag, NominationFilters, Order
from workflow.queries.nominations.moves import moves_for
from workflow.queries.nominations.nomination import get_nomination
from workflow.queries.nominations.nominations import list_nominations
from workflow.queries.paging import UnreadableCursor
from workflow.store.mail import Outbox


@pytest.fixture
def office(session: Session, clock: FixedClock) -> Office:
    return furnish(session, now=clock.now())


def drafted(office: Office, clock: FixedClock, count: int) -> list[int]:
    people = ("NV04", "NV05", "NV03", "NV01", "NV02")
    return [office.draft(clock.now(), person_code=code).nomination_id for code in people[:count]]


def test_a_nomination_shows_where_it_stands_and_in_whose_hands(office: Office, clock: FixedClock) -> None:
    now = clock.now()
    (nomination_id,) = drafted(office, clock, 1)
    office.act("nominator", nomination_id, "submit", now)
    office.act("reviewer", nomination_id, "claim", now)
    view = get_nomination(
        office.session, actor=office.actor("admin", now), nomination_id=nomination_id, now=now
    )
    assert (view.state, view.version, view.label.vi) == ("unit_review", 3, "Bình xét tại đơn vị")
    assert view.unit.code == AG
    assert view.holder is not None
    assert view.holder.assignee is not None
    assert view.holder.assignee.id == office.ids["reviewer"]
    assert view.due_at is not None


def test_what_somebody_may_not_see_is_not_there_for_them(office: Office, clock: FixedClock) -> None:
    now = clock.now()
    (nomination_id,) = drafted(office, clock, 1)
    stranger = office.actor("stranger", now)
    for read in (
        lambda: get_nomination(office.session, actor=stranger, nomination_id=nomination_id, now=now),
        lambda: list_events(
            office.session, actor=stranger, nomination_id=nomination_id, limit=9, cursor=None
        ),
        lambda: moves_for(office.session, actor=stranger, nomination_id=nomination_id, now=now),
    ):
        with pytest.raises(NotFound):
            read()
    listed = list_nominations(office.session, actor=stranger, limit=9, cursor=None, now=now)
    assert listed.items == ()


@pytest.mark.parametrize("order", list(Order))
def test_pages_of_nominations_show_each_once(office: Office, clock: FixedClock, order: Order) -> None:
    ids = drafted(office, clock, 5)
    for nomination_id in ids[:3]:
        office.act("nominator", nomination_id, "submit", clock.now())
        clock.advance(timedelta(days=1))
    now = clock.now()
    seen: list[int] = []
    cursor = None
    while True:
        page = list_nominations(
            office.session,
            actor=office.actor("admin", now),
            filters=NominationFilters(order=order),
            limit=2,
            cursor=cursor,
            now=now,
        )
        seen += [item.id for item in page.items]
        cursor = page.next
        if cursor is None:
            break
    assert seen == (ids[::-1] if order is Order.NEWEST else ids)


def test_names_are_found_without_marks(office: Office, clock: FixedClock) -> None:
    drafted(office, clock, 5)
    now = clock.now()
    found = list_nominations(
        office.session,
        actor=office.actor("admin", now),
        filters=NominationFilters(q="dang QUOC"),
        limit=9,
        cursor=None,
        now=now,
    )
    assert [item.subject for item in found.items] == ["Đặng Quốc Dũng"]


def test_late_work_can_be_asked_for(office: Office, clock: FixedClock) -> None:
    ids = drafted(office, clock, 2)
    office.act("nominator", ids[0], "submit", clock.now())
    clock.advance(timedelta(days=20))
    now = clock.now()
    found = list_nominations(
        office.session,
        actor=office.actor("admin", now),
        filters=NominationFilters(flag=Flag.LATE),
        limit=9,
        cursor=None,
        now=now,
    )
    assert [item.id for item in found.items] == [ids[0]]


def test_a_cursor_of_another_list_is_refused(office: Office, clock: FixedClock) -> None:
    now = clock.now()
    actor = office.actor("supervisor", now)
    for cursor in ("", "x", "!!!", "eyJhIjoxfQ", "WyJpbmJveCIsbnVsbCwiYSJd", "9" * 9000):
        with pytest.raises(UnreadableCursor):
            list_nominations(office.session, actor=actor, limit=9, cursor=cursor, now=now)


def test_the_history_names_who_did_what_and_who_sat_twice(office: Office, clock: FixedClock) -> None:
    now = clock.now()
    (nomination_id,) = drafted(office, clock, 1)
    office.act("nominator", nomination_id, "submit", now)
    office.act(
        "reviewer",
        nomination_id,
        "return",
        now,
        to_step="draft",
        reason_code="achievement_unclear",
        comment="Bổ sung minh chứng.",
    )
    page = list_events(
        office.session,
        actor=office.actor("nominator", now),
        nomination_id=nomination_id,
        limit=2,
        cursor=None,
    )
    assert [event.action for event in page.items] == ["create", "submit"]
    rest = list_events(
        office.session,
        actor=office.actor("nominator", now),
        nomination_id=nomination_id,
        limit=2,
        cursor=page.next,
    )
    (event,) = rest.items
    assert rest.next is None
    assert (event.seq, event.text, event.action_label.vi) == (
        3,
        "Bổ sung minh chứng.",
        "Trả lại để hoàn thiện",
    )
    assert event.actor is not None
    assert event.actor.id == office.ids["reviewer"]
    assert event.reason_label is not None
    assert event.reason_label.en == "The achievement is unclear"


def test_the_nominee_reads_no_reviewers_words_before_the_result(office: Office, clock: FixedClock) -> None:
    now = clock.now()
    nomination_id = office.draft(now, person_code="NV03").nomination_id
    office.act("nominator", nomination_id, "submit", now)
    office.act("reviewer", nomination_id, "claim", now)
    nominee = office.actor("deputy", now)
    events = list_events(
        office.session, actor=nominee, nomination_id=nomination_id, limit=9, cursor=None
    ).items
    assert {event.actor for event in events} == {None}
    assert all(event.is_withheld for event in events)
    view = get_nomination(office.session, actor=nominee, nomination_id=nomination_id, now=now)
    assert view.holder is not None
    assert view.holder.assignee is None


def test_the_inbox_shows_the_seats_work_and_not_what_others_took(office: Office, clock: FixedClock) -> None:
    now = clock.now()
    ids = drafted(office, clock, 3)
    for nomination_id in ids:
        office.act("nominator", nomination_id, "submit", now)
    reviewer = office.actor("reviewer", now)
    page = inbox(office.session, actor=reviewer, now=now, limit=2, cursor=None)
    rest = inbox(office.session, actor=reviewer, now=now, limit=2, cursor=page.next)
    assert sorted(item.nomination_id for item in (*page.items, *rest.items)) == ids
    assert {item.why.kind for item in page.items} == {WhyKind.GROUP}
    first = page.items[0]
    assert first.working_time_left is not None
    assert (first.working_time_left.working_days, first.age.working_days) == (5, 0)
    office.act("reviewer", page.items[0].nomination_id, "claim", now)
    mine = inbox(office.session, actor=reviewer, now=now, limit=9, cursor=None).items
    assert sorted(item.why.kind for item in mine) == [WhyKind.ASSIGNED, WhyKind.GROUP, WhyKind.GROUP]
    counts = inbox_counts(office.session, actor=reviewer, now=now)
    assert (counts.total, counts.late, counts.unclaimed, counts.escalated) == (3, 0, 2, 0)
    assert (
        inbox(office.session, actor=office.actor("secretary", now), now=now, limit=9, cursor=None).items == ()
    )


def test_escalated_work_reaches_the_inbox_of_whom_it_was_escalated_to(
    office: Office, clock: FixedClock, database
) -> None:
    nomination_id = submitted(office, clock.now())
    office.act("reviewer", nomination_id, "claim", clock.now())
    overseer = office.actor("supervisor", clock.now())
    assert inbox(office.session, actor=overseer, now=clock.now(), limit=9, cursor=None).items == ()
    office.session.commit()
    clock.advance(NEXT_LEVEL_AT - clock.now())
    fire_due(database.sessions, clock=clock)
    now = clock.now()
    (item,) = inbox(
        office.session, actor=office.actor("supervisor", now), now=now, limit=9, cursor=None
    ).items
    assert (item.why.kind, item.why.source) == (WhyKind.ESCALATED, f"unit_reviewer@unit:{AG}")
    assert item.holder is not None
    assert item.holder.assignee is not None
    assert item.working_time_left is not None
    assert item.working_time_left.working_days < 0
    counts = inbox_counts(office.session, actor=office.actor("supervisor", now), now=now)
    assert (counts.total, counts.late, counts.unclaimed, counts.escalated) == (1, 1, 0, 1)
    office.act("reviewer", nomination_id, "approve", now)
    assert (
        inbox(office.session, actor=office.actor("supervisor", now), now=now, limit=9, cursor=None).items
        == ()
    )


def test_the_mails_of_a_nomination_say_what_became_of_them(office: Office, clock: FixedClock) -> None:
    now = clock.now()
    nomination_id = submitted(office, now)
    office.session.execute(
        update(Outbox).values(state=MailState.DEAD, state_reason="550 unknown user", attempt=5)
    )
    page = list_mails(
        office.session,
        actor=office.actor("nominator", now),
        nomination_id=nomination_id,
        limit=9,
        cursor=None,
    )
    (mail,) = page.items
    assert (mail.notice, mail.state, mail.attempts) == (NoticeKind.WORK_OPENED, MailState.DEAD, 5)
    assert mail.reason == "550 unknown user"
    assert mail.recipient is not None
    assert mail.recipient.id == office.ids["reviewer"]


def test_buttons_say_what_is_open_and_why_the_rest_is_not(office: Office, clock: FixedClock) -> None:
    now = clock.now()
    (nomination_id,) = drafted(office, clock, 1)
    office.act("nominator", nomination_id, "submit", now)

    def buttons(part: str) -> dict[str, bool]:
        actor = office.actor(part, now)
        moves = moves_for(office.session, actor=actor, nomination_id=nomination_id, now=now)
        return {move.name: move.is_open for move in moves}

    reviewer = buttons("reviewer")
    assert reviewer["approve"]
    assert reviewer["claim"]
    assert not reviewer["withdraw"]
    nominator = buttons("nominator")
    assert nominator["recall"]
    assert nominator["withdraw"]
    assert not nominator["approve"]
    refused = [
        move
        for move in moves_for(
            office.session, actor=office.actor("nominator", now), nomination_id=nomination_id, now=now
        )
        if not move.is_open
    ]
    assert all(move.refusals for move in refused)


def test_a_decided_nomination_is_offered_annulling_alone(office: Office, clock: FixedClock) -> None:
    now = clock.now()
    (nomination_id,) = drafted(office, clock, 1)
    office.act("nominator", nomination_id, "submit", now)
    for part in ("reviewer", "secretary"):
        office.act(part, nomination_id, "approve", now)
    office.act("head", nomination_id, "approve", now, decision=PAPER)
    actor = office.actor("head", now)
    moves = moves_for(office.session, actor=actor, nomination_id=nomination_id, now=now)
    assert [move.name for move in moves] == ["annul"]
    view = get_nomination(office.session, actor=actor, nomination_id=nomination_id, now=now)
    assert (view.decision and view.decision.number, view.holder) == (PAPER.number, None)
