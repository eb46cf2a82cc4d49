"""Who asks for another date, who answers, and who does neither: strangers, the nominee, whoever asked."""

from collections.abc import Callable

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from tests.support.absences import go_away, staffed
from tests.support.dates import (
    DAY,
    LATER,
    asked_for,
    letters,
    outcomes,
    wrong_histories,
)
from tests.support.office import AG, DT, Office
from tests.support.waiting import add_account, drop_grant, events, submitted
from workflow.clock import FixedClock
from workflow.domain.errors import Conflict, Forbidden, NotFound
from workflow.queries.escalations.proposed_dates import may_answer_date
from workflow.queries.inbox.inbox import dates_asked, inbox_counts
from workflow.queries.nominations.nomination import get_nomination
from workflow.queries.sight import read_seen
from workflow.store.access import Account, Grant
from workflow.store.nominations import Nomination
from workflow.store.organisation import Unit, UnitEdition
from workflow.store.proposals import DateProposal


@pytest.fixture
def office(session: Session, clock: FixedClock) -> Office:
    return staffed(session, clock)


@pytest.mark.parametrize("part", ["nominator", "deputy", "ag_head", "admin"])
def test_who_does_not_have_the_work_asks_for_no_date(
    office: Office, clock: FixedClock, ask: Callable[..., None], part: str
) -> None:
    number = submitted(office, clock.now())
    with pytest.raises((Forbidden, NotFound)):
        ask(number, part)


def test_a_stranger_learns_nothing_and_who_asked_answers_nothing(
    office: Office,
    clock: FixedClock,
    ask: Callable[..., None],
    give: Callable[..., None],
    refuse: Callable[..., None],
) -> None:
    number = submitted(office, clock.now())
    with pytest.raises(NotFound):
        ask(number, "stranger")
    ask(number)
    for part, refusal in {"stranger": NotFound, "reviewer": Forbidden, "nominator": Forbidden}.items():
        with pytest.raises(refusal):
            give(number, part)
        with pytest.raises(refusal):
            refuse(number, part)
    assert outcomes(office.session) == [None]


def test_who_asked_and_became_the_head_meanwhile_does_not_answer_their_own_question(
    office: Office, session: Session, clock: FixedClock, ask: Callable[..., None], give: Callable[..., None]
) -> None:
    number = submitted(office, clock.now())
    ask(number)
    drop_grant(session, office.ids["reviewer"], f"unit_reviewer@unit:{AG}")
    key = f"head@unit:{AG}"
    session.add(Grant(account_id=office.ids["reviewer"], key=key, valid_from=clock.now().date()))
    session.commit()
    with pytest.raises(Forbidden, match="yourself"):
        give(number, "reviewer")
    reviewer = office.actor("reviewer", clock.now())
    assert dates_asked(session, actor=reviewer, now=clock.now()) == ()


def test_the_nominee_neither_asks_nor_gives_and_reads_neither_who_nor_why(
    office: Office, session: Session, clock: FixedClock, ask: Callable[..., None], give: Callable[..., None]
) -> None:
    number = submitted(office, clock.now())
    ask(number)
    nominee = select(Nomination.person_id).where(Nomination.id == number).scalar_subquery()
    session.execute(update(Account).where(Account.id == office.ids["ag_head"]).values(person_id=nominee))
    session.commit()
    head = office.actor("ag_head", clock.now())
    assert inbox_counts(session, actor=head, now=clock.now()).dates_asked == 0
    assert dates_asked(session, actor=head, now=clock.now()) == ()
    seen = get_nomination(session, actor=head, nomination_id=number, now=clock.now()).proposed_date
    assert seen is not None
    assert (seen.day, seen.by, seen.reason) == (DAY, None, "")
    with pytest.raises(Forbidden):
        give(number)
    session.execute(update(Account).where(Account.id == office.ids["ag_head"]).values(person_id=None))
    session.execute(update(Account).where(Account.id == office.ids["reviewer"]).values(person_id=nominee))
    session.commit()
    with pytest.raises(Forbidden):
        ask(number, day=LATER)


def test_where_the_head_has_the_work_the_next_level_is_asked(
    office: Office, session: Session, clock: FixedClock, ask: Callable[..., None]
) -> None:
    number = submitted(office, clock.now())
    drop_grant(session, office.ids["ag_head"], f"head@unit:{AG}")
    above = office.actor("supervisor", clock.now())
    with pytest.raises(NotFound):
        get_nomination(session, actor=above, nomination_id=number, now=clock.now())
    ask(number)
    assert letters(session, "date_proposed") == [office.ids["supervisor"]]
    assert asked_for(office, clock, number, "supervisor") == DAY, (
        "a letter tells nobody what they may not open"
    )
    assert wrong_histories(session) == []


def test_where_nobody_sits_above_nothing_is_asked_and_that_is_said(
    office: Office, session: Session, clock: FixedClock, ask: Callable[..., None]
) -> None:
    number = submitted(office, clock.now())
    session.execute(delete(Grant).where(Grant.account_id != office.ids["reviewer"]))
    session.commit()
    with pytest.raises(Conflict, match="Nobody above"):
        ask(number)
    session.rollback()
    assert outcomes(session) == []


def test_the_head_above_in_the_same_house_is_asked_and_gives_it(
    office: Office, session: Session, clock: FixedClock, ask: Callable[..., None], give: Callable[..., None]
) -> None:
    number = submitted(office, clock.now())
    unit, above = (select(Unit.id).where(Unit.code == code).scalar_subquery() for code in (AG, DT))
    session.execute(update(UnitEdition).where(UnitEdition.unit_id == unit).values(parent_id=above))
    drop_grant(session, office.ids["ag_head"], f"head@unit:{AG}")
    office.ids["dt_head"] = add_account(session, "head-dt@example.vn", f"head@unit:{DT}", clock.now())
    ask(number)
    assert letters(session, "date_proposed") == [office.ids["dt_head"]]
    head = office.actor("dt_head", clock.now())
    [one] = dates_asked(session, actor=head, now=clock.now())
    assert one.nomination_id == number
    give(number, "dt_head")
    assert outcomes(session) == ["granted"]


def test_who_stands_in_for_whoever_is_asked_answers_in_their_place(
    office: Office, session: Session, clock: FixedClock, ask: Callable[..., None], give: Callable[..., None]
) -> None:
    number = submitted(office, clock.now())
    go_away(office, clock, "ag_head", "second")
    ask(number)
    assert letters(session, "date_proposed") == [office.ids["second"]]
    give(number, "second")
    given = events(session, number)[-1]
    assert (given.actor_id, given.on_behalf_of) == (office.ids["second"], f"account:{office.ids['ag_head']}")
    assert outcomes(session) == ["granted"]
    assert wrong_histories(session) == []


def test_whoever_stands_in_asks_on_behalf_of_who_is_away(
    office: Office, session: Session, clock: FixedClock, ask: Callable[..., None], give: Callable[..., None]
) -> None:
    number = submitted(office, clock.now())
    office.act("reviewer", number, "claim", clock.now())
    go_away(office, clock, "reviewer", "deputy")
    ask(number, "deputy")
    asked = events(session, number)[-1]
    assert (asked.actor_id, asked.on_behalf_of) == (office.ids["deputy"], f"account:{office.ids['reviewer']}")
    session.rollback()
    row = session.scalars(select(DateProposal)).one()
    assert (row.proposed_by, row.hand_id) == (office.ids["deputy"], office.ids["reviewer"])
    assert asked_for(office, clock, number, "deputy") == DAY, "in the hands of whoever they stand in for"
    key = f"head@unit:{AG}"
    session.add(Grant(account_id=office.ids["reviewer"], key=key, valid_from=clock.now().date()))
    session.commit()
    away = office.actor("reviewer", clock.now())
    assert dates_asked(session, actor=away, now=clock.now()) == (), "nor who is asked for in their own place"
    give(number)
    assert outcomes(session) == ["granted"]


def test_the_page_offers_no_answer_to_whom_the_date_was_asked_for_by_a_substitute(
    office: Office, session: Session, clock: FixedClock, ask: Callable[..., None], give: Callable[..., None]
) -> None:
    number = submitted(office, clock.now())
    office.act("reviewer", number, "claim", clock.now())
    go_away(office, clock, "reviewer", "deputy")
    ask(number, "deputy")
    session.rollback()
    drop_grant(session, office.ids["reviewer"], f"unit_reviewer@unit:{AG}")
    seat = Grant(account_id=office.ids["reviewer"], key=f"head@unit:{AG}", valid_from=clock.now().date())
    session.add(seat)
    session.commit()
    offered = {}
    for part in ("reviewer", "ag_head"):
        actor, now = office.actor(part, clock.now()), clock.now()
        seen = read_seen(session, actor=actor, nomination_id=number, now=now)
        asked = get_nomination(session, actor=actor, nomination_id=number, now=now).proposed_date
        offered[part] = may_answer_date(session, seen, asked, actor=actor, today=now.date())
    assert offered == {"reviewer": False, "ag_head": True}
    with pytest.raises(Forbidden, match="yourself"):
        give(number, "reviewer")
