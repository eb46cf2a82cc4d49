"""An inbox of thousands is counted so far, and a unit, a number or a name in it found without walking it."""

from datetime import timedelta

import psycopg
import pytest
from sqlalchemy import make_url, text
from sqlalchemy.orm import Session

from tests.conftest import MONDAY, Database
from tests.support.bulk import add_nominations, add_round, add_visits, unit_ids
from tests.support.office import AG, TOP, Office, furnish
from tests.support.pages import browser, give_passwords, text_of
from tests.support.plans import explained, ready_made
from workflow.clock import FixedClock
from workflow.queries.inbox.filters import DueGroup, InboxFilters, InboxFlag
from workflow.queries.inbox.groups import counted_groups
from workflow.queries.inbox.inbox import MOST_IN_TAB, inbox, inbox_counts

MANY = 3_000
OF_UNIT = 20
NOW = MONDAY + timedelta(hours=1)
_FOR_REVIEWER = "UPDATE work_item SET owner_key = 'unit_reviewer@unit:VKS-AG'"


@pytest.fixture
def much(session: Session, database: Database) -> Office:
    """Let thousands wait for the reviewer of one unit, few of them nominated by another."""
    office = furnish(session, now=MONDAY)
    units, maker = unit_ids(session), office.ids["nominator"]
    round_id = add_round(session, units[TOP], MONDAY)
    rows = [
        {
            "unit_id": units[AG if n >= OF_UNIT else TOP],
            "created_by": maker,
            "subject_name": f"Nguyễn Văn Số {n}",
            "name_search": f"nguyen van so {n}",
            "state": "unit_review",
            "stage": "unit_review",
            "audience": ["unit:VKS-AG"],
        }
        for n in range(MANY)
    ]
    stays = [
        {
            "nomination_id": one,
            "ordinal": 1,
            "step": "unit_review",
            "stage": "unit_review",
            "sent_by": maker,
            "entered_at": MONDAY,
            "left_at": None,
            "due_at": MONDAY + timedelta(days=5, minutes=n),
            "claimed_at": None,
        }
        for n, one in enumerate(add_nominations(session, rows, round_id=round_id, now=MONDAY))
    ]
    add_visits(session, stays)
    session.execute(text(_FOR_REVIEWER))
    session.commit()
    url = make_url(database.migration_url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute("VACUUM ANALYZE work_item, nomination, visit")
    return office


def test_counts_go_so_far_and_no_further(session: Session, much: Office) -> None:
    counts = inbox_counts(session, actor=much.actor("reviewer", NOW), now=NOW)
    assert (counts.total, counts.groups, counts.unclaimed, counts.late) == (MOST_IN_TAB + 1,) * 3 + (0,)


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        (InboxFilters(unit=TOP), OF_UNIT),
        (InboxFilters(q="nguyen van so 2999"), 1),
        (InboxFilters(q=TOP.lower()), OF_UNIT),
    ],
)
def test_what_few_can_mean_is_found_without_walking(
    session: Session, much: Office, monkeypatch: pytest.MonkeyPatch, filters: InboxFilters, found: int
) -> None:
    actor = much.actor("reviewer", NOW)
    with ready_made(monkeypatch) as sent:
        page = inbox(session, actor=actor, now=NOW, limit=50, cursor=None, filters=filters)
        counts = inbox_counts(session, actor=actor, now=NOW, filters=filters)
    assert (len(page.items), counts.total) == (found, found)
    read = [one for query, bound in sent for one in explained(session, query, bound)]
    assert max(rows for table, index, rows in read if "work_item" in table + index) < MANY / 10


@pytest.mark.parametrize(
    ("filters", "times"),
    [
        # No index knows these: all is gone through, for the page and its numbers together.
        (InboxFilters(state="council"), 1),
        (InboxFilters(flag=InboxFlag.HELD), 1),
        (InboxFilters(age=3000), 1),
        # These are a part of the order, or of nobody's hands: what lies outside is not read.
        (InboxFilters(due=DueGroup.OVERDUE), 0),
        (InboxFilters(flag=InboxFlag.LATE), 0),
        (InboxFilters(holder="other"), 0),
        (InboxFilters(holder="me"), 0),
    ],
    ids=repr,
)
def test_what_leaves_nothing_goes_through_an_inbox_once(
    session: Session, much: Office, monkeypatch: pytest.MonkeyPatch, filters: InboxFilters, times: int
) -> None:
    actor = much.actor("reviewer", NOW)
    with ready_made(monkeypatch) as sent:
        counts, page = counted_groups(session, actor=actor, now=NOW, limit=50, cursor=None, filters=filters)
    assert (page.items, counts.total) == ((), 0)
    read = [
        max((rows for table, _, rows in explained(session, query, bound) if table == "work_item"), default=0)
        for query, bound in sent
    ]
    assert sum(rows > MANY / 10 for rows in read) == times


def test_the_page_says_more_than_a_thousand(much: Office, database: Database, session: Session) -> None:
    give_passwords(session)
    session.commit()
    reviewer = browser(database.sessions, FixedClock(NOW))
    reviewer.sign_in("nv02@example.vn")
    page = text_of(reviewer.open("/"))
    assert "1.000+ việc" in page
    assert "3.000" not in page
