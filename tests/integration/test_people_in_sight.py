"""Whoever sees few nominations finds the same people by them as whoever sees many would, asked one by one."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from tests.support.office import ROLES, Office, furnish
from workflow.clock import FixedClock
from workflow.queries.people.search import find_people


@pytest.fixture
def office(session: Session, clock: FixedClock) -> Office:
    office = furnish(session, now=clock.now())
    for code in ("NV04", "NV05", "NV03"):
        nomination_id = office.draft(clock.now(), person_code=code).nomination_id
        office.act("nominator", nomination_id, "submit", clock.now())
        clock.advance(timedelta(hours=1))
    office.act("reviewer", nomination_id, "approve", clock.now())
    return office


def test_few_are_looked_up_and_of_many_each_is_asked(
    office: Office, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def found() -> dict[str, list[str]]:
        now = clock.now()
        return {
            part: [
                row.code
                for row in find_people(
                    office.session, actor=office.actor(part, now), q="n", now=now, limit=50, cursor=None
                ).items
            ]
            for part in ROLES
        }

    looked_up = found()
    monkeypatch.setattr("workflow.store.sightings._MOST_UNITS", -1)
    assert found() == looked_up
    assert len({len(codes) for codes in looked_up.values()}) > 1, "everybody sees as many"
