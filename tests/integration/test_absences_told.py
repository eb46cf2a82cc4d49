"""Letters go to who acts, what everybody left goes above; who may say that somebody is away, and when."""

from contextlib import nullcontext
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tasks.smtp import SmtpTransport
from tests.conftest import Database
from tests.support.absences import go_away, letters_about, local_day, staffed, waits
from tests.support.mail import BASE_URL, SENDER, mail_server, text_of
from tests.support.office import AG, DT, Office
from tests.support.waiting import (
    HEAD_AT,
    REMIND_AT,
    events,
    submitted,
)
from workflow.clock import FixedClock
from workflow.domain.errors import Conflict, Forbidden, InvalidField, NotFound
from workflow.domain.mails.preferences import UNFOLDED
from workflow.domain.vocabulary import Via
from workflow.operations.deadlines.emptied_seats import tell_of_emptied_seats
from workflow.operations.mail.deliver import deliver
from workflow.operations.mail.post import Post
from workflow.operations.nominations.nominate import Draft, create
from workflow.operations.people.absences import (
    AbsenceChanges,
    NewAbsence,
    announce_absence,
    correct_absence,
    end_absence,
)
from workflow.operations.submissions.compose import NewSubmission, create_submission
from workflow.operations.submissions.rows import ListRow
from workflow.operations.sweep.escalate import fire_due
from workflow.queries.escalations.coming import ComingEscalation, coming_escalations
from workflow.queries.inbox.rows import WhyKind
from workflow.queries.shapes import Who
from workflow.store.access import Account, Grant
from workflow.store.history import Event
from workflow.store.mail import Outbox

REVIEWER = f"unit_reviewer@unit:{AG}"


@pytest.fixture
def office(session: Session, clock: FixedClock) -> Office:
    return staffed(session, clock)


def test_letters_go_to_who_stands_in_and_none_to_who_is_away(office, session, clock, database: Database):
    go_away(office, clock, "reviewer", "deputy", days=20)
    nomination_id = submitted(office, clock.now())
    assert letters_about(session, nomination_id) == [("work_opened", office.ids["deputy"])]
    clock.advance(REMIND_AT - clock.now())
    fire_due(database.sessions, clock=clock)
    assert ("reminder", office.ids["deputy"]) in letters_about(session, nomination_id)
    go_away(office, clock, "ag_head", "second", days=20)
    clock.advance(HEAD_AT - clock.now())
    fire_due(database.sessions, clock=clock)
    assert ("escalation", office.ids["second"]) in letters_about(session, nomination_id)
    gone = {office.ids["reviewer"], office.ids["ag_head"]}
    assert not gone & {account for _, account in letters_about(session, nomination_id)}
    assert (nomination_id, WhyKind.ESCALATED, None) in waits(office, "second", clock)


def test_a_letter_goes_to_the_next_where_the_first_is_the_nominee(office, session, clock):
    go_away(office, clock, "reviewer", "deputy", "second")
    nomination_id = office.draft(clock.now(), person_code="NV03").nomination_id
    office.act("nominator", nomination_id, "submit", clock.now())
    assert letters_about(session, nomination_id) == [("work_opened", office.ids["second"])]


def test_an_absence_that_changes_while_a_rung_waits_counts_when_it_fires(office, session, clock, database):
    nomination_id = submitted(office, clock.now())
    absence_id = go_away(office, clock, "reviewer", "deputy", days=20)
    changes = AbsenceChanges(local_day(clock), local_day(clock) + timedelta(days=20), [office.ids["second"]])
    correct_absence(session, actor=None, absence_id=absence_id, changes=changes, via=Via.CLI, now=clock.now())
    clock.advance(REMIND_AT - clock.now())
    fire_due(database.sessions, clock=clock)
    assert ("reminder", office.ids["second"]) in letters_about(session, nomination_id)
    assert ("reminder", office.ids["deputy"]) not in letters_about(session, nomination_id)


@pytest.mark.parametrize("taken", [False, True])
def test_work_that_everybody_left_goes_above_at_once_and_once(office, session, clock, database, taken):
    nomination_id = submitted(office, clock.now())
    if taken:
        office.act("reviewer", nomination_id, "claim", clock.now())
    go_away(office, clock, "reviewer")
    assert ("seat_empty", office.ids["ag_head"]) in letters_about(session, nomination_id)
    assert events(session, nomination_id)[-1].data["unstaffed"] == REVIEWER
    assert tell_of_emptied_seats(database.sessions, clock=clock) == 0
    clock.advance(timedelta(days=1))
    assert tell_of_emptied_seats(database.sessions, clock=clock) == 0


def test_of_a_day_to_come_the_sweep_tells_on_that_day(office, session, clock, database):
    nomination_id = submitted(office, clock.now())
    go_away(office, clock, "reviewer", after=1)
    assert tell_of_emptied_seats(database.sessions, clock=clock) == 0
    clock.advance(timedelta(days=1))
    assert tell_of_emptied_seats(database.sessions, clock=clock) == 1
    assert ("seat_empty", office.ids["ag_head"]) in letters_about(session, nomination_id)


def test_above_an_empty_seat_who_is_away_is_passed_over_or_stood_in_for(office, session, clock):
    go_away(office, clock, "ag_head", "second")
    go_away(office, clock, "reviewer")
    nomination_id = submitted(office, clock.now())
    assert letters_about(session, nomination_id) == [("seat_empty", office.ids["second"])]


def test_days_that_meet_are_refused_and_say_which(office, session, clock):
    go_away(office, clock, "reviewer", "deputy", after=2, days=3)
    for after, days in ((0, 3), (4, 9), (3, 1)):
        with pytest.raises(Conflict, match="04/03/2026 to 06/03/2026"):
            go_away(office, clock, "reviewer", "deputy", after=after, days=days)
        session.rollback()
    go_away(office, clock, "reviewer", "deputy", after=0, days=2)
    go_away(office, clock, "reviewer", "deputy", after=5, days=2)


def test_nothing_counts_for_a_day_that_has_passed(office, session, clock):
    for after, days in ((-1, 5), (1, 0), (0, 400)):
        with pytest.raises(InvalidField):
            go_away(office, clock, "reviewer", "deputy", after=after, days=days)
        session.rollback()
    absence_id = go_away(office, clock, "reviewer", "deputy", days=3)
    clock.advance(timedelta(days=1))
    today = local_day(clock)
    for first, last in ((today, today), (today - timedelta(days=1), today - timedelta(days=1))):
        with pytest.raises(InvalidField):
            correct_absence(
                session,
                actor=None,
                absence_id=absence_id,
                changes=AbsenceChanges(first, last),
                via=Via.CLI,
                now=clock.now(),
            )
        session.rollback()


@pytest.mark.parametrize(
    ("who", "may"),
    [("reviewer", True), ("ag_head", True), ("supervisor", True), ("admin", True), ("deputy", False),
     ("other_reviewer", False), ("head", False)],
)  # fmt: skip
def test_who_says_that_somebody_is_away(office, session, clock, who, may):
    today = local_day(clock)
    new = NewAbsence(office.ids["reviewer"], today, today, None, [office.ids["deputy"]])
    actor = office.actor(who, clock.now())
    if may:
        announced = announce_absence(session, actor=actor, new=new, via=Via.API, now=clock.now())
        event = session.scalars(select(Event).where(Event.action == "announce_absence")).one()
        assert event.stream == f"account:{office.ids['reviewer']}"
        assert event.actor_id == office.ids[who]
        assert event.data["substitutes"] == [office.ids["deputy"]]
        end_absence(session, actor=actor, absence_id=announced.absence_id, via=Via.API, now=clock.now())
    else:
        with pytest.raises(NotFound):
            announce_absence(session, actor=actor, new=new, via=Via.API, now=clock.now())
        session.rollback()
        absence_id = go_away(office, clock, "reviewer", "deputy")
        with pytest.raises(NotFound):
            end_absence(session, actor=actor, absence_id=absence_id, via=Via.API, now=clock.now())


def test_who_stands_in_for_a_head_sends_nobody_away(office, session, clock):
    go_away(office, clock, "ag_head", "second")
    today = local_day(clock)
    new = NewAbsence(office.ids["reviewer"], today, today, None, [office.ids["second"]])
    with pytest.raises(NotFound):
        announce_absence(
            session, actor=office.actor("second", clock.now()), new=new, via=Via.API, now=clock.now()
        )


@pytest.mark.parametrize("who", ["reviewer", "other_reviewer", "stranger"])
def test_only_people_of_the_place_the_unit_or_above_stand_in(office, session, clock, who):
    with pytest.raises(InvalidField, match="substitutes"):
        go_away(office, clock, "reviewer", who)
    session.rollback()
    go_away(office, clock, "reviewer", "head")


@pytest.mark.parametrize(
    "said",
    [("vi", "với tư cách người xử lý thay reviewer NV02."), ("en", "as substitute for reviewer NV02.")],
)
def test_a_letter_says_in_whose_place_and_none_goes_out_to_who_left_meanwhile(
    office, session, clock, database, said
):
    session.execute(update(Account).values(locale=said[0]))
    session.commit()
    with mail_server() as server:
        post = Post(SmtpTransport(server.url), SENDER, BASE_URL, preferences=UNFOLDED)
        for first in (True, False):
            number = office.draft(clock.now(), person_code="NV04" if first else "NV05").nomination_id
            office.act("nominator", number, "submit", clock.now())
            if first:
                go_away(office, clock, "reviewer", "deputy")
        deliver(database.sessions, clock=clock, post=post)
        sent = {who: server.inbox.of(f"{who}@example.vn") for who in ("nv02", "nv03")}
    assert sent["nv02"] == []
    # Beside the letter that names them, of what came before and of what came since.
    assert sorted(said[1] in text_of(mail) for mail in sent["nv03"]) == [False, True, True]
    rows = select(Outbox.state_reason).where(Outbox.account_id == office.ids["reviewer"])
    session.rollback()
    assert set(session.scalars(rows)) == {"away"}


def test_who_stands_in_for_a_nominator_drafts_lists_and_answers_in_their_place(office, session, clock):
    deputy = office.actor("deputy", clock.now())
    draft = Draft("2026-NAM", "CSTDCS", AG, "NV05", achievement="Hoàn thành.", proposer="An")
    with pytest.raises(Forbidden):
        create(session, actor=deputy, draft=draft, via=Via.API, now=clock.now())
    session.rollback()
    go_away(office, clock, "nominator", "deputy", "second")
    for who, may in (("second", False), ("deputy", True)):
        actor = office.actor(who, clock.now())
        new = NewSubmission("2026-NAM", AG, [ListRow("NV04", ("CSTDCS",))])
        if not may:
            with pytest.raises(Forbidden):
                create_submission(session, actor=actor, new=new, via=Via.API, now=clock.now())
            session.rollback()
            continue
        made = create_submission(session, actor=actor, new=new, via=Via.API, now=clock.now())
        assert made.submissions
        outcome = create(session, actor=actor, draft=draft, via=Via.API, now=clock.now())
        first = events(session, outcome.nomination_id)[0]
        assert first.on_behalf_of == f"account:{office.ids['nominator']}"


def test_the_office_of_today_says_nothing_of_the_seat_that_somebody_gets_elsewhere(office, session, clock):
    now, later = clock.now(), local_day(clock) + timedelta(days=10)
    elsewhere = f"unit_deputy@unit:{DT}"
    session.add(Grant(account_id=office.ids["deputy"], key=elsewhere, valid_from=later))
    session.commit()
    head = office.actor("ag_head", now)
    for first, is_theirs in ((later, False), (later - timedelta(days=5), True)):
        new = NewAbsence(office.ids["deputy"], first, first)
        with nullcontext() if is_theirs else pytest.raises(NotFound):
            announce_absence(session, actor=head, new=new, via=Via.API, now=now)
        session.rollback()


def test_coming_reports_tell_in_whose_hands_work_is_as_every_list_does(office, session, clock):
    def coming() -> ComingEscalation:
        session.rollback()
        who, now = office.actor("supervisor", clock.now()), clock.now()
        page = coming_escalations(session, actor=who, days=10, now=now, limit=9, cursor=None)
        return page.items[0]

    number = submitted(office, clock.now())
    office.act("reviewer", number, "claim", clock.now())
    clock.advance(HEAD_AT - clock.now() - timedelta(hours=1))
    go_away(office, clock, "reviewer", "deputy")
    seen = coming().holder
    assert (seen.assignee, seen.substitutes) == (
        Who(office.ids["reviewer"], "reviewer NV02"),
        ("deputy NV03",),
    )
    closed = update(Account).where(Account.id == office.ids["reviewer"])
    session.execute(closed.values(disabled_at=clock.now()))
    session.commit()
    assert coming().holder.assignee is None, "a closed account has nothing in hand, and no name stands there"
