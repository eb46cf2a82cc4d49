"""Who is named to act is told so; what was promised to somebody who went away goes to whoever acts."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tasks.smtp import SmtpTransport
from tests.conftest import Database
from tests.support.absences import go_away, letters_about, local_day, staffed
from tests.support.mail import BASE_URL, SENDER, mail_server, text_of
from tests.support.office import Office
from tests.support.waiting import REMIND_AT, submitted
from workflow.clock import FixedClock
from workflow.domain.mails.preferences import UNFOLDED
from workflow.domain.vocabulary import Via
from workflow.operations.foresight.forecast import Asked, whole_forecast
from workflow.operations.mail.deliver import deliver
from workflow.operations.mail.post import Post
from workflow.operations.people.absences import (
    AbsenceChanges,
    NewAbsence,
    announce_absence,
    correct_absence,
    end_absence,
)
from workflow.operations.sweep.escalate import fire_due
from workflow.store.access import Account
from workflow.store.mail import Outbox


@pytest.fixture
def office(session: Session, clock: FixedClock) -> Office:
    return staffed(session, clock)


@pytest.fixture
def sent(database: Database, clock: FixedClock):
    """Deliver what is due and return by reader the subject and text of each letter of this turn."""
    with mail_server() as server:
        post = Post(SmtpTransport(server.url), SENDER, BASE_URL, preferences=UNFOLDED)
        seen: dict[str, int] = {}

        def turn(*people: str) -> dict[str, list[str]]:
            # Twice: what is promised anew in a pass is sent by the next.
            deliver(database.sessions, clock=clock, post=post)
            deliver(database.sessions, clock=clock, post=post)
            found = {}
            for who in people:
                mails = server.inbox.of(f"{who}@example.vn")
                found[who] = [f"{mail['Subject']}\n{text_of(mail)}" for mail in mails[seen.get(who, 0) :]]
                seen[who] = len(mails)
            return found

        yield turn


def correct(office: Office, clock: FixedClock, absence_id: int, *substitutes: str, days: int = 5) -> None:
    last = local_day(clock) + timedelta(days=days - 1)
    changes = AbsenceChanges(local_day(clock), last, [office.ids[one] for one in substitutes])
    correct_absence(
        office.session, actor=None, absence_id=absence_id, changes=changes, via=Via.CLI, now=clock.now()
    )


@pytest.mark.parametrize(
    "said",
    [
        (
            "vi",
            ("Xử lý thay khi reviewer NV02 vắng mặt", "đến hết thứ Sáu, ngày 6/3/2026",
             "được hỏi trước Ông/Bà: deputy NV03", "đến hết Chủ Nhật, ngày 8/3/2026",
             "không còn phải xử lý thay reviewer NV02"),
        ),
        (
            "en",
            ("Standing in for reviewer NV02", "to Friday, 6 March 2026", "Asked before you: deputy NV03",
             "to Sunday, 8 March 2026", "You no longer act for reviewer NV02"),
        ),
    ],
)  # fmt: skip
def test_whoever_is_named_is_told_so_and_of_changes_and_of_the_end(office, session, clock, sent, said):
    locale, words = said
    session.execute(update(Account).values(locale=locale))
    session.commit()
    subject, until, before, longer, over = (word.lower() for word in words)
    absence_id = go_away(office, clock, "reviewer", "deputy", "second")
    found = {who: [text.lower() for text in texts] for who, texts in sent("nv02", "nv03", "second").items()}
    assert found["nv02"] == []
    [first], [second] = found["nv03"], found["second"]
    assert subject in first.splitlines()[0]
    assert until in first
    assert before not in first
    assert before in second
    assert f"/absences/{absence_id}" in first
    correct(office, clock, absence_id, "second", days=7)
    found = {who: [text.lower() for text in texts] for who, texts in sent("nv03", "second").items()}
    [dropped], [first] = found["nv03"], found["second"]
    assert over in dropped
    assert "/me/absence" in dropped
    assert longer in first
    assert before not in first
    assert over not in first
    end_absence(session, actor=None, absence_id=absence_id, via=Via.CLI, now=clock.now())
    found = {who: [text.lower() for text in texts] for who, texts in sent("nv03", "second").items()}
    assert found["nv03"] == []
    [ended] = found["second"]
    assert over in ended


def test_of_what_changed_before_the_letter_left_the_newest_alone_is_told(office, session, clock, sent):
    absence_id = go_away(office, clock, "reviewer", "deputy")
    correct(office, clock, absence_id, "deputy", days=3)
    [told] = sent("nv03")["nv03"]
    assert "4/3/2026" in told
    other = go_away(office, clock, "nominator", "second")
    end_absence(session, actor=None, absence_id=other, via=Via.CLI, now=clock.now())
    assert sent("second")["second"] == [], "who never read of it is not told that it is over"
    session.rollback()
    reasons = select(Outbox.state_reason).where(Outbox.account_id == office.ids["second"])
    assert list(session.scalars(reasons)) == ["no_longer_entitled"]


def test_nobody_is_written_to_about_what_they_said_themselves(office, session, clock, sent):
    today, head = local_day(clock), office.actor("ag_head", clock.now())
    new = NewAbsence(
        office.ids["reviewer"], today, today, None, [office.ids["ag_head"], office.ids["deputy"]]
    )
    announce_absence(session, actor=head, new=new, via=Via.API, now=clock.now())
    found = sent("head-ag", "nv03")
    assert found["head-ag"] == []
    [told] = found["nv03"]
    assert "Người ghi: head-ag" in told


def test_a_letter_of_an_absence_folds_into_no_list_and_is_foretold_to_its_reader(
    office, session, clock, database
):
    go_away(office, clock, "reviewer", "deputy")
    row = session.execute(select(Outbox.notice, Outbox.mail_class, Outbox.nomination_id)).one()
    assert tuple(row) == ("substitution", "info", None)
    session.rollback()
    found = whole_forecast(database.sessions, asked=Asked(7), clock=clock)
    assert [(one.notice, one.reader.id) for one in found.letters] == [("substitution", office.ids["deputy"])]


def test_what_was_promised_before_somebody_went_away_goes_to_who_acts(office, session, clock, database, sent):
    number = submitted(office, clock.now())
    assert letters_about(session, number) == [("work_opened", office.ids["reviewer"])]
    go_away(office, clock, "reviewer", "deputy", days=20)
    foretold = whole_forecast(database.sessions, asked=Asked(1), clock=clock).letters
    assert [one.reader.id for one in foretold if one.notice == "work_opened"] == [office.ids["deputy"]]
    found = sent("nv02", "nv03")
    assert found["nv02"] == []
    assert sum("với tư cách người xử lý thay reviewer NV02" in one for one in found["nv03"]) == 1
    clock.advance(REMIND_AT - clock.now())
    fire_due(database.sessions, clock=clock)
    end = select(Outbox.account_id).where(Outbox.notice == "reminder")
    assert list(session.scalars(end)) == [office.ids["deputy"]]
    session.rollback()
    assert len(sent("nv03")["nv03"]) == 1
    assert sent("nv02", "nv03") == {"nv02": [], "nv03": []}


def test_the_nominee_is_passed_over_for_a_letter_that_is_handed_on(office, session, clock, sent):
    number = office.draft(clock.now(), person_code="NV03").nomination_id
    office.act("nominator", number, "submit", clock.now())
    go_away(office, clock, "reviewer", "deputy", "second", days=20)
    found = sent("nv02", "nv03", "second")
    assert [len([one for one in found[who] if "thay khi" not in one]) for who in found] == [0, 0, 1]


@pytest.mark.parametrize("acts", [("second",), ()])
def test_a_decision_goes_to_who_acts_for_whoever_proposed_and_else_waits_for_them(
    office, session, clock, sent, acts
):
    number = submitted(office, clock.now())
    go_away(office, clock, "nominator", *acts, days=20)
    sent("nv01", "second")
    office.act("reviewer", number, "reject", clock.now(), reason_code="other", comment="Chưa đủ điều kiện.")
    found = sent("nv01", "second")
    told = found["second"] if acts else found["nv01"]
    assert found == {"nv01": [] if acts else told, "second": told if acts else []}
    [letter] = told
    assert "Chưa đủ điều kiện." in letter
    assert ("với tư cách người xử lý thay nominator NV01" in letter) is bool(acts)


def test_what_came_back_to_who_is_away_reaches_who_acts_for_them(office, session, clock, sent):
    number = submitted(office, clock.now())
    go_away(office, clock, "nominator", "second", days=20)
    sent("nv01", "second")
    office.act(
        "reviewer", number, "return", clock.now(), to_step="draft", reason_code="other", comment="Bổ sung."
    )
    found = sent("nv01", "second")
    assert found["nv01"] == []
    [letter] = found["second"]
    assert "Bổ sung." in letter
    assert "với tư cách người xử lý thay nominator NV01" in letter
