"""What waits for the morning of who goes away is read by who acts, in their own letter of that day."""

from datetime import time, timedelta

import pytest
from sqlalchemy import insert

from tests.integration.test_forecast_sent import DAYS, scene
from tests.integration.test_foretold_after_standstill import comes_back
from tests.support.absences import go_away
from tests.support.foretold import Mail, Watched, as_mails, foretold
from tests.support.mail import Scene
from tests.support.waiting import many_submitted
from workflow.domain.vocabulary import Via
from workflow.operations.people.absences import end_absence
from workflow.store.mail import MailPreference

__all__ = ["scene"]
# On Monday; from eight on everybody is asleep, as nobody here chose their hours.
EVENING = timedelta(hours=11, minutes=30)
THEIRS, DEPUTYS = "nominations/1", "nominations/2"


@pytest.fixture
def evening(scene: Scene) -> Watched:
    """Return a scene in which one letter waits for tomorrow's morning of the reviewer, one of the deputy."""
    scene.clock.advance(EVENING)
    theirs, deputys = many_submitted(scene.office, scene.session, 2, scene.clock.now())
    assert (theirs, deputys) == (1, 2)
    given = {"assignee_id": scene.office.ids["deputy"], "comment": "Đi vắng."}
    scene.office.act("unit_head", deputys, "reassign", scene.clock.now(), **given)
    watched = Watched(scene)
    watched.sweep()
    assert watched.mails == []
    return watched


def wants(scene: Scene, who: str, **chosen: object) -> None:
    """Have somebody choose how their mails come."""
    scene.session.execute(insert(MailPreference).values(account_id=scene.office.ids[who], **chosen))
    scene.session.commit()


def sent_as_foretold(watched: Watched) -> list[Mail]:
    """Return what went out, which is what was foretold."""
    expected = as_mails(foretold(watched.scene, DAYS))
    watched.mails.clear()
    sent = watched.run(DAYS)
    assert sent == expected
    return sent


def first_work_of(sent: list[Mail], who: str) -> tuple[str, tuple[str, ...]]:
    """Return when somebody's first letter about work left, by the clock of Hà Nội, and what it tells of."""
    first = next(mail for mail in sent if mail.to == f"{who}@example.vn" and mail.about)
    return f"{first.at + timedelta(hours=7):%d/%m %H:%M}", first.about


@pytest.mark.parametrize("hour", [None, time(7, 15), time(15, 30)])
def test_who_acts_reads_it_in_their_own_letter_of_that_morning(evening: Watched, hour: time | None) -> None:
    """At whatever hour whoever is away would have read it."""
    if hour is not None:
        wants(evening.scene, "reviewer", digest_at=hour)
    go_away(evening.scene.office, evening.scene.clock, "reviewer", "deputy", days=3, after=1)
    sent = sent_as_foretold(evening)
    assert first_work_of(sent, "nv03") == ("03/03 07:30", (THEIRS, DEPUTYS))


@pytest.mark.parametrize("back", ["07:10", "07:30", "09:20"])
def test_after_a_standstill_it_is_one_letter_of_now(evening: Watched, back: str) -> None:
    go_away(evening.scene.office, evening.scene.clock, "reviewer", "deputy", days=3, after=1)
    comes_back(evening.scene, back, days=1)
    sent = sent_as_foretold(evening)
    assert first_work_of(sent, "nv03") == (f"03/03 {max(back, '07:30')}", (THEIRS, DEPUTYS))


def test_who_reads_each_mail_at_once_is_told_of_it_when_their_night_is_over(evening: Watched) -> None:
    wants(evening.scene, "deputy", pace="at_once")
    go_away(evening.scene.office, evening.scene.clock, "reviewer", "deputy", days=3, after=1)
    sent = sent_as_foretold(evening)
    assert first_work_of(sent, "nv03") == ("03/03 07:00", (THEIRS,))


def test_who_is_back_before_seven_reads_their_own_letter(evening: Watched) -> None:
    scene = evening.scene
    absence_id = go_away(scene.office, scene.clock, "reviewer", "deputy", days=3, after=1)
    evening.run_until(scene.clock.now() + timedelta(hours=10))
    end_absence(scene.session, actor=None, absence_id=absence_id, via=Via.CLI, now=scene.clock.now())
    sent = sent_as_foretold(evening)
    assert first_work_of(sent, "nv02") == ("03/03 07:30", (THEIRS,))
    assert first_work_of(sent, "nv03") == ("03/03 07:30", (DEPUTYS,))


def test_where_nobody_acts_nothing_is_handed_on(evening: Watched) -> None:
    go_away(evening.scene.office, evening.scene.clock, "reviewer", days=1, after=1)
    sent = sent_as_foretold(evening)
    assert first_work_of(sent, "nv03") == ("03/03 07:30", (DEPUTYS,))


def test_who_goes_away_at_noon_is_stood_in_for_at_once(evening: Watched) -> None:
    """What waits for their afternoon comes that day to who had no letter yet."""
    scene = evening.scene
    wants(scene, "reviewer", digest_at=time(15, 30))
    wants(scene, "deputy", digest_at=time(14, 0))
    evening.run_until(scene.clock.now() + timedelta(hours=15, minutes=30))
    go_away(scene.office, scene.clock, "reviewer", "deputy", days=3)
    sent = sent_as_foretold(evening)
    assert first_work_of(sent, "nv03") == ("03/03 14:00", (THEIRS, DEPUTYS))
