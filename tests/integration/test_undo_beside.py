"""What hangs on a decision goes back with it: its number, its vote, what fell due, what a unit owes."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from sqlalchemy import select, update

from tests.conftest import Database
from tests.support.council import at_the_council, people, rows_of
from tests.support.mail import Scene
from tests.support.office import AG, PAPER, ROUND
from tests.support.statements import counted_statements
from tests.support.undoing import (
    RETURN,
    SIGNED,
    WINDOW,
    decide_and_undo,
    refused,
    standing,
    sweep,
    undoing,
)
from tests.support.waiting import submitted
from tests.support.yearly import make_yearly
from workflow.clock import FixedClock
from workflow.domain.errors import Conflict, MoveNotOpen
from workflow.domain.facts import MoveRequest, SignedDocument, VoteEntry
from workflow.domain.vocabulary import Via
from workflow.operations.deadlines.reopen import last_stay, reopen_stay
from workflow.operations.nominations.commands import Command
from workflow.operations.nominations.decide_many import decide_inbox
from workflow.operations.rounds.returns import expect_returns
from workflow.queries.nominations.undoable import undoable as may_undo
from workflow.store.awards import Round
from workflow.store.locked import read_nominations
from workflow.store.nominations import Decision, Nomination, Rung, Visit
from workflow.store.organisation import Unit
from workflow.store.submissions import ExpectedReturn


@pytest.fixture
def scene(database: Database, clock: FixedClock) -> Iterator[Scene]:
    with undoing(database, clock) as found:
        yield found


def test_a_signed_decision_is_undone_with_its_number_which_can_be_entered_anew(scene: Scene) -> None:
    number = submitted(scene.office, scene.clock.now())
    scene.office.act("reviewer", number, "approve", scene.clock.now())
    decide_and_undo(scene, "secretary", number, "approve")
    scene.office.act("secretary", number, "approve", scene.clock.now())
    scene.clock.advance(timedelta(days=3))
    decide_and_undo(scene, "head", number, "approve", **SIGNED)
    right = SignedDocument(PAPER.number, date(2026, 3, 4), PAPER.signer)
    scene.office.act("head", number, "approve", scene.clock.now(), decision=right)
    nomination = scene.session.get_one(Nomination, number)
    assert scene.session.get_one(Decision, nomination.decision_id).decided_on == date(2026, 3, 4)
    scene.clock.advance(WINDOW)
    assert refused(scene, "head", number) == "nothing_to_undo"


def test_once_a_letter_told_of_the_number_no_name_of_it_is_undone(scene: Scene) -> None:
    first, second = (submitted(scene.office, scene.clock.now(), person=one) for one in ("NV04", "NV05"))
    for number in (first, second):
        scene.office.act("reviewer", number, "approve", scene.clock.now())
        scene.office.act("secretary", number, "approve", scene.clock.now())
    scene.office.act("head", first, "approve", scene.clock.now(), **SIGNED)
    scene.clock.advance(WINDOW)
    sweep(scene)
    scene.office.act("head", second, "approve", scene.clock.now(), **SIGNED)
    assert refused(scene, "head", second) == "number_told"


def test_whether_a_letter_told_of_a_number_is_asked_once_for_all_its_names(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = [submitted(scene.office, scene.clock.now(), person=one) for one in ("NV04", "NV05")]
    for number in numbers:
        scene.office.act("reviewer", number, "approve", scene.clock.now())
        scene.office.act("secretary", number, "approve", scene.clock.now())
        scene.office.act("head", number, "approve", scene.clock.now(), **SIGNED)
    asked = []
    for names in (numbers[:1], numbers):
        head = scene.office.actor("head", scene.clock.now())
        with counted_statements(monkeypatch, scene.session.get_bind()) as sent:
            found = may_undo(scene.session, actor=head, ids=names, now=scene.clock.now())
        assert sorted(found.versions) == sorted(names)
        asked.append(len(sent))
    assert asked[0] == asked[1]


def test_two_names_of_one_number_one_undone_the_other_keeps_it(scene: Scene) -> None:
    first, second = (submitted(scene.office, scene.clock.now(), person=one) for one in ("NV04", "NV05"))
    for number in (first, second):
        scene.office.act("reviewer", number, "approve", scene.clock.now())
        scene.office.act("secretary", number, "approve", scene.clock.now())
        scene.office.act("head", number, "approve", scene.clock.now(), **SIGNED)
    scene.office.act("head", first, "undo", scene.clock.now())
    wrong = SignedDocument(PAPER.number, date(2026, 3, 1), PAPER.signer)
    with pytest.raises(Conflict):
        scene.office.act("head", first, "approve", scene.clock.now(), decision=wrong)
    scene.session.rollback()
    scene.office.act("head", second, "undo", scene.clock.now())
    scene.office.act("head", first, "approve", scene.clock.now(), decision=wrong)
    with pytest.raises(Conflict):
        scene.office.act("head", second, "approve", scene.clock.now(), **SIGNED)
    scene.session.rollback()


def test_who_undid_what_they_decided_took_part_in_nothing(scene: Scene) -> None:
    number, reviewer = submitted(scene.office, scene.clock.now()), "reviewer"

    def seats() -> list[str]:
        actor = scene.office.actor(reviewer, scene.clock.now())
        locked = read_nominations(scene.session, [number], actor=actor, now=scene.clock.now())
        return sorted(locked[number].seats_taken)

    scene.office.act(reviewer, number, "approve", scene.clock.now())
    assert seats() == ["unit_review"]
    scene.office.act(reviewer, number, "undo", scene.clock.now())
    assert seats() == []
    scene.office.act(reviewer, number, "approve", scene.clock.now())
    assert seats() == ["unit_review"]


def test_a_rejection_and_a_question_that_a_move_ended_stand_again(scene: Scene) -> None:
    number = submitted(scene.office, scene.clock.now())
    scene.office.act("reviewer", number, "request_info", scene.clock.now(), comment="Theo văn bản nào?")
    scene.clock.advance(timedelta(hours=2))
    decide_and_undo(scene, "reviewer", number, "return", **RETURN)
    scene.office.act("nominator", number, "answer_info", scene.clock.now(), comment="Theo Quyết định 12.")
    decide_and_undo(
        scene, "reviewer", number, "reject", comment="Chưa đủ điều kiện.", reason_code="standard_not_met"
    )


def test_a_reminder_that_fell_due_meanwhile_is_told_once_it_is_undone(scene: Scene) -> None:
    number = submitted(scene.office, scene.clock.now())
    scene.clock.advance(WINDOW)
    sweep(scene)
    rung = scene.session.scalars(
        select(Rung).where(Rung.nomination_id == number, Rung.kind == "remind").order_by(Rung.fire_at)
    ).first()
    assert rung is not None
    assert rung.fire_at is not None
    scene.clock.advance(rung.fire_at - timedelta(minutes=2) - scene.clock.now())
    scene.office.act("reviewer", number, "approve", scene.clock.now())
    scene.clock.advance(timedelta(minutes=5))
    sweep(scene)
    scene.office.act("reviewer", number, "undo", scene.clock.now())
    sweep(scene)
    sweep(scene)
    fired = scene.session.scalars(select(Rung.id).where(Rung.fired_at.is_not(None))).all()
    assert fired == [rung.id]
    assert scene.server.inbox.recipients == ["nv02@example.vn"] * 2, "of the work, and then the reminder"


def test_what_a_unit_owes_is_open_again_when_its_only_sending_was_undone(scene: Scene) -> None:
    now = scene.clock.now()
    first, second = (scene.office.draft(now, person_code=one).nomination_id for one in ("NV04", "NV05"))
    _owe(scene)
    for number in (first, second):
        scene.office.act("nominator", number, "submit", scene.clock.now())
    before = standing(scene.session, first)
    actor = scene.office.actor("reviewer", scene.clock.now())
    items = [Command(one, 2, MoveRequest(action="approve"), Via.WEB) for one in (first, second)]
    decide_inbox(scene.session, actor=actor, items=items, now=scene.clock.now())
    scene.office.act("reviewer", first, "undo", scene.clock.now())
    assert _is_sent(scene), "another name has left the unit"
    scene.office.act("reviewer", second, "undo", scene.clock.now())
    assert not _is_sent(scene)
    after = standing(scene.session, first)
    assert {name: after[name] for name in after if name.startswith("owed")} == {
        name: before[name] for name in before if name.startswith("owed")
    }


def _owe(scene: Scene) -> None:
    round_ = scene.session.scalars(select(Round).where(Round.code == ROUND)).one()
    unit_id = scene.session.scalars(select(Unit.id).where(Unit.code == AG)).one()
    expect_returns(
        scene.session, round_=round_, units={AG: unit_id}, due_on=date(2026, 3, 20), actor=None,
        via=Via.CLI, now=scene.clock.now(),
    )  # fmt: skip
    scene.session.commit()


def _is_sent(scene: Scene) -> bool:
    scene.session.rollback()
    return scene.session.scalars(select(ExpectedReturn.sent_at)).one() is not None


def test_a_vote_that_was_undone_is_no_vote_and_the_one_before_it_stands(scene: Scene) -> None:
    make_yearly(scene.office, scene.clock.now())
    names = people(scene.office, ["Trần Văn Lực"])
    [[number]] = at_the_council(scene.office, [rows_of(names, "CSTDCS")], scene.clock.now())
    counts = {"vote": VoteEntry(9, 8, 1)}
    decide_and_undo(scene, "secretary", number, "approve", **counts)
    scene.office.act("secretary", number, "approve", scene.clock.now(), **counts)
    back = {"comment": "Kiểm lại phiếu.", "reason_code": "other", "to_step": "council"}
    scene.office.act("head", number, "return", scene.clock.now(), **back)
    scene.clock.advance(timedelta(days=1))
    decide_and_undo(scene, "secretary", number, "approve", vote=VoteEntry(9, 7, 2))
    decide_and_undo(scene, "secretary", number, "approve", vote=VoteEntry(9, 6, 3))


def test_a_stay_that_was_summed_while_its_undoing_waited_is_not_opened_again(scene: Scene) -> None:
    session, number = scene.session, submitted(scene.office, scene.clock.now())
    scene.office.act("reviewer", number, "approve", scene.clock.now())
    stay = last_stay(session, number, "unit_review")
    assert stay is not None
    session.execute(update(Visit).where(Visit.id == stay.visit_id).values(is_summed=True))
    with pytest.raises(MoveNotOpen):
        reopen_stay(session, stay, action="approve")
    assert session.scalar(select(Visit.left_at).where(Visit.id == stay.visit_id)) == stay.left_at
    session.rollback()
