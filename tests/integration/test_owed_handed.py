"""What a unit owes is handed to one of those who write for it: work, letters and reminders go with it."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tests.conftest import Database
from tests.support.absences import go_away, staffed, waits
from tests.support.foretold import Mail, Watched, as_mails, foretold
from tests.support.mail import Scene, mail_server, text_of
from tests.support.office import AG, DT, PAPER
from tests.support.rounds import NEXT, opened
from tests.support.waiting import add_account
from workflow.clock import FixedClock
from workflow.domain.errors import AlreadyClaimed, Forbidden, InvalidField, MoveNotOpen, NotFound, Refusal
from workflow.domain.mails.preferences import USUAL
from workflow.domain.vocabulary import RoundDate, Via
from workflow.operations.people.grants import revoke_role
from workflow.operations.rounds.answers import answer_nothing, reopen_answer
from workflow.operations.rounds.hand_over import HandOver, hand_over_return
from workflow.operations.rounds.unit_dates import ProposeUnitDate, propose_unit_date
from workflow.queries.history.audit import verify_chains
from workflow.queries.rounds.returns import list_returns
from workflow.store.access import Account
from workflow.store.awards import Round
from workflow.store.history import Event
from workflow.store.mail import Outbox
from workflow.store.nominations import WorkItem
from workflow.store.organisation import Person
from workflow.store.submissions import ExpectedReturn

WHY = "Nghỉ từ tuần sau"
NOMINATOR, WRITER = "nv01@example.vn", "writer@example.vn"
SEAT = f"nominator@unit:{AG}"
SOON = {RoundDate.UNIT_DEADLINE: date(2026, 3, 18), RoundDate.UPPER_DEADLINE: date(2026, 6, 30)}


@pytest.fixture
def scene(session: Session, clock: FixedClock, database: Database) -> Iterator[Scene]:
    with mail_server() as server:
        office = staffed(session, clock)
        office.ids["writer"] = add_account(session, WRITER, SEAT, clock.now())
        opened(session, clock.now(), unit_codes=(AG,), asks_all_units=False, dates=SOON)
        yield Scene(office, session, database.sessions, clock, server, USUAL)


def hand(scene: Scene, part: str, to: str | None, **changes: Any) -> bool:
    scene.session.rollback()
    wanted: dict[str, Any] = {"round_code": NEXT, "unit_code": AG, "reason": WHY} | changes
    wanted["assignee_id"] = scene.office.ids[to] if to else None
    now = scene.clock.now()
    actor = scene.office.actor(part, now)
    return hand_over_return(scene.session, actor=actor, wanted=HandOver(**wanted), via=Via.WEB, now=now)


def mails(scene: Scene, notice: str) -> set[int]:
    scene.session.rollback()
    return set(scene.session.scalars(select(Outbox.account_id).where(Outbox.notice == notice)))


def history(scene: Scene) -> list[tuple[str, object, object]]:
    scene.session.rollback()
    found = select(Event.action, Event.data).where(Event.stream.startswith("expected_return:"))
    rows = scene.session.execute(found.order_by(Event.recorded_at, Event.seq)).all()
    return [(row.action, row.data["was"], row.data["assignee"]) for row in rows if "assignee" in row.data]


def kept(scene: Scene, days: int) -> list[Mail]:
    """Let the days pass and return what the server took, once it is what was foretold on the first."""
    foreseen, seen = as_mails(foretold(scene, days)), Watched(scene)
    seen.run(days)
    assert sorted(seen.mails) == foreseen
    return seen.mails


def test_work_letters_and_reminders_go_to_whoever_it_was_handed_to(scene: Scene) -> None:
    office = scene.office
    # Of what was promised at one instant nothing is newer.
    scene.clock.advance(timedelta(minutes=1))
    assert hand(scene, "nominator", "writer") is False
    assert waits(office, "nominator", scene.clock) == []
    assert [why for _, why, _ in waits(office, "writer", scene.clock)] == ["assigned"]
    taken = kept(scene, 22)
    to = [mail.to for mail in taken]
    assert NOMINATOR not in to, "what was promised to the others of the seat is not theirs any more"
    assert to.count(WRITER) >= 5, "one letter and every reminder"
    assert "head-ag@example.vn" in to, "who answers for it is told as before, and hears when it is late"
    first = text_of(scene.server.inbox.of(WRITER)[0])
    assert "chuyển việc này đến Ông/Bà" in first
    assert WHY in first
    assert 'chọn "Chuyển người xử lý"' in first
    assert history(scene) == [("reassign", None, office.ids["writer"])]
    wrong = [one.stream for one in verify_chains(scene.session).problems]
    assert not [stream for stream in wrong if stream.startswith("expected_return:")]


def test_handing_back_undoes_it_and_whoever_had_it_is_told(scene: Scene) -> None:
    office = scene.office
    hand(scene, "ag_head", "writer")
    hand(scene, "ag_head", None, reason="Nhầm người")
    assert [why for _, why, _ in waits(office, "nominator", scene.clock)] == ["group"]
    assert mails(scene, "work_gone") == {office.ids["writer"]}
    assert history(scene)[-1] == ("release", office.ids["writer"], None)
    taken = kept(scene, 22)
    assert {NOMINATOR, WRITER} <= {mail.to for mail in taken}, "it is everybody's again who writes"
    gone = [text_of(mail) for mail in scene.server.inbox.of(WRITER) if "không còn chờ" in text_of(mail)]
    assert "Tờ trình và danh sách của đơn vị" in gone[0]
    assert "Nhầm người" in gone[0]


def test_whoever_writes_for_the_unit_its_head_and_the_office_hand_it_and_nobody_else(scene: Scene) -> None:
    for part in ("reviewer", "deputy", "secretary"):
        with pytest.raises(Forbidden):
            hand(scene, part, "writer")
    for part in ("other_nominator", "stranger"):
        with pytest.raises(NotFound) as unseen:
            hand(scene, part, "writer")
        with pytest.raises(NotFound) as nothing:
            hand(scene, part, "writer", unit_code=DT)
        assert str(unseen.value) == str(nothing.value).replace(DT, AG), "they learn of none what others owe"
    assert mails(scene, "work_gone") == set()
    for part, to in (("nominator", "writer"), ("ag_head", "nominator"), ("supervisor", "writer")):
        hand(scene, part, to)
    hand(scene, "writer", "nominator")
    assert [was for _, was, _ in history(scene)][1:] == [
        assignee for _, _, assignee in history(scene)[:-1]
    ], "each names who had it before"


def test_who_runs_the_round_and_is_nominated_there_hands_nothing(scene: Scene) -> None:
    office, clock = scene.office, scene.clock
    office.draft(clock.now(), round_code=NEXT)
    nominee = select(Person.id).where(Person.code == "NV04").scalar_subquery()
    is_theirs = Account.id == office.ids["supervisor"]
    scene.session.execute(update(Account).where(is_theirs).values(person_id=nominee))
    scene.session.commit()
    with pytest.raises(Forbidden, match="nominated"):
        hand(scene, "supervisor", "writer")


def test_who_is_nominated_in_one_of_the_rounds_hands_the_others_alone(scene: Scene) -> None:
    office, now = scene.office, scene.clock.now()
    opened(scene.session, now, code="2026-KHAC", unit_codes=(AG,), asks_all_units=False)
    office.draft(now, round_code="2026-KHAC")
    nominee = select(Person.id).where(Person.code == "NV04").scalar_subquery()
    is_theirs = Account.id == office.ids["supervisor"]
    scene.session.execute(update(Account).where(is_theirs).values(person_id=nominee))
    scene.session.commit()
    hand(scene, "supervisor", "writer", all_rounds=True)
    scene.session.rollback()
    rows = scene.session.execute(
        select(Round.code, WorkItem.assignee_id)
        .join(ExpectedReturn, ExpectedReturn.id == WorkItem.expected_return_id)
        .join(Round, Round.id == ExpectedReturn.round_id)
        .where(WorkItem.owner_key == SEAT)
    )
    assert {row.code: row.assignee_id for row in rows} == {NEXT: office.ids["writer"], "2026-KHAC": None}


@pytest.mark.parametrize("is_first", [True, False], ids=["handed before", "handed after"])
def test_the_day_that_its_head_asks_for_waits_for_an_answer_whoever_has_it(
    scene: Scene, *, is_first: bool
) -> None:
    office, clock = scene.office, scene.clock
    if is_first:
        hand(scene, "nominator", "writer")
    scene.session.rollback()
    asked = ProposeUnitDate(NEXT, AG, date(2026, 3, 25), "Thiếu biên bản họp")
    head = office.actor("ag_head", clock.now())
    propose_unit_date(scene.session, actor=head, wanted=asked, via=Via.WEB, now=clock.now())
    if not is_first:
        hand(scene, "nominator", "writer")
    [row] = list_returns(scene.session, actor=head, round_code=NEXT, now=clock.now())
    assert row.proposed_date is not None, "it can be given or refused"
    assert row.proposed_date.day == asked.day
    kept(scene, 3)
    scene.session.rollback()
    letters = select(Outbox.state).where(Outbox.notice == "date_proposed")
    assert set(scene.session.scalars(letters)) == {"sent"}, "the office is told of it"


@pytest.mark.parametrize("to", ["reviewer", "other_nominator", "away"])
def test_it_goes_to_nobody_who_does_not_write_for_the_unit_or_is_away(scene: Scene, to: str) -> None:
    if to == "away":
        go_away(scene.office, scene.clock, "writer", "deputy")
    with pytest.raises(InvalidField) as refused:
        hand(scene, "nominator", "writer" if to == "away" else to)
    assert [error.field for error in refused.value.errors] == ["assignee_id"]
    with pytest.raises(InvalidField):
        hand(scene, "nominator", "nominator", reason="  ")
    with pytest.raises(NotFound):
        hand(scene, "nominator", "nominator", round_code="NOWHERE")
    assert history(scene) == []


def test_of_two_at_once_one_hands_it_and_the_same_again_is_refused(scene: Scene, database: Database) -> None:
    office, clock = scene.office, scene.clock
    actors = [office.actor("nominator", clock.now())] * 4
    wanted = HandOver(NEXT, AG, office.ids["writer"], WHY)
    scene.session.rollback()

    def one(place: int) -> str:
        with database.sessions() as mine:
            try:
                hand_over_return(mine, actor=actors[place], wanted=wanted, via=Via.WEB, now=clock.now())
            except Refusal as refused:
                return refused.code
        return "handed"

    with ThreadPoolExecutor(4) as pool:
        done = sorted(pool.map(one, range(4)))
    assert done == ["already-claimed"] * 3 + ["handed"]
    assert len(history(scene)) == 1
    with pytest.raises(AlreadyClaimed):
        hand(scene, "nominator", "writer")


def test_all_that_the_unit_owes_goes_at_once_and_what_others_owe_stays(scene: Scene) -> None:
    office, now = scene.office, scene.clock.now()
    opened(scene.session, now, code="2026-KHAC", unit_codes=(AG, DT), asks_all_units=False)
    hand(scene, "nominator", "writer", all_rounds=True)
    scene.session.rollback()
    rows = scene.session.execute(
        select(WorkItem.owner_key, WorkItem.assignee_id).where(WorkItem.expected_return_id.is_not(None))
    )
    found = sorted((row.owner_key, row.assignee_id) for row in rows if row.owner_key == SEAT)
    assert found == [(SEAT, office.ids["writer"])] * 2
    assert len(history(scene)) == 2
    assert waits(office, "other_nominator", scene.clock) != []


def test_of_all_rounds_those_are_handed_that_are_not_in_these_hands_yet(scene: Scene) -> None:
    office, now = scene.office, scene.clock.now()
    hand(scene, "nominator", "writer")
    opened(scene.session, now, code="2026-KHAC", unit_codes=(AG,), asks_all_units=False)
    hand(scene, "nominator", "writer", all_rounds=True)
    scene.session.rollback()
    found = scene.session.scalars(select(WorkItem.assignee_id).where(WorkItem.owner_key == SEAT)).all()
    assert found == [office.ids["writer"]] * 2
    assert len(history(scene)) == 2, "the first round tells of it once"
    with pytest.raises(AlreadyClaimed):
        hand(scene, "nominator", "writer", all_rounds=True)


def test_who_stands_in_for_whoever_has_it_has_work_and_letters_meanwhile(scene: Scene) -> None:
    office, clock = scene.office, scene.clock
    hand(scene, "nominator", "writer")
    go_away(office, clock, "writer", "second", days=30)
    assert [absent for _, _, absent in waits(office, "second", clock)] == [
        scene.session.scalar(select(Account.name).where(Account.id == office.ids["writer"]))
    ]
    to = [mail.to for mail in kept(scene, 22)]
    assert "second@example.vn" in to
    assert WRITER not in to
    assert NOMINATOR not in to


def test_while_nobody_stands_in_for_them_it_is_everybody_s(scene: Scene) -> None:
    hand(scene, "nominator", "writer")
    go_away(scene.office, scene.clock, "writer", days=30)
    assert NOMINATOR in [mail.to for mail in kept(scene, 22)]


def test_when_their_seat_ends_it_is_everybody_s_again(scene: Scene) -> None:
    office, clock = scene.office, scene.clock
    hand(scene, "nominator", "writer")
    clock.advance(timedelta(days=1))
    scene.session.rollback()
    now = clock.now()
    revoke_role(scene.session, actor=None, email=WRITER, key=SEAT, via=Via.CLI, now=now)
    to = [mail.to for mail in kept(scene, 22)]
    assert WRITER not in to
    assert to.count(NOMINATOR) >= 4
    assert history(scene)[-1] == ("release", office.ids["writer"], None)
    assert [why for _, why, _ in waits(office, "nominator", clock)] == ["group"]


def test_what_is_done_is_handed_to_nobody_and_opened_again_it_is_theirs(scene: Scene) -> None:
    office, clock = scene.office, scene.clock
    hand(scene, "nominator", "writer")
    said: dict[str, Any] = {"round_code": NEXT, "unit_code": AG, "via": Via.WEB, "now": clock.now()}
    head = office.actor("ag_head", clock.now())
    scene.session.rollback()
    answer_nothing(scene.session, actor=head, paper=PAPER, **said)
    with pytest.raises(MoveNotOpen):
        hand(scene, "nominator", None)
    scene.session.rollback()
    reopen_answer(scene.session, actor=head, **said)
    [row] = list_returns(scene.session, actor=head, round_code=NEXT, now=clock.now())
    assert row.assignee is not None
    assert row.assignee.id == office.ids["writer"]
    assert {one.id for one in row.writers} == {office.ids["nominator"], office.ids["writer"]}
    assert row.due_on > date(2026, 3, 2)
