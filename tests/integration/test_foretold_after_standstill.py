"""A worker that comes back at an hour of a morning: what it finds to tell is foretold as it is then sent."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.integration.test_forecast_sent import DAYS, scene, watched
from tests.support.foretold import Watched, as_mails, foretold
from tests.support.mail import Scene

__all__ = ["scene", "watched"]
HERE = ZoneInfo("Asia/Ho_Chi_Minh")
# Before seven, in the hour in which reminders of eight may be told, at its ends, and after.
HOURS = ("06:40", "07:00", "07:10", "07:30", "07:40", "07:59", "08:00", "08:05", "09:20")
# Those that were told wrongly once are in every run; each of the others lives half a season as well.
IN_EVERY_RUN = {("07:10", 2), ("07:40", 4), ("08:05", 2)}
RETURNS = [
    pytest.param(at, days, marks=[] if (at, days) in IN_EVERY_RUN else pytest.mark.deep)
    for at in HOURS
    for days in (2, 4)
]
# So long that letters of several days wait, more than a sender takes in hand at once.
RETURNS += [pytest.param("09:20", 15), pytest.param("12:00", 15, marks=pytest.mark.deep)]
# In the evening of the day on which a term ends.
RETURNS += [pytest.param("21:00", 8), pytest.param("21:00", 7, marks=pytest.mark.deep)]


def comes_back(scene: Scene, at: str, *, days: int) -> datetime:
    """Let days pass in which nothing is swept, and return when the worker comes back."""
    day = scene.clock.now().astimezone(HERE).date() + timedelta(days=days)
    back = datetime.combine(day, time.fromisoformat(at), HERE)
    scene.clock.advance(back - scene.clock.now())
    return back


@pytest.mark.parametrize(("at", "days"), RETURNS)
def test_what_a_worker_that_comes_back_finds_to_tell_is_foretold(
    watched: Watched, at: str, days: int
) -> None:
    scene = watched.scene
    for number in (1, 4):
        scene.office.act("reviewer", number, "request_info", scene.clock.now(), comment="Theo văn bản nào?")
    back = comes_back(scene, at, days=days)
    expected = as_mails(foretold(scene, DAYS))
    assert all(mail.at >= back for mail in expected), "nothing is foretold of what is over"
    assert watched.run(DAYS) == expected


@pytest.mark.parametrize("at", ["21:30", "06:10"])
def test_word_that_waits_for_the_end_of_the_night_takes_no_reminder_of_the_morning_along(
    watched: Watched, at: str
) -> None:
    """What is no work leaves at seven, when quiet hours end; the letter of the day leaves at half past."""
    scene = watched.scene
    watched.run_until(scene.clock.now().astimezone(HERE).replace(hour=18))
    scene.office.act("reviewer", 4, "request_info", scene.clock.now(), comment="Theo văn bản nào?")
    comes_back(scene, at, days=1)
    given = {"assignee_id": scene.office.ids["deputy"], "comment": "Đi vắng."}
    scene.office.act("unit_head", 1, "reassign", scene.clock.now(), **given)
    watched.mails.clear()
    expected = as_mails(foretold(scene, DAYS))
    assert watched.run(DAYS) == expected
