"""Late by exception: one nomination or one unit, with reason and basis; what comes is late all the same."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tests.support.office import AG, ROUND, TOP, Office
from tests.support.rounds import NEXT, opened, returns_of
from tests.support.waiting import events
from tests.support.yearly import complete, furnish_yearly, round_and_unit
from workflow.clock import FixedClock
from workflow.domain.errors import Conflict, Forbidden, InvalidField, NotFound, RequirementsMissing
from workflow.domain.facts import SignedDocument
from workflow.domain.vocabulary import Via
from workflow.operations.nominations.nominate import Draft, create
from workflow.operations.rounds.admit_late import AdmitLate, admit_late
from workflow.operations.rounds.answers import answer_nothing
from workflow.operations.rounds.rounds import close_round
from workflow.queries.board.board import board
from workflow.queries.nominations.events import list_events
from workflow.queries.nominations.nomination import get_nomination
from workflow.store.access import Account
from workflow.store.history import Event, EventText
from workflow.store.nominations import Nomination
from workflow.store.submissions import ExpectedReturn

WHY, BASIS = "Bão làm mất mạng", "Công văn 12/VKS-AG ngày 02/3/2026"


@pytest.fixture
def office(session: Session, clock: FixedClock) -> Office:
    return furnish_yearly(session, now=clock.now())


@pytest.fixture
def admit(office: Office, clock: FixedClock) -> Callable[..., None]:
    def admitted(part: str = "supervisor", **changes: Any) -> None:
        office.session.rollback()
        until = clock.now().date() + timedelta(days=2)
        said = {
            "round_code": ROUND,
            "unit_code": AG,
            "until": until,
            "reason": WHY,
            "basis": BASIS,
            **changes,
        }
        actor = office.actor(part, clock.now())
        admit_late(office.session, actor=actor, wanted=AdmitLate(**said), via=Via.WEB, now=clock.now())

    return admitted


@pytest.fixture
def late(office: Office, session: Session, clock: FixedClock) -> int:
    """Return a nomination that its unit has not let go, the day after the unit's date."""
    now = clock.now()
    number = office.draft(now).nomination_id
    complete(office, number, now)
    office.act("nominator", number, "submit", now)
    round_id, unit_id = round_and_unit(session, AG)
    session.add(ExpectedReturn(round_id=round_id, unit_id=unit_id, due_on=now.date()))
    session.commit()
    clock.advance(timedelta(days=1))
    return number


def test_what_a_unit_sends_late_is_taken_until_the_day_and_no_longer(
    office: Office, session: Session, clock: FixedClock, late: int, admit: Callable[..., None]
) -> None:
    with pytest.raises(RequirementsMissing):
        office.act("reviewer", late, "approve", clock.now())
    admit()
    with pytest.raises(RequirementsMissing):
        office.act("reviewer", late, "approve", clock.now() + timedelta(days=3))
    office.act("reviewer", late, "approve", clock.now())
    session.rollback()
    reviewer = office.actor("reviewer", clock.now())
    view = get_nomination(session, actor=reviewer, nomination_id=late, now=clock.now())
    assert (view.admitted_until, view.admitted_because) == (date(2026, 3, 5), f"{WHY}\n{BASIS}")
    owed = session.scalars(select(ExpectedReturn)).one()
    assert owed.due_on == date(2026, 3, 2), "no date moved"
    said = session.execute(
        select(Event.actor_id, Event.data, EventText.text)
        .join(EventText, EventText.event_id == Event.id)
        .where(Event.stream == f"expected_return:{owed.id}", Event.action == "admit_late")
    ).one()
    assert said.actor_id == office.ids["supervisor"]
    assert said.text == f"{WHY}\n{BASIS}"
    assert said.data["until"] == "2026-03-05"
    supervisor = office.actor("supervisor", clock.now())
    [row] = [
        one
        for one in board(session, actor=supervisor, code=ROUND, now=clock.now()).rows
        if one.unit.code == AG
    ]
    assert row.admitted_until == date(2026, 3, 5)
    assert (row.status, row.days_late) == ("sent", 1), "late, and not on time"


def test_one_nomination_is_admitted_and_no_other_of_its_unit(
    office: Office, session: Session, clock: FixedClock, late: int, admit: Callable[..., None]
) -> None:
    other = office.draft(clock.now(), person_code="NV05").nomination_id
    complete(office, other, clock.now())
    office.act("nominator", other, "submit", clock.now())
    admit(nomination_id=late)
    with pytest.raises(RequirementsMissing):
        office.act("reviewer", other, "approve", clock.now())
    session.rollback()
    reviewer = office.actor("reviewer", clock.now())
    view = get_nomination(session, actor=reviewer, nomination_id=late, now=clock.now())
    assert view.admitted_until == date(2026, 3, 5)
    version = view.version
    office.act("reviewer", late, "approve", clock.now())
    session.rollback()
    found = events(session, late)
    assert [event.action for event in found][-2:] == ["admit_late", "approve"]
    assert session.get_one(Nomination, late).version == version + 1, "an exception changes no version"


def test_the_history_says_until_when_one_nomination_was_admitted(
    office: Office, session: Session, clock: FixedClock, late: int, admit: Callable[..., None]
) -> None:
    admit(nomination_id=late)
    session.rollback()
    reviewer = office.actor("reviewer", clock.now())
    told = list_events(session, actor=reviewer, nomination_id=late, limit=50, cursor=None).items[-1]
    assert told.action == "admit_late"
    assert told.dates is not None
    assert told.dates.admitted_until == date(2026, 3, 5)


def test_what_left_the_unit_in_time_shows_no_exception_and_the_nominee_reads_no_reason(
    office: Office, session: Session, clock: FixedClock, late: int, admit: Callable[..., None]
) -> None:
    admit()
    admit(reason="Máy chủ hỏng", until=date(2026, 3, 6))
    session.rollback()
    nominee = select(Nomination.person_id).where(Nomination.id == late).scalar_subquery()
    session.execute(update(Account).where(Account.id == office.ids["nominator"]).values(person_id=nominee))
    session.commit()

    def shown(part: str) -> tuple[date | None, str | None]:
        actor = office.actor(part, clock.now())
        view = get_nomination(session, actor=actor, nomination_id=late, now=clock.now())
        return view.admitted_until, view.admitted_because

    assert shown("reviewer") == (date(2026, 3, 6), f"Máy chủ hỏng\n{BASIS}"), "what was said last"
    assert shown("nominator") == (date(2026, 3, 6), None)
    office.act("reviewer", late, "approve", clock.now())
    session.rollback()
    assert shown("reviewer")[0] == date(2026, 3, 6), "it was late, and stays so"
    session.execute(update(ExpectedReturn).values(due_on=date(2026, 3, 3)))
    session.commit()
    assert shown("reviewer") == (None, None)


def test_only_the_office_of_the_round_admits_and_never_the_nominee(
    office: Office, session: Session, clock: FixedClock, late: int, admit: Callable[..., None]
) -> None:
    for part in ("reviewer", "nominator", "head", "secretary"):
        with pytest.raises(Forbidden):
            admit(part)
    with pytest.raises(NotFound):
        admit("stranger")
    nominee = select(Nomination.person_id).where(Nomination.id == late).scalar_subquery()
    session.execute(update(Account).where(Account.id == office.ids["supervisor"]).values(person_id=nominee))
    session.commit()
    for named in ({"nomination_id": late}, {}):
        with pytest.raises(Forbidden, match=r"nominee|nominated by this unit"):
            admit(**named)
    with pytest.raises(NotFound):
        admit("admin", nomination_id=late, unit_code="VKS-DT")
    assert session.scalars(select(Event.id).where(Event.action == "admit_late")).all() == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"reason": " "}, "reason"),
        ({"basis": ""}, "basis"),
        ({"until": date(2026, 3, 1)}, "until"),
        ({"until": date(2026, 12, 1)}, "until"),
    ],
)
def test_an_exception_without_reason_basis_or_a_day_is_refused_by_name(
    late: int, admit: Callable[..., None], changes: dict[str, Any], field: str
) -> None:
    assert late
    with pytest.raises(InvalidField) as refused:
        admit(**changes)
    assert [error.field for error in refused.value.errors] == [field]


def test_while_nothing_is_late_there_is_no_exception(
    office: Office, session: Session, clock: FixedClock, admit: Callable[..., None]
) -> None:
    opened(session, clock.now())
    with pytest.raises(Conflict, match="nothing is late"):
        admit(round_code=NEXT)


def test_after_closing_a_unit_that_is_admitted_nominates_and_answers(
    office: Office, session: Session, clock: FixedClock, admit: Callable[..., None]
) -> None:
    opened(session, clock.now())
    close_round(session, actor=None, code=NEXT, via=Via.CLI, now=clock.now())
    draft = Draft(
        round_code=NEXT,
        award_code="CSTDCS",
        unit_code=AG,
        person_code="NV04",
        achievement="Hoàn thành xuất sắc nhiệm vụ.",
        proposer="Trần Thị Bích",
    )
    nominator = office.actor("nominator", clock.now())
    paper = SignedDocument("7/TTr", clock.now().date(), "Phạm Thị Hoa")

    def answered(unit: str, part: str) -> None:
        answer_nothing(
            session,
            actor=office.actor(part, clock.now()),
            round_code=NEXT,
            unit_code=unit,
            paper=paper,
            via=Via.WEB,
            now=clock.now(),
        )

    with pytest.raises(InvalidField):
        create(session, actor=nominator, draft=draft, via=Via.WEB, now=clock.now())
    session.rollback()
    with pytest.raises(Conflict):
        answered("VKS-DT", "other_nominator")
    admit(round_code=NEXT)
    admit(round_code=NEXT, unit_code="VKS-DT")
    create(session, actor=nominator, draft=draft, via=Via.WEB, now=clock.now())
    answered("VKS-DT", "other_nominator")
    session.rollback()
    owed = returns_of(session, NEXT)
    assert owed["VKS-DT"].answered_at is not None
    assert owed[AG].admitted_until is not None
    assert TOP not in owed
