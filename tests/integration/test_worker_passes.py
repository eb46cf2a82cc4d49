"""What the passes of a worker cost the database, and what is noted there before anything leaves."""

from collections.abc import Iterator
from multiprocessing import get_context

import psycopg
import pytest
from sqlalchemy import event, select, text
from sqlalchemy.orm import Session

from tasks.post import open_post
from tests.support.mail import Scene, mail_server
from tests.support.office import furnish
from tests.support.patience import no_time_passes
from tests.support.statements import counted_statements
from tests.support.waiting import REMIND_AT, many_submitted
from workflow.clock import DatabaseClock, FixedClock, monotonic
from workflow.operations.mail import deliver as delivery
from workflow.operations.mail.fate import Delivered
from workflow.operations.papers.tidy import tidy_papers
from workflow.operations.sweep.escalate import fire_due
from workflow.operations.sweep.firing import Fired
from workflow.operations.sweep.sweep import deliver_mails, fire_rungs
from workflow.settings import Settings
from workflow.store.nominations import Nomination
from workflow.store.paper_files import PaperFolder

_AFTER_THE_MESSAGE = (
    "SELECT message_id, state, coalesce(state_reason, '') FROM outbox WHERE message_id IS NOT NULL"
)

_PLANS_OF_A_LETTER = text(
    "SELECT custom_plans, generic_plans FROM pg_prepared_statements"
    " WHERE statement LIKE 'UPDATE outbox SET state=coalesce%'"
)
_END_ALL_OTHERS = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()"
)


@pytest.fixture
def scene(session: Session, clock: FixedClock, database) -> Iterator[Scene]:
    with mail_server() as server:
        yield Scene(furnish(session, now=clock.now()), session, database.sessions, clock, server)


@pytest.fixture
def rollbacks(database) -> list[object]:
    """Note every rollback: the driver forgets with it whatever it has prepared."""
    found: list[object] = []
    event.listen(database.engine, "rollback", found.append)
    return found


def test_a_sweep_that_finds_its_batch_in_other_hands_keeps_what_it_prepared(
    scene: Scene, rollbacks: list[object]
) -> None:
    ids = many_submitted(scene.office, scene.session, 60, scene.clock.now())
    scene.clock.advance(REMIND_AT - scene.clock.now())
    in_hand = select(Nomination.id).where(Nomination.id.in_(ids)).with_for_update(key_share=True)
    with scene.sessions() as other:
        other.execute(in_hand)
        assert fire_due(scene.sessions, clock=scene.clock) == Fired(left=60)
        assert rollbacks == []


def test_an_idle_pass_keeps_what_it_prepared(scene: Scene, rollbacks: list[object], tmp_path) -> None:
    clock = DatabaseClock()
    for _ in range(2):
        fire_rungs(scene.sessions, clock=clock, seconds=5.0)
        post = open_post(Settings(data_dir=tmp_path), scene.sessions)
        deliver_mails(scene.sessions, clock=clock, post=post)
        tidy_papers(scene.sessions, folder=PaperFolder(tmp_path), clock=clock)
    assert rollbacks == []


def test_letters_that_go_out_or_must_not_keep_what_was_prepared(
    scene: Scene, rollbacks: list[object]
) -> None:
    ids = many_submitted(scene.office, scene.session, 6, scene.clock.now())
    scene.office.act("reviewer", ids[0], "approve", scene.clock.now())
    scene.office.act("reviewer", ids[1], "hold", scene.clock.now(), comment="Chờ xác minh.")
    assert scene.deliver() == Delivered(sent=5, cancelled=2)
    assert rollbacks == []


def test_a_letter_costs_the_database_one_statement(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, database
) -> None:
    no_time_passes(monkeypatch)
    many_submitted(scene.office, scene.session, 40, scene.clock.now())
    with counted_statements(monkeypatch, database.engine) as sent:
        assert scene.deliver() == Delivered(sent=40)
    # Two claims of twenty with what is read for each, and a third that finds nothing.
    assert len(sent) <= 40 + 2 * 12 + 6, len(sent)


def test_each_letter_is_noted_before_its_message_and_settled_before_the_next(scene: Scene, database) -> None:
    many_submitted(scene.office, scene.session, 25, scene.clock.now())
    seen = list[set[tuple[str, str]]]()

    with psycopg.connect(database.url.replace("+psycopg", ""), autocommit=True) as witness:

        def look() -> None:
            rows = witness.execute(_AFTER_THE_MESSAGE).fetchall()
            taken = scene.server.inbox.message_ids
            of_taken = {name: (state, reason) for name, state, reason in rows if name in taken}
            assert set(of_taken) == set(taken)
            seen.append({of_taken[name] for name in taken[:-1]})
            state, reason = of_taken[taken[-1]]
            assert (state, reason.partition(":")[0]) == ("sending", "maybe_sent"), (state, reason)

        scene.server.inbox.on_taken = look
        assert scene.deliver() == Delivered(sent=25)
    assert seen == [set(), *[{("sent", "")}] * 24], "a sender has one letter between 250 and its mark"


def test_a_letter_noted_early_is_asked_about_again_where_the_server_is_slow(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = many_submitted(scene.office, scene.session, 2, scene.clock.now())
    late = [0.0]
    monkeypatch.setattr(delivery, "monotonic", lambda: monotonic() + late[0])

    def hang() -> None:
        if scene.server.inbox.mails and not late[0]:
            # The second letter: the server thinks for two seconds, and meanwhile its work is done.
            late[0] = 2.0
            for nomination_id in ids:
                scene.office.act("reviewer", nomination_id, "approve", scene.clock.now())

    scene.server.inbox.on_recipient = hang
    done = scene.deliver()
    assert done.sent >= 1
    told = [mail["References"] for mail in scene.server.inbox.of("nv02@example.vn")]
    assert len(told) == 1, "what is done is not announced, however early it was noted"


def test_the_statement_of_a_letter_is_planned_for_the_first_few_alone(scene: Scene, database) -> None:
    many_submitted(scene.office, scene.session, 25, scene.clock.now())
    assert scene.deliver() == Delivered(sent=25)
    held = [database.engine.connect() for _ in range(database.engine.pool.checkedin())]
    plans = [tuple(row) for link in held for row in link.execute(_PLANS_OF_A_LETTER)]
    for link in held:
        link.close()
    [(custom, generic)] = plans
    assert custom <= 5, "the server tries five before it keeps one"
    assert custom + generic >= 25


def test_a_route_is_read_once_by_however_many_claims(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, database
) -> None:
    no_time_passes(monkeypatch)
    many_submitted(scene.office, scene.session, 41, scene.clock.now())
    with counted_statements(monkeypatch, database.engine) as sent:
        assert scene.deliver() == Delivered(sent=41)
    assert sum("workflow_definition" in statement for statement in sent) <= 1


def test_a_link_that_ends_between_two_letters_costs_no_letter_and_sends_none_twice(
    scene: Scene, database
) -> None:
    many_submitted(scene.office, scene.session, 25, scene.clock.now())
    ended = list[int]()

    with psycopg.connect(database.url.replace("+psycopg", ""), autocommit=True) as witness:

        def end_all_others() -> None:
            if len(scene.server.inbox.mails) in {5, 23}:
                ended.append(len(witness.execute(_END_ALL_OTHERS).fetchall()))

        scene.server.inbox.on_taken = end_all_others
        scene.session.close()
        assert scene.deliver() == Delivered(sent=25)
        states = witness.execute("SELECT state, attempt - excused_count FROM outbox").fetchall()
    assert len(ended) == 2
    assert all(ended), "no link was open"
    assert len(scene.server.inbox.message_ids) == len(set(scene.server.inbox.message_ids)) == 25
    assert {state for state, _ in states} == {"sent"}
    assert max(tries for _, tries in states) == 1


def test_senders_know_together_when_the_server_took_a_letter_last() -> None:
    mood = delivery.ServerMemory()
    other = get_context("fork").Process(target=mood.took)
    other.start()
    other.join()
    assert not mood.took(), "one that had nothing to do for a minute would hurry what the server put off"


def test_the_first_letter_that_a_server_takes_is_the_first() -> None:
    mood = delivery.ServerMemory()
    assert mood.took()
    assert not mood.took()
