"""Whatever was done before, in whatever order, with a worker or without: what is foretold is what is sent."""

import os
import random
import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from tests.conftest import Database
from tests.integration.test_forecast_sent import scene, watched
from tests.support.any_season import AnySeason
from tests.support.definitions import text_of
from tests.support.foretold import Mail, Watched, as_mails, foretold
from workflow.clock import FixedClock
from workflow.domain.vocabulary import Via
from workflow.operations.setup.publish import publish_definition
from workflow.store.nominations import Visit

__all__ = ["scene", "watched"]
DAYS, DEEDS = 16, 12
# Each of these was foretold wrongly once: over quiet hours, a hold, a term that ended, who stands in.
KNOWN = (105, 118, 126)
FIRST = int(os.environ.get("SEASON_SEED", "1"))
SEASONS = [FIRST, *(pytest.param(FIRST + n, marks=pytest.mark.deep) for n in range(1, 40))]


@pytest.mark.parametrize("number", KNOWN)
def test_what_was_foretold_wrongly_once_is_sent_as_foretold(
    watched: Watched, database: Database, number: int
) -> None:
    _lives(AnySeason(watched, database, random.Random(number), is_busy=False))


@pytest.mark.parametrize("number", SEASONS)
def test_whatever_was_done_what_is_foretold_is_sent(
    watched: Watched, database: Database, number: int
) -> None:
    _lives(AnySeason(_as_installed(watched, database), database, random.Random(number)))


@pytest.mark.parametrize("number", SEASONS)
def test_facts_and_names_among_whatever_was_done_are_foretold(
    watched: Watched, database: Database, number: int
) -> None:
    installed = _as_installed(watched, database)
    _lives(AnySeason(installed, database, random.Random(number), is_asking=True))


@pytest.fixture
def counted_in_hours(session: Session, clock: FixedClock) -> None:
    """Publish the routes of the office anew, with every period in hours: its nominations run on these."""
    for key in ("standard", "simplified"):
        text = re.sub(r"\nversion: \d+", "\nversion: 90", text_of(key), count=1)
        text, count = re.subn(
            r"due: (\d+) working_days", lambda found: f"due: {int(found[1]) * 3} working_hours", text
        )
        assert count
        publish_definition(session, text=text, filename=key, actor=None, via=Via.CLI, now=clock.now())


@pytest.mark.parametrize("number", SEASONS)
def test_steps_of_some_hours_are_reminded_of_as_foretold(
    counted_in_hours: None, watched: Watched, database: Database, number: int
) -> None:
    installed = _as_installed(watched, database)
    units = set(watched.scene.session.scalars(select(Visit.clock_unit)))
    assert "working_hours" in units
    _lives(AnySeason(installed, database, random.Random(number)))


def _as_installed(watched: Watched, database: Database) -> Watched:
    # As it is installed: what somebody took goes back after some days, and a decision may be undone.
    kept = {"claim_days": 3, "undo_window": timedelta(minutes=2)}
    made = database.sessions.kw
    watched.scene.sessions = sessionmaker(**made | {"info": made["info"] | kept})
    watched.scene.session.info.update(kept)
    return watched


def _lives(season: AnySeason) -> None:
    watched = season.watched
    season.live(DEEDS)
    expected = as_mails(foretold(watched.scene, DAYS))
    watched.mails.clear()
    sent = watched.run(DAYS)
    assert not list(_differences(sent, expected)), "\n".join(season.done)
    assert sent == expected


def _differences(sent: list[Mail], expected: list[Mail]) -> Iterator[str]:
    """Say of each mail that is not on both sides when it leaves, to whom, and what both tell."""
    for at, to in sorted({(one.at, one.to) for one in set(sent) ^ set(expected)}):
        told, foretold_of = (
            [one.about for one in side if (one.at, one.to) == (at, to)] for side in (sent, expected)
        )
        yield f"{at + timedelta(hours=7):%d/%m %H:%M} {to}: sent {told}, foretold {foretold_of}"
