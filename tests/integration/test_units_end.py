"""A unit that is dissolved: nobody is asked for it again, and what it leaves is read, found and decided."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.conftest import MONDAY
from tests.support.importing import Desk, everything
from tests.support.office import AG, DT, TOP, Office, furnish
from tests.support.rounds import NEXT, opened, returns_of
from workflow.domain.errors import InvalidField
from workflow.queries.choices import draft_choices, filter_choices
from workflow.queries.inbox.inbox import inbox
from workflow.queries.nominations.filters import NominationFilters
from workflow.queries.nominations.nominations import list_nominations
from workflow.queries.setup.units import UnitFilters, UnitState, find_units, get_unit
from workflow.store.organisation import Unit, UnitEdition
from workflow.store.people import load_tree

TODAY = MONDAY.date()
LAST = TODAY - timedelta(days=1)
HEAD = "code,name,parent,valid_from,valid_to"
NAME = "VKSND tỉnh An Giang"


@pytest.fixture
def office(session: Session) -> Office:
    return furnish(session, now=MONDAY)


@pytest.fixture
def desk(session: Session, office: Office) -> Desk:
    return Desk(session, MONDAY)


def row(code: str = AG, name: str = NAME, *, begins: date | str = "", ends: date | str = LAST) -> str:
    return f"{HEAD}\n{code},{name},{TOP},{begins},{ends}\n"


def editions(session: Session, code: str = AG) -> list[tuple[str, date, date | None, date | None]]:
    found = session.execute(
        select(UnitEdition.name, UnitEdition.valid_from, UnitEdition.valid_to, UnitEdition.named_until)
        .join(Unit, Unit.id == UnitEdition.unit_id)
        .where(Unit.code == code)
        .order_by(UnitEdition.valid_from)
    )
    return list(found)


def test_a_last_day_ends_a_unit_and_says_what_it_leaves(session: Session, office: Office, desk: Desk) -> None:
    office.draft(MONDAY)
    session.commit()
    done = desk.take("org", row())
    [changed] = done.changed
    assert [(one.field, one.old, one.new) for one in changed.fields] == [("ended", "", LAST.isoformat())]
    [note] = done.notes
    assert note.startswith("Units that end: 1. They leave 1 nominations under way, 0 lists not sent, ")
    assert editions(session) == [(NAME, date(2020, 1, 1), TODAY, None)]
    again = desk.take("org", row())
    assert (again.batch_id, again.unchanged_count) == (None, 1), "the same file again changes nothing"


def test_it_is_offered_nowhere_and_its_files_are_read_by_its_name(
    session: Session, office: Office, desk: Desk
) -> None:
    drafted = office.draft(MONDAY)
    office.act("nominator", drafted.nomination_id, "submit", MONDAY)
    session.commit()
    desk.take("org", row())
    nominator, reviewer = office.actor("nominator", MONDAY), office.actor("reviewer", MONDAY)
    assert not draft_choices(session, actor=nominator, today=TODAY).units
    offered = filter_choices(session, scope=reviewer.scope, today=TODAY)
    assert [(one.code, one.name) for one in offered.units] == [(AG, NAME)], "what it left can be looked for"
    found = list_nominations(
        session, actor=reviewer, filters=NominationFilters(), limit=5, cursor=None, now=MONDAY
    )
    assert [one.unit.name for one in found.items] == [NAME]
    waiting = inbox(session, actor=reviewer, now=MONDAY, limit=5, cursor=None)
    assert [one.unit.name for one in waiting.items] == [NAME]
    sent_on = office.act("reviewer", drafted.nomination_id, "approve", MONDAY)
    assert sent_on.version > drafted.version, "who decides there goes on"


def test_who_was_above_it_still_sees_what_it_left(session: Session, desk: Desk) -> None:
    before = load_tree(session, today=TODAY)
    desk.take("org", row())
    assert load_tree(session, today=TODAY) == before
    ended = find_units(session, filters=UnitFilters(state=UnitState.ENDED), now=MONDAY, limit=9, cursor=None)
    assert [one.code for one in ended.items] == [AG]
    assert get_unit(session, code=AG, now=MONDAY).editions[-1].valid_to == TODAY


def test_no_round_asks_it_for_a_paper(session: Session, desk: Desk) -> None:
    desk.take("org", row())
    with pytest.raises(InvalidField, match=f"No paper can be asked of: {AG}"):
        opened(session, MONDAY, unit_codes=(AG, DT), asks_all_units=False)
    session.rollback()
    opened(session, MONDAY)
    asked = returns_of(session, NEXT)
    assert DT in asked
    assert AG not in asked


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (row(ends="2019-12-31"), "valid_to '2019-12-31': lies before its first day, 2020-01-01"),
        (row(TOP, "Viện kiểm sát nhân dân tối cao").replace(f",{TOP},", ",,"), "units right below it go on"),
        (
            row(begins="2026-04-01", name="Tên mới", ends="2026-03-31"),
            "lies before its first day, 2026-04-01",
        ),
    ],
)
def test_a_last_day_that_cannot_be_is_named(desk: Desk, text: str, said: str) -> None:
    assert said in " ".join(desk.bad("org", text))


def test_an_end_that_is_still_to_come_is_called_off_and_lost_by_no_other_file(
    session: Session, desk: Desk
) -> None:
    last = TODAY + timedelta(days=30)
    planned = [(NAME, date(2020, 1, 1), last + timedelta(days=1), None)]
    desk.take("org", row(ends=last))
    assert editions(session) == planned
    desk.take("org", f"code,name,parent,telephone\n{AG},{NAME},{TOP},0296 3 841 000\n")
    [before, planned_one] = editions(session)
    assert before == (NAME, date(2020, 1, 1), TODAY, TODAY)
    assert planned_one == (NAME, TODAY, last + timedelta(days=1), None), "without the column nothing is said"
    off = desk.take("org", row(ends=""))
    assert [(one.field, one.old, one.new) for one in off.changed[0].fields] == [
        ("ended", last.isoformat(), "")
    ]
    assert editions(session)[1:] == [(NAME, TODAY, None, None)]


def test_nobody_is_put_under_or_moved_to_what_is_no_more(desk: Desk) -> None:
    desk.take("org", row())
    [told] = desk.bad("org", f"code,name,parent\nKV1,VKSND khu vực 1,{AG}\n")
    assert f"the unit above ended on {LAST}" in told
    [told] = desk.bad("people", f"code,name,unit\nNV90,Người mới,{AG}\n")
    assert f"the unit ended on {LAST}; nobody moves there" in told
    assert not desk.take("people", f"code,name,unit\nNV04,Đặng Quốc Dũng,{AG}\n").new, "who is there stays"


def test_an_end_is_corrected_undone_and_a_unit_founded_anew(session: Session, desk: Desk) -> None:
    before = everything(session)
    desk.take("org", row())
    desk.undo()
    assert everything(session) == before
    desk.take("org", row())
    later = TODAY + timedelta(days=30)
    desk.take("org", row(ends=later - timedelta(days=1)))
    assert editions(session) == [(NAME, date(2020, 1, 1), later, None)], "the last day was another"
    again = later + timedelta(days=60)
    desk.take("org", row(name="VKSND tỉnh An Giang (mới)", begins=again, ends=""))
    assert editions(session) == [
        (NAME, date(2020, 1, 1), later, again),
        ("VKSND tỉnh An Giang (mới)", again, None, None),
    ]
    desk.undo()
    assert editions(session) == [(NAME, date(2020, 1, 1), later, None)]


def test_a_unit_renamed_and_ended_in_one_row_has_both(session: Session, desk: Desk) -> None:
    begins, ends = TODAY, TODAY + timedelta(days=9)
    desk.take("org", row(name="VKSND An Giang", begins=begins, ends=ends))
    assert editions(session) == [
        (NAME, date(2020, 1, 1), begins, begins),
        ("VKSND An Giang", begins, ends + timedelta(days=1), None),
    ]
