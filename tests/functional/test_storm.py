"""The storm: three units get a week more, and everybody gets exactly the mails that were foretold.

Each stretch of days between two deeds is foretold first, then swept by the clock into a real mail server, and
compared reader by reader, instant by instant, both ways.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support.foretold import Mail, Watched, as_mails, foretold
from tests.support.mail import Scene, mail_server, text_of
from tests.support.office import AG, DT, TOP, furnish
from tests.support.waiting import add_account, many_submitted
from workflow.clock import FixedClock
from workflow.domain.errors import PreviewStale
from workflow.domain.mails.preferences import USUAL
from workflow.domain.vocabulary import RoundDate, RungKind, Via
from workflow.operations.escalations.hold_back import HoldBack, hold_escalation, release_escalation
from workflow.operations.nudges.units import nudge_units
from workflow.operations.people.absences import NewAbsence, announce_absence
from workflow.operations.rounds.extend import Extend, extend_round, preview_extension
from workflow.operations.rounds.rounds import NewRound, open_round
from workflow.operations.setup.organise import NewUnit, add_units
from workflow.store.nominations import Rung
from workflow.store.organisation import Unit
from workflow.store.submissions import ExpectedReturn

HG, STORM_ROUND = "VKS-HG", "2026-BAO"
BEFORE, AFTER = date(2026, 10, 15), date(2026, 10, 22)
REASON = "Bão số 3, ba tỉnh mất điện"
CHASE = "Đường đã thông chưa, khi nào gửi được?"
HEAD, DEPUTY, WRITER = "nv02@example.vn", "nv03@example.vn", "nv11@example.vn"
SILENT, STAND_IN = "writer-hg@example.vn", "stand-in@example.vn"


@pytest.fixture
def watched(session: Session, clock: FixedClock, database) -> Iterator[Watched]:
    """Open a round on Monday, 5 October, of three units that owe their papers by the 15th."""
    clock.advance(datetime(2026, 10, 5, 2, tzinfo=UTC) - clock.now())
    with mail_server() as server:
        office = furnish(session, now=clock.now())
        add_units(session, [NewUnit(HG, "VKSND tỉnh Hậu Giang", TOP)], valid_from=date(2020, 1, 1))
        session.commit()
        add_account(session, SILENT, f"nominator@unit:{HG}", clock.now())
        add_account(session, "head-hg@example.vn", f"head@unit:{HG}", clock.now())
        dates = {RoundDate.UNIT_DEADLINE: BEFORE, RoundDate.UPPER_DEADLINE: date(2026, 12, 31)}
        new = NewRound(STORM_ROUND, "Đợt bão", 2026, TOP, dates=dates, unit_codes=(AG, DT, HG))
        open_round(session, actor=None, new=new, via=Via.CLI, now=clock.now())
        yield Watched(Scene(office, session, database.sessions, clock, server, preferences=USUAL))


def until(watched: Watched, day: date) -> list[Mail]:
    """Foretell what comes until a day begins, let the days pass, and see that it came; return it."""
    watched.scene.session.rollback()
    now = watched.scene.clock.now()
    days = (day - (now + timedelta(hours=7)).date()).days - 1
    expected, before = as_mails(foretold(watched.scene, days)), len(watched.mails)
    watched.run(days)
    sent = sorted(watched.mails[before:])
    assert (set(sent) - set(expected), set(expected) - set(sent)) == (set(), set())
    assert sent == expected
    return sent


def to(mails: list[Mail], address: str) -> list[str]:
    """Return when one address got a mail, by the clock of Hà Nội."""
    return [f"{mail.at + timedelta(hours=7):%d/%m %H:%M}" for mail in mails if mail.to == address]


def escalation_of(session: Session, unit: str) -> Rung:
    session.rollback()
    return session.scalars(
        select(Rung)
        .join(ExpectedReturn, ExpectedReturn.id == Rung.expected_return_id)
        .join(Unit, Unit.id == ExpectedReturn.unit_id)
        .where(Unit.code == unit, Rung.kind == RungKind.ESCALATE, Rung.fired_at.is_(None))
        .order_by(Rung.fire_at)
    ).first()


def see_what_the_head_reads(mail: EmailMessage, names: list[int]) -> None:
    """See that one mail says: 14 names, 1 to decide, which, by when and why then, and whom to call."""
    letter = text_of(mail)
    assert mail["Subject"] == "[TĐKT] Việc hôm nay, thứ Năm, 15/10/2026: 2 việc đang chờ"
    assert "Đơn vị có 14 hồ sơ trong đợt xét này, còn 1 hồ sơ chờ đơn vị quyết định" in letter
    assert "Lê Văn Tâm, điện thoại 024 3825 5058" in letter
    assert "5 ngày làm việc tính từ sau ngày 12/10/2026" in letter
    assert "Hạn đã đổi, trước đây là 17:00 thứ Năm, 15/10/2026" in letter
    assert f"/nominations/{names[0]}" in letter
    assert not any(f"/nominations/{number}" in letter for number in names[1:])


def see_what_the_substitute_reads(mail: EmailMessage, name: int) -> None:
    """See that it says whose it is, and all else that the head would have read."""
    letter = text_of(mail)
    assert letter.startswith("Kính gửi: deputy NV03")
    assert "Đơn vị có 15 hồ sơ trong đợt xét này, còn 1 hồ sơ chờ đơn vị quyết định" in letter
    assert "Phạm Thị Hoa, điện thoại 0296 385 2345" in letter
    assert "5 ngày làm việc tính từ sau ngày 20/10/2026" in letter
    assert f"/nominations/{name}" in letter


def send_away(scene: Scene) -> None:
    """Have the head of one unit and the writer of another be away, each with somebody who acts for them."""
    office, session, now = scene.office, scene.session, scene.clock.now()
    stand_in = add_account(session, STAND_IN, f"unit_deputy@unit:{DT}", now)
    first, last = date(2026, 10, 20), date(2026, 10, 30)
    for absent, substitute in (("unit_head", office.ids["deputy"]), ("other_nominator", stand_in)):
        away = NewAbsence(office.ids[absent], first, last, substitutes=(substitute,))
        announce_absence(
            session, actor=office.actor("supervisor", now), new=away, via=Via.WEB, now=scene.clock.now()
        )


def chase_and_hold_back(scene: Scene) -> UUID:
    """Have the office chase the silent unit in its own words and hold its escalation back; return that."""
    session, now = scene.session, scene.clock.now()
    office: dict[str, Any] = {"actor": scene.office.actor("supervisor", now), "via": Via.WEB, "now": now}
    chased = nudge_units(session, round_code=STORM_ROUND, units=[HG], words=CHASE, **office)
    assert [(one.unit, one.told_count, one.refused) for one in chased.results] == [(HG, 1, None)]
    rung = escalation_of(session, HG)
    hold_escalation(session, hold=HoldBack(rung.id, 2, "Đường còn ngập"), **office)
    return rung.id


def test_a_storm_moves_dates_and_everybody_gets_what_was_foretold(watched: Watched) -> None:
    scene = watched.scene
    office, session, clock, inbox = scene.office, scene.session, scene.clock, scene.server.inbox
    until(watched, date(2026, 10, 12))
    # Fourteen names of one unit, of which one is left for its head to decide.
    clock.advance(datetime(2026, 10, 12, 2, tzinfo=UTC) - clock.now())
    names = many_submitted(office, session, 14, clock.now())
    for number in names[1:]:
        office.act("reviewer", number, "approve", clock.now())
    # The office looks, something changes, it looks again, and confirms.
    supervisor = office.actor("supervisor", clock.now())
    extend = Extend(STORM_ROUND, RoundDate.UNIT_DEADLINE, AFTER, REASON, (AG, DT, HG))
    shown = preview_extension(session, actor=supervisor, extend=extend, now=clock.now())
    assert {one.unit_code for one in shown.mails} == {AG, DT, HG}
    assert shown.upper is not None
    session.rollback()
    until(watched, date(2026, 10, 15))
    clock.advance(datetime(2026, 10, 14, 23, 30, tzinfo=UTC) - clock.now())
    with pytest.raises(PreviewStale):
        extend_round(
            session, actor=supervisor, extend=replace(extend, seen=shown.token), via=Via.WEB, now=clock.now()
        )
    session.rollback()
    again = preview_extension(session, actor=supervisor, extend=extend, now=clock.now())
    session.rollback()
    extend_round(
        session, actor=supervisor, extend=replace(extend, seen=again.token), via=Via.WEB, now=clock.now()
    )
    # The head has one mail of a morning: which name, by when and why then, whom to call.
    days = until(watched, date(2026, 10, 17))
    assert to(days, HEAD) == ["15/10 07:30"]
    see_what_the_head_reads(inbox.of(HEAD)[-1], names)
    # Done is done: nothing more comes about it, on the working day after neither.
    office.act("reviewer", names[0], "approve", clock.now())
    quiet = until(watched, date(2026, 10, 20))
    assert to(quiet, HEAD) == []
    # The head is away, and so is the writer of another unit: who stands in for them gets what is theirs.
    clock.advance(datetime(2026, 10, 20, 2, tzinfo=UTC) - clock.now())
    send_away(scene)
    [name] = many_submitted(office, session, 1, clock.now(), prefix="N")
    week = until(watched, date(2026, 10, 23))
    assert to(week, HEAD) == to(week, WRITER) == []
    assert to(week, STAND_IN), "what is due in these days is told to who acts for them"
    # A silent unit was warned, is chased by the office in its own words, and its escalation is held back.
    warned = [text_of(mail) for mail in inbox.of(SILENT)]
    assert any("sẽ báo cáo head-hg" in text for text in warned)
    rung_id = chase_and_hold_back(scene)
    held = until(watched, date(2026, 10, 26))
    assert any(CHASE in text_of(mail) for mail in inbox.of(SILENT))
    assert to(held, "head-hg@example.vn") == []
    # The one mail of a morning that is the head's comes to who stands in, with the same words; at 08:00 comes
    # the report that the unit still owes its paper.
    assert to(held, HEAD) == []
    assert to(held, DEPUTY) == ["23/10 07:30", "23/10 08:00"]
    see_what_the_substitute_reads(inbox.of(DEPUTY)[-2], name)
    # The office lets it go: then, and not before, it is reported, and stays in its house.
    clock.advance(datetime(2026, 10, 26, 2, tzinfo=UTC) - clock.now())
    supervisor = office.actor("supervisor", clock.now())
    release_escalation(session, actor=supervisor, rung_id=rung_id, via=Via.WEB, now=clock.now())
    reported = until(watched, date(2026, 10, 28))
    assert to(reported, "head-hg@example.vn") == ["26/10 09:00", "27/10 08:00"]
    above = [text_of(mail) for mail in inbox.of("nv22@example.vn")]
    assert not any("Hậu Giang" in text for text in above), "a province answers for itself"
