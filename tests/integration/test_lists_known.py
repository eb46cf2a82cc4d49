"""Of which awards and years anybody's is known is asked round by round, not of all that was ever given."""

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

from tests.conftest import Database
from tests.support.office import Office, furnish
from tests.support.plans import asked, explained
from tests.support.waiting import many_submitted
from workflow.clock import FixedClock
from workflow.queries.people.advice import advice_for_person
from workflow.store.nominations import Nomination

MANY = 120
# Of every award that there is, one after the other; the application may not change it, nor look at a table.
GIVEN = """
UPDATE nomination SET stage = 'approved', state = 'approved', closed_at = now(), award_edition_id = edition.id
FROM (
    SELECT id, row_number() OVER (ORDER BY id) AS place, count(*) OVER () AS many FROM award_edition
) edition
WHERE nomination.id % edition.many + 1 = edition.place
"""


@pytest.fixture
def office(session: Session, clock: FixedClock) -> Office:
    return furnish(session, now=clock.now())


def test_all_that_was_ever_given_is_not_read_for_a_year_in_which_nothing_was(
    office: Office, session: Session, database: Database, clock: FixedClock
) -> None:
    numbers = many_submitted(office, session, MANY, clock.now())
    person_id = session.get_one(Nomination, numbers[0]).person_id
    session.commit()
    assert person_id is not None
    owner = create_engine(database.migration_url)
    with owner.begin() as connection:
        connection.execute(text(GIVEN))
        connection.execute(text("ANALYZE"))
    owner.dispose()
    with asked(database) as sent:
        advice_for_person(session, person_id, year=2026, now=clock.now())
    [(statement, told)] = [one for one in sent if "past_award" in one[0] and "wanted" in one[0]]
    read = [rows for table, _, rows in explained(session, statement, told) if table == "nomination"]
    assert sum(read) < MANY / 2, read
