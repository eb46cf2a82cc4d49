"""A decision that was undone has not been: what stood before stands again, and no letter tells of it."""

from collections.abc import Iterator
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from sqlalchemy import select

from tests.conftest import Database
from tests.support.mail import Scene
from tests.support.office import AG, furnish
from tests.support.undoing import (
    RETURN,
    SIGNED,
    WINDOW,
    decide_and_undo,
    refused,
    sweep,
    undo_at,
    undoing,
)
from tests.support.waiting import events, is_chained, submitted
from workflow.clock import FixedClock
from workflow.domain.errors import MoveNotOpen, StaleNomination
from workflow.domain.facts import MoveRequest
from workflow.domain.vocabulary import Via
from workflow.operations.nominations.commands import Command
from workflow.operations.nominations.decide_many import decide_inbox
from workflow.operations.people.grants import revoke_role
from workflow.operations.sweep.sum_stays import sum_stays
from workflow.queries.nominations.moves import moves_for
from workflow.store.access import Account
from workflow.store.mail import Outbox
from workflow.store.nominations import Rung, Visit

HOLDER = {"unit_review": "reviewer", "council": "secretary", "decision": "head", "draft": "nominator"}
WAYS: dict[str, tuple[tuple[str, str, dict[str, Any]], ...]] = {
    "draft": (("submit", "unit_review", {}),),
    "unit_review": (("approve", "council", {}), ("return", "draft", RETURN)),
    "council": (
        ("approve", "decision", {}),
        ("return", "unit_review", RETURN | {"to_step": "unit_review"}),
        ("return", "draft", RETURN),
    ),
    "decision": (("approve", "approved", SIGNED), ("return", "council", RETURN | {"to_step": "council"})),
}


@pytest.fixture
def scene(database: Database, clock: FixedClock) -> Iterator[Scene]:
    with undoing(database, clock) as found:
        yield found


def test_work_that_was_endorsed_or_returned_lies_where_it_lay_as_if_nothing_had_been(scene: Scene) -> None:
    number = submitted(scene.office, scene.clock.now())
    scene.office.act("reviewer", number, "claim", scene.clock.now())
    scene.clock.advance(timedelta(days=2, hours=3))
    decide_and_undo(scene, "reviewer", number, "approve")
    decide_and_undo(scene, "reviewer", number, "return", **RETURN)
    decide_and_undo(scene, "reviewer", number, "approve")
    last = events(scene.session, number)[-1]
    assert (last.action, last.source, last.dest) == ("undone", "council", "unit_review")
    assert is_chained(events(scene.session, number))


def test_no_letter_of_an_undone_act_ever_leaves_and_those_of_what_follows_do(scene: Scene) -> None:
    number = submitted(scene.office, scene.clock.now())
    scene.clock.advance(WINDOW)
    sweep(scene)
    scene.server.inbox.mails.clear()
    scene.server.inbox.recipients.clear()
    decide_and_undo(scene, "reviewer", number, "approve")
    scene.clock.advance(timedelta(hours=1))
    sweep(scene)
    assert scene.server.inbox.recipients == []
    scene.office.act("reviewer", number, "return", scene.clock.now(), **RETURN)
    scene.clock.advance(WINDOW)
    sweep(scene)
    assert scene.server.inbox.recipients == ["nv01@example.vn"]
    cancelled = scene.session.scalars(select(Outbox.state_reason).where(Outbox.state == "cancelled")).all()
    assert cancelled == ["undone"]


def test_it_is_undone_once_and_a_second_time_is_refused(scene: Scene) -> None:
    number = submitted(scene.office, scene.clock.now())
    decide_and_undo(scene, "reviewer", number, "approve")
    assert refused(scene, "reviewer", number) == "undone_already"


def test_after_the_window_the_refusal_says_what_to_do_instead(scene: Scene) -> None:
    number = submitted(scene.office, scene.clock.now())
    scene.office.act("reviewer", number, "approve", scene.clock.now())
    scene.clock.advance(WINDOW)
    assert refused(scene, "reviewer", number) == "nothing_to_undo"
    scene.office.act("reviewer", number, "recall", scene.clock.now())


def test_only_whoever_decided_undoes_it_and_never_the_nominee(scene: Scene) -> None:
    number = submitted(scene.office, scene.clock.now())
    scene.office.act("reviewer", number, "approve", scene.clock.now())
    assert refused(scene, "secretary", number) == "undo_not_yours"
    assert refused(scene, "supervisor", number) == "undo_not_yours"
    own = scene.office.draft(scene.clock.now(), person_code="NV01").nomination_id
    scene.office.act("nominator", own, "submit", scene.clock.now())
    assert refused(scene, "nominator", own) == "own_subject"
    rows = scene.session.scalars(select(Outbox).where(Outbox.nomination_id == own)).all()
    assert {row.not_before - row.created_at for row in rows} == {timedelta(0)}, "nothing waits for nobody"


def test_whoever_lost_the_seat_meanwhile_undoes_nothing(scene: Scene) -> None:
    number = submitted(scene.office, scene.clock.now())
    scene.office.act("reviewer", number, "approve", scene.clock.now())
    account, key = scene.session.get_one(Account, scene.office.ids["reviewer"]), f"unit_reviewer@unit:{AG}"
    revoke_role(scene.session, actor=None, email=account.email, key=key, via=Via.CLI, now=scene.clock.now())
    scene.clock.advance(timedelta(minutes=1))
    assert refused(scene, "reviewer", number) == "not-your-role"


def test_once_somebody_claimed_it_it_is_theirs(scene: Scene) -> None:
    number = submitted(scene.office, scene.clock.now())
    version = scene.office.act("reviewer", number, "approve", scene.clock.now()).version
    scene.office.act("secretary", number, "claim", scene.clock.now())
    with pytest.raises(StaleNomination):
        undo_at(scene, "reviewer", number, version)
    assert refused(scene, "reviewer", number) == "nothing_to_undo"


def test_many_are_undone_at_once_with_an_answer_for_each(scene: Scene) -> None:
    numbers = [submitted(scene.office, scene.clock.now(), person=one) for one in ("NV04", "NV05")]
    actor = scene.office.actor("reviewer", scene.clock.now())
    approve = [Command(one, 2, MoveRequest(action="approve"), Via.WEB) for one in numbers]
    decide_inbox(scene.session, actor=actor, items=approve, now=scene.clock.now())
    scene.office.act("secretary", numbers[1], "claim", scene.clock.now())
    undo = [Command(one, 3, MoveRequest(action="undo"), Via.WEB) for one in numbers]
    outcome = decide_inbox(scene.session, actor=actor, items=undo, now=scene.clock.now())
    assert [(one.state, one.version, one.refused and one.refused.code) for one in outcome.items] == [
        ("unit_review", 4, None),
        ("council", 4, "stale-nomination"),
    ]


def test_what_may_be_undone_is_in_no_sum_and_what_was_undone_counts_nowhere(scene: Scene) -> None:
    number = submitted(scene.office, scene.clock.now())
    scene.clock.advance(timedelta(days=1))
    assert sum_stays(scene.sessions, clock=scene.clock) == 1, "the draft"
    scene.office.act("reviewer", number, "approve", scene.clock.now())
    assert sum_stays(scene.sessions, clock=scene.clock) == 0
    scene.office.act("reviewer", number, "undo", scene.clock.now())
    scene.clock.advance(timedelta(days=1))
    assert sum_stays(scene.sessions, clock=scene.clock) == 0
    scene.office.act("reviewer", number, "approve", scene.clock.now())
    nth = select(Visit.nth, Visit.ordinal).where(Visit.voided_at.is_(None)).order_by(Visit.ordinal)
    assert scene.session.execute(nth).all() == [(1, 1), (1, 2), (1, 3)]


def test_it_is_offered_to_whoever_decided_while_it_can_be_done_and_first_of_all(scene: Scene) -> None:
    number = submitted(scene.office, scene.clock.now())
    scene.office.act("reviewer", number, "approve", scene.clock.now())

    def offered(part: str) -> bool | None:
        actor = scene.office.actor(part, scene.clock.now())
        moves = moves_for(scene.session, actor=actor, nomination_id=number, now=scene.clock.now())
        return next((move.is_open for move in moves if move.name == "undo"), None)

    assert (offered("reviewer"), offered("secretary")) == (True, False)
    scene.clock.advance(WINDOW)
    assert offered("reviewer") is None


def test_without_a_window_there_is_no_undoing(database: Database, clock: FixedClock) -> None:
    with database.sessions() as session:
        office = furnish(session, now=clock.now())
        number = submitted(office, clock.now())
        office.act("reviewer", number, "approve", clock.now())
        with pytest.raises(MoveNotOpen) as no:
            office.act("reviewer", number, "undo", clock.now())
        assert [reason.code for reason in no.value.reasons] == ["nothing_to_undo"]


@pytest.mark.parametrize("seed", range(5))
def test_on_any_way_what_is_undone_leaves_clocks_work_reminders_and_history_exact(
    scene: Scene, seed: int
) -> None:
    """Each decision of a season is made, undone, and then another is made: nothing is left of it."""
    dice, office, clock = Random(seed), scene.office, scene.clock
    number, state = office.draft(clock.now()).nomination_id, "draft"
    for _ in range(9):
        clock.advance(timedelta(hours=dice.randrange(90), minutes=dice.randrange(60)))
        sweep(scene)
        if state != "draft" and dice.random() < 0.4:
            office.act("admin", number, "hold", clock.now(), comment="Đang xác minh.")
            clock.advance(timedelta(hours=dice.randrange(90)))
            office.act("admin", number, "release_hold", clock.now())
        if state not in {"draft", "decision"} and dice.random() < 0.4:
            office.act(HOLDER[state], number, "claim", clock.now())
        if state != "draft" and dice.random() < 0.3:
            office.act(HOLDER[state], number, "request_info", clock.now(), comment="Văn bản nào?")
        if state != "draft":
            action, _dest, request = dice.choice(WAYS[state])
            decide_and_undo(scene, HOLDER[state], number, action, **request)
        action, dest, request = dice.choice(WAYS[state])
        office.act(HOLDER[state], number, action, clock.now(), **request)
        state = dest
        if state == "approved":
            break
    clock.advance(timedelta(days=30))
    sweep(scene)
    rungs = scene.session.scalars(select(Rung).where(Rung.fired_at.is_not(None))).all()
    told = [event for event in events(scene.session, number) if event.via == Via.TIMER]
    assert len(told) == len(rungs)
    assert is_chained(events(scene.session, number))
