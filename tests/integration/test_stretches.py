"""A page of a long list looks down a stretch of it: page by page all is found that one look at all finds."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.conftest import MONDAY
from tests.support.lists import add_colleagues, compose, row
from tests.support.office import AG, DT, ROUND, Office, furnish
from workflow.clock import FixedClock
from workflow.domain.vocabulary import Via
from workflow.operations.rounds.returns import expect_returns
from workflow.queries.nominations import nominations
from workflow.queries.nominations.filters import Flag, NominationFilters, Order
from workflow.queries.nominations.nominations import how_many_nominations, list_nominations
from workflow.queries.paging import Page
from workflow.queries.progress import Progress
from workflow.queries.submissions import submissions
from workflow.queries.submissions.submissions import SubmissionFilters, list_submissions
from workflow.queries.submissions.tally import ListStatus
from workflow.store.awards import Round
from workflow.store.organisation import Unit

WANTED = (
    NominationFilters(state="unit_review"),
    NominationFilters(state="withdrawn"),
    NominationFilters(state="no_such_step"),
    NominationFilters(award="CSTDCS"),
    NominationFilters(q="an"),
    *(NominationFilters(flag=flag) for flag in Flag),
    *(NominationFilters(progress=word) for word in Progress),
)


@pytest.fixture
def office(session: Session, clock: FixedClock) -> Office:
    """Furnish an office with names in several steps, one withdrawn, some late, and units that owe lists."""
    office = furnish(session, now=clock.now())
    owe_lists(office, clock)
    people = ("NV04", "NV05", "NV03", "NV01", "NV02")
    ids = [office.draft(clock.now(), person_code=code).nomination_id for code in people]
    for nomination_id in ids[:4]:
        office.act("nominator", nomination_id, "submit", clock.now())
        clock.advance(timedelta(days=1))
    office.act("reviewer", ids[0], "approve", clock.now())
    office.act("nominator", ids[2], "withdraw", clock.now(), comment="Rút lại hồ sơ.")
    clock.advance(timedelta(days=30))
    return office


def owe_lists(office: Office, clock: FixedClock) -> None:
    """Have two units owe their lists: that work is due among the rest, and of no nomination."""
    session = office.session
    round_ = session.scalars(select(Round).where(Round.code == ROUND)).one()
    units = {code: session.scalars(select(Unit.id).where(Unit.code == code)).one() for code in (AG, DT)}
    due_on = clock.now().date() + timedelta(days=4)
    expect_returns(
        session, round_=round_, units=units, due_on=due_on, actor=None, via=Via.CLI, now=clock.now()
    )
    session.commit()


def everything(read: Callable[[str | None], Page], limit: int) -> tuple[list[int], int]:
    """Return the ids of all pages in turn, and how many of the pages ended before they were full."""
    ids: list[int] = []
    short, cursor = 0, None
    for _ in range(60):
        page = read(cursor)
        ids += [item.id for item in page.items]
        short += page.is_short_of(limit)
        cursor = page.next
        if cursor is None:
            return ids, short
    raise AssertionError("the list does not end")


@pytest.mark.parametrize("order", list(Order))
@pytest.mark.parametrize("wanted", WANTED, ids=repr)
def test_short_pages_find_all_and_nothing_twice(
    office: Office,
    clock: FixedClock,
    monkeypatch: pytest.MonkeyPatch,
    wanted: NominationFilters,
    order: Order,
) -> None:
    now, filters = clock.now(), replace(wanted, order=order)
    actor = office.actor("admin", now)

    def read(cursor: str | None) -> Page:
        return list_nominations(office.session, actor=actor, filters=filters, limit=2, cursor=cursor, now=now)

    def count() -> int:
        return how_many_nominations(office.session, actor=actor, filters=filters, now=now, most=9)

    whole, none_short = everything(read, 2)
    assert (none_short, count()) == (0, len(whole))
    for most in (1, 2, 3):
        monkeypatch.setattr(nominations, "MOST_LOOKED_AT", most)
        found, _ = everything(read, 2)
        assert found == whole
        # What all are is counted through all stretches, what is rare through the first.
        assert count() == len(whole) if wanted.award else count() <= len(whole)


def test_a_page_that_found_nothing_goes_on(
    office: Office, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = clock.now()
    monkeypatch.setattr(nominations, "MOST_LOOKED_AT", 1)
    page = list_nominations(
        office.session,
        actor=office.actor("admin", now),
        filters=NominationFilters(progress=Progress.VOTED),
        limit=2,
        cursor=None,
        now=now,
    )
    assert page.items == ()
    assert page.is_short_of(2)


@pytest.mark.parametrize(
    "filters",
    [*(SubmissionFilters(status=status) for status in ListStatus), SubmissionFilters(q="a")],
    ids=repr,
)
def test_short_pages_of_lists_find_all_and_nothing_twice(
    session: Session, monkeypatch: pytest.MonkeyPatch, filters: SubmissionFilters
) -> None:
    office = furnish(session, now=MONDAY)
    for code in add_colleagues(session, 5):
        compose(office, [row(code)], MONDAY)
    actor = office.actor("admin", MONDAY)

    def read(cursor: str | None) -> Page:
        return list_submissions(session, actor=actor, filters=filters, limit=2, cursor=cursor, now=MONDAY)

    whole, none_short = everything(read, 2)
    assert none_short == 0
    for most in (1, 2, 3):
        monkeypatch.setattr(submissions, "MOST_COUNTED", most)
        found, _ = everything(read, 2)
        assert found == whole


def test_words_that_stand_in_most_names_are_asked_of_each_list(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = furnish(session, now=MONDAY)
    for code in add_colleagues(session, 3):
        compose(office, [row(code)], MONDAY)
    actor, filters = office.actor("admin", MONDAY), SubmissionFilters(q="can bo")

    def read(cursor: str | None) -> Page:
        return list_submissions(session, actor=actor, filters=filters, limit=2, cursor=cursor, now=MONDAY)

    by_few_names, _ = everything(read, 2)
    monkeypatch.setattr("workflow.store.sightings._MOST_NAMES", 0)
    monkeypatch.setattr(submissions, "MOST_COUNTED", 1)
    assert len(by_few_names) == 3
    assert everything(read, 2) == (by_few_names, 3)
