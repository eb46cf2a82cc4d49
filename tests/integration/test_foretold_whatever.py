"""Whatever was done before, in whatever order, with a worker or without: what is foretold is what is sent."""

import os
import random
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy.orm import sessionmaker

from tests.conftest import Database
from tests.integration.test_forecast_sent import scene, watched
from tests.support.any_season import AnySeason
from tests.support.foretold import Mail, Watched, as_mails, foretold

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
    # As it is installed: what somebody took goes back after some days, and a decision may be undone.
    kept = {"claim_days": 3, "undo_window": timedelta(minutes=2)}
    made = database.sessions.kw
    watched.scene.sessions = sessionmaker(**made | {"info": made["info"] | kept})
    watched.scene.session.info.update(kept)
    _lives(AnySeason(watched, database, random.Random(number)))


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
