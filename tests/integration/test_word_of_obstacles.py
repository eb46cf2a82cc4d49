"""Whoever can help reads in the letter of the next morning what cannot go on: once, as it stands by then."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tests.conftest import Database
from tests.support.absences import go_away
from tests.support.bounces import address_of
from tests.support.foretold import Watched, as_mails, foretold, foretold_to
from tests.support.mail import BASE_URL, Scene, mail_server, text_of
from tests.support.office import AG, TOP, furnish
from tests.support.waiting import REMIND_AT, add_account, drop_grant, submitted
from workflow.clock import FixedClock
from workflow.domain.mails.mornings import morning_of_word
from workflow.domain.mails.preferences import USUAL
from workflow.domain.time.workdays import CalendarName
from workflow.operations.mail.fate import Delivered
from workflow.operations.obstacles import look
from workflow.operations.obstacles.look import look_for_obstacles
from workflow.store.access import Account, Grant
from workflow.store.calendars import calendar_in_force
from workflow.store.mail import Outbox
from workflow.store.obstacles import Obstacle
from workflow.store.people import load_actor

SEVEN = datetime(2026, 3, 3, 0, 0, tzinfo=UTC)
HALF_PAST = datetime(2026, 3, 3, 0, 30, tzinfo=UTC)
REVIEWER = f"unit_reviewer@unit:{AG}"
PAGE = f"{BASE_URL}/obstacles"


@pytest.fixture
def scene(session: Session, clock: FixedClock, database: Database) -> Iterator[Scene]:
    with mail_server() as server:
        office = furnish(session, now=clock.now())
        yield Scene(office, session, database.sessions, clock, server, preferences=USUAL)


def emptied(scene: Scene) -> int:
    """Have work wait in a seat that nobody holds, its letters told, and look for it."""
    number = submitted(scene.office, scene.clock.now())
    drop_grant(scene.session, scene.office.ids["reviewer"], REVIEWER)
    look_at(scene)
    return number


def look_at(scene: Scene) -> None:
    look_for_obstacles(scene.sessions, clock=scene.clock)


def at(scene: Scene, when: datetime) -> Delivered:
    scene.clock.advance(when - scene.clock.now())
    return scene.deliver()


def words(scene: Scene) -> list[Outbox]:
    scene.session.rollback()
    return list(
        scene.session.scalars(
            select(Outbox).where(Outbox.notice == "obstacles").execution_options(populate_existing=True)
        )
    )


def told_to(scene: Scene, part: str) -> list[str]:
    found = [text_of(mail) for mail in scene.server.inbox.of(address_of(scene, part))]
    return [text for text in found if PAGE in text]


def test_who_can_help_reads_of_it_the_next_morning_and_nobody_else(scene: Scene) -> None:
    emptied(scene)
    look_at(scene)
    scene.deliver()
    assert len(words(scene)) == 2, "one each, however often it is looked for"
    at(scene, SEVEN)
    assert not told_to(scene, "supervisor")
    at(scene, HALF_PAST)
    for part in ("supervisor", "admin"):
        [text] = told_to(scene, part)
        assert "1 việc không đi tiếp được" in text
    told = {row.account_id for row in words(scene)}
    assert told == {scene.office.ids["supervisor"], scene.office.ids["admin"]}
    look_at(scene)
    at(scene, HALF_PAST + timedelta(days=1))
    assert len(told_to(scene, "supervisor")) == 1, "what they were told of is not told again"


def test_what_is_new_by_the_next_morning_is_counted_and_what_was_helped_is_not(scene: Scene) -> None:
    emptied(scene)
    at(scene, HALF_PAST)
    submitted(scene.office, scene.clock.now(), person="NV05")
    look_at(scene)
    at(scene, HALF_PAST + timedelta(days=1))
    assert "2 việc không đi tiếp được, 1 việc mới" in told_to(scene, "supervisor")[-1]


def test_what_was_helped_before_the_morning_is_told_to_nobody(scene: Scene) -> None:
    emptied(scene)
    grant = Grant(account_id=scene.office.ids["deputy"], key=REVIEWER, valid_from=date(2026, 3, 2))
    scene.session.add(grant)
    scene.session.commit()
    at(scene, SEVEN)
    at(scene, HALF_PAST)
    assert told_to(scene, "supervisor") == []
    assert {(row.state, row.state_reason) for row in words(scene)} == {("cancelled", "nothing_stuck")}


def test_it_is_a_line_in_the_letter_of_the_morning_where_there_is_one(scene: Scene) -> None:
    supervisor = scene.office.ids["supervisor"]
    scene.session.add(Grant(account_id=supervisor, key=REVIEWER, valid_from=date(2026, 3, 2)))
    scene.session.commit()
    taken = submitted(scene.office, scene.clock.now())
    scene.office.act("reviewer", taken, "claim", scene.clock.now())
    submitted(scene.office, scene.clock.now(), person="NV05")
    scene.deliver()
    scene.clock.advance(timedelta(minutes=10))
    scene.deliver()
    scene.clock.advance(timedelta(days=2))
    gone = update(Account).where(Account.id == scene.office.ids["reviewer"])
    scene.session.execute(gone.values(disabled_at=scene.clock.now()))
    scene.session.commit()
    look_at(scene)
    scene.server.inbox.mails.clear()
    scene.server.inbox.recipients.clear()
    scene.clock.advance(REMIND_AT - timedelta(hours=1) - scene.clock.now())
    scene.fire()
    scene.deliver()
    at(scene, REMIND_AT - timedelta(minutes=30))
    [letter] = scene.server.inbox.of(address_of(scene, "supervisor"))
    assert "Việc hôm nay" in str(letter["Subject"])
    assert f"Vướng mắc: 1 việc không đi tiếp được, 1 việc mới. Xem vì sao và gỡ: {PAGE}" in text_of(letter)


def test_what_is_sent_is_what_was_foretold(scene: Scene) -> None:
    emptied(scene)
    scene.session.execute(update(Outbox).where(Outbox.notice == "seat_empty").values(state="cancelled"))
    scene.session.commit()
    expected = as_mails(foretold(scene, 3))
    supervisor = load_actor(scene.session, scene.office.ids["supervisor"], today=date(2026, 3, 2))
    assert supervisor is not None
    mine = [one for one in foretold_to(scene, 3, supervisor) if one.notice == "obstacles"]
    assert [one.at for one in mine] == [HALF_PAST]
    sent = Watched(scene).run(3)
    assert (HALF_PAST, address_of(scene, "supervisor"), ()) in sent
    assert sent == expected


def test_a_look_that_died_before_it_told_is_made_up_for_by_the_next(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def die(*_: object, **__: object) -> int:
        raise Killed

    monkeypatch.setattr(look, "tell_of_obstacles", die)
    with pytest.raises(Killed):
        emptied(scene)
    assert words(scene) == []
    monkeypatch.undo()
    look_at(scene)
    assert len(words(scene)) == 2


def test_what_is_found_while_the_letters_of_the_morning_leave_is_told_the_next(scene: Scene) -> None:
    emptied(scene)
    before = HALF_PAST - timedelta(minutes=45)
    at(scene, before)
    submitted(scene.office, before, person="NV05")
    at(scene, HALF_PAST)
    with scene.sessions() as session:
        untold = session.scalars(select(Obstacle.id)).all()
    assert len(told_to(scene, "supervisor")) == 1
    # A look that began before seven and found it.
    find_again(scene, before)
    assert scene.session.scalars(select(Obstacle.told_at).where(Obstacle.id.not_in(untold))).all() == [None]
    look_at(scene)
    at(scene, HALF_PAST + timedelta(days=1))
    assert "2 việc không đi tiếp được, 1 việc mới" in told_to(scene, "supervisor")[-1]


def find_again(scene: Scene, began_at: datetime) -> None:
    """Look as one would that began then and is only done now."""
    look_for_obstacles(scene.sessions, clock=FixedClock(began_at))


def test_who_is_away_or_disabled_is_not_counted_on(scene: Scene) -> None:
    gone = update(Account).where(Account.id.in_([scene.office.ids[one] for one in ("supervisor", "admin")]))
    scene.session.execute(gone.values(disabled_at=scene.clock.now()))
    scene.session.commit()
    emptied(scene)
    assert words(scene) == []
    assert scene.session.scalars(select(Obstacle.told_at)).all() == [None]
    scene.session.execute(gone.values(disabled_at=None))
    scene.session.commit()
    look_at(scene)
    assert len(words(scene)) == 2


def test_word_of_obstacles_is_its_readers_own_and_no_substitute_gets_it(scene: Scene) -> None:
    office, now = scene.office, scene.clock.now()
    office.ids["other"] = add_account(scene.session, "other@example.vn", f"head@unit:{TOP}", now)
    emptied(scene)
    go_away(office, scene.clock, "supervisor", "other")
    told = [one.reader.email for one in foretold(scene, 3) if one.notice == "obstacles" and one.reader]
    assert told == [address_of(scene, "admin")]
    at(scene, SEVEN)
    at(scene, HALF_PAST)
    at(scene, HALF_PAST + timedelta(hours=1))
    found = {row.account_id: row.state_reason for row in words(scene)}
    assert found == {office.ids["supervisor"]: "away", office.ids["admin"]: None}
    assert told_to(scene, "supervisor") == []


@pytest.mark.parametrize(
    ("now", "morning"),
    [
        ("2026-03-02 06:59", "2026-03-02"),
        ("2026-03-02 07:00", "2026-03-03"),
        ("2026-03-06 10:00", "2026-03-09"),
        ("2026-03-07 05:00", "2026-03-09"),
        ("2026-12-31 23:59", "2027-01-04"),
    ],
)
def test_the_morning_is_that_of_the_next_working_day(session: Session, now: str, morning: str) -> None:
    calendar = calendar_in_force(session, CalendarName.LOCAL)
    at = datetime.fromisoformat(now).replace(tzinfo=calendar.timezone)
    assert f"{morning_of_word(at, calendar):%Y-%m-%d %H:%M}" == f"{morning} 07:00"
