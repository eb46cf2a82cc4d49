"""Whether a unit's list takes more names is one rule, whoever asks."""

from datetime import date

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from tests.conftest import MONDAY
from tests.support.lists import add_colleagues, compose, row
from tests.support.office import AG, ROUND, Office, furnish
from tests.support.yearly import round_and_unit
from workflow.domain.errors import Conflict
from workflow.domain.vocabulary import Via
from workflow.operations.submissions.compose import add_rows
from workflow.store.awards import Round
from workflow.store.organisation import UnitEdition


@pytest.fixture
def office(session: Session) -> Office:
    return furnish(session, now=MONDAY)


def test_a_list_grows_no_more_once_its_round_is_closed_or_its_unit_is_no_more(
    office: Office, session: Session
) -> None:
    codes = add_colleagues(session, 2)
    [paper] = compose(office, [row(codes[0])], MONDAY).submissions
    _, unit_id = round_and_unit(session, AG)
    of_unit = UnitEdition.unit_id == unit_id
    for ends, why, said in (
        (update(Round).values(closed_at=MONDAY), "round_closed", {"round": ROUND}),
        (
            update(UnitEdition).where(of_unit).values(valid_to=date(2026, 3, 1)),
            "unit_over",
            {"unit": "VKSND tỉnh An Giang"},
        ),
    ):
        session.execute(ends)
        with pytest.raises(Conflict) as refused:
            add_rows(
                session,
                actor=office.actor("nominator", MONDAY),
                submission_id=paper.submission_id,
                version=1,
                rows=[row(codes[1])],
                via=Via.API,
                now=MONDAY,
            )
        [reason] = refused.value.reasons
        assert (reason.code, dict(reason.params)) == (why, said)
        session.rollback()
