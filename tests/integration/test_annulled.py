"""An award that was decided is annulled by another decision, and stands again where that was a mistake."""

from collections.abc import Iterator
from datetime import date, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.conftest import Database
from tests.integration.test_audit import forger, found
from tests.support.mail import Scene
from tests.support.office import AG, PAPER, ROUND, TOP
from tests.support.undoing import WINDOW, sweep, undoing
from tests.support.waiting import events, submitted
from workflow.clock import FixedClock
from workflow.domain.errors import NothingListed, Refusal
from workflow.domain.facts import MoveRequest, SignedDocument
from workflow.domain.vocabulary import Via
from workflow.imports.reading.columns import ImportKind
from workflow.imports.reading.sheet import read_sheet
from workflow.imports.run import take_sheet
from workflow.operations.nominations.commands import Command
from workflow.operations.nominations.decide import decide
from workflow.queries.nominations.filters import NominationFilters
from workflow.queries.nominations.nomination import get_nomination, read_nomination
from workflow.queries.nominations.nominations import list_nominations
from workflow.queries.people.record import person_record
from workflow.queries.progress import Progress
from workflow.queries.rounds.summary import award_summary
from workflow.store.eligibility import counts_of_award
from workflow.store.given import given_to
from workflow.store.mail import Outbox
from workflow.store.nominations import Decision, Nomination
from workflow.store.organisation import Person

ANNULS = SignedDocument("200/QĐ-VKSTC", date(2026, 3, 2), "Nguyễn Minh Trí")
WHY: dict[str, Any] = {"comment": "Kê khai thành tích không đúng (điều 93)."}
ANNUL: dict[str, Any] = {"decision": ANNULS, **WHY}


@pytest.fixture
def scene(database: Database, clock: FixedClock) -> Iterator[Scene]:
    with undoing(database, clock) as one:
        yield one
    assert found(database) == [], "`audit verify` finds every row as history tells it"


def awarded(scene: Scene) -> int:
    """Carry a nomination to its decision, of which its letter has left."""
    number = submitted(scene.office, scene.clock.now())
    for part in ("reviewer", "secretary"):
        scene.office.act(part, number, "approve", scene.clock.now())
    scene.office.act("head", number, "approve", scene.clock.now(), decision=PAPER)
    later(scene)
    return number


def later(scene: Scene, by: timedelta = WINDOW) -> None:
    scene.clock.advance(by)
    sweep(scene)


def refused(scene: Scene, part: str, number: int, action: str, **request: Any) -> str:
    with pytest.raises(Refusal) as refusal:
        scene.office.act(part, number, action, scene.clock.now(), **request)
    scene.session.rollback()
    return refusal.value.reasons[0].code if refusal.value.reasons else refusal.value.code


def row(session: Session, number: int) -> Nomination:
    return session.get_one(Nomination, number, populate_existing=True)


def letters(session: Session, number: int, *kinds: str) -> list[tuple[str, str, int]]:
    of_it = (Outbox.nomination_id == number, Outbox.notice.in_(kinds))
    asked = select(Outbox.notice, Outbox.state, Outbox.account_id).where(*of_it).order_by(Outbox.created_at)
    return [(one.notice, one.state, one.account_id) for one in session.execute(asked)]


def given_in_all(session: Session, code: str = "NV04") -> int:
    person_id = session.scalars(select(Person.id).where(Person.code == code)).one()
    return session.scalar(select(func.count()).select_from(given_to([person_id]))) or 0


def test_an_annulled_award_is_told_of_and_counts_nowhere_any_more(scene: Scene) -> None:
    number, session = awarded(scene), scene.session
    assert given_in_all(session) == 1
    scene.office.act("head", number, "annul", scene.clock.now(), **ANNUL)
    now, nominator = scene.clock.now(), scene.office.ids["nominator"]
    after, paper = (
        row(session, number),
        session.scalars(select(Decision).where(Decision.number == ANNULS.number)).one(),
    )
    assert (after.state, after.stage, after.annulment_id) == ("annulled", "withdrawn", paper.id)
    assert (paper.kind, paper.body, session.get_one(Decision, after.decision_id).number) == (
        "annulment",
        f"unit:{TOP}",
        PAPER.number,
    )
    last = events(session, number)[-1]
    assert (last.action, last.source, last.dest) == ("annul", "approved", "annulled")
    assert letters(session, number, "annulled") == [("annulled", "new", nominator)], (
        "it may still be taken back unseen"
    )
    later(scene)
    assert letters(session, number, "annulled") == [("annulled", "sent", nominator)]
    assert "200/QĐ-VKSTC" in scene.server.inbox.mails[-1].get_body(("plain",)).get_content()

    head = scene.office.actor("head", now)
    assert given_in_all(session) == 0
    round_id = row(session, number).round_id
    assert counts_of_award(session, "CSTDCS", round_id=round_id, decider=f"unit:{TOP}") == 0
    [award] = person_record(session, actor=head, code="NV04", now=now).awards
    assert (award.is_annulled, award.nomination_id) == (True, number)
    view = get_nomination(session, actor=head, nomination_id=number, now=now)
    assert (view.label.vi, view.public_label.en, view.annulment and view.annulment.number) == (
        "Đã hủy bỏ quyết định",
        "Annulled",
        ANNULS.number,
    )
    assert (view.decision and view.decision.number) == PAPER.number
    line = read_nomination(session, actor=head, nomination_id=number, now=now)[1].stages
    assert [(one.stage, one.is_current) for one in line][-2:] == [("approved", False), ("withdrawn", True)]
    with pytest.raises(NothingListed):
        award_summary(session, actor=head, round_code=ROUND, now=now)

    def listed(**filters: Any) -> int:
        page = list_nominations(
            session, actor=head, filters=NominationFilters(**filters), limit=9, cursor=None, now=now
        )
        return len(page.items)

    counted = [
        listed(progress=one)
        for one in (Progress.PROPOSED, Progress.SENT, Progress.APPRAISED, Progress.DECIDED)
    ]
    assert (counted, listed(state="annulled"), listed(stage="approved")) == ([0, 0, 0, 0], 1, 0)
    over = (Progress.WITHDRAWN, Progress.ANNULLED)
    assert [listed(progress=one) for one in over] == [0, 1], "nobody took it back: it was annulled"


def test_an_annulment_recorded_by_mistake_is_taken_back_and_whoever_was_told_is_told(scene: Scene) -> None:
    number, session = awarded(scene), scene.session
    before = row(session, number)
    kept = {
        name: getattr(before, name) for name in ("state", "stage", "decision_id", "closed_at", "audience")
    }
    scene.office.act("secretary", number, "annul", scene.clock.now(), **ANNUL)
    later(scene)
    assert refused(scene, "secretary", number, "reinstate") == "comment_missing"
    scene.office.act("supervisor", number, "reinstate", scene.clock.now(), comment="Ghi nhầm hồ sơ.")
    stands = row(session, number)
    assert {name: getattr(stands, name) for name in kept} == kept
    assert (stands.annulment_id, given_in_all(session)) == (None, 1)
    later(scene, timedelta(0))
    nominator = scene.office.ids["nominator"]
    assert letters(session, number, "annulled", "reinstated") == [
        ("annulled", "sent", nominator),
        ("reinstated", "sent", nominator),
    ]
    assert refused(scene, "head", number, "reinstate", **WHY) == "not_annulled"
    scene.office.act("head", number, "annul", scene.clock.now(), **ANNUL)
    assert row(session, number).state == "annulled", "the same decision annuls it for good"


def test_what_is_taken_back_before_it_was_told_is_told_to_nobody(scene: Scene) -> None:
    number = awarded(scene)
    scene.office.act("head", number, "annul", scene.clock.now(), **ANNUL)
    scene.clock.advance(timedelta(minutes=3))
    scene.office.act("head", number, "reinstate", scene.clock.now(), **WHY)
    later(scene)
    assert [one[:2] for one in letters(scene.session, number, "annulled", "reinstated")] == [
        ("annulled", "cancelled")
    ]
    # The number annuls nothing: it may be entered as it should have been.
    other = SignedDocument(ANNULS.number, ANNULS.signed_on, "Người khác")
    scene.office.act("head", number, "annul", scene.clock.now(), decision=other, **WHY)


def test_who_may_not_and_what_cannot_be_annulled_is_refused_with_its_reason(scene: Scene) -> None:
    open_one = submitted(scene.office, scene.clock.now(), person="NV05")
    assert refused(scene, "reviewer", open_one, "annul", **ANNUL) == "nothing_awarded"
    scene.office.act("reviewer", open_one, "reject", scene.clock.now(), reason_code="standard_not_met", **WHY)
    assert refused(scene, "reviewer", open_one, "annul", **ANNUL) == "nothing_awarded"
    number = awarded(scene)
    for part in ("nominator", "reviewer", "unit_head"):
        assert refused(scene, part, number, "annul", **ANNUL) == "not-your-role"
    assert refused(scene, "head", number, "annul", **WHY) == "decision_missing"
    assert refused(scene, "head", number, "annul", decision=ANNULS) == "comment_missing"
    early = SignedDocument("9/QĐ", date(2026, 3, 1), "Nguyễn Minh Trí")
    assert refused(scene, "head", number, "annul", decision=early, **WHY) == "annulled_before_decided"
    scene.office.act("head", number, "annul", scene.clock.now(), **ANNUL)
    assert refused(scene, "head", number, "annul", **ANNUL) == "annulled_already"
    assert refused(scene, "nominator", number, "reinstate", **WHY) == "not-your-role"
    assert refused(scene, "head", number, "undo") == "nothing_to_undo"


def test_of_two_who_annul_at_once_one_does(scene: Scene) -> None:
    number, now, said = awarded(scene), scene.clock.now(), list[str]()
    version, barrier = row(scene.session, number).version, Barrier(2)
    actors = [scene.office.actor(part, now) for part in ("head", "secretary")]
    scene.session.rollback()

    def annul(actor: Any) -> None:
        command = Command(number, version, MoveRequest("annul", **ANNUL), Via.API)
        with scene.sessions() as session:
            barrier.wait()
            try:
                decide(session, actor=actor, command=command, now=now)
                said.append("done")
            except Refusal as refusal:
                said.append(refusal.code)

    threads = [Thread(target=annul, args=(actor,)) for actor in actors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(said) == ["done", "stale-nomination"]
    assert [event.action for event in events(scene.session, number)].count("annul") == 1


def test_whose_award_was_annulled_may_be_proposed_for_it_again_and_then_it_stays_so(scene: Scene) -> None:
    number = awarded(scene)
    scene.office.act("head", number, "annul", scene.clock.now(), **ANNUL)
    again = scene.office.draft(scene.clock.now()).nomination_id
    assert refused(scene, "head", number, "reinstate", **WHY) == "proposed_anew"
    scene.office.act("nominator", again, "withdraw", scene.clock.now())
    scene.office.act("head", number, "reinstate", scene.clock.now(), **WHY)
    assert row(scene.session, number).stage == "approved"


def test_a_list_of_earlier_years_does_not_count_what_was_annulled_here(scene: Scene) -> None:
    number, session = awarded(scene), scene.session
    text = f"year,award,person,unit,number\n2026,CSTDCS,NV04,{AG},{PAPER.number}\n"
    admin = scene.office.actor("admin", scene.clock.now())
    take_sheet(
        session,
        actor=admin,
        kind=ImportKind.HISTORY,
        sheet=read_sheet(text.encode(), "history.csv", ImportKind.HISTORY),
        via=Via.WEB,
        now=scene.clock.now(),
    )
    session.commit()
    assert given_in_all(session) == 1
    scene.office.act("head", number, "annul", scene.clock.now(), **ANNUL)
    assert given_in_all(session) == 0


def test_a_hand_that_lifts_an_annulment_is_found(scene: Scene, database: Database) -> None:
    number = awarded(scene)
    scene.office.act("head", number, "annul", scene.clock.now(), **ANNUL)
    paper_id = row(scene.session, number).annulment_id
    scene.session.rollback()
    change = "UPDATE nomination SET annulment_id = %s WHERE id = %s"
    with forger(database) as owner:
        owner.execute(change, (None, number))
    assert found(database) == [f"nomination:{number}: not as its history tells: annulment"]
    with forger(database) as owner:
        owner.execute(change, (paper_id, number))
