"""Mails that tell of a decision wait until it cannot be undone any more, as the forecast says."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.conftest import TIMEZONE, Database
from tests.support.foretold import Watched, as_mails, foretold
from tests.support.mail import Scene, mail_server
from tests.support.office import furnish
from tests.support.waiting import submitted
from workflow.clock import FixedClock
from workflow.domain.facts import MoveRequest
from workflow.domain.mails.preferences import UNFOLDED, USUAL
from workflow.domain.vocabulary import Via
from workflow.operations.nominations.commands import Command
from workflow.operations.nominations.decide_many import decide_inbox
from workflow.queries.health import oldest_mail
from workflow.store.database import make_sessions
from workflow.store.mail import Outbox

WINDOW = timedelta(minutes=10)
BY_MORNING_AND_AT_ONCE = pytest.mark.parametrize(
    "watched", [USUAL, UNFOLDED], ids=["by morning", "at once"], indirect=True
)


@pytest.fixture
def watched(request: pytest.FixtureRequest, database: Database, clock: FixedClock) -> Iterator[Watched]:
    """Return the office of an installation where ten minutes may pass until a decision is told."""
    sessions = make_sessions(database.engine, timezone=TIMEZONE, undo_window=WINDOW)
    with mail_server() as server, sessions() as session:
        office = furnish(session, now=clock.now())
        yield Watched(Scene(office, session, sessions, clock, server, preferences=request.param))


@BY_MORNING_AND_AT_ONCE
def test_a_decision_is_told_when_it_cannot_be_undone_any_more_and_not_before(watched: Watched) -> None:
    scene = watched.scene
    number = submitted(scene.office, scene.clock.now())
    scene.office.act("reviewer", number, "approve", scene.clock.now())
    watched.sweep()
    scene.clock.advance(WINDOW - timedelta(seconds=1))
    watched.sweep()
    assert watched.mails == []
    scene.clock.advance(timedelta(seconds=1))
    watched.sweep()
    assert [(mail.to, mail.about) for mail in watched.mails] == [
        ("nv21@example.vn", (f"nominations/{number}",))
    ]


@BY_MORNING_AND_AT_ONCE
def test_what_waits_so_is_foretold_for_the_very_instant_at_which_it_leaves(watched: Watched) -> None:
    scene = watched.scene
    first, second = (submitted(scene.office, scene.clock.now(), person=one) for one in ("NV04", "NV05"))
    scene.office.act("reviewer", first, "approve", scene.clock.now())
    scene.clock.advance(timedelta(minutes=4))
    scene.office.act("reviewer", second, "return", scene.clock.now(), comment="Bổ sung.", reason_code="other")
    expected = as_mails(foretold(scene, 2))
    assert expected
    assert watched.run(2) == expected


@pytest.mark.parametrize("watched", [UNFOLDED], indirect=True)
def test_names_of_one_list_are_still_told_in_one_mail(watched: Watched) -> None:
    scene, now = watched.scene, watched.scene.clock.now()
    numbers = [submitted(scene.office, now, person=one) for one in ("NV04", "NV05")]
    items = [Command(one, 2, MoveRequest(action="approve"), Via.WEB) for one in numbers]
    decide_inbox(scene.session, actor=scene.office.actor("reviewer", now), items=items, now=now)
    scene.clock.advance(WINDOW)
    watched.sweep()
    told = [mail.about for mail in watched.mails if mail.to == "nv21@example.vn"]
    assert told == [tuple(f"nominations/{one}" for one in numbers)]


@pytest.mark.parametrize("watched", [UNFOLDED], indirect=True)
def test_a_mail_that_waits_so_is_not_late_and_what_is_taken_back_waits_for_nothing(watched: Watched) -> None:
    scene = watched.scene
    number = submitted(scene.office, scene.clock.now())
    scene.clock.advance(WINDOW / 2)
    assert oldest_mail(scene.session, scene.clock.now()) is None
    scene.office.act("reviewer", number, "claim", scene.clock.now())
    scene.office.act("nominator", number, "withdraw", scene.clock.now())
    rows = scene.session.scalars(select(Outbox).order_by(Outbox.id)).all()
    assert {row.notice: row.not_before - row.created_at for row in rows} == {
        "work_opened": WINDOW,
        "work_gone": timedelta(0),
    }
