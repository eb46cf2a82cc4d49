"""What somebody decided: the newest first, in pages, as much as they may still see, found by an index."""

from collections.abc import Iterator
from datetime import timedelta

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.conftest import MONDAY, Database
from tests.support.office import AG, DT, Office, furnish
from tests.support.plans import explained, ready_made
from tests.support.waiting import drop_grant, many_submitted
from workflow.domain.vocabulary import Stage
from workflow.queries.inbox.filters import NO_FILTERS, InboxFilters
from workflow.queries.inbox.groups import inbox_groups
from workflow.queries.inbox.inbox import inbox
from workflow.queries.inbox.looks import Tab
from workflow.queries.inbox.rows import InboxItem
from workflow.queries.paging import UnreadableCursor

HOUR = timedelta(hours=1)
MANY, MORE = 1_000, 100_000
LATER = MONDAY + 9 * HOUR
# As many claims of the same person, and many more moves of somebody else.
_LONG_AGO = """
    INSERT INTO event (stream, seq, id, actor_id, via, action, source, dest, recorded_at, data, hash)
    SELECT stream, 1000000 + n + :shift,
        ('00000000-0000-7000-8000-' || lpad(to_hex(n + :shift), 12, '0'))::uuid,
        :actor, via, :action, 'unit_review', :dest, recorded_at, '{}', hash
    FROM (SELECT * FROM event WHERE stream = :stream ORDER BY seq LIMIT 1) one, generate_series(1, :many) n
"""


@pytest.fixture
def office(session: Session) -> Office:
    return furnish(session, now=MONDAY)


def walked(office: Office, part: str, limit: int, filters: InboxFilters = NO_FILTERS) -> Iterator[InboxItem]:
    cursor, first = None, True
    while cursor or first:
        page = inbox(
            office.session,
            actor=office.actor(part, MONDAY),
            now=LATER,
            limit=limit,
            cursor=cursor,
            tab=Tab.DONE,
            filters=filters,
        )
        assert len(page.items) <= limit
        yield from page.items
        cursor, first = page.next, False


def decided(office: Office, session: Session) -> list[int]:
    """Return the numbers of four names, of which the head agreed to two, returned one and only took one."""
    ids = many_submitted(office, session, 4, MONDAY)
    office.act("reviewer", ids[0], "approve", MONDAY + HOUR)
    office.act("reviewer", ids[2], "return", MONDAY + 2 * HOUR, comment="x", reason_code="dossier_incomplete")
    office.act("reviewer", ids[1], "approve", MONDAY + 3 * HOUR)
    office.act("reviewer", ids[3], "claim", MONDAY + 4 * HOUR)
    return ids


def test_the_newest_decision_stands_first_and_says_where_its_file_is_now(
    office: Office, session: Session
) -> None:
    ids = decided(office, session)
    for limit in (1, 2, 50):
        found = list(walked(office, "reviewer", limit))
        assert [item.nomination_id for item in found] == [ids[1], ids[2], ids[0]]
    first, returned, _ = found
    assert first.done is not None
    assert (first.done.action.en, first.done.at) == ("Endorsed", MONDAY + 3 * HOUR)
    assert (first.why.kind, first.stage, first.due_at is not None) == ("done", Stage.COUNCIL, True)
    assert (returned.stage, returned.is_returned) == (Stage.DRAFT, True)
    # Sent on again by somebody else: it is still what I did, and stands elsewhere.
    office.act("nominator", ids[2], "submit", MONDAY + 5 * HOUR)
    again = {item.nomination_id: item for item in walked(office, "reviewer", 50)}
    assert again[ids[2]].stage is Stage.UNIT_REVIEW
    by_paper = inbox_groups(
        session,
        actor=office.actor("reviewer", MONDAY),
        now=LATER,
        limit=2,
        cursor=None,
        tab=Tab.DONE,
    )
    assert [pile.items[0].nomination_id for pile in by_paper.items] == [ids[1], ids[2]]
    assert by_paper.next is not None


def test_what_was_decided_is_narrowed_by_how_it_stands_now(office: Office, session: Session) -> None:
    ids = decided(office, session)
    cases = {
        InboxFilters(level=Stage.DRAFT): [ids[2]],
        InboxFilters(unit=AG): [ids[1], ids[2], ids[0]],
        InboxFilters(unit=DT): [],
        InboxFilters(q="kiem sat vien 1"): [ids[1]],
        InboxFilters(q="an giang", level=Stage.COUNCIL): [ids[1], ids[0]],
    }
    for filters, numbers in cases.items():
        assert [item.nomination_id for item in walked(office, "reviewer", 1, filters)] == numbers, filters


def test_a_cursor_goes_on_with_its_own_filters_only(office: Office, session: Session) -> None:
    decided(office, session)
    actor = office.actor("reviewer", MONDAY)
    page = inbox(session, actor=actor, now=LATER, limit=1, cursor=None, tab=Tab.DONE)
    for how in ({"tab": Tab.ALL}, {"tab": Tab.DONE, "filters": InboxFilters(unit=AG)}):
        with pytest.raises(UnreadableCursor):
            inbox(session, actor=actor, now=LATER, limit=1, cursor=page.next, **how)


def test_nobody_reads_what_others_decided_nor_what_they_may_see_no_longer(
    office: Office, session: Session
) -> None:
    ids = decided(office, session)
    assert {item.nomination_id for item in walked(office, "nominator", 50)} == set(ids)
    assert list(walked(office, "stranger", 50)) == []
    drop_grant(session, office.ids["reviewer"], f"unit_reviewer@unit:{AG}")
    drop_grant(session, office.ids["reviewer"], f"head@unit:{AG}")
    assert list(walked(office, "reviewer", 50)) == []


def test_a_page_reads_what_it_shows_of_however_much_was_done(
    office: Office, session: Session, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = decided(office, session)
    me, other = office.ids["reviewer"], office.ids["nominator"]
    for shift, who, action, dest, many in (
        (0, me, "approve", "cluster_review", MANY),
        (MANY, me, "claim", "unit_review", MANY),
        (2 * MANY, other, "submit", "draft", MORE),
    ):
        told = {"stream": f"nomination:{ids[0]}", "actor": who, "action": action, "dest": dest}
        session.execute(text(_LONG_AGO), {**told, "shift": shift, "many": many})
    session.commit()
    url = database.migration_url.replace("+psycopg", "")
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute("VACUUM ANALYZE event")
    actor = office.actor("reviewer", MONDAY)
    with ready_made(monkeypatch) as sent:
        page = inbox(session, actor=actor, now=LATER, limit=50, cursor=None, tab=Tab.DONE)
    assert len({item.id for item in page.items}) == 50
    read = [one for query, bound in sent for one in explained(session, query, bound)]
    of_history = [(index, rows) for table, index, rows in read if table == "event"]
    assert {index for index, _ in of_history} == {"ix_event_moved_by"}
    assert max(rows for _, rows in of_history) <= 51
