"""What an action does not ask for is refused: nobody signs in another's name, nothing is taken silently."""

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.support.office import PAPER, Office, furnish
from workflow.clock import FixedClock
from workflow.domain.errors import InvalidField, StaleNomination
from workflow.domain.facts import MoveRequest
from workflow.domain.vocabulary import Via
from workflow.operations.nominations.commands import Command
from workflow.operations.nominations.decide import decide
from workflow.queries.nominations.events import list_events
from workflow.store.nominations import Decision


@pytest.fixture
def office(session: Session, clock: FixedClock) -> Office:
    """Furnish the small sector on Monday morning."""
    return furnish(session, now=clock.now())


@pytest.mark.parametrize(
    ("part", "action", "extra"),
    [
        ("nominator", "withdraw", {"decision": PAPER}),
        ("nominator", "recall", {"decision": PAPER}),
        ("reviewer", "approve", {"decision": PAPER}),
        ("reviewer", "hold", {"comment": "Vì.", "reason_code": "no_such_code"}),
        ("reviewer", "hold", {"comment": "Vì.", "to_step": "draft"}),
        ("reviewer", "claim", {"assignee_id": 1}),
        ("reviewer", "claim", {"reason_code": "other"}),
    ],
)
def test_what_an_action_does_not_ask_for_is_refused(  # noqa: PLR0917 - three fixtures and a row of the table
    office: Office, session: Session, clock: FixedClock, part: str, action: str, extra: dict[str, object]
) -> None:
    nomination_id = office.draft(clock.now()).nomination_id
    office.act("nominator", nomination_id, "submit", clock.now())
    with pytest.raises(InvalidField):
        office.act(part, nomination_id, action, clock.now(), **extra)
    session.rollback()
    assert session.scalar(select(func.count()).select_from(Decision)) == 0


def test_the_nominee_learns_what_to_mend_but_not_who_asked(
    office: Office, session: Session, clock: FixedClock
) -> None:
    """The nominator proposes a colleague's award for themself: author and nominee are one person."""
    now = clock.now()
    nomination_id = office.draft(now, person_code="NV01").nomination_id
    office.act("nominator", nomination_id, "submit", now)
    office.act(
        "reviewer",
        nomination_id,
        "return",
        now,
        to_step="draft",
        reason_code="other",
        comment="Thêm minh chứng.",
    )
    nominee = office.actor("nominator", now)
    page = list_events(session, actor=nominee, nomination_id=nomination_id, limit=50, cursor=None)
    returned = next(event for event in page.items if event.action == "return")
    assert (returned.actor, returned.text) == (None, "Thêm minh chứng.")
    stale = Command(nomination_id, 1, MoveRequest(action="submit"), Via.API)
    with pytest.raises(StaleNomination) as refused:
        decide(session, actor=nominee, command=stale, now=now)
    assert refused.value.params["changed_by"] == ""
    assert "reviewer" not in refused.value.detail
