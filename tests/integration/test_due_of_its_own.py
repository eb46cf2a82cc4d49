"""Whether a nomination has a due rung is asked of its own rungs, however few the server thinks are due."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from tests.conftest import MONDAY
from tests.support.office import furnish
from tests.support.planned import Planned
from tests.support.waiting import submitted
from workflow.operations.sweep.due import LOOK, _due, instants
from workflow.store.statements import Statement

LATER = MONDAY + timedelta(days=30)


@pytest.mark.parametrize("looks", [False, True])
def test_no_batch_goes_through_what_is_due_anywhere(session: Session, *, looks: bool) -> None:
    # A new database has no statistics: the server takes little for due, and the index of it for short.
    number = submitted(furnish(session, now=MONDAY), MONDAY)
    values = {"ids": [number], **instants(LATER, LATER if looks else None)}
    assert [row.id for row in LOOK[looks].fetch(session, values)] == [number]
    plan = "\n".join(line for (line,) in Statement(Planned(_due(looks=looks))).fetch(session, values))
    assert "ix_rung_due" not in plan, plan
