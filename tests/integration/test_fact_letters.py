"""A unit asked for a fact is written to until it is said, and whoever asked hears what became of it."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tests.conftest import Database
from tests.support.absences import go_away, staffed
from tests.support.foretold import Watched, as_mails, foretold
from tests.support.importing import Desk
from tests.support.mail import Scene, mail_server, text_of
from tests.support.office import AG, DT, TOP
from workflow.clock import FixedClock
from workflow.domain.eligibility.facts import Fact, FactKind
from workflow.domain.mails.preferences import UNFOLDED, USUAL
from workflow.domain.vocabulary import Via
from workflow.operations.people.fact_questions import WantedFact, ask_fact
from workflow.operations.people.facts import say_fact
from workflow.operations.people.grants import grant_role, revoke_role
from workflow.queries.history.audit import verify_chains
from workflow.store.access import Account
from workflow.store.mail import Outbox
from workflow.store.organisation import Person, Unit

NOMINATOR, REVIEWER = "nv01@example.vn", "nv02@example.vn"
DAY = date(2026, 3, 11)


@pytest.fixture
def scene(session: Session, clock: FixedClock, database: Database) -> Iterator[Scene]:
    with mail_server() as server:
        office = staffed(session, clock)
        yield Scene(office, session, database.sessions, clock, server, USUAL)


def ask(scene: Scene, part: str = "reviewer", *, year: int = 2025, person: str = "NV04") -> None:
    scene.session.rollback()
    now = scene.clock.now()
    wanted = WantedFact(FactKind.GRADE, year, DAY)
    actor = scene.office.actor(part, now)
    ask_fact(scene.session, actor=actor, person_code=person, wanted=wanted, via=Via.WEB, now=now)


def say(scene: Scene, part: str = "nominator", *, year: int = 2025) -> None:
    scene.session.rollback()
    now = scene.clock.now()
    fact = Fact(FactKind.GRADE, year, "good")
    actor = scene.office.actor(part, now)
    say_fact(scene.session, actor=actor, person_code="NV04", fact=fact, via=Via.WEB, now=now)


def told(session: Session) -> list[tuple[str, int, str, str | None]]:
    session.rollback()
    rows = select(Outbox.notice, Outbox.account_id, Outbox.state, Outbox.state_reason)
    rows = rows.where(Outbox.fact_question_id.is_not(None)).order_by(Outbox.not_before, Outbox.notice)
    return [(row.notice, row.account_id, row.state, row.state_reason) for row in session.execute(rows)]


def watched(scene: Scene, days: int = 12) -> list[tuple[datetime, str]]:
    """Let the days pass, compare what was foretold on the first with what the server took, and return it."""
    foreseen, seen = as_mails(foretold(scene, days)), Watched(scene)
    seen.run(days)
    assert sorted(seen.mails) == foreseen
    return [(mail.at, mail.to) for mail in seen.mails]


def morning(day: int) -> datetime:
    """07:30 in Hà Nội on a day of March."""
    return datetime(2026, 3, day, 0, 30, tzinfo=UTC)


def test_the_unit_hears_at_once_the_day_before_and_on_the_day_and_whoever_asked_on_the_next(
    scene: Scene,
) -> None:
    ask(scene)
    sent = watched(scene)
    assert [at for at, to in sent if to == NOMINATOR][1:] == [morning(10), morning(11)]
    assert len([at for at, to in sent if to == NOMINATOR]) == 3
    assert [at for at, to in sent if to == REVIEWER] == [morning(12)]
    asked, _, reminded = (text_of(mail) for mail in scene.server.inbox.of(NOMINATOR))
    assert "Xếp loại năm 2025" in asked
    assert "https://khen.example.vn/people/NV04/facts/grade?year=2025" in asked
    assert "17:00 thứ Tư, ngày 11/3/2026" in asked
    assert "Nhắc việc" in reminded
    assert "hết hạn hôm nay" in reminded
    [late] = (text_of(mail) for mail in scene.server.inbox.of(REVIEWER))
    assert "đơn vị chưa trả lời" in late
    assert {state for _, _, state, _ in told(scene.session)} == {"sent"}
    wrong = [one.stream for one in verify_chains(scene.session).problems]
    assert not [stream for stream in wrong if stream.startswith("person:")]


def test_once_it_is_said_nothing_more_goes_out_and_whoever_asked_is_told(scene: Scene) -> None:
    ask(scene)
    watched(scene, 1)
    say(scene)
    watched(scene)
    found = told(scene.session)
    assert [(notice, state) for notice, _, state, _ in found if state == "sent"] == [
        ("fact_asked", "sent"),
        ("fact_answered", "sent"),
    ]
    assert {reason for _, _, state, reason in found if state == "cancelled"} == {"answered"}
    [text] = (text_of(mail) for mail in scene.server.inbox.of(REVIEWER))
    assert "Đơn vị đã trả lời" in text


def test_who_says_what_they_asked_for_is_not_told_so(scene: Scene) -> None:
    ask(scene)
    say(scene, "reviewer")
    assert watched(scene) == []


def test_a_file_answers_as_well_and_taking_it_back_asks_again(scene: Scene) -> None:
    ask(scene)
    watched(scene, 1)
    desk = Desk(scene.session, scene.clock.now())
    desk.take("facts", "person,year,grade\nNV04,2025,good\n")
    assert [one[0] for one in told(scene.session) if one[2] == "new"].count("fact_answered") == 1
    desk.undo()
    assert [to for _, to in watched(scene)] == [NOMINATOR, NOMINATOR, REVIEWER]
    assert ("fact_answered", scene.office.ids["reviewer"], "cancelled", "answered") in told(scene.session)


@pytest.mark.parametrize("locale", ["vi", "en"])
def test_by_itself_each_says_what_to_do_and_until_when(scene: Scene, locale: str) -> None:
    scene.preferences = UNFOLDED
    scene.session.execute(update(Account).values(locale=locale))
    scene.session.commit()
    ask(scene)
    watched(scene)
    subjects = [str(mail["Subject"]) for mail in scene.server.inbox.of(NOMINATOR)]
    starts = {
        "vi": ["Cần bổ sung thông tin trước 17:00", "Cần bổ sung thông tin trước 17:00"],
        "en": ["Please say before", "Please say before"],
    }[locale]
    assert starts[0] in subjects[0]
    assert all(starts[1] in subject for subject in subjects[1:])


def test_several_asked_on_one_day_are_one_letter(scene: Scene) -> None:
    scene.preferences = UNFOLDED
    for year in (2023, 2024):
        ask(scene, year=year)
    watched(scene, 0)
    [mail] = scene.server.inbox.of(NOMINATOR)
    assert "2 nội dung" in str(mail["Subject"])
    assert "https://khen.example.vn/facts/asked" in text_of(mail)


def test_whom_it_is_about_is_never_written_to_and_who_stands_in_for_the_absent_is(scene: Scene) -> None:
    office = scene.office
    theirs = select(Person.id).where(Person.code == "NV04").scalar_subquery()
    scene.session.execute(
        update(Account).where(Account.id == office.ids["nominator"]).values(person_id=theirs)
    )
    scene.session.commit()
    ask(scene, "ag_head")
    go_away(office, scene.clock, "reviewer", "deputy", days=30)
    to = [to for _, to in watched(scene)]
    assert NOMINATOR not in to
    assert REVIEWER not in to
    told_of = [text_of(mail) for mail in scene.server.inbox.of("nv03@example.vn")]
    # One more letter says for whom they stand in.
    assert len([text for text in told_of if "Xếp loại năm 2025" in text]) == 3


def test_who_was_written_to_and_now_stands_in_for_whom_it_is_about_is_not_reminded(scene: Scene) -> None:
    office, session = scene.office, scene.session
    theirs = select(Person.id).where(Person.code == "NV04").scalar_subquery()
    session.execute(update(Account).where(Account.id == office.ids["nominator"]).values(person_id=theirs))
    session.commit()
    ask(scene, "ag_head")
    assert [to for _, to in watched(scene, 1)] == [REVIEWER]
    key, now = f"unit_reviewer@unit:{AG}", scene.clock.now()
    revoke_role(session, actor=None, email=REVIEWER, key=key, via=Via.CLI, now=now)
    grant_role(session, actor=None, email=REVIEWER, key=f"supervisor@unit:{TOP}", via=Via.CLI, now=now)
    go_away(office, scene.clock, "nominator", "reviewer", days=30)
    watched(scene)
    read = [text_of(mail) for mail in scene.server.inbox.of(REVIEWER)]
    assert len([text for text in read if "Xếp loại năm 2025" in text]) == 1, "what was asked first"


def test_who_left_the_unit_or_of_whom_the_person_left_is_not_reminded(scene: Scene) -> None:
    ask(scene)
    watched(scene, 1)
    key, now = f"nominator@unit:{AG}", scene.clock.now()
    revoke_role(scene.session, actor=None, email=NOMINATOR, key=key, via=Via.CLI, now=now)
    to = [to for _, to in watched(scene)]
    assert (to.count(NOMINATOR), to.count(REVIEWER)) == (0, 1), "whoever asked hears that nobody said it"
    assert [reason for *_, reason in told(scene.session)].count("no_longer_entitled") == 2


def test_asked_twice_it_is_written_about_once(scene: Scene) -> None:
    ask(scene)
    before = told(scene.session)
    ask(scene, "deputy")
    assert told(scene.session) == before


def test_where_nobody_else_could_say_it_whoever_asked_hears_that_nobody_did(scene: Scene) -> None:
    there = select(Unit.id).where(Unit.code == DT).scalar_subquery()
    scene.session.execute(update(Person).where(Person.code == "NV04").values(unit_id=there))
    scene.session.commit()
    for part, key in (
        ("other_nominator", f"nominator@unit:{DT}"),
        ("stranger", f"unit_deputy@unit:{DT}"),
    ):
        email = scene.session.scalar(select(Account.email).where(Account.id == scene.office.ids[part]))
        revoke_role(scene.session, actor=None, email=str(email), key=key, via=Via.CLI, now=scene.clock.now())
    ask(scene, "other_reviewer")
    scene.clock.advance(timedelta(minutes=1))
    assert [to for _, to in watched(scene)] == ["nv12@example.vn"]
