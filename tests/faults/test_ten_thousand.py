"""Ten thousand reminders due at once, each on a nomination of its own, and decisions taken meanwhile."""

import os
import tempfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, insert, literal, select, true, update
from sqlalchemy.orm import Session

from tasks.wake import make_wake
from tests.conftest import Database
from tests.faults.rig.sink import sink
from tests.support.figures import Figure, Note
from tests.support.office import AG, TOP, Office, furnish
from tests.support.patience import as_busy
from tests.support.processes import broker, crew
from tests.support.waiting import add_account, submitted
from workflow.clock import DatabaseClock, monotonic, wait_for
from workflow.domain.facts import SignedDocument
from workflow.domain.notices import NOTICES
from workflow.domain.vocabulary import MailClass, NoticeKind
from workflow.operations.setup.organise import NewPerson, NewUnit, add_people, add_units
from workflow.store.base import table_of
from workflow.store.mail import Outbox
from workflow.store.nominations import Nomination, Rung, Visit, WorkItem

pytestmark = [pytest.mark.deep, pytest.mark.timeout(3600)]
RUNGS = int(os.environ.get("FAULT_RUNGS", "10000"))
FIRST = 1_000_000
UNITS = 60
MOST_DECISIONS = RUNGS // 25
CEILING = 1800.0
EVERY = 0.6
LIMIT = 5.0

_N, _V, _W, _R = (table_of(kind) for kind in (Nomination, Visit, WorkItem, Rung))


def copy(session: Session, table: Any, source: Any, by: Any, replaced: dict[str, Any], *where: Any) -> None:
    """Copy rows of a table, once for each row of `by`, with some columns replaced."""
    names = [column.name for column in table.c]
    rows = select(*(replaced.get(name, source.c[name]) for name in names)).select_from(
        source.join(by, true())
    )
    session.execute(insert(table).from_select(names, rows.where(*where)))


def multiply(session: Session, nomination_id: int, times: int) -> None:
    """Copy a nomination in its open step, with its work and its first rung, spread over UNITS seats."""
    now = DatabaseClock().now(session)
    units = [NewUnit(f"U{n}", f"Đơn vị {n}", TOP) for n in range(UNITS)]
    add_units(session, units, valid_from=date(2020, 1, 1))
    session.commit()
    for n in range(UNITS):
        add_account(session, f"u{n}@example.vn", f"unit_reviewer@unit:U{n}", now)
    one, visit, work, rung = (table.alias() for table in (_N, _V, _W, _R))
    ids = func.generate_series(FIRST, FIRST + times - 1).table_valued("value").render_derived("number")
    fresh, seat = func.gen_random_uuid(), func.concat("unit_reviewer@unit:U", _V.c.nomination_id % UNITS)
    nobody = {"id": ids.c.value, "person_id": literal(None)}
    copy(session, _N, one, ids, nobody, one.c.id == nomination_id)
    of_ours = {"id": fresh, "nomination_id": _N.c.id}
    is_open = visit.c.nomination_id == nomination_id, visit.c.left_at.is_(None)
    copy(session, _V, visit, _N, of_ours, *is_open, _N.c.id >= FIRST)
    of_ours = {"id": fresh, "nomination_id": _V.c.nomination_id, "visit_id": _V.c.id, "owner_key": seat}
    is_open = work.c.nomination_id == nomination_id, work.c.closed_at.is_(None)
    copy(session, _W, work, _V, of_ours, *is_open, _V.c.nomination_id >= FIRST)
    of_ours = {"id": fresh, "nomination_id": _W.c.nomination_id, "work_item_id": _W.c.id}
    is_first = rung.c.nomination_id == nomination_id, rung.c.ordinal == 1
    copy(session, _R, rung, _W, of_ours, *is_first, _W.c.nomination_id >= FIRST)
    session.commit()


def awaiting_signature(office: Office, session: Session, count: int) -> list[int]:
    """Bring nominations to where one signature decides them."""
    now = DatabaseClock().now(session)
    add_people(session, [NewPerson(f"D{n:03}", f"Kiểm sát viên {n}", AG) for n in range(count)])
    session.commit()
    ids = []
    for n in range(count):
        nomination_id = office.draft(now, award_code="LDTT", person_code=f"D{n:03}").nomination_id
        office.act("nominator", nomination_id, "submit", now)
        office.act("reviewer", nomination_id, "approve", now)
        ids.append(nomination_id)
    return ids


def test_decisions_are_told_of_within_five_seconds_while_ten_thousand_reminders_fire(
    session: Session, database: Database, note: Note
) -> None:
    office = furnish(session, now=DatabaseClock().now(session))
    multiply(session, submitted(office, DatabaseClock().now(session)), RUNGS)
    decidable = awaiting_signature(office, session, MOST_DECISIONS)
    with (
        tempfile.TemporaryDirectory(prefix="cm-") as name,
        broker(Path(name)) as redis,
        sink() as server,
        crew(
            Path(name) / "data", database_url=database.url, redis_url=redis.url, smtp_url=server.url
        ) as people,
    ):
        worker, wake = people.start("worker"), make_wake(redis.url)
        people.start("beat")
        # Word of what cannot go on waits for the next morning.
        of_now = Outbox.notice != NoticeKind.OBSTACLES
        undecided = select(func.count()).where(Outbox.state.in_(["new", "sending"]), of_now)

        def count(statement: Any) -> int:
            session.rollback()
            return int(session.scalar(statement) or 0)

        assert wait_for(lambda: count(undecided) == 0, seconds=CEILING), people.log_of(worker)
        now = DatabaseClock().now(session)
        session.execute(
            update(Rung)
            .where(Rung.ordinal == 1, Rung.fired_at.is_(None))
            .values(fire_at=now - timedelta(minutes=1))
        )
        session.commit()
        due = select(func.count()).where(Rung.fire_at <= now, Rung.fired_at.is_(None), Rung.dead_at.is_(None))
        assert count(due) >= RUNGS, "the fault fired"
        began, decided_at = monotonic(), dict[int, datetime]()
        wake()
        while (left := count(due)) and len(decided_at) < MOST_DECISIONS:
            nomination_id = decidable[len(decided_at)]
            signing = DatabaseClock().now(session)
            paper = SignedDocument(number="1/QĐ", signed_on=signing.date(), signer="Nguyễn Minh Trí")
            office.act("unit_head", nomination_id, "approve", signing, decision=paper)
            decided_at[nomination_id] = datetime.now(UTC)
            wake()
            wait_for(lambda: False, seconds=EVERY)
        if left:
            assert wait_for(lambda: count(due) == 0, seconds=CEILING), people.log_of(worker)
        fired_in = monotonic() - began
        assert wait_for(lambda: count(undecided) == 0, seconds=CEILING), people.log_of(worker)
        said = people.log_of(worker)
        load = os.getloadavg()[0]
    taken_at = {each.message_id: each.taken_at for each in reversed(server.taken)}
    rows = session.execute(
        select(Outbox.nomination_id, Outbox.message_id, Outbox.state).where(
            Outbox.mail_class == MailClass.DECISION, Outbox.nomination_id.in_(decided_at)
        )
    ).all()
    assert NOTICES[NoticeKind.APPROVED].mail_class is MailClass.DECISION
    assert {row.nomination_id for row in rows} == set(decided_at)
    waits = sorted((taken_at[row.message_id] - decided_at[row.nomination_id]).total_seconds() for row in rows)
    p99 = waits[min(len(waits) - 1, int(len(waits) * 0.99))]
    # Lanes that do work; the one that hears hints is begun again whenever it has heard nothing for a minute.
    kills = said.count("lane hangs")
    seen = (
        f"{RUNGS} fired in {fired_in:.0f} s; {len(waits)} decision letters, "
        f"p50 {waits[len(waits) // 2]:.2f} s, p99 {p99:.2f} s, slowest {waits[-1]:.2f} s; "
        f"{kills} lanes hung; load {load:.1f}"
    )
    note(Figure(f"{RUNGS} rungs due at once", len(waits), sum(wait >= LIMIT for wait in waits), seen))
    assert count_fired(session) >= RUNGS
    assert kills == 0, said
    assert p99 < as_busy(LIMIT), seen


def count_fired(session: Session) -> int:
    session.rollback()
    return len(session.scalars(select(Rung.id).where(Rung.fired_at.is_not(None))).all())
