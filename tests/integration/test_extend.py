"""An extension shows first what it moves, then moves exactly that: days, clocks, reminders, mails."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tests.support.definitions import text_of
from tests.support.office import AG, DT, Office, furnish
from tests.support.patience import PATIENCE
from tests.support.rounds import BODY_DEADLINE, NEXT, opened, returns_of
from tests.support.waiting import events, is_chained
from workflow.clock import FixedClock
from workflow.domain.errors import Conflict, Forbidden, InvalidField, NotFound, Refusal
from workflow.domain.vocabulary import RoundDate, Via
from workflow.operations.rounds.extend import Extend, extend_round, preview_extension
from workflow.operations.rounds.rounds import close_round
from workflow.operations.setup.publish import publish_definition
from workflow.operations.sweep.escalate import fire_due
from workflow.store.access import Account
from workflow.store.awards import AwardEdition, Round
from workflow.store.history import Event, EventText
from workflow.store.mail import Outbox
from workflow.store.nominations import Nomination, Rung, Visit, WorkItem

OF_REVIEW = "    owner: unit_reviewer@subject.unit\n    due: 5 working_days"
LATER = date(2026, 4, 24)
REASON = "Bão số 3, ba tỉnh mất điện"


@pytest.fixture
def office(session: Session, clock: FixedClock) -> Office:
    """Open a round in which unit review is due by the unit's deadline alone."""
    office = furnish(session, now=clock.now())
    dated = OF_REVIEW.replace("5 working_days", "round.unit_deadline")
    text = text_of("standard").replace(OF_REVIEW, dated, 1)
    dated = text.replace("key: standard", "key: dated", 1)
    publish_definition(session, text=dated, filename="dated.yaml", actor=None, via=Via.CLI, now=clock.now())
    session.execute(update(AwardEdition).values(workflow_key="dated"))
    session.commit()
    opened(session, clock.now())
    return office


def command(day: date = LATER, *units: str, **changes: Any) -> Extend:
    fields: dict[str, Any] = {
        "round_code": NEXT,
        "name": RoundDate.UNIT_DEADLINE,
        "day": day,
        "reason": REASON,
        "unit_codes": units,
    }
    return Extend(**(fields | changes))


def extend(office: Office, now: datetime, what: Extend, *, session: Session | None = None):
    own = session or office.session
    actor = Office(office.ids, own).actor("supervisor", now)
    return extend_round(own, actor=actor, extend=what, via=Via.API, now=now).extension


def submitted(office: Office, now: datetime, **changes: str) -> int:
    nomination_id = office.draft(now, round_code=NEXT, **changes).nomination_id
    office.act("nominator", nomination_id, "submit", now)
    return nomination_id


def due_of(session: Session, nomination_id: int) -> str:
    session.rollback()
    is_open = (Visit.nomination_id == nomination_id, Visit.left_at.is_(None))
    return f"{session.scalar(select(Visit.due_at).where(*is_open)):%m-%d}"


def test_a_preview_says_what_the_extension_then_does_and_writes_nothing(
    office: Office, session: Session, clock: FixedClock
) -> None:
    nomination_id = submitted(office, clock.now())
    before = session.scalars(select(Event.id)).all()
    actor = office.actor("supervisor", clock.now())
    shown = preview_extension(session, actor=actor, extend=command(), now=clock.now())
    session.rollback()
    assert session.scalars(select(Event.id)).all() == before
    assert [(item.unit_code, item.was_on, item.due_on) for item in shown.moves.returns] == [
        (AG, BODY_DEADLINE, LATER),
        (DT, BODY_DEADLINE, LATER),
    ]
    [moved] = shown.moves.nominations
    assert (moved.nomination_id, f"{moved.was_at:%m-%d}", f"{moved.due_at:%m-%d}") == (
        nomination_id,
        "04-15",
        "04-24",
    )
    done = extend(office, clock.now(), command())
    assert done.moves.people == shown.moves.people
    assert [(move.was_at, move.at) for move in done.moves.rungs] == [
        (move.was_at, move.at) for move in shown.moves.rungs
    ]
    session.rollback()
    for move in shown.moves.rungs:
        assert move.rung_id is not None
        assert session.get_one(Rung, move.rung_id, populate_existing=True).fire_at == move.at
    assert due_of(session, nomination_id) == "04-24"


def test_a_preview_does_not_tell_a_nominee_whom_their_own_file_waits_for(
    office: Office, session: Session, clock: FixedClock
) -> None:
    nomination_id = submitted(office, clock.now())

    def read() -> set[int | None]:
        actor = office.actor("supervisor", clock.now())
        shown = preview_extension(session, actor=actor, extend=command(), now=clock.now())
        session.rollback()
        return {one.nomination_id for one in shown.mails}

    assert read() == {None, nomination_id}
    person = select(Nomination.person_id).where(Nomination.id == nomination_id).scalar_subquery()
    is_theirs = Account.id == office.ids["supervisor"]
    session.execute(update(Account).where(is_theirs).values(person_id=person))
    session.commit()
    assert read() == {None}


def test_an_extension_is_on_the_record_of_the_round_the_unit_and_the_name(
    office: Office, session: Session, clock: FixedClock
) -> None:
    nomination_id = submitted(office, clock.now())
    version = session.get_one(Nomination, nomination_id).version
    extend(office, clock.now(), command())
    session.rollback()
    round_ = session.scalars(select(Round).where(Round.code == NEXT)).one()
    assert round_.dates["unit_deadline"] == LATER.isoformat()
    owed = returns_of(session, NEXT)[AG]
    assert owed.due_on == LATER
    work = session.scalars(select(WorkItem).where(WorkItem.expected_return_id == owed.id)).one()
    assert f"{work.due_at:%m-%d %H:%M}" == "04-24 10:00", "17:00 in Hà Nội"
    found = events(session, nomination_id)
    assert (found[-1].action, found[-1].data["date"]) == ("replan", "unit_deadline")
    assert is_chained(found)
    assert session.get_one(Nomination, nomination_id, populate_existing=True).version == version
    last = session.scalars(
        select(Event).where(Event.stream == f"round:{round_.id}").order_by(Event.seq.desc())
    ).first()
    assert (last.action, last.data["day"], last.data["units"]) == ("extend", "2026-04-24", [])
    assert session.scalar(select(EventText.text).where(EventText.event_id == last.id)) == REASON
    office.act("reviewer", nomination_id, "approve", clock.now())
    assert is_chained(events(session, nomination_id))


def test_who_is_meant_gets_one_mail_with_all_that_moved(
    office: Office, session: Session, clock: FixedClock
) -> None:
    first, second = submitted(office, clock.now()), submitted(office, clock.now(), person_code="NV05")
    extend(office, clock.now(), command())
    mails = session.scalars(select(Outbox).where(Outbox.notice == "dates_moved")).all()
    reviewers = [mail for mail in mails if mail.account_id == office.ids["reviewer"]]
    # The reviewer also heads the unit: two names and what the unit owes, in one mail.
    assert {mail.nomination_id for mail in reviewers} == {first, second, None}
    assert len({mail.fold_key for mail in reviewers}) == 1


def test_single_units_move_alone_and_keep_their_later_day(
    office: Office, session: Session, clock: FixedClock
) -> None:
    nomination_id = submitted(office, clock.now())
    extend(office, clock.now(), command(date(2026, 4, 29), DT))
    owed = returns_of(session, NEXT)
    assert (owed[AG].due_on, owed[DT].due_on) == (BODY_DEADLINE, date(2026, 4, 29))
    assert due_of(session, nomination_id) == "04-15"
    extend(office, clock.now(), command())
    owed = returns_of(session, NEXT)
    assert (owed[AG].due_on, owed[DT].due_on) == (LATER, date(2026, 4, 29))


def test_what_had_fired_for_the_old_day_is_promised_again_for_the_new_one(
    office: Office, session: Session, clock: FixedClock, database
) -> None:
    clock.advance(datetime(2026, 4, 16, 1, tzinfo=UTC) - clock.now())
    fire_due(database.sessions, clock=clock)
    session.rollback()
    done = extend(office, clock.now(), command(LATER, AG))
    assert done.moves.mails_cancelled == 1, "the escalation of this morning"
    [unit] = done.moves.returns
    assert [f"{move.at:%m-%d} {move.kind}" for move in unit.rungs] == [
        "04-17 remind",
        "04-23 remind",
        "04-24 remind",
        "04-28 escalate",
        "04-29 remind",
        "05-04 escalate",
    ]
    clock.advance(datetime(2026, 4, 28, 1, tzinfo=UTC) - clock.now())
    fire_due(database.sessions, clock=clock)
    session.rollback()
    told = session.scalars(
        select(Outbox.account_id).where(
            Outbox.notice == "return_escalation", Outbox.expected_return_id == unit.return_id
        )
    ).all()
    assert told.count(office.ids["unit_head"]) == 2


def test_a_date_that_passes_the_upper_one_or_another_goes_with_a_warning(
    office: Office, session: Session, clock: FixedClock
) -> None:
    done = extend(office, clock.now(), command(date(2026, 7, 2), name=RoundDate.DECISION_DATE))
    assert [warned.code for warned in done.warnings] == ["passes_upper"]
    alone = extend(office, clock.now(), command(date(2026, 5, 5), AG))
    assert [warned.code for warned in alone.warnings] == ["out_of_order"]
    late = extend(office, clock.now(), command(date(2026, 7, 3)))
    assert {warned.code for warned in late.warnings} == {"passes_upper", "out_of_order"}
    earlier = extend(office, clock.now(), command(date(2026, 4, 1), AG))
    assert [warned.code for warned in earlier.warnings] == ["earlier"]


@pytest.mark.parametrize(
    ("changes", "refusal", "said"),
    [
        ({"day": BODY_DEADLINE}, Conflict, "is 2026-04-15 already"),
        ({"reason": "  "}, InvalidField, "say why"),
        ({"unit_codes": ("NONE",)}, InvalidField, "Nothing is expected of NONE"),
        ({"unit_codes": (AG,), "name": RoundDate.COUNCIL_DATE}, InvalidField, "one for all"),
        ({"round_code": "NONE"}, NotFound, "no round"),
    ],
)
def test_what_moves_nothing_or_cannot_be_is_refused(
    office: Office, clock: FixedClock, changes: dict[str, Any], refusal: type[Refusal], said: str
) -> None:
    with pytest.raises(refusal, match=said):
        extend(office, clock.now(), command(**({"day": LATER} | changes)))


def test_a_second_time_without_the_right_or_after_closing_it_is_refused(
    office: Office, session: Session, clock: FixedClock
) -> None:
    extend(office, clock.now(), command())
    with pytest.raises(Conflict, match="already"):
        extend(office, clock.now(), command())
    session.rollback()
    with pytest.raises(Forbidden):
        preview_extension(
            session, actor=office.actor("nominator", clock.now()), extend=command(), now=clock.now()
        )
    close_round(session, actor=None, code=NEXT, via=Via.CLI, now=clock.now())
    with pytest.raises(Conflict, match="closed"):
        extend(office, clock.now(), command(date(2026, 4, 29)))


def test_extensions_and_decisions_at_the_same_instant_never_deadlock(
    office: Office, session: Session, clock: FixedClock, database
) -> None:
    pair = submitted(office, clock.now()), submitted(office, clock.now(), person_code="NV05")
    ids = [*pair] * 25
    session.commit()
    start = Barrier(2)
    refused: list[str] = []

    def decide_each() -> None:
        with database.sessions() as own:
            there = Office(office.ids, own)
            for n, nomination_id in enumerate(ids):
                start.wait(timeout=PATIENCE)
                part, action = ("reviewer", "claim") if n % 4 < 2 else ("reviewer", "release")
                try:
                    there.act(part, nomination_id, action, clock.now())
                except Refusal as refusal:
                    own.rollback()
                    refused.append(refusal.code)

    def extend_each() -> None:
        with database.sessions() as own:
            for n in range(len(ids)):
                start.wait(timeout=PATIENCE)
                day = LATER if n % 2 else date(2026, 4, 23)
                extend(office, clock.now(), command(day, AG), session=own)

    with ThreadPoolExecutor(2) as pool:
        for one in (pool.submit(decide_each), pool.submit(extend_each)):
            one.result()
    assert "stale-nomination" not in refused
    assert all(is_chained(events(session, nomination_id)) for nomination_id in set(ids))


def test_promises_of_units_and_of_names_are_made_anew_together(
    office: Office, session: Session, clock: FixedClock, database
) -> None:
    submitted(office, clock.now())
    clock.advance(datetime(2026, 4, 16, 1, tzinfo=UTC) - clock.now())
    fire_due(database.sessions, clock=clock)
    session.rollback()
    done = extend(office, clock.now(), command())
    anew = [move for move in done.moves.rungs if move.row is not None]
    assert {bool(move.row.get("nomination_id")) for move in anew} == {True, False}
