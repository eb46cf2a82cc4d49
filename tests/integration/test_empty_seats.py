"""Work that lies on a seat nobody holds is told above at once, in the transaction that left it there."""

from datetime import date, timedelta

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from tasks.smtp import SmtpTransport
from tests.support.mail import BASE_URL, SENDER, mail_server, text_of
from tests.support.office import AG, DT, TOP, Office, furnish
from tests.support.waiting import add_account, drop_grant, events, is_chained, many_submitted, submitted
from workflow.clock import FixedClock
from workflow.domain.mails.preferences import UNFOLDED
from workflow.domain.vocabulary import NoticeKind, RoundDate, Via
from workflow.operations.mail.deliver import deliver
from workflow.operations.mail.post import Post
from workflow.operations.people.accounts import disable_account
from workflow.operations.people.grants import revoke_role
from workflow.operations.rounds.rounds import NewRound, open_round
from workflow.operations.setup.organise import NewPerson, add_people
from workflow.queries.inbox.inbox import inbox
from workflow.store.access import Account, Grant
from workflow.store.mail import Outbox
from workflow.store.nominations import Nomination

REVIEWER = f"unit_reviewer@unit:{AG}"


@pytest.fixture
def office(session: Session, clock: FixedClock) -> Office:
    """Give the unit a head who is not its reviewer, so that the seats empty one by one."""
    office = furnish(session, now=clock.now())
    drop_grant(session, office.ids["unit_head"], f"head@unit:{AG}")
    office.ids["ag_head"] = add_account(session, "head-ag@example.vn", f"head@unit:{AG}", clock.now())
    return office


def told(session: Session, **where: object) -> list[int]:
    """Return the accounts that mails about an empty seat go to."""
    session.rollback()
    rows = select(Outbox.account_id).where(Outbox.notice == NoticeKind.SEAT_EMPTY).order_by(Outbox.account_id)
    return list(session.scalars(rows.filter_by(**where)))


def empty(session: Session, key: str, how: str, today: date) -> None:
    """Leave a seat with nobody who could do its work today."""
    grants = update(Grant).where(Grant.key == key)
    holders = select(Grant.account_id).where(Grant.key == key)
    {
        "nobody": lambda: session.execute(delete(Grant).where(Grant.key == key)),
        "ended": lambda: session.execute(grants.values(valid_to=today)),
        "begins later": lambda: session.execute(
            grants.values(valid_from=today + timedelta(days=1), valid_to=None)
        ),
        "disabled": lambda: session.execute(
            update(Account).where(Account.id.in_(holders)).values(disabled_at=Account.created_at)
        ),
    }[how]()
    session.commit()


def open_next_round(session: Session, clock: FixedClock) -> None:
    new = NewRound(
        "2027-NAM", "Đợt xét năm 2027", 2026, TOP,
        dates={RoundDate.UNIT_DEADLINE: date(2026, 12, 1), RoundDate.UPPER_DEADLINE: date(2027, 3, 1)},
        unit_codes=(AG, DT),
    )  # fmt: skip
    open_round(session, actor=None, new=new, via=Via.CLI, now=clock.now())


@pytest.mark.parametrize("how", ["nobody", "ended", "begins later", "disabled"])
def test_the_head_hears_at_once_of_work_on_an_empty_seat(
    office: Office, session: Session, clock: FixedClock, how: str
) -> None:
    empty(session, REVIEWER, how, clock.now().date())
    nomination_id = submitted(office, clock.now())
    assert told(session, nomination_id=nomination_id) == [office.ids["ag_head"]]
    row = session.scalars(select(Outbox).where(Outbox.notice == NoticeKind.SEAT_EMPTY)).one()
    assert row.created_at == clock.now()
    found = events(session, nomination_id)
    assert row.event_id == found[-1].id, "the event of the move itself"
    assert found[-1].data["unstaffed"] == REVIEWER
    assert is_chained(found)


def test_a_seat_that_is_held_tells_nobody_above(office: Office, session: Session, clock: FixedClock) -> None:
    submitted(office, clock.now())
    assert told(session) == []


def test_empty_heads_are_passed_over_up_to_the_administrators(
    office: Office, session: Session, clock: FixedClock
) -> None:
    today = clock.now().date()
    empty(session, REVIEWER, "nobody", today)
    for key, above in (
        (f"head@unit:{AG}", "head"),
        (f"head@unit:{TOP}", "supervisor"),
        (f"supervisor@unit:{TOP}", "admin"),
    ):
        empty(session, key, "disabled", today)
        office.session.rollback()
        [nomination_id] = many_submitted_once(office, session, clock, above)
        assert told(session, nomination_id=nomination_id) == [office.ids[above]], key


def many_submitted_once(office: Office, session: Session, clock: FixedClock, name: str) -> list[int]:
    add_people(session, [NewPerson(f"P-{name}", f"Kiểm sát viên {name}", AG)])
    session.commit()
    nomination_id = office.draft(clock.now(), person_code=f"P-{name}").nomination_id
    office.act("nominator", nomination_id, "submit", clock.now())
    return [nomination_id]


def test_whoever_is_told_may_open_it_and_finds_it_in_their_work(
    office: Office, session: Session, clock: FixedClock
) -> None:
    empty(session, REVIEWER, "nobody", clock.now().date())
    empty(session, f"head@unit:{AG}", "nobody", clock.now().date())
    nomination_id = submitted(office, clock.now())
    assert told(session) == [office.ids["head"]]
    actor = office.actor("head", clock.now())
    found = inbox(session, actor=actor, now=clock.now(), limit=50, cursor=None)
    assert [item.nomination_id for item in found.items] == [nomination_id]
    assert f"unit:{TOP}" in session.get_one(Nomination, nomination_id).audience


def test_a_seat_held_by_the_nominee_alone_counts_as_empty(
    office: Office, session: Session, clock: FixedClock
) -> None:
    """Every seat that could stand in is empty, so the work stays with the nominee, who may not do it."""
    today = clock.now().date()
    empty(session, f"unit_deputy@unit:{AG}", "nobody", today)
    empty(session, f"unit_reviewer@unit:{TOP}", "nobody", today)
    nomination_id = office.draft(clock.now(), person_code="NV02").nomination_id
    office.act("nominator", nomination_id, "submit", clock.now())
    assert told(session, nomination_id=nomination_id) == [office.ids["ag_head"]]
    opened = select(Outbox.account_id).where(Outbox.notice == NoticeKind.WORK_OPENED)
    assert list(session.scalars(opened)) == [], "the nominee is not told to review themselves"


def test_a_return_to_a_unit_without_a_nominator_is_told_its_head(
    office: Office, session: Session, clock: FixedClock
) -> None:
    nomination_id = submitted(office, clock.now())
    empty(session, f"nominator@unit:{AG}", "ended", clock.now().date())
    office.act(
        "reviewer", nomination_id, "return", clock.now(), comment="Thiếu", reason_code="dossier_incomplete",
        to_step="draft",
    )  # fmt: skip
    assert told(session, nomination_id=nomination_id) == [office.ids["ag_head"]]


def test_disabling_the_only_holder_tells_above_of_the_open_work_in_one_mail(
    office: Office, session: Session, clock: FixedClock, database
) -> None:
    ids = many_submitted(office, session, 3, clock.now())
    disable_account(session, actor=None, email="nv02@example.vn", via=Via.CLI, now=clock.now())
    assert told(session) == [office.ids["ag_head"]] * 3
    for nomination_id in ids:
        assert is_chained(events(session, nomination_id))
    with mail_server() as server:
        post = Post(SmtpTransport(server.url), SENDER, BASE_URL, preferences=UNFOLDED)
        deliver(database.sessions, clock=clock, post=post)
        [mail] = server.inbox.of("head-ag@example.vn")
    text = text_of(mail)
    assert "Chưa có ai giữ vị trí" in text
    assert "điện thoại" in text
    assert f"{BASE_URL}/nominations?only={ids[0]}-{ids[-1]}" in text


def test_disabling_one_of_two_holders_tells_nobody(
    office: Office, session: Session, clock: FixedClock
) -> None:
    add_account(session, "second@example.vn", REVIEWER, clock.now())
    submitted(office, clock.now())
    disable_account(session, actor=None, email="nv02@example.vn", via=Via.CLI, now=clock.now())
    assert told(session) == []


def test_work_on_hold_is_not_told_of(office: Office, session: Session, clock: FixedClock) -> None:
    nomination_id = submitted(office, clock.now())
    office.act("reviewer", nomination_id, "hold", clock.now(), comment="Chờ xác minh")
    disable_account(session, actor=None, email="nv02@example.vn", via=Via.CLI, now=clock.now())
    assert told(session) == []


def test_a_revoked_role_is_told_of_as_well(office: Office, session: Session, clock: FixedClock) -> None:
    nomination_id = submitted(office, clock.now())
    office.act("reviewer", nomination_id, "claim", clock.now())
    revoke_role(session, actor=None, email="nv02@example.vn", key=REVIEWER, via=Via.CLI, now=clock.now())
    assert told(session, nomination_id=nomination_id) == [office.ids["ag_head"]]
    assert is_chained(events(session, nomination_id))


def test_a_round_tells_the_head_of_a_unit_that_has_nobody_to_write(
    office: Office, session: Session, clock: FixedClock
) -> None:
    empty(session, f"nominator@unit:{DT}", "nobody", clock.now().date())
    head = add_account(session, "head-dt@example.vn", f"head@unit:{DT}", clock.now())
    open_next_round(session, clock)
    assert told(session) == [head]


def test_a_unit_with_neither_writer_nor_head_is_told_above(
    office: Office, session: Session, clock: FixedClock
) -> None:
    empty(session, f"nominator@unit:{DT}", "nobody", clock.now().date())
    open_next_round(session, clock)
    assert told(session) == [office.ids["head"]]
